"""From judgements to one evaluation: pass@k with intervals, counts, and the rows for people."""

from collections import Counter
from collections.abc import Mapping, Sequence

from stepcode.evaluate.benchmark import Benchmark, Detail, Judgement
from stepcode.evaluate.completions import Completion
from stepcode.evaluate.evaluation import Evaluation, Record, cut
from stepcode.evaluate.passk import bootstrap, pass_at_k

_KS = (1, 5, 10)


def sum_up(
    name: str,
    model: str,
    benchmark: Benchmark,
    judgement: Judgement,
    *,
    settings: Record,
    completions: Mapping[str, Sequence[Completion]] | None = None,
) -> Evaluation:
    """Make the evaluation of what was judged."""
    metrics, intervals = dict(judgement.metrics), dict(judgement.intervals)
    asked = min(map(len, judgement.details.values()), default=0)
    for k in _KS if benchmark.has_pass_at_k else ():
        if k > asked:
            break
        metrics[f"pass@{k}"] = pass_at_k(judgement.scores, k, asked=asked)
        intervals[f"pass@{k}"] = bootstrap(judgement.scores, k, asked=asked)
    counts = judgement.counts | _troubles(completions or {})
    rows = judgement.rows
    if rows is None:
        rows = [_row(benchmark, row, details) for row, details in judgement.details.items()]
    return Evaluation(
        benchmark=name,
        model=model,
        settings=settings,
        metrics=metrics,
        intervals=intervals,
        scores=judgement.scores,
        counts={what: number for what, number in sorted(counts.items()) if number},
        rows=rows,
        baselines=judgement.baselines,
        groups=judgement.groups,
    )


def _troubles(completions: Mapping[str, Sequence[Completion]]) -> Counter[str]:
    """Count what is said of completions whatever came of them."""
    said = [one for row in completions.values() for one in row]
    return Counter(
        cut=sum(one.is_cut for one in said),
        empty=sum(not one.text.strip() and not one.refused for one in said),
        refused=sum(bool(one.refused) for one in said),
    )


def _row(benchmark: Benchmark, row: str, details: Sequence[Detail]) -> Record:
    truth = benchmark.truth(row)
    return {
        "id": row,
        "code": cut(truth.code),
        "call" if truth.is_call else "given": cut(truth.question),
        "expected": cut(truth.expected),
        "completions": [_completion(one) for one in details],
    }


def _completion(one: Detail) -> Record:
    record = {
        "answer": None if one.answer is None else cut(one.answer),
        "verdict": str(one.verdict),
    }
    return record if one.text is None else {**record, "text": cut(one.text)}
