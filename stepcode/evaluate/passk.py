"""pass@k over a benchmark: how likely one of k answers is right, and how sure that is.

    scores = {"sample_0": [True, False], "sample_1": [False, False]}
    pass_at_k(scores, 1)            # 25.0
    bootstrap(scores, 1)            # Interval(low=0.0, high=50.0)

All numbers are percentages.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from stepcode.errors import MisuseError

Scores = Mapping[str, Sequence[bool]]
"""For each row of a benchmark whether each of its answers is right."""

RESAMPLES = 2000


@dataclass(frozen=True, slots=True)
class Interval:
    """Where a score lies with a confidence of 95 %, in percent."""

    low: float
    high: float


def pass_at_k(scores: Scores, k: int, *, asked: int = 0) -> float:
    """Estimate without bias the mean over rows of the chance that one of k answers is right, in %.

    Of a row with n answers and c right ones that is 1 - C(n-c, k) / C(n, k) (Chen et al. 2021,
    equation 1). Raises MisuseError if there are no rows, or fewer than k answers in one, except
    where all of its answers are of one kind: then more of them would tell nothing new. If each row
    was `asked` for k answers or more, one that a benchmark's harness has shortened is no mistake,
    and counts as that harness has it: 1 with fewer than k wrong answers.
    """
    rows = _rows(scores, k, asked)
    return 100 * sum(rows) / len(rows)


def bootstrap(scores: Scores, k: int, *, asked: int = 0, seed: int = 0) -> Interval:
    """Give a 95 % percentile interval for `pass_at_k`, by drawing the benchmark's rows again.

    It says how much the score depends on which problems the benchmark happens to have. What comes
    from sampling the answers is in it as far as rows differ by it.
    """
    rows, chance = _rows(scores, k, asked), random.Random(seed)
    means = sorted(sum(chance.choices(rows, k=len(rows))) / len(rows) for _ in range(RESAMPLES))
    low, high = means[round(0.025 * (RESAMPLES - 1))], means[round(0.975 * (RESAMPLES - 1))]
    return Interval(100 * low, 100 * high)


def chance_of_one(right: Sequence[bool], k: int) -> float:
    """Estimate the chance that one of k answers is right, from the n that there are."""
    wrong, n = len(right) - sum(right), len(right)
    if wrong == n:
        return 0.0
    if wrong < k:
        return 1.0
    none_right = 1.0
    for number in range(wrong + 1, n + 1):
        none_right *= 1 - k / number
    return 1 - none_right


def _rows(scores: Scores, k: int, asked: int) -> list[float]:
    if not scores:
        raise MisuseError("nothing was scored: there is no pass@k of no rows")
    if k < 1:
        raise MisuseError(f"k is {k}: expected 1 or more")
    for row, right in scores.items():
        if not right:
            raise MisuseError(f"{row}: has no answer, so no pass@k")
        if max(asked, len(right)) < k and 0 < sum(right) < len(right):
            raise MisuseError(f"{row}: has {len(right)} answers, too few for pass@{k}")
    return [chance_of_one(right, k) for right in scores.values()]
