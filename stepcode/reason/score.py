"""How true an answer is: every step and the final answer, right or wrong by the interpreter's word.

A step is right if it shows the name and exactly the text of the truth. The final answer is compared
as the benchmarks do: the same text, or literals of equal values (so `True` is `1`).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from stepcode.literals import same_value
from stepcode.reason.calls import proposed_call
from stepcode.types import (
    Answer,
    Example,
    Execution,
    Outcome,
    PredictedStep,
    Score,
    Step,
    StepScore,
    TaskKind,
)


class Alignment(StrEnum):
    """Which step of an answer is compared with which step of the truth."""

    BY_NAME = "by_name"
    """In order, by the name they show: a step that was skipped costs one step and not the rest."""
    BY_POSITION = "by_position"
    """The paper's: the first with the first, the second with the second."""


def score(
    answer: Answer,
    example: Example,
    execution: Execution | None = None,
    *,
    alignment: Alignment = Alignment.BY_NAME,
) -> Score:
    """Judge an answer.

    In input prediction the caller runs `proposed_call(answer, example)` in the program that
    `runnable(example)` gives, and hands over the execution: any call that returns the given value
    is right, and the steps are judged on that very run, also if it raised. Without an execution
    nothing is right, unless the call is the row's own, whose run is known. A run that was LOST is
    the machine's fault: do not score it.
    """
    match example.kind:
        case TaskKind.OUTPUT:
            truth: Sequence[Step] = example.steps
            final = answer.final is not None and same_value(example.target, answer.final.strip())
        case TaskKind.INPUT:
            call = proposed_call(answer, example)
            if call is None or (execution is None and call != example.target.strip()):
                wrong = StepScore(False, None)
                return Score(False, (wrong,) * len(example.steps), len(answer.steps))
            truth = example.steps if execution is None else execution.steps
            final = execution is None or _returns(execution, example.given)
        case _:
            assert_never(example.kind)
    return _judge_steps(answer, truth, final=final, alignment=alignment)


def _returns(execution: Execution, value: str) -> bool:
    returned = execution.output
    return execution.outcome is Outcome.OK and returned is not None and same_value(value, returned)


def _judge_steps(
    answer: Answer, truth: Sequence[Step], *, final: bool, alignment: Alignment
) -> Score:
    match alignment:
        case Alignment.BY_NAME:
            partners = align_by_name(answer.steps, truth)
        case Alignment.BY_POSITION:
            partners = {i: i for i in range(min(len(truth), len(answer.steps)))}
        case _:
            assert_never(alignment)
    steps = []
    for number, true in enumerate(truth):
        partner = partners.get(number)
        if partner is None:
            steps.append(StepScore(False, None))
            continue
        correct = _is_right(answer.steps[partner], true)
        steps.append(StepScore(correct, answer.step_spans[partner]))
    return Score(final, tuple(steps), len(answer.steps) - len(partners))


def align_by_name(predicted: Sequence[PredictedStep], truth: Sequence[Step]) -> dict[int, int]:
    """Pair steps of the truth (keys) with predicted ones of the same name (values), in order.

    Of all ways the one with the most right texts is taken, then the most pairs, then the earliest.
    Of each name no more predicted steps are looked at than the truth has: else an answer could list
    every value and be told right for one of them.
    """
    allowed = Counter(step.name for step in truth)
    looked_at = []
    for number, step in enumerate(predicted):
        if allowed[step.name] > 0:
            allowed[step.name] -= 1
            looked_at.append(number)
    same = _same_start(predicted, truth, looked_at)
    pairs = {number: looked_at[number] for number in range(same)}
    rest = looked_at[same:]
    for true, number in _best_pairs([predicted[n] for n in rest], truth[same:]):
        pairs[same + true] = rest[number]
    return pairs


def _is_right(predicted: PredictedStep, true: Step) -> bool:
    return predicted.name == true.name and predicted.text == true.text


def _same_start(
    predicted: Sequence[PredictedStep], truth: Sequence[Step], looked_at: Sequence[int]
) -> int:
    """How many steps are right from the start; to pair those is best, and nearly all there is."""
    for count, (number, true) in enumerate(zip(looked_at, truth, strict=False)):
        if not _is_right(predicted[number], true):
            return count
    return min(len(looked_at), len(truth))


@dataclass(frozen=True, slots=True, order=True)
class _Worth:
    right: int = 0
    pairs: int = 0


def _best_pairs(predicted: Sequence[PredictedStep], truth: Sequence[Step]) -> list[tuple[int, int]]:
    """The best alignment, by the table of what is to be gained from each pair of places on."""
    table = [[_Worth()] * (len(predicted) + 1) for _ in range(len(truth) + 1)]
    for i in range(len(truth) - 1, -1, -1):
        for j in range(len(predicted) - 1, -1, -1):
            best = max(table[i + 1][j], table[i][j + 1])
            if truth[i].name == predicted[j].name:
                best = max(best, _paired(table[i + 1][j + 1], predicted[j], truth[i]))
            table[i][j] = best
    pairs, i, j = [], 0, 0
    while i < len(truth) and j < len(predicted):
        same_name = truth[i].name == predicted[j].name
        if same_name and table[i][j] == _paired(table[i + 1][j + 1], predicted[j], truth[i]):
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif table[i][j] == table[i][j + 1]:
            j += 1
        else:
            i += 1
    return pairs


def _paired(after: _Worth, predicted: PredictedStep, true: Step) -> _Worth:
    return _Worth(after.right + _is_right(predicted, true), after.pairs + 1)
