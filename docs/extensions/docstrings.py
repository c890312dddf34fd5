"""Docstrings are plain text in which an indented paragraph is code; reStructuredText is told so."""

from sphinx.application import Sphinx

_MARK = "::"


def mark_code(lines: list[str]) -> list[str]:
    """Put `::` before each indented paragraph, unless it goes on with an item of a list."""
    marked: list[str] = []
    in_code, margin = False, 0
    for line in lines:
        indent = len(line) - len(line.lstrip())
        if line and indent <= margin:
            in_code, margin = False, 2 if line.startswith(("- ", "* ")) else 0
        elif line and not in_code and not (marked and marked[-1]):
            marked += [_MARK, ""]
            in_code = True
        marked.append(line)
    return marked


def _process(
    app: Sphinx, what: str, name: str, thing: object, options: object, lines: list[str]
) -> None:
    lines[:] = mark_code(lines)


def setup(app: Sphinx) -> dict[str, bool]:
    """Hear of every docstring before it is read."""
    app.connect("autodoc-process-docstring", _process)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
