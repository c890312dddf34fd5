"""The LibCST rewriter: puts the planned anchors into a program and changes nothing else.

LibCST renders its concrete tree token by token. The anchors are added while it does so, at the
statements that the plan names, so every edit's offsets and every anchor's line are exact by
construction and no metadata provider (1.4 to 8 times the cost of a parse) is needed.
"""

import ast
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from itertools import accumulate, pairwise
from posixpath import commonprefix

import libcst
from libcst._nodes.internal import CodegenState

from stepcode import wire
from stepcode.anchor.plan import Placement, Plan, all_statements, plan_anchors
from stepcode.anchor.policy import Policy, find_policy
from stepcode.anchor.strip import strip_anchors
from stepcode.anchor.values import Shown
from stepcode.errors import AnchorError
from stepcode.types import Anchor, AnchoredProgram, Edit, Program

_NEWLINE = re.compile(r"\r\n|\r|\n")
_COMPILER_CHECKS = re.compile(
    r"\b(?:__future__|__debug__|global|nonlocal|await|async|yield)\b|import[ \t]*\*"
)
"""What can be an error although it parses. Compiling all programs would cost a fifth more."""


def insert_anchors(program: Program, *, policy: str = "strict") -> AnchoredProgram:
    """Insert print anchors after significant assignments, after loops and before returns.

    The result prints one line per anchor and behaves as the original otherwise; its `edits` undo
    it to the byte. Anchoring an anchored program changes nothing. Raises AnchorError for a program
    that does not compile or rebinds `print`, and MisuseError for an unknown policy.
    """
    rules = find_policy(policy)
    tree = _parse(program.code)
    try:
        plan = plan_anchors(tree, program.code, rules)
        code, anchors, edits = (
            _render(program.code, tree, plan, rules) if plan else (program.code, (), ())
        )
    except RecursionError as error:
        raise AnchorError("nested too deeply to be rewritten") from error
    _check_strip(program.code, strip_anchors(code, edits))
    return AnchoredProgram(program, code, anchors, edits, rules.name)


def _check_strip(original: str, stripped: str) -> None:
    """Refuse what LibCST itself does not reproduce (it drops the blank of `except (A, B) :`)."""
    if stripped != original:
        same = len(commonprefix((original, stripped)))
        line = 1 + sum(1 for _ in _NEWLINE.finditer(original, 0, same))
        raise AnchorError("LibCST does not reproduce this line exactly", line=line)


