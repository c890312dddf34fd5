"""A report as one HTML page that needs nothing else: no network, no other file.

The tables are HTML. The rows are JSON inside the page, put on show by page.js as text and never as
HTML, so that whatever a model wrote is only ever read. A policy in the page forbids it the network.
"""

from collections.abc import Iterator, Sequence
from importlib.resources import files
from urllib.parse import quote

from stepcode.evaluate.report.chart import draw
from stepcode.evaluate.report.document import Bars, Curves, Document, Shown, Table
from stepcode.evaluate.report.fit import embed, fit
from stepcode.evaluate.report.text import escape

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"
_MOST_LINKS = 40
_MOST_NARROW = 6
"""Columns of a table that can stand beside another."""
_MOST_WIDTH = 60
"""Characters of such a table's row."""
_KEY = '<span class="named"><span class="key key{number}"></span> {name}</span>'
_BAR = '<td class="bar"><span style="width: {share}%"></span></td>'
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
{jump}</header>
<main>
{body}
</main>
{rows}</body>
</html>
"""
_JUMP = '<p class="jump"><a href="#rows">to the rows</a></p>\n'
_ROWS = """\
<section id="rows">
<h2>Rows</h2>
<p class="note">{note}</p>
<noscript><p>The rows are shown by a script of this page; everything above is not.</p></noscript>
<div id="filters" role="group" aria-label="Which rows"></div>
<div class="tools">
<input id="search" type="search" placeholder="search code, calls, answers" aria-label="Search">
<p id="status" role="status"></p>
<button id="previous" type="button">previous</button>
<button id="next" type="button">next</button>
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
        jump="" if document.rows is None else _JUMP,
        rows="" if document.rows is None else _rows(document, document.rows),
    )


def _rows(document: Document, rows: Sequence[Shown]) -> str:
    fitted = fit(rows)
    data = {"filters": document.filters, "choices": document.choices, "rows": fitted.rows}
    note = " ".join(filter(None, (document.rows_note, fitted.note)))
    return _ROWS.format(note=escape(note), data=embed(data), script=_asset("page.js"))


def _body(document: Document) -> Iterator[str]:
    tables = [_section(table) for table in document.tables if table.rows]
    yield from tables[:1]
    yield from _pictures(document.pictures)
    yield f'<div class="tables">{"".join(tables[1:])}</div>'
    if document.cases:
        yield _cases(document)


def _section(table: Table) -> str:
    note = f'<p class="note">{escape(table.note)}</p>' if table.note else ""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in table.columns)
    head += '<td class="bar"></td>' if table.has_bars else ""
    rows = "".join(_row(cells, has_bar=table.has_bars) for cells in table.rows)
    kind = "words" if table.is_text else "numbers bars" if table.has_bars else "numbers"
    place = "whole" if _is_wide(table) else "beside"
    return (
        f'<section class="{place}"><h2>{escape(table.title)}</h2>{note}'
        f'<div class="wide"><table class="{kind}"><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div></section>"
    )


def _is_wide(table: Table) -> bool:
    """Tell whether a table cannot stand beside another; words go on in a second line."""
    longest = (max(map(len, column)) for column in zip(*table.rows, strict=True))
    return len(table.columns) > _MOST_NARROW or (not table.is_text and sum(longest) > _MOST_WIDTH)


def _row(cells: Sequence[str], *, has_bar: bool) -> str:
    first, *others = map(escape, cells)
    columns = [f"<td>{one}</td>" for one in others]
    if has_bar:
        columns.append(_BAR.format(share=others[-1]))
    return f'<tr><th scope="row">{first}</th>{"".join(columns)}</tr>'


def _pictures(pictures: Sequence[Bars | Curves]) -> Iterator[str]:
    """Show pictures side by side; what is to be said of all is said once."""
    notes = {picture.note if isinstance(picture, Curves) else "" for picture in pictures}
    shared = notes.pop() if len(notes) == 1 else ""
    if shared:
        yield f'<p class="note">{escape(shared)}</p>'
    sections = (_picture(picture, said=shared) for picture in pictures)
    yield f'<div class="pictures">{"".join(sections)}</div>'


def _picture(picture: Bars | Curves, *, said: str) -> str:
    names = list(picture.series)
    keys = [_KEY.format(number=n, name=escape(name)) for n, name in enumerate(names)]
    notes = [" ".join(keys)] if len(names) > 1 else []
    if isinstance(picture, Curves) and picture.note != said:
        notes.append(escape(picture.note))
    told = "".join(f'<p class="note">{note}</p>' for note in notes)
    return (
        f"<section><h2>{escape(picture.title)}</h2>{told}"
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
