"""Asking the questions of a dataset, and judging what a model says to them."""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import assert_never

from stepcode.dataset.examples import to_examples
from stepcode.dataset.manifest import read_manifest
from stepcode.dataset.read import read_shard, split_shards
from stepcode.errors import DatasetError, MisuseError, nearest
from stepcode.evaluate.programs import Verdict
from stepcode.execute import run_all
from stepcode.execute.isolate import Isolation
from stepcode.literals import is_literal
from stepcode.reason import call_to_run, read_answer, render_prompt, runnable, score
from stepcode.reason.calls import MAX_CALL_CHARS
from stepcode.reason.prompt import Message
from stepcode.source.calls import parse_expression
from stepcode.types import Answer, Example, Execution, Limits, Outcome, Score, Step, TaskKind

LIMITS = Limits()
"""Of a proposed call: what a build gives a program, so that what is in a dataset can be run."""
Completions = Mapping[str, Sequence[str]]
"""What a model said to each question, by id."""


@dataclass(frozen=True, slots=True)
class Question:
    """One side of a row of a dataset."""

    example: Example
    program_id: str

    @property
    def id(self) -> str:
        """The example's id, `3f2a...-output`."""
        return self.example.id

    @property
    def prompt(self) -> list[Message]:
        """The chat messages that ask it."""
        return render_prompt(self.example)


@dataclass(frozen=True, slots=True)
class Judged:
    """What came of one completion."""

    answer: Answer
    verdict: Verdict
    """Of the final answer."""
    truth: tuple[Step, ...]
    """What the anchors showed: of the proposed call where one was run, else of the row's own."""
    score: Score | None
    """One step for each of the truth; None if the machine lost the run."""
    extracted: str | None
    """The final answer as far as it is one: a literal or a call, whichever is asked for."""

    @property
    def is_wrong_logic(self) -> bool:
        """Whether the final answer is right although a step on the way is not."""
        judged = self.score
        return judged is not None and judged.final and not all(s.correct for s in judged.steps)


def read_questions(directory: Path, *, split: str | None = None) -> list[Question]:
    """Read the questions of a dataset, two a row; of its split `test` where it has one.

    Raises DatasetError for what is no finished dataset, or has no such rows.
    """
    manifest = read_manifest(directory)
    if not manifest.rows["kept"]:
        raise DatasetError(f"{directory}: no row was kept, so there is nothing to ask")
    chosen = split or ("test" if manifest.splits.get("test") else "train")
    examples = (
        Question(example, row.program_id)
        for shard in split_shards(directory, manifest, chosen)
        for row in read_shard(shard)
        for example in to_examples(row)
    )
    # Where duplicates are kept, as in benchmarks, the same row may be there twice.
    return list({question.id: question for question in examples}.values())


def judge(
    questions: Sequence[Question],
    completions: Completions,
    *,
    limits: Limits = LIMITS,
    isolation: Isolation | None = None,
    workers: int = 1,
) -> dict[str, list[Judged]]:
    """Judge the completions of each question, in order.

    Each proposed call is run once, and once more if it was timed out or lost. Raises MisuseError if
    a question has no completion, or a completion no question.
    """
    _refuse_others([question.id for question in questions], completions)
    told = [(q, read_answer(text)) for q in questions for text in completions[q.id]]
    calls = [call_to_run(answer, question.example) for question, answer in told]
    jobs = {
        (question.id, call): (runnable(question.example), call)
        for (question, _), call in zip(told, calls, strict=True)
        if call is not None
    }
    runs = run_all(jobs.values(), limits=limits, isolation=isolation, workers=workers)
    execution_of = dict(zip(jobs, runs, strict=True))
    judged: dict[str, list[Judged]] = {}
    for (question, answer), call in zip(told, calls, strict=True):
        execution = None if call is None else execution_of[question.id, call]
        judged.setdefault(question.id, []).append(_judge_one(question.example, answer, execution))
    return judged


def _refuse_others(asked: Sequence[str], completions: Completions) -> None:
    known = set(asked)
    missing = [row for row in asked if not completions.get(row)]
    if missing:
        raise MisuseError(f"{len(missing)} questions have no completion, {missing[0]} first")
    extra = [row for row in completions if row not in known]
    if extra:
        hint = nearest(extra[0], asked)
        raise MisuseError(f"completions of {len(extra)} questions not asked: {extra[0]}{hint}")


def _judge_one(example: Example, answer: Answer, execution: Execution | None) -> Judged:
    truth = example.steps if execution is None else execution.steps
    extracted = _extracted(answer, example.kind)
    if execution is not None and execution.outcome is Outcome.LOST:
        return Judged(answer, Verdict.UNSCORED, truth, None, extracted)
    found = score(answer, example, execution)
    if found.final:
        verdict = Verdict.PASSED
    elif execution is not None and execution.outcome is Outcome.TIMED_OUT:
        verdict = Verdict.TIMED_OUT
    else:
        verdict = Verdict.FAILED
    return Judged(answer, verdict, truth, found, extracted)


def _extracted(answer: Answer, kind: TaskKind) -> str | None:
    """Reading takes the last words for the answer where a text has none; those are no answer."""
    final = (answer.final or "").strip()
    if len(final) > MAX_CALL_CHARS and kind is TaskKind.INPUT:
        return None
    match kind:
        case TaskKind.OUTPUT:
            return final if is_literal(final) else None
        case TaskKind.INPUT:
            return final if isinstance(parse_expression(final), ast.Call) else None
        case _:
            assert_never(kind)
