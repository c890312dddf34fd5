"""An evaluation, or two of them, as Markdown: for a terminal, an issue or a data card."""

from collections.abc import Iterable, Mapping, Sequence

from stepcode.evaluate.evaluation import Detail, Evaluation
from stepcode.evaluate.programs import Verdict
from stepcode.evaluate.report.compare import Comparison

_LISTED = 50


def render_markdown(evaluation: Evaluation) -> str:
    """Write scores, counts and groups as tables."""
    parts = [
        f"# {evaluation.benchmark}: {evaluation.model}\n",
        _table(*score_table(evaluation)),
        f"{_counted(evaluation.counts)}\n",
    ]
    parts += [
        f"## By {title}\n\n{_table(*group_table(title, group))}"
        for title, group in evaluation.groups.items()
    ]
    lucky = [row.id for row in evaluation.rows if any(map(is_lucky, row.completions))]
    if lucky:
        parts.append(f"## Right answers, wrong steps\n\n{_listed(lucky)}\n")
    parts.append(f"## How\n\n{_table(('setting', 'value'), settings_table(evaluation))}")
    return "\n".join(parts)


def render_comparison(comparison: Comparison) -> str:
    """Write two evaluations side by side, and whether they differ."""
    first, second = comparison.first, comparison.second
    head, rows = side_by_side(comparison)
    return "\n".join(
        (
            f"# {first.benchmark}: {first.model} and {second.model}\n",
            _table(head, rows),
            f"{verdict(comparison)}\n",
        )
    )


def score_table(evaluation: Evaluation) -> tuple[Sequence[str], list[list[str]]]:
    """List the metrics with their intervals and what looks at nothing would get."""
    head = ["score", "%", "95 %", *evaluation.baselines]
    rows = []
    for name, value in evaluation.metrics.items():
        between = evaluation.intervals.get(name)
        others = (numbers.get(name) for numbers in evaluation.baselines.values())
        sure = "" if between is None else f"{between[0]:.2f} to {between[1]:.2f}"
        rows.append(
            [name, f"{value:.2f}", sure, *("" if v is None else f"{v:.2f}" for v in others)]
        )
    return head, rows


def group_table(
    title: str, group: Mapping[str, Mapping[str, float]]
) -> tuple[Sequence[str], list[list[str]]]:
    """List the values of a group with their numbers and scores."""
    names = list(dict.fromkeys(name for numbers in group.values() for name in numbers))
    rows = [
        [value, *("" if n not in numbers else _number(n, numbers[n]) for n in names)]
        for value, numbers in group.items()
    ]
    return [title, *names], rows


def settings_table(evaluation: Evaluation) -> list[list[str]]:
    """List what decided on the result."""
    return [[name, str(value)] for name, value in evaluation.settings.items() if value != ""]


def side_by_side(comparison: Comparison) -> tuple[Sequence[str], list[list[str]]]:
    """List the metrics of both, and their differences."""
    first, second = comparison.first, comparison.second
    rows = [
        [
            name,
            f"{first.metrics[name]:.2f}",
            f"{second.metrics[name]:.2f}",
            f"{second.metrics[name] - first.metrics[name]:+.2f}",
        ]
        for name in first.metrics
        if name in second.metrics
    ]
    return ["score", first.model, second.model, "difference"], rows


def verdict(comparison: Comparison) -> str:
    """Say in words whether the difference is more than chance."""
    low, high = comparison.interval
    told = "told from chance" if comparison.p < 0.05 and low * high > 0 else "not told from chance"
    return (
        f"Right answers: {comparison.difference:+.2f} points (95 % {low:+.2f} to {high:+.2f}, "
        f"paired bootstrap over {len(comparison.first.scores)} rows). Better in "
        f"{len(comparison.better)} rows, worse in {len(comparison.worse)} (sign test p = "
        f"{comparison.p:.3g}): {told}."
    )


def is_lucky(one: Detail) -> bool:
    """Whether an answer is right by wrong logic."""
    return one.verdict == Verdict.PASSED and not all(step.right for step in one.steps)


def _listed(rows: Sequence[str]) -> str:
    more = len(rows) - _LISTED
    shown = "".join(f"- {row}\n" for row in rows[:_LISTED])
    return f"{shown}- and {more} others" if more > 0 else shown.rstrip("\n")


def _counted(counts: Mapping[str, int]) -> str:
    return "Completions: " + ", ".join(f"{name} {number:,}" for name, number in counts.items())


def _number(name: str, value: float) -> str:
    return f"{value:,.0f}" if name == "n" else f"{value:.1f}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(map(_cell, head))} |", f"|{'---|' * len(head)}"]
    lines += [f"| {' | '.join(map(_cell, row))} |" for row in rows]
    return "\n".join([*lines, ""])


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