def _parse(code: str) -> ast.Module:
    """Parse the code, and compile it where it has what only the compiler checks."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if _COMPILER_CHECKS.search(code):
                compile(code, "<program>", "exec", dont_inherit=True)
            return ast.parse(code)
    except SyntaxError as error:
        raise AnchorError(f"not valid Python: {error.msg}", line=error.lineno) from error
    except ValueError as error:
        raise AnchorError(f"not valid Python: {error}") from error
    except (MemoryError, RecursionError) as error:
        raise AnchorError("nested too deeply to be parsed") from error


@dataclass(frozen=True, slots=True)
class _Row:
    """One inserted line; `shown` is None for the return that follows a bound value."""

    text: str
    shown: Shown | None
    original_line: int
    scope: str


@dataclass(slots=True)
class _Small:
    """A small statement of a line, and the rows around it."""

    node: libcst.BaseSmallStatement
    before: Sequence[_Row] = ()
    after: Sequence[_Row] = ()
    fresh: str = ""


def _render(
    code: str, tree: ast.Module, plan: Plan, policy: Policy
) -> tuple[str, tuple[Anchor, ...], tuple[Edit, ...]]:
    try:
        module = libcst.parse_module(code)
    except libcst.ParserSyntaxError as error:
        what = error.message.partition(": expected one of")[0]
        # The tokenizer gives a file up as a whole: the line it names means nothing.
        line = None if "tokenizer" in what else error.raw_line
        raise AnchorError(f"LibCST cannot parse it: {what}", line=line) from error
    renderer = _Renderer(module.default_indent, module.default_newline)
    _schedule(renderer, tree, module, plan, policy)
    module._codegen(renderer)
    return renderer.result()


def _schedule(
    renderer: "_Renderer", tree: ast.Module, module: libcst.Module, plan: Plan, policy: Policy
) -> None:
    """Match the statements of both trees, which come in the same order, and queue the edits."""
    statements = all_statements(tree.body, into_scopes=True)
    for node in _lines_and_compounds(module):
        if isinstance(node, _LINES):
            group = [next(statements) for _ in node.body]
            if any(statement in plan for statement in group):
                smalls = [
                    _small(small, statement, plan, policy)
                    for small, statement in zip(node.body, group, strict=True)
                ]
                _schedule_line(renderer, node, smalls)
            continue
        statement = next(statements)
        placement = plan.get(statement)
        if placement is not None:
            rows = _anchor_rows(placement.after, statement, placement, policy)
            renderer.on_leave(node, _Renderer.add_lines, rows)


def _small(
    node: libcst.BaseSmallStatement, statement: ast.stmt, plan: Plan, policy: Policy
) -> _Small:
    """Write the lines that go before and after a small statement."""
    placement = plan.get(statement)
    if placement is None:
        return _Small(node)
    before = _anchor_rows(placement.before, statement, placement, policy)
    after = _anchor_rows(placement.after, statement, placement, policy)
    if placement.fresh:
        after.append(_Row(f"return {placement.fresh}", None, statement.lineno, placement.scope))
    return _Small(node, before, after, placement.fresh)


def _anchor_rows(
    names: Sequence[Shown], statement: ast.stmt, placement: Placement, policy: Policy
) -> list[_Row]:
    return [
        _Row(
            wire.render_anchor(shown.name, conversion=policy.conversion),
            shown,
            statement.lineno,
            placement.scope,
        )
        for shown in names
    ]


_Line = libcst.SimpleStatementLine | libcst.SimpleStatementSuite
_LINES = (libcst.SimpleStatementLine, libcst.SimpleStatementSuite)


def _lines_and_compounds(module: libcst.Module) -> Iterator[libcst.CSTNode]:
    """Yield compound statements and lines of small ones in the order of `all_statements`."""
    stack: list[libcst.CSTNode] = list(reversed(module.body))
    while stack:
        node = stack.pop()
        yield node
        if isinstance(node, _LINES):
            continue
        children: list[libcst.CSTNode] = []
        for name in ("body", "handlers", "cases", "orelse", "finalbody"):
            part = getattr(node, name, None)
            if part is not None:
                _add_children(children, part)
        stack.extend(reversed(children))


def _add_children(children: list[libcst.CSTNode], part: object) -> None:
    match part:
        case libcst.IndentedBlock():
            children.extend(part.body)
        case libcst.SimpleStatementSuite() | libcst.If():  # an `elif` is a statement of its own
            children.append(part)
        case libcst.Else() | libcst.Finally():
            _add_children(children, part.body)
        case tuple() | list():  # handlers of a try, cases of a match
            for item in part:
                _add_children(children, item.body)


def _schedule_line(renderer: "_Renderer", line: _Line, smalls: Sequence[_Small]) -> None:
    """Queue the edits of one line: split it only where an anchor stands between its statements."""
    first, last = smalls[0], smalls[-1]
    if isinstance(line, libcst.SimpleStatementSuite):
        renderer.on_enter(line, _Renderer.mark)
        renderer.on_enter(first.node, _Renderer.open_block)
        renderer.on_leave(line, _Renderer.close_block, last.after)
    elif last.after:
        renderer.on_leave(line, _Renderer.add_lines, last.after)
    if first.before:
        renderer.on_enter(first.node, _Renderer.add_before, first.before)
    for left, right in pairwise(smalls):
        rows = [*left.after, *right.before]
        if rows:
            semicolon = getattr(left.node, "semicolon", None)
            assert isinstance(semicolon, libcst.Semicolon)
            renderer.on_enter(semicolon, _Renderer.mark)
            renderer.on_enter(right.node, _Renderer.split_line, rows)
    for small in smalls:
        if small.fresh:
            assert isinstance(small.node, libcst.Return)
            assert small.node.value is not None
            renderer.on_enter(small.node, _Renderer.mark)
            renderer.on_enter(small.node.value, _Renderer.bind_return, small.fresh)


_Action = tuple[Callable[..., None], tuple[object, ...]]
"""A method of the renderer and its arguments: bound methods would make a cycle with the tree."""


class _Renderer(CodegenState):
    """LibCST's rendering state, with the edits to make when it enters or leaves certain nodes."""

    def __init__(self, default_indent: str, default_newline: str) -> None:
        super().__init__(default_indent=default_indent, default_newline=default_newline)
        # Two shortcuts for what LibCST does for every node: they pay for the hooks below.
        self.add_token = self.tokens.append  # type: ignore[assignment, method-assign]  # same call
        self._no_position: AbstractContextManager[None] = nullcontext()
        self._entering: dict[int, list[_Action]] = {}
        self._leaving: dict[int, list[_Action]] = {}
        self._mark = 0
        self._edits: list[tuple[int, int, str]] = []
        """First and last token (exclusive) of an edit, and the original text."""
        self._anchors: list[tuple[int, _Row]] = []

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

    def add_lines(self, rows: Sequence[_Row]) -> None:
        """Add whole lines; the next token starts a line."""
        first = len(self.tokens)
        self._write_lines(rows)
        self._edits.append((first, len(self.tokens), ""))

    def add_before(self, rows: Sequence[_Row]) -> None:
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

    def close_block(self, rows: Sequence[_Row]) -> None:
        """End the block of `open_block`."""
        if rows:
            self.add_lines(rows)
        self.decrease_indent()

    def split_line(self, rows: Sequence[_Row]) -> None:
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
            line += sum(1 for _ in _NEWLINE.finditer(code, position, offsets[token]))
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

    def _write_lines(self, rows: Sequence[_Row]) -> None:
        for row in rows:
            self.add_indent_tokens()
            self._write(row)
            self.add_token(self.default_newline)

    def _write(self, row: _Row) -> None:
        if row.shown is not None:
            self._anchors.append((len(self.tokens), row))
        self.add_token(row.text)
