"""From judgements to one evaluation: pass@k with intervals, counts, and the rows for people."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from stepcode.evaluate.benchmark import Benchmark, Judgement
from stepcode.evaluate.completions import Completion
from stepcode.evaluate.evaluation import Detail, Evaluation, RowDetail
from stepcode.evaluate.passk import bootstrap, pass_at_k

_KS = (1, 5, 10)
_LONGEST = 2000
"""Characters of a text that a file keeps for people to read."""


def sum_up(
    name: str,
    model: str,
    benchmark: Benchmark,
    judgement: Judgement,
    *,
    settings: Mapping[str, Any],  # Any: JSON
    completions: Mapping[str, Sequence[Completion]] | None = None,
) -> Evaluation:
    """Make the evaluation of what was judged."""
    metrics, intervals = dict(judgement.metrics), dict(judgement.intervals)
    for k in _known_ks(benchmark, judgement):
        metrics[f"pass@{k}"] = pass_at_k(judgement.scores, k)
        found = bootstrap(judgement.scores, k)
        intervals[f"pass@{k}"] = (found.low, found.high)
    counts = judgement.counts | _troubles(completions or {})
    every = (one for details in judgement.details.values() for one in details)
    counts["not_extracted"] = sum(not one.found for one in every)
    return Evaluation(
        benchmark=name,
        model=model,
        settings=settings,
        metrics=metrics,
        intervals=intervals,
        scores=judgement.scores,
        counts={str(name): number for name, number in sorted(counts.items()) if number},
        rows=tuple(_row(benchmark, row, details) for row, details in judgement.details.items()),
        baselines=judgement.baselines,
        groups=judgement.groups,
    )


def _known_ks(benchmark: Benchmark, judgement: Judgement) -> list[int]:
    """List the k of which every row has enough answers."""
    if not benchmark.has_pass_at_k:
        return []
    fewest = min(len(right) for right in judgement.details.values())
    return [k for k in _KS if k == 1 or (k <= fewest and _has_enough(judgement, k))]


def _has_enough(judgement: Judgement, k: int) -> bool:
    rows = judgement.scores.values()
    return all(len(right) >= k or not 0 < sum(right) < len(right) for right in rows)


def _troubles(completions: Mapping[str, Sequence[Completion]]) -> Counter[str]:
    """Count what is said of completions whatever came of them."""
    said = [one for row in completions.values() for one in row]
    return Counter(
        cut=sum(one.is_cut for one in said),
        empty=sum(not one.text.strip() and not one.refused for one in said),
        refused=sum(bool(one.refused) for one in said),
    )


def _row(benchmark: Benchmark, row: str, details: Sequence[Detail]) -> RowDetail:
    truth = benchmark.truth(row)
    return RowDetail(
        id=row,
        code=_shortened(truth.code),
        question=_shortened(truth.question),
        expected=_shortened(truth.expected),
        completions=tuple(
            Detail(
                one.answer if one.answer is None else _shortened(one.answer),
                one.verdict,
                one.text if one.text is None else _shortened(one.text),
                one.found,
                one.steps,
            )
            for one in details
        ),
    )


def _shortened(text: str) -> str:
    if len(text) <= _LONGEST:
        return text
    return f"{text[:_LONGEST]}… ({len(text) - _LONGEST:,} characters more)"
