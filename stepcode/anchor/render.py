"""LibCST's rendering of a module, with lines and edits added while it writes.

LibCST renders its concrete tree token by token. The anchors are added while it does so, so every
edit's offsets and every anchor's line are exact by construction, and no metadata provider (1.4 to 8
times the cost of a parse) is needed. A test holds the hooks of `CodegenState` that this relies on.
"""

import re
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from itertools import accumulate
from typing import NamedTuple

import libcst
from libcst._nodes.internal import CodegenState

from stepcode.anchor.values import Shown
from stepcode.types import Anchor, Edit

NEWLINE = re.compile(r"\r\n|\r|\n")


class Row(NamedTuple):
    """One inserted line; `shown` is None for the return that follows a bound value."""

    text: str
    shown: Shown | None
    original_line: int
    scope: str


_Action = tuple[Callable[..., None], tuple[object, ...]]
"""A method of the renderer and its arguments: bound methods would make a cycle with the tree."""


class Renderer(CodegenState):
    """LibCST's rendering state, with the edits to make when it enters or leaves certain nodes."""

    def __init__(self, default_indent: str, default_newline: str) -> None:
        """Take the indentation and the line end that LibCST found in the module."""
        super().__init__(default_indent=default_indent, default_newline=default_newline)
        # Two shortcuts for what LibCST does for every node: they pay for the hooks below.
        self.add_token = self.tokens.append  # type: ignore[assignment, method-assign]  # same call
        self._no_position: AbstractContextManager[None] = nullcontext()
        self._entering: dict[int, list[_Action]] = {}
        self._leaving: dict[int, list[_Action]] = {}
        self._mark = 0
        self._edits: list[tuple[int, int, str]] = []
        """First and last token (exclusive) of an edit, and the original text."""
        self._anchors: list[tuple[int, Row]] = []

    def on_enter(self, node: libcst.CSTNode, method: Callable[..., None], *args: object) -> None:
        """Queue a method to run just before the node is written."""
        self._entering.setdefault(id(node), []).append((method, args))

    def on_leave(self, node: libcst.CSTNode, method: Callable[..., None], *args: object) -> None:
        """Queue a method to run just after the node is written."""
        self._leaving.setdefault(id(node), []).append((method, args))

    def before_codegen(self, node: libcst.CSTNode) -> None:
        """LibCST's hook; runs for every node, so it does next to nothing for most."""
        actions = self._entering.get(id(node))
        if actions is not None:
            for method, args in actions:
                method(self, *args)

    def after_codegen(self, node: libcst.CSTNode) -> None:
        """LibCST's hook; see `before_codegen`."""
        actions = self._leaving.get(id(node))
        if actions is not None:
            for method, args in actions:
                method(self, *args)

    def record_syntactic_position(  # type: ignore[override]  # LibCST names a narrower type
        self, node: libcst.CSTNode, **_: libcst.CSTNode
    ) -> AbstractContextManager[None]:
        """LibCST's hook; positions are not wanted, and a generator for each is slow."""
        return self._no_position

    def pop_trailing_newline(self) -> None:
        """LibCST's hook for a file without a final newline.

        Lines added at the very end then start with the newline that they would have ended with.
        """
        end = len(self.tokens)
        super().pop_trailing_newline()
        for position in range(len(self._edits) - 1, -1, -1):
            first, last, original = self._edits[position]
            if last != end:
                break
            self._edits[position] = (first - 1, last - 1, original)
            end = first

    def mark(self) -> None:
        """Remember where a text that will be replaced begins."""
        self._mark = len(self.tokens)

    def add_lines(self, rows: Sequence[Row]) -> None:
        """Add whole lines; the next token starts a line."""
        first = len(self.tokens)
        self._write_lines(rows)
        self._edits.append((first, len(self.tokens), ""))

    def add_before(self, rows: Sequence[Row]) -> None:
        """Add whole lines in front of a statement whose indentation is already written."""
        first = len(self.tokens)
        for row in rows:
            self._write(row)
            self.add_token(self.default_newline)
            self.add_indent_tokens()
        self._edits.append((first, len(self.tokens), ""))

    def open_block(self) -> None:
        """Turn the one-line suite that starts at the mark into an indented block."""
        original = self._cut()
        self.increase_indent(self.default_indent)
        self.add_token(self.default_newline)
        self.add_indent_tokens()
        self._edits.append((self._mark, len(self.tokens), original))

    def close_block(self, rows: Sequence[Row]) -> None:
        """End the block of `open_block`."""
        if rows:
            self.add_lines(rows)
        self.decrease_indent()

    def split_line(self, rows: Sequence[Row]) -> None:
        """Put lines in the place of the semicolon that starts at the mark."""
        original = self._cut()
        self.add_token(self.default_newline)
        self._write_lines(rows)
        self.add_indent_tokens()
        self._edits.append((self._mark, len(self.tokens), original))

    def bind_return(self, name: str) -> None:
        """Turn the `return` that starts at the mark into an assignment to `name`."""
        original = self._cut()
        # Blanks and line continuations behind the keyword stay as they are.
        self.add_token(f"{name} ={original.removeprefix('return') or ' '}")
        self._edits.append((self._mark, len(self.tokens), original))

    def result(self) -> tuple[str, tuple[Anchor, ...], tuple[Edit, ...]]:
        """Turn token numbers into offsets and lines."""
        code = "".join(self.tokens)
        offsets = [0, *accumulate(map(len, self.tokens))]
        edits = tuple(Edit(offsets[a], offsets[b], text) for a, b, text in self._edits)
        anchors = []
        line, position = 1, 0
        for index, (token, row) in enumerate(self._anchors):
            line += len(NEWLINE.findall(code, position, offsets[token]))
            position = offsets[token]
            assert row.shown is not None
            shown = row.shown
            anchors.append(
                Anchor(index, shown.kind, shown.name, line, row.original_line, row.scope)
            )
        return code, tuple(anchors), edits

    def _cut(self) -> str:
        original = "".join(self.tokens[self._mark :])
        del self.tokens[self._mark :]
        return original

    def _write_lines(self, rows: Sequence[Row]) -> None:
        for row in rows:
            self.add_indent_tokens()
            self._write(row)
            self.add_token(self.default_newline)

    def _write(self, row: Row) -> None:
        if row.shown is not None:
            self._anchors.append((len(self.tokens), row))
        self.add_token(row.text)
