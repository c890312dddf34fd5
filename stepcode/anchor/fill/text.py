"""Where the nodes of an `ast` are in the text: in characters, where `ast` counts bytes of lines."""

import ast
import re
from dataclasses import dataclass

from stepcode.errors import AnchorError

# Python ends a line at these three only.
NEWLINE = re.compile(r"\r\n|\r|\n")
_BLANKS = " \t\f"
_NEXT_ON_LINE = re.compile(r"[ \t\f]*;(?:[ \t\f]|\\(?:\r\n|\r|\n))*")
_LINE_REST = re.compile(r"[ \t\f;]*(?:#[^\r\n]*)?")
_INDENTED = re.compile(r"(?:^|[\r\n])([ \t]+)[^ \t\r\n#\f]")
_IDENTIFIER = re.compile(r"\w")


@dataclass(slots=True)
class Text:
    """The text of a program, asked by nodes."""

    code: str
    starts: list[int]
    """Where each line begins."""
    newline: str
    indent: str
    """One level of indentation."""

    def start(self, node: ast.expr | ast.stmt) -> int:
        """Tell where a node begins."""
        return self._offset(node.lineno, node.col_offset)

    def end(self, node: ast.expr | ast.stmt) -> int:
        """Tell where a node ends."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self._offset(node.end_lineno, node.end_col_offset)

    def _offset(self, line: int, column: int) -> int:
        start = self.starts[line - 1]
        part = self.code[start : start + column]
        if part.isascii():
            return start + column
        return start + len(part.encode()[:column].decode())

    def indentation(self, line: int) -> str:
        """Give the blanks that a line begins with."""
        start = end = self.starts[line - 1]
        while end < len(self.code) and self.code[end] in _BLANKS:
            end += 1
        return self.code[start:end]

    def opens_line(self, statement: ast.stmt) -> bool:
        """Tell whether only blanks stand before a statement on its line."""
        start = self.starts[statement.lineno - 1]
        return not self.code[start : self.start(statement)].strip(_BLANKS)

    def is_elif(self, statement: ast.stmt) -> bool:
        """Tell whether an `if` is the `elif` of another."""
        return self.code.startswith("elif", self.start(statement))

    def shares_line(self, left: ast.stmt, right: ast.stmt) -> bool:
        """Tell whether only a semicolon stands between two statements."""
        between = self.code[self.end(left) : self.start(right)]
        return _NEXT_ON_LINE.fullmatch(between) is not None

    def line_end(self, statement: ast.stmt) -> int:
        """Tell where the line ends on which a statement ends, before the newline."""
        match = _LINE_REST.match(self.code, self.end(statement))
        assert match is not None
        end = match.end()
        if end < len(self.code) and self.code[end] not in "\r\n":
            raise AnchorError("nothing can be added behind this line", line=statement.end_lineno)
        return end

    def after_colon(self, first: ast.stmt) -> int:
        """Tell where the colon ends before the first statement of a one-line suite."""
        position = self.start(first)
        while position and self.code[position - 1] in _BLANKS + "\\\r\n":
            position -= 1
        if not position or self.code[position - 1] != ":":
            raise AnchorError("no colon is found before this", line=first.lineno)
        return position

    def padded(self, name: str, start: int, end: int) -> str:
        """Keep a name that replaces a piece of text apart from its neighbours."""
        before = start and _IDENTIFIER.match(self.code[start - 1])
        after = end < len(self.code) and _IDENTIFIER.match(self.code[end])
        return (" " if before else "") + name + (" " if after else "")


def read_text(code: str) -> Text:
    """Prepare a program's text; raises AnchorError for a byte order mark, which shifts columns."""
    if code.startswith("\ufeff"):
        raise AnchorError("begins with a byte order mark", line=1)
    starts = [0, *(match.end() for match in NEWLINE.finditer(code))]
    newline = NEWLINE.search(code)
    indented = _INDENTED.search(code)
    return Text(
        code,
        starts,
        newline.group() if newline else "\n",
        indented.group(1) if indented else "    ",
    )
