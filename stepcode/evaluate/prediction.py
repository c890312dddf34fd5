"""Scores of benchmarks in which a row has one program, and each answer is an assertion below it."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from stepcode.evaluate.assertions import Assertion, judge_assertions
from stepcode.evaluate.benchmark import ALONE, Detail, Judgement, Sandboxing, Texts
from stepcode.evaluate.passk import Scores, pass_at_k
from stepcode.evaluate.programs import LIMITS, Verdict
from stepcode.source.calls import parse_expression
from stepcode.types import Limits

Answers = Mapping[str, Sequence[str | None]]
"""For each row the answers that were found in what a model said; None where none was found."""


@dataclass(frozen=True, slots=True)
class Scored:
    """The booleans of a benchmark, and what they do not tell."""

    scores: Mapping[str, Sequence[bool]]
    """For each row as many booleans as the benchmark's own harness gives."""
    verdicts: Mapping[str, Sequence[Verdict]]
    """For each row one for each answer."""

    @property
    def counts(self) -> Counter[Verdict]:
        """How many answers came to what."""
        return Counter(chain.from_iterable(self.verdicts.values()))

    @property
    def unscored(self) -> tuple[str, ...]:
        """Rows with an answer that the machine could not judge; wrong until they are run again."""
        return tuple(row for row, ones in self.verdicts.items() if Verdict.UNSCORED in ones)


def judge_rows(
    assertions: Mapping[str, Sequence[Assertion | Verdict]],
    *,
    limits: Limits = LIMITS,
    sandboxing: Sandboxing = ALONE,
) -> dict[str, list[Verdict]]:
    """Judge the answers of each row; a verdict stands for one that is not to be run, and stays."""
    jobs = [one for one in chain.from_iterable(assertions.values()) if isinstance(one, Assertion)]
    judged = iter(judge_assertions(jobs, limits=limits, sandboxing=sandboxing))
    return {
        row: [next(judged) if isinstance(one, Assertion) else one for one in ones]
        for row, ones in assertions.items()
    }


def describe(
    scored: Scored, answers: Answers, texts: Texts | None, is_answer: Callable[[str], bool]
) -> Judgement:
    """Put what came of every answer beside it, and beside the text that it was found in, if any."""
    details = {}
    for row, verdicts in scored.verdicts.items():
        said = texts[row] if texts is not None else [None] * len(verdicts)
        details[row] = [
            Detail(answer, verdict, text, answer is not None and is_answer(answer))
            for answer, verdict, text in zip(answers[row], verdicts, said, strict=True)
        ]
    return Judgement(scores=scored.scores, details=details)


def pass_at_1_by(scores: Scores, group_of: Callable[[str], str]) -> dict[str, dict[str, float]]:
    """Give pass@1 of each group of rows; rows whose group has no name are left out."""
    groups: dict[str, dict[str, Sequence[bool]]] = {}
    for row, right in scores.items():
        groups.setdefault(group_of(row), {})[row] = right
    return {
        name: {"n": len(some), "pass@1": pass_at_k(some, 1)}
        for name, some in sorted(groups.items())
        if name
    }


def is_expression(answer: str) -> bool:
    """Whether an answer can be one side of an assertion."""
    return parse_expression(answer) is not None
