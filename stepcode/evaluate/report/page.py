"""A report as one HTML page that needs nothing else: no network, no other file.

The tables are HTML. The rows are JSON inside the page, put on show by page.js as text and never as
HTML, so that whatever a model wrote is only ever read. A policy in the page forbids it the network.
"""

from collections.abc import Iterator, Sequence
from html import escape
from importlib.resources import files
from urllib.parse import quote

from stepcode.evaluate.report.chart import draw
from stepcode.evaluate.report.document import Bars, Curves, Document, Shown, Table
from stepcode.evaluate.report.fit import embed, fit

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"
_MOST_LINKS = 40
_MOST_NARROW = 6
"""Columns of a table that can stand beside another."""
_PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>{title}</title>
<style>
{css}</style>
</head>
<body>
<header>
<h1>{title}</h1>
<p>{about}</p>
</header>
<main>
{body}
</main>
{rows}</body>
</html>
"""
_ROWS = """\
<section id="rows">
<h2>Rows</h2>
<p class="note">{note}</p>
<noscript><p>The rows are shown by a script of this page; everything above is not.</p></noscript>
<div class="tools">
<input id="search" type="search" placeholder="search code, calls, answers" aria-label="Search">
<div id="filters" role="group" aria-label="Which rows"></div>
<p id="status" role="status"></p>
</div>
<div id="list"></div>
</section>
<script type="application/json" id="data">{data}</script>
<script>
{script}</script>
"""


def render_page(document: Document) -> str:
    """Write a report as a page of at most some 3 MB; longer texts are cut for it, which it says."""
    return _PAGE.format(
        policy=escape(_POLICY),
        title=escape(document.title),
        about=escape(document.about),
        css=_asset("page.css"),
        body="\n".join(_body(document)),
        rows="" if document.rows is None else _rows(document.rows, document.filters),
    )


def _rows(rows: Sequence[Shown], filters: Sequence[str]) -> str:
    fitted = fit(rows)
    data = embed({"filters": filters, "rows": fitted.rows})
    return _ROWS.format(note=escape(fitted.note), data=data, script=_asset("page.js"))


def _body(document: Document) -> Iterator[str]:
    tables = [_section(table) for table in document.tables if table.rows]
    yield from tables[:1]
    yield from map(_picture, document.pictures)
    yield f'<div class="tables">{"".join(tables[1:])}</div>'
    if document.cases:
        yield _cases(document)


def _section(table: Table) -> str:
    note = f'<p class="note">{escape(table.note)}</p>' if table.note else ""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in table.columns)
    rows = "".join(map(_row, table.rows))
    kind = "words" if table.is_text else "numbers"
    place = "whole" if len(table.columns) > _MOST_NARROW else ""
    return (
        f'<section class="{place}"><h2>{escape(table.title)}</h2>{note}'
        f'<div class="wide"><table class="{kind}"><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div></section>"
    )


def _row(cells: Sequence[str]) -> str:
    first, *others = map(escape, cells)
    return f'<tr><th scope="row">{first}</th>{"".join(f"<td>{one}</td>" for one in others)}</tr>'


def _picture(picture: Bars | Curves) -> str:
    names = list(picture.series)
    keys = (f'<span class="key key{n}"></span> {escape(name)}' for n, name in enumerate(names))
    legend = f'<p class="note">{" &nbsp; ".join(keys)}</p>' if len(names) > 1 else ""
    return (
        f"<section><h2>{escape(picture.title)}</h2>{legend}"
        f'<div class="picture">{draw(picture)}</div></section>'
    )


def _cases(document: Document) -> str:
    shown = document.cases[:_MOST_LINKS]
    links = ", ".join(f'<a href="#row={escape(quote(row))}">{escape(row)}</a>' for row in shown)
    more = len(document.cases) - len(shown)
    rest = f" and {more} more" if more > 0 else ""
    return (
        f"<section><h2>{escape(document.cases_title)}</h2><details>"
        f"<summary>{len(document.cases)} rows</summary>"
        f'<p class="links">{links}{rest}</p></details></section>'
    )


def _asset(name: str) -> str:
    return (files("stepcode.evaluate.report") / name).read_text(encoding="utf-8")
