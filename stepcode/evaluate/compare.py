"""Two evaluations of the same questions: which is better, and could it be chance?

Rows are paired, so that hard and easy questions do not blur the difference. Of one answer a row,
whether it is right is paired: McNemar's test, exact. Of several, their shares are: the sign test,
exact. The interval of the difference comes from drawing programs again, both sides together.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from stepcode.errors import MisuseError
from stepcode.evaluate.cases import Row
from stepcode.evaluate.evaluation import Evaluation
from stepcode.evaluate.passk import Interval
from stepcode.evaluate.programs import Verdict
from stepcode.evaluate.resample import Array, interval_of, measure_once, redraw

ANSWERS, STEPS = "right answers", "right steps"
"""What is compared."""
Counts = Mapping[str, tuple[float, float]]
"""For each row how much of it is right, and of how much."""
Groups = Sequence[Sequence[str]]
"""The rows of each program."""


@dataclass(frozen=True, slots=True)
class Paired:
    """How two evaluations differ in one measure, in percent, over the rows that both have."""

    measure: str
    first: float
    second: float
    interval: Interval
    """95 %, of `difference`."""
    first_better: int
    second_better: int
    equal: int
    """Rows."""
    test: str
    p_value: float
    """How likely the rows would be as unequal as that, or more, if neither were better."""

    @property
    def difference(self) -> float:
        """By how much the second is better."""
        return self.second - self.first


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two evaluations of one benchmark."""

    first: Evaluation
    second: Evaluation
    paired: tuple[Paired, ...]
    unpaired: int
    """Rows that only one of them has, or has scored."""


def compare(first: Evaluation, second: Evaluation) -> Comparison:
    """Compare two evaluations; raises MisuseError if they are not of the same questions."""
    _refuse_others(first, second)
    shared = [row for row, ones in first.scores.items() if ones and second.scores.get(row)]
    if not shared:
        raise MisuseError("the two evaluations have no row in common, so nothing can be compared")
    groups = _by_program(shared, first)
    paired = [_pair(ANSWERS, groups, _right(first), _right(second))]
    steps = [_right_steps(one) for one in (first, second)]
    if all(any(counts[row][1] for row in shared) for counts in steps):
        paired.append(_pair(STEPS, groups, *steps))
    unpaired = len(first.scores.keys() ^ second.scores.keys())
    return Comparison(first, second, tuple(paired), unpaired)


def sign_test(better: int, worse: int) -> float:
    """Give the exact two-sided p-value of so many differences each way, if both were as likely.

    Of pairs of booleans this is McNemar's exact test.
    """
    trials = better + worse
    term = tail = 1
    for count in range(1, min(better, worse) + 1):
        term = term * (trials - count + 1) // count
        tail += term
    share: float = tail / 2**trials
    return min(1.0, 2 * share)


def _refuse_others(first: Evaluation, second: Evaluation) -> None:
    if first.benchmark != second.benchmark:
        raise MisuseError(
            f"one evaluation is of {first.benchmark} and the other of {second.benchmark}; "
            "only two of the same benchmark can be compared"
        )
    data = [one.settings.get("data_sha256") for one in (first, second)]
    if data[0] != data[1]:
        names = " and ".join(str(one.settings.get("data")) for one in (first, second))
        raise MisuseError(f"the evaluations are of different data ({names}); evaluate both on one")
    asked = {row["id"]: _question(row) for row in first.rows}
    for row in second.rows:
        if asked.get(row["id"], _question(row)) != _question(row):
            raise MisuseError(f"row {row['id']} is another question in each of the evaluations")


def _question(row: Row) -> list[object]:
    return [row.get(key) for key in ("code", "call", "given", "expected")]


def _by_program(ids: Sequence[str], evaluation: Evaluation) -> Groups:
    program_of = {row["id"]: row.get("program", row["id"]) for row in evaluation.rows}
    groups: dict[str, list[str]] = defaultdict(list)
    for row in ids:
        groups[program_of.get(row, row)].append(row)
    return list(groups.values())


def _right(evaluation: Evaluation) -> Counts:
    return {row: (sum(ones) / len(ones), 1) for row, ones in evaluation.scores.items() if ones}


def _right_steps(evaluation: Evaluation) -> Counts:
    none = dict.fromkeys(evaluation.scores, (0.0, 0.0))
    return none | {row["id"]: _count_steps(row) for row in evaluation.rows}


def _count_steps(row: Row) -> tuple[float, float]:
    right = [
        bool(step["right"])
        for completion in row["completions"]
        if completion["verdict"] != Verdict.UNSCORED
        for step in completion.get("steps") or ()
    ]
    return sum(right), len(right)


def _pair(measure: str, groups: Groups, first: Counts, second: Counts) -> Paired:
    sums = [[*_total(rows, first), *_total(rows, second)] for rows in groups]
    values = measure_once(sums, _shares)
    pairs = [
        (first[row][0] / first[row][1], second[row][0] / second[row][1])
        for rows in groups
        for row in rows
        if first[row][1] and second[row][1]
    ]
    better, worse = sum(a > b for a, b in pairs), sum(a < b for a, b in pairs)
    is_boolean = all({*pair} <= {0, 1} for pair in pairs) and measure == ANSWERS
    return Paired(
        measure=measure,
        first=values["first"],
        second=values["second"],
        interval=interval_of(redraw(sums, _shares)["difference"]),
        first_better=better,
        second_better=worse,
        equal=len(pairs) - better - worse,
        test="McNemar, exact" if is_boolean else "sign test, exact",
        p_value=sign_test(better, worse),
    )


def _total(rows: Sequence[str], counts: Counts) -> tuple[float, float]:
    return sum(counts[row][0] for row in rows), sum(counts[row][1] for row in rows)


def _shares(sums: Array) -> Mapping[str, Array]:
    first, second = 100 * sums[..., 0] / sums[..., 1], 100 * sums[..., 2] / sums[..., 3]
    return {"first": first, "second": second, "difference": second - first}
