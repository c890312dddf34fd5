"""Scores of benchmarks in which a row has one program, and each answer is an assertion below it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from stepcode.evaluate.assertions import Assertion, judge_assertions
from stepcode.evaluate.programs import LIMITS, Verdict
from stepcode.execute.isolate import Isolation
from stepcode.types import Limits

Answers = Mapping[str, Sequence[str]]
"""For each row the answers that were found in what a model said."""


@dataclass(frozen=True, slots=True)
class Scored:
    """The booleans of a benchmark, and what they do not tell."""

    scores: Mapping[str, Sequence[bool]]
    """For each row as many booleans as the benchmark's own harness gives."""
    verdicts: Mapping[str, int]
    """How many answers came to what; `skipped` are those that the harness does not run."""
    unscored: tuple[str, ...]
    """Rows with an answer that the machine could not judge; counted as wrong until they are run."""


def judge_rows(
    assertions: Mapping[str, Sequence[Assertion | None]],
    *,
    limits: Limits = LIMITS,
    isolation: Isolation | None = None,
    workers: int = 1,
) -> dict[str, list[Verdict | None]]:
    """Judge the answers of each row; None stands for one that is not to be run, and stays."""
    jobs = [one for one in chain.from_iterable(assertions.values()) if one is not None]
    judged = iter(judge_assertions(jobs, limits=limits, isolation=isolation, workers=workers))
    return {
        row: [None if one is None else next(judged) for one in ones]
        for row, ones in assertions.items()
    }


def sum_up(
    scores: Mapping[str, Sequence[bool]], verdicts: Mapping[str, Sequence[Verdict | None]]
) -> Scored:
    """Count what the answers came to."""
    names = ("skipped" if one is None else one.value for row in verdicts.values() for one in row)
    unscored = tuple(row for row, ones in verdicts.items() if Verdict.UNSCORED in ones)
    return Scored(scores, Counter(names), unscored)
