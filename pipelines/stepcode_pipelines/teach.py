"""Let a teacher write the reasons: ask, judge every step and the answer, keep what is all right.

    examples not settled -> askers (threads) -> read, run a proposed input, score -> journal

The teacher is asked what a student is asked, and told nothing of the truth: a reason that led to
every right value is worth learning, one that was written to fit them is not. What is settled is on
the disk at once, so a teacher that fails costs only what was under way.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from stepcode.dataset.completions import Journal, Settled, open_journal
from stepcode.dataset.examples import to_examples
from stepcode.dataset.manifest import read_manifest
from stepcode.dataset.read import read_shard, split_shards
from stepcode.errors import EndpointError
from stepcode.execute import Sandbox
from stepcode.execute.alone import Gate, settle
from stepcode.execute.isolate import Isolation
from stepcode.reason import (
    proposed_call,
    read_answer,
    render_answer,
    render_prompt,
    runnable,
    score,
)
from stepcode.reason.askers import Askers, Reply
from stepcode.reason.endpoint import Endpoint
from stepcode.types import Example, Execution, Limits, Outcome, TaskKind

MAX_TRIES = 4
"""What a teacher does not get right in four tries it mostly never does."""
UNDER_WAY = 32

MAX_REFUSED = 8
"""A server that refuses so many questions and answers none would refuse them all."""

Run = Callable[[Example, str], Execution]
OnProgress = Callable[[int, Counter[str]], None]


@dataclass(frozen=True, slots=True)
class _Try:
    """A question to a teacher: what a student is asked about an example, for the n-th time."""

    example: Example
    number: int


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of one try."""

    completion: str | None
    problem: str
    """Empty if there is a completion."""


@dataclass(frozen=True, slots=True)
class Taught:
    """What a dataset has of reasons, from this run and earlier ones."""

    examples: int
    kept: int
    problems: dict[str, int]
    """Examples without, by what was wrong with the last try."""


def teach(
    directory: Path,
    endpoint: Endpoint,
    *,
    per_second: float,
    limits: Limits,
    isolation: Isolation,
    on_progress: OnProgress = lambda kept, problems: None,
) -> Taught:
    """Settle every example of a dataset's training split that is not settled yet.

    `on_progress` is told what was kept, and what was not by its problem, since it was last called.
    Raises EndpointError if the teacher fails; run it again to go on.
    """
    manifest = read_manifest(directory)
    examples, kept, problems = 0, 0, Counter[str]()
    with (
        Sandbox(limits=limits, isolation=isolation) as sandbox,
        Askers[_Try](endpoint, per_second=per_second) as askers,
    ):
        teaching = _Teaching(askers, _runner(sandbox), on_progress)
        for shard in split_shards(directory, manifest, "train"):
            with open_journal(shard) as journal:
                teaching.settle_shard(shard, journal)
                for row in read_shard(shard):
                    for example in to_examples(row):
                        one = journal.settled[example.id]
                        examples += 1
                        kept += one.completion is not None
                        if one.problem:
                            problems[one.problem] += 1
    return Taught(examples, kept, dict(sorted(problems.items())))


def judge(example: Example, text: str, run: Run) -> Judged:
    """Keep what a teacher said if every step and the answer is right, in the exact form."""
    answer = read_answer(text)
    if answer.final is None:
        return Judged(None, "no answer")
    final, execution = example.target, None
    if example.kind is TaskKind.INPUT:
        call = proposed_call(answer, example)
        if call is None:
            return Judged(None, "no call")
        final = call
        if call != example.target:
            execution = run(example, call)
            if execution.outcome is Outcome.LOST:
                return Judged(None, "lost")
    result = score(answer, example, execution)
    if not result.final:
        return Judged(None, "wrong answer")
    if not result.is_perfect:
        return Judged(None, "wrong steps")
    if not any(answer.reasons):
        return Judged(None, "no reasons")
    return Judged(render_answer(answer.steps, final, reasons=answer.reasons), "")


@dataclass(slots=True)
class _Teaching:
    """One run: what it needs, and whether the teacher has answered anything yet."""

    askers: Askers[_Try]
    run: Run
    on_progress: OnProgress
    answered: bool = False
    refused: list[Reply[_Try]] = field(default_factory=list)
    """Refusals that came before any answer: of each question, or of all?"""

    def settle_shard(self, shard: Path, journal: Journal) -> None:
        """Ask about every example of a shard that is not settled, until it is."""
        unsettled = _unsettled(shard, journal, self.askers.endpoint.model)
        for reply in _replies(unsettled, self.askers):
            if reply.refused:
                self._refuse(reply, journal)
                continue
            self.answered = True
            self._settle_refused(journal)
            judged = judge(reply.about.example, reply.text, self.run)
            if judged.problem and reply.about.number < MAX_TRIES:
                _ask(self.askers, reply.about.example, number=reply.about.number + 1)
            else:
                self._settle(reply, judged, journal)
        if self.refused:
            raise EndpointError(self.refused[0].refused)

    def _refuse(self, reply: Reply[_Try], journal: Journal) -> None:
        self.refused.append(reply)
        if self.answered:
            self._settle_refused(journal)
        elif len(self.refused) >= MAX_REFUSED:
            raise EndpointError(reply.refused)

    def _settle_refused(self, journal: Journal) -> None:
        while self.refused:
            self._settle(self.refused.pop(), Judged(None, "refused"), journal)

    def _settle(self, reply: Reply[_Try], judged: Judged, journal: Journal) -> None:
        model = self.askers.endpoint.model
        completion, problem = judged.completion, judged.problem
        journal.add(Settled(reply.about.example.id, model, reply.about.number, completion, problem))
        self.on_progress(int(not problem), Counter([problem] if problem else []))


def _unsettled(shard: Path, journal: Journal, model: str) -> Iterator[Example]:
    for row in read_shard(shard):
        for example in to_examples(row):
            if not journal.is_done(example.id, model):
                yield example


def _ask(askers: Askers[_Try], example: Example, *, number: int) -> None:
    askers.ask(_Try(example, number), render_prompt(example))


def _replies(examples: Iterable[Example], askers: Askers[_Try]) -> Iterator[Reply[_Try]]:
    """Ask about every example, and about those that the caller asks for again."""
    for example in examples:
        _ask(askers, example, number=1)
        while askers.under_way >= UNDER_WAY:
            yield askers.reply()
    while askers.under_way:
        yield askers.reply()


def _runner(sandbox: Sandbox) -> Run:
    gate = Gate(None)

    def run(example: Example, call: str) -> Execution:
        return settle(lambda: sandbox.run(runnable(example), call), gate)

    return run
