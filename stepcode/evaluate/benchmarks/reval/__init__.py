"""REval: does a model know which lines run, in which order, with which values, and what comes out?

Scored as the benchmark's own harness does (r-eval/REval, 2f148b9): four questions for each of 3,152
probes (the output once for each of 690 runs), and how far the answers hold together. Labels are
computed by our own tracer, see labels.py; what a model wrote is only evaluated in the sandbox.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from stepcode.errors import MisuseError
from stepcode.evaluate.benchmark import (
    ALONE,
    Judgement,
    Prompting,
    Reading,
    Sampling,
    Sandboxing,
    Texts,
    Truth,
)
from stepcode.evaluate.benchmarks.reval.answers import (
    Lines,
    answer_region,
    read_coverage,
    read_output,
    read_path,
    read_state,
)
from stepcode.evaluate.benchmarks.reval.data import Pair, Probe, read_pairs
from stepcode.evaluate.benchmarks.reval.labels import NOTHING, Label, Labelled, State, label_pairs
from stepcode.evaluate.benchmarks.reval.metrics import COUNTED, MEASURES, ProbeVerdict, count_pair
from stepcode.evaluate.benchmarks.reval.prompts import Kind, render_question
from stepcode.evaluate.bootstrap import Totals, cluster_intervals
from stepcode.evaluate.evaluation import Detail
from stepcode.evaluate.extract import Extractor
from stepcode.evaluate.programs import Verdict, run_programs
from stepcode.evaluate.prompts import STOP
from stepcode.reason.prompt import Message

_PROBED = (Kind.COVERAGE, Kind.PATH, Kind.STATE)
_MAX_TOKENS = {Prompting.DIRECT: 256, Prompting.COT: 1024}
_CONSTANT = "[ANSWER]\n{}\n[/ANSWER]"
_CONSTANTS = {Kind.COVERAGE: "NO", Kind.PATH: "-1", Kind.STATE: "Nil", Kind.OUTPUT: "?"}


@dataclass(frozen=True, slots=True)
class Question:
    """One of the questions about a pair."""

    pair: Pair
    kind: Kind
    place: int | None
    """Of the probe in its pair; None for the output."""

    @property
    def id(self) -> str:
        """What the question is known by."""
        probe = "" if self.place is None else f"/{self.place}"
        return f"{self.pair.id}{probe}/{self.kind}"

    @property
    def probe(self) -> Probe | None:
        """What is asked about."""
        return None if self.place is None else self.pair.probes[self.place]


Said = Mapping[str, str | None]
"""For each question what stands between the tags of an answer."""


class Reval:
    """The benchmark."""

    rows_published = 10146
    has_pass_at_k = False
    prompting = Prompting.DIRECT
    extractor = Extractor.OFFICIAL

    def __init__(self, pairs: Sequence[Pair]) -> None:
        """Ask about these runs."""
        self._pairs = pairs
        self._questions = {one.id: one for pair in pairs for one in _questions(pair)}
        self._labelled: dict[str, Labelled] = {}

    @property
    def ids(self) -> Sequence[str]:
        """The questions, pair by pair."""
        return list(self._questions)

    def truth(self, row: str) -> Truth:
        """Show a question with its label, if that was computed; the program with the last one."""
        one = self._questions[row]
        label = _shown(one, self._labelled.get(one.pair.id))
        if one.probe is None:
            return Truth(one.pair.code, one.pair.invocation, label)
        question = f"{one.kind}: {one.probe.var}" if one.kind is Kind.STATE else one.kind.value
        return Truth(f"{one.probe.lineno}\t{one.pair.line(one.probe)}", question, label)

    def prompt(self, row: str, prompting: Prompting, *, anchors: bool) -> list[Message]:
        """Write a question."""
        if anchors or prompting is Prompting.STEPS:
            raise MisuseError(
                "this benchmark asks about lines of programs as they are: use --prompt direct or "
                "cot, without --anchors"
            )
        one = self._questions[row]
        with_thought = prompting is Prompting.COT
        return render_question(one.pair, one.kind, one.probe, with_thought=with_thought)

    def sampling(self, prompting: Prompting) -> Sampling:
        """One completion at temperature 0.8; the paper repeats that five times."""
        return Sampling(0.8, 1, _MAX_TOKENS.get(prompting, 1024), (STOP,))

    def judge(
        self, texts: Texts, reading: Reading | None, sandboxing: Sandboxing = ALONE
    ) -> Judgement:
        """Judge completions; without `reading` they are what stands between the tags.

        The numbers are over the runs of which every question was asked.
        """
        with_thought = reading is not None and reading.prompting is Prompting.COT
        samples = min(map(len, texts.values()))
        read = partial(answer_region, with_thought=with_thought)
        said: list[Said] = [
            {row: read(given[n]) for row, given in texts.items()} for n in range(samples)
        ]
        asked = {self._questions[row].pair.id for row in texts}
        pairs = [pair for pair in self._pairs if pair.id in asked]
        constant: Said = {row: _CONSTANTS[self._questions[row].kind] for row in texts}
        judged = self._judge_all(pairs, [*said, constant], sandboxing)
        whole = [pair for pair in pairs if all(one.id in texts for one in _questions(pair))]
        return _sum_up(whole, texts, said, judged, self._labelled)

    def _judge_all(
        self, pairs: Sequence[Pair], said: Sequence[Said], sandboxing: Sandboxing
    ) -> list[dict[str, Verdict]]:
        """Judge every question of every sample; states where the programs run, all at once."""
        states = {pair.id: _states(pair, said) for pair in pairs}
        labelled = label_pairs(pairs, states=states, sandboxing=sandboxing)
        self._labelled = {pair.id: one for pair, one in zip(pairs, labelled, strict=True)}
        outputs = _judge_outputs(pairs, said, sandboxing)
        judged: list[dict[str, Verdict]] = []
        for number, answers in enumerate(said):
            verdicts: dict[str, Verdict] = dict(outputs[number])
            for pair in pairs:
                verdicts |= _judge_probes(pair, self._labelled[pair.id], answers, number)
            judged.append({row: one for row, one in verdicts.items() if row in answers})
        return judged


def read_reval(data: str) -> Reval:
    """Read the benchmark from `DREval_data.jsonl`, with `DREval_tasks.jsonl` beside it."""
    return Reval(read_pairs(data))


def _questions(pair: Pair) -> list[Question]:
    probed = [Question(pair, kind, n) for n in range(len(pair.probes)) for kind in _PROBED]
    return [*probed, Question(pair, Kind.OUTPUT, None)]


def _row(pair: Pair, kind: Kind, place: int | None = None) -> str:
    return Question(pair, kind, place).id


def _states(pair: Pair, said: Sequence[Said]) -> list[list[State]]:
    """Read the states that were said of each probe, a wrong one where none can be read."""
    return [
        [read_state(one.get(_row(pair, Kind.STATE, place))) or NOTHING for one in said]
        for place in range(len(pair.probes))
    ]


def _judge_outputs(
    pairs: Sequence[Pair], said: Sequence[Said], sandboxing: Sandboxing
) -> list[dict[str, Verdict]]:
    rows = {_row(pair, Kind.OUTPUT): pair for pair in pairs}
    programs = [{row: read_output(one.get(row), rows[row]) for row in rows} for one in said]
    texts = [text for some in programs for text in some.values() if text is not None]
    ran = iter(run_programs(texts, sandboxing=sandboxing))
    return [
        {row: Verdict.FAILED if text is None else next(ran) for row, text in some.items()}
        for some in programs
    ]


def _judge_probes(pair: Pair, labelled: Labelled, said: Said, number: int) -> dict[str, Verdict]:
    verdicts = {}
    for place in range(len(pair.probes)):
        label = labelled.labels[place] if labelled.labels else None
        for kind in _PROBED:
            row = _row(pair, kind, place)
            verdicts[row] = _judge_probe(kind, pair, label, said.get(row), number)
    return verdicts


def _judge_probe(
    kind: Kind, pair: Pair, label: Label | None, answer: str | None, number: int
) -> Verdict:
    if label is None:
        return Verdict.UNSCORED
    match kind:
        case Kind.COVERAGE:
            is_right = read_coverage(answer) == label.covered
        case Kind.PATH:
            lines: Lines = read_path(answer, pair.code)
            is_right = bool(lines & set(label.next))
        case _:
            is_right = label.states[number]
    return Verdict.PASSED if is_right else Verdict.FAILED


def _sum_up(
    pairs: Sequence[Pair],
    texts: Texts,
    said: Sequence[Said],
    judged: Sequence[Mapping[str, Verdict]],
    labelled: Mapping[str, Labelled],
) -> Judgement:
    by_program: dict[str, np.ndarray] = defaultdict(lambda: np.zeros(COUNTED))
    constant = np.zeros(COUNTED)
    for pair in pairs:
        if not labelled[pair.id].labels:
            continue
        for one, verdicts in zip(said, judged[:-1], strict=True):
            by_program[pair.task] += np.array(_count(pair, labelled[pair.id], one, verdicts))
        nothing = {_row(pair, Kind.COVERAGE, n): "NO" for n in range(len(pair.probes))}
        constant += np.array(_count(pair, labelled[pair.id], nothing, judged[-1]))
    counts = [list(sums) for sums in by_program.values()]
    total = sum(by_program.values(), start=np.zeros(COUNTED))
    problems = Counter(one.problem for one in labelled.values() if one.problem)
    title = "program that could not be run"
    return Judgement(
        scores={
            row: [verdicts[row] is Verdict.PASSED for verdicts in judged[:-1]] for row in texts
        },
        details={
            row: [
                Detail(one[row], verdicts[row], found=one[row] is not None)
                for one, verdicts in zip(said, judged[:-1], strict=True)
            ]
            for row in texts
        },
        metrics=_measure(total) if counts else {},
        intervals=cluster_intervals(counts, MEASURES) if counts else {},
        baselines={"NO, Nil, -1": _measure(constant)} if counts else {},
        groups={title: {why: {"n": n} for why, n in problems.items()}} if problems else {},
    )


def _measure(sums: Totals) -> dict[str, float]:
    return {name: float(measure(sums)) for name, measure in MEASURES.items()}


def _count(
    pair: Pair, labelled: Labelled, said: Said, verdicts: Mapping[str, Verdict]
) -> list[float]:
    def is_right(kind: Kind, place: int | None = None) -> bool:
        return verdicts.get(_row(pair, kind, place)) is Verdict.PASSED

    output = is_right(Kind.OUTPUT)
    probes = [
        ProbeVerdict(
            said_covered=read_coverage(said.get(_row(pair, Kind.COVERAGE, place))),
            is_covered=label.covered,
            state=is_right(Kind.STATE, place),
            path=is_right(Kind.PATH, place),
            output=output,
        )
        for place, label in enumerate(labelled.labels)
    ]
    return count_pair(probes, output)


def _shown(question: Question, labelled: Labelled | None) -> str:
    if question.place is None:
        return question.pair.output_question
    if labelled is None or not labelled.labels:
        return "?" if labelled is None else labelled.problem
    label = labelled.labels[question.place]
    match question.kind:
        case Kind.COVERAGE:
            return "YES" if label.covered else "NO"
        case Kind.PATH:
            return " or ".join(map(str, label.next))
        case _:
            if label.values is None:
                return "Nil"
            return " or ".join(f"{value}; {kind}" for value, kind in label.values)
