"""REval's metrics, from judged answers.

    metrics_of(questions, run)       # {"coverage_accuracy": 46.3, ..., "ic": 23.1, "score": 38.7}

All are percentages over the whole benchmark. `score` is ours: the unweighted mean of the four
accuracies, of coverage, path, state and output. The benchmark defines no aggregate, and papers that
give one do not say which; so compare the four numbers, and with the constant baseline.
"""

import random
from collections.abc import Iterable, Mapping, Sequence

from stepcode.evaluate.benchmarks.reval.consistency import credits_of
from stepcode.evaluate.benchmarks.reval.judged import Judged, Run
from stepcode.evaluate.benchmarks.reval.questions import Question, Task
from stepcode.evaluate.passk import RESAMPLES, Interval

Sums = dict[str, float]
"""Numerators and denominators; those of several programs add up."""
_TRUE_POSITIVE, _FALSE_POSITIVE, _FALSE_NEGATIVE = "yes_yes", "yes_no", "no_yes"


def metrics_of(questions: Sequence[Question], run: Run) -> dict[str, float]:
    """Compute the metrics of one run; one whose answers are not there is left out."""
    return _metrics(_total(sums_by_program(questions, run).values()))


def sums_by_program(questions: Sequence[Question], run: Run) -> dict[str, Sums]:
    """Sum up each program's answers."""
    sums: dict[str, Sums] = {}
    for question in questions:
        judged = run.get(question.id)
        if judged is not None:
            _add(sums.setdefault(question.subject.id, {}), _sums_of(question, judged))
    for probe, credit in credits_of(questions, run).items():
        _add(sums[probe.rsplit("/", 2)[0]], {"ic": credit, "ic_n": 1})
    return sums


def _add(total: Sums, sums: Sums) -> None:
    for name, value in sums.items():
        total[name] = total.get(name, 0) + value


def _sums_of(question: Question, judged: Judged) -> Sums:
    sums: Sums = {question.task.value: int(judged.right), f"{question.task}_n": 1}
    if question.task is Task.COVERAGE:
        cells = {
            (True, True): _TRUE_POSITIVE,
            (True, False): _FALSE_POSITIVE,
            (False, True): _FALSE_NEGATIVE,
        }
        cell = cells.get((bool(judged.response), bool(judged.expected)))
        sums |= {cell: 1} if cell else {}
    return sums


def _total(sums: Iterable[Sums]) -> Sums:
    total: Sums = {}
    for one in sums:
        _add(total, one)
    return total


def _metrics(sums: Sums) -> dict[str, float]:
    asked = [task for task in Task if f"{task}_n" in sums]
    metrics = {f"{task}_accuracy": _percent(sums[task], sums[f"{task}_n"]) for task in asked}
    if len(asked) == len(Task):
        metrics["score"] = sum(metrics.values()) / len(Task)
    if Task.COVERAGE in asked:
        metrics |= _precision_and_recall(sums)
    if "ic_n" in sums:
        metrics["ic"] = _percent(sums["ic"], sums["ic_n"])
    return metrics


def _precision_and_recall(sums: Sums) -> dict[str, float]:
    """Of lines that run; 0 where the benchmark's own would divide by zero."""
    right = sums.get(_TRUE_POSITIVE, 0)
    precision = _percent(right, right + sums.get(_FALSE_POSITIVE, 0))
    recall = _percent(right, right + sums.get(_FALSE_NEGATIVE, 0))
    both = precision + recall
    f1 = 2 * precision * recall / both if both else 0.0
    return {"coverage_precision": precision, "coverage_recall": recall, "coverage_f1": f1}


def _percent(part: float, whole: float) -> float:
    return 100 * part / whole if whole else 0.0


def mean_metrics(runs: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Average the metrics of several runs, as the benchmark's paper does of five."""
    names = [name for name in runs[0] if all(name in run for run in runs)] if runs else []
    return {name: sum(run[name] for run in runs) / len(runs) for name in names}


def intervals_of(
    questions: Sequence[Question], runs: Sequence[Run], *, seed: int = 0
) -> dict[str, Interval]:
    """Give 95 % percentile intervals, by drawing the benchmark's programs again.

    Of all runs together: an interval says how much a metric depends on which programs there are.
    """
    by_program: dict[str, Sums] = {}
    for run in runs:
        for program, sums in sums_by_program(questions, run).items():
            _add(by_program.setdefault(program, {}), sums)
    programs, chance = list(by_program.values()), random.Random(seed)
    if not programs:
        return {}
    drawn = [_metrics(_total(chance.choices(programs, k=len(programs)))) for _ in range(RESAMPLES)]
    names = _metrics(_total(programs))
    return {name: _interval([one.get(name, 0.0) for one in drawn]) for name in names}


def _interval(values: list[float]) -> Interval:
    values.sort()
    low, high = (round(quantile * (len(values) - 1)) for quantile in (0.025, 0.975))
    return Interval(values[low], values[high])
