"""A report as Markdown: the tables, and the cases to look at by their ids."""

from collections.abc import Iterator, Sequence

from stepcode.evaluate.report.document import Document, Table

_MOST_CASES = 50


def render_markdown(document: Document) -> str:
    """Write a report as Markdown."""
    blocks = [f"# {_line(document.title)}", _line(document.about)]
    for table in document.tables:
        if table.rows:
            blocks += [f"## {_line(table.title)}", *([table.note] if table.note else [])]
            blocks.append("\n".join(_table(table)))
    blocks += _cases(document)
    return "\n\n".join(blocks) + "\n"


def _table(table: Table) -> Iterator[str]:
    rest = "---" if table.is_text else "---:"
    yield _row(table.columns)
    yield _row(["---", *[rest] * (len(table.columns) - 1)])
    yield from map(_row, table.rows)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(map(_line, cells))} |"


def _line(text: str) -> str:
    """Keep a text on its line and in its cell, and from being read as Markdown or HTML."""
    for special in "\\`*_[]<>|#":
        text = text.replace(special, f"\\{special}")
    return " ".join(text.split())


def _cases(document: Document) -> Iterator[str]:
    if not document.cases:
        return
    shown = document.cases[:_MOST_CASES]
    yield f"## {document.cases_title}: {len(document.cases)} rows"
    yield "\n".join(f"- {_line(row)}" for row in shown)
    if len(document.cases) > len(shown):
        yield f"... and {len(document.cases) - len(shown)} more"
