"""One self-contained page: scores, tables, and every row with what a model said of it.

All text of models and programs is escaped; the page loads nothing and runs thirty lines of script,
which filter its rows.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from importlib.resources import files

from stepcode.evaluate.evaluation import Evaluation, RowDetail, StepDetail
from stepcode.evaluate.programs import Verdict
from stepcode.evaluate.report.compare import Comparison
from stepcode.evaluate.report.markdown import (
    group_table,
    is_lucky,
    score_table,
    settings_table,
    side_by_side,
    verdict,
)

LUCKY = "lucky"
_FILTERS = {
    "all": "all",
    Verdict.PASSED: "right",
    Verdict.FAILED: "wrong",
    LUCKY: "right answer, wrong steps",
    Verdict.NOT_EXTRACTED: "no answer found",
    Verdict.TIMED_OUT: "timed out",
    Verdict.SKIPPED: "skipped",
    Verdict.UNSCORED: "not scored",
}
_COMPARED = {"all": "all", "better": "better in the second", "worse": "worse in the second"}
_POSITION, _ACCURACY = "position", "step_accuracy"
_BAR, _HEIGHT, _GAP = 36, 120, 10


def render_page(evaluation: Evaluation) -> str:
    """Write the page of an evaluation."""
    head, rows = score_table(evaluation)
    kinds = {row.id: _kinds(row) for row in evaluation.rows}
    present = {"all"}.union(*kinds.values())
    filters = {kind: word for kind, word in _FILTERS.items() if kind in present}
    body = [
        f"<h1>{_text(evaluation.model)}</h1>",
        f"<p class=soft>{_text(evaluation.benchmark)}, {len(evaluation.rows)} rows</p>",
        _table(head, rows),
        f"<p>{_text(_counted(evaluation.counts))}</p>",
        _chart(evaluation.groups.get(_POSITION, {})),
        _groups(evaluation),
        f"<h2>How</h2>{_table(('setting', 'value'), settings_table(evaluation), kind='words')}",
        "<h2>Rows</h2>",
        _filters(filters),
        *(_row(row, kinds[row.id]) for row in evaluation.rows),
    ]
    return _page(f"{evaluation.benchmark}: {evaluation.model}", body)


def render_comparison_page(comparison: Comparison) -> str:
    """Write the page of two evaluations, with the rows in which they differ first."""
    first, second = comparison.first, comparison.second
    head, rows = side_by_side(comparison)
    others = {row.id: row for row in second.rows}
    kinds = {row: {"better"} for row in comparison.better}
    kinds |= {row: {"worse"} for row in comparison.worse}
    ordered = sorted(first.rows, key=lambda row: row.id not in kinds)
    body = [
        f"<h1>{_text(first.model)} and {_text(second.model)}</h1>",
        f"<p class=soft>{_text(first.benchmark)}, {len(first.rows)} rows</p>",
        _table(head, rows),
        f"<p>{_text(verdict(comparison))}</p>",
        "<h2>Rows</h2>",
        _filters(_COMPARED),
        *(_row(row, kinds.get(row.id, set()), others[row.id]) for row in ordered),
    ]
    return _page(f"{first.benchmark}: {first.model} and {second.model}", body)


def _page(title: str, body: Iterable[str]) -> str:
    style, script = (
        files(__package__).joinpath(f"page.{kind}").read_text() for kind in ("css", "js")
    )
    return "\n".join(
        (
            "<!doctype html>",
            '<html lang="en">',
            '<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{_text(title)}</title>",
            f"<style>{style}</style>",
            *(part for part in body if part),
            f"<script>{script}</script>",
            "</html>",
            "",
        )
    )


def _groups(evaluation: Evaluation) -> str:
    tables = (
        f"<div><h2>By {_text(title)}</h2>{_table(*group_table(title, group))}</div>"
        for title, group in evaluation.groups.items()
    )
    return f"<div class=tables>{''.join(tables)}</div>" if evaluation.groups else ""


def _chart(positions: Mapping[str, Mapping[str, float]]) -> str:
    """Draw how many of the first, second, ... steps are right."""
    if not positions:
        return ""
    bars = []
    for place, (name, numbers) in enumerate(positions.items()):
        percent = numbers[_ACCURACY]
        x, right = place * (_BAR + _GAP), percent / 100 * _HEIGHT
        middle, top = x + _BAR / 2, 20 + _HEIGHT - right
        bars.append(
            f"<rect class=rest x={x} y=20 width={_BAR} height={_HEIGHT} />"
            f"<rect class=bar x={x} y={top:.1f} width={_BAR} height={right:.1f} />"
            f"<text x={middle} y={top - 5:.1f} text-anchor=middle>{percent:.0f}</text>"
            f"<text x={middle} y={_HEIGHT + 36} text-anchor=middle>{_text(name)}</text>"
        )
    width = len(positions) * (_BAR + _GAP)
    box = f'viewBox="0 0 {width} {_HEIGHT + 44}" width={width} height={_HEIGHT + 44}'
    title = "<h2>Step accuracy by position</h2>"
    return (
        f"{title}<svg {box} role=img aria-label='Step accuracy by position'>{''.join(bars)}</svg>"
    )


def _filters(words: Mapping[str, str]) -> str:
    buttons = "".join(
        f'<button type=button value="{kind}">{word}</button>' for kind, word in words.items()
    )
    return (
        f'<div class=filters>{buttons}<input type=search placeholder="search" aria-label=search>'
        "</div><p class=soft id=shown></p>"
    )


def _kinds(row: RowDetail) -> set[str]:
    kinds = {one.verdict for one in row.completions}
    return kinds | {LUCKY} if any(is_lucky(one) for one in row.completions) else kinds


def _row(row: RowDetail, kinds: Iterable[str], other: RowDetail | None = None) -> str:
    said = "".join(_completions(row))
    if other is not None:
        both = (f"<p class=soft>{word}</p>" for word in ("first", "second"))
        said = "".join((next(both), said, next(both), *_completions(other)))
    return (
        f'<details class=row data-kinds="{" ".join(sorted(kinds))}">'
        f"<summary><code>{_text(row.id)}</code>{_summary(row)}"
        f"{'' if other is None else f' <span class=soft>then</span>{_summary(other)}'}</summary>"
        f"<div class=pair><pre>{_text(row.code)}</pre><div>"
        f"<p><code>{_text(row.question)}</code></p>"
        f"<p>truth <code>{_text(row.expected)}</code></p>{said}</div></div></details>"
    )


def _summary(row: RowDetail) -> str:
    counts = Counter(one.verdict for one in row.completions)
    tags = [f"<span class='tag {kind}'>{_word(kind)} {n}</span>" for kind, n in counts.items()]
    if any(is_lucky(one) for one in row.completions):
        tags.append(f"<span class='tag {LUCKY}'>{_FILTERS[LUCKY]}</span>")
    return "".join(tags)


def _completions(row: RowDetail) -> Iterator[str]:
    """Show what was said, once for all times that it was said."""
    for one, times in Counter(row.completions).items():
        often = f" {times} times" if times > 1 else ""
        answer = "no answer" if one.answer is None else f"<code>{_text(one.answer)}</code>"
        text = ""
        if one.text is not None and one.text != one.answer:
            text = (
                f"<details><summary class=soft>text</summary><pre>{_text(one.text)}</pre></details>"
            )
        yield (
            f"<div class=said><span class='tag {one.verdict}'>{_word(one.verdict)}{often}</span> "
            f"{answer}{_steps(one.steps)}{text}</div>"
        )


def _steps(steps: Sequence[StepDetail]) -> str:
    """Put predicted steps beside the true ones, with a mark at the first that is wrong."""
    if not steps:
        return ""
    first = next((place for place, step in enumerate(steps) if not step.right), None)
    lines = []
    for place, step in enumerate(steps):
        kind = "" if step.right else " class='wrong first'" if place == first else " class=wrong"
        said = "-" if step.predicted is None else _text(step.predicted)
        lines.append(f"<tr{kind}><td>{_text(f'{step.name}: {step.text}')}</td><td>{said}</td></tr>")
    head = "<tr><th>printed</th><th>predicted</th></tr>"
    return f"<div class=scroll><table class='steps words'>{head}{''.join(lines)}</table></div>"


def _word(kind: str) -> str:
    return _FILTERS.get(kind, kind)


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{_word(name)} {number:,}" for name, number in counts.items())


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], *, kind: str = "numbers") -> str:
    top = "".join(f"<th>{_text(name)}</th>" for name in head)
    lines = "".join(
        f"<tr>{''.join(f'<td>{_text(cell)}</td>' for cell in row)}</tr>" for row in rows
    )
    return f"<div class=scroll><table class={kind}><tr>{top}</tr>{lines}</table></div>"


def _text(text: str) -> str:
    return escape(text)
