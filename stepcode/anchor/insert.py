"""The LibCST rewriter: puts the planned anchors into a program and changes nothing else.

The statements of LibCST's concrete tree are matched with those of the plan, and the lines to add
are queued at them; `render` writes the module.
"""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from posixpath import commonprefix

import libcst

from stepcode import wire
from stepcode.anchor.parse import TOO_DEEP, plan_program
from stepcode.anchor.plan import Placement, Plan, Planned
from stepcode.anchor.policy import Policy, find_policy
from stepcode.anchor.render import NEWLINE, Renderer, Row
from stepcode.anchor.statements import all_statements
from stepcode.anchor.strip import strip_anchors
from stepcode.anchor.values import Shown
from stepcode.errors import AnchorError, MisuseError
from stepcode.types import Anchor, AnchoredProgram, Edit, Program


def insert_anchors(program: Program, *, policy: str = "strict") -> AnchoredProgram:
    """Insert print anchors after significant assignments, after loops and before returns.

    The result prints one line per anchor and behaves as the original otherwise; its `edits` undo
    it to the byte. Anchoring an anchored program changes nothing. Raises AnchorError for a program
    that does not compile or rebinds `print`, and MisuseError for an unknown policy, or for `fill`,
    which needs a run.
    """
    rules = find_policy(policy)
    if rules.everywhere:
        raise MisuseError(f"policy '{policy}' is guided by a run: use 'strict' or 'paper'")
    return insert_planned(program, plan_program(program.code, rules), rules)


def insert_planned(program: Program, planned: Planned, policy: Policy) -> AnchoredProgram:
    """Insert the anchors that were planned for a program; raises AnchorError as above."""
    try:
        code, anchors, edits = (
            _render(program.code, planned, policy) if planned.plan else (program.code, (), ())
        )
    except RecursionError as error:
        raise AnchorError(TOO_DEEP) from error
    _check_strip(program.code, strip_anchors(code, edits))
    return AnchoredProgram(program, code, anchors, edits, policy.name)


def _check_strip(original: str, stripped: str) -> None:
    """Refuse what LibCST itself does not reproduce (it drops the blank of `except (A, B) :`)."""
    if stripped != original:
        same = len(commonprefix((original, stripped)))
        line = 1 + len(NEWLINE.findall(original, 0, same))
        raise AnchorError("LibCST does not reproduce this line exactly", line=line)


@dataclass(slots=True)
class _Small:
    """A small statement of a line, and the rows around it."""

    node: libcst.BaseSmallStatement
    before: Sequence[Row] = ()
    after: Sequence[Row] = ()
    fresh: str = ""


def _render(
    code: str, planned: Planned, policy: Policy
) -> tuple[str, tuple[Anchor, ...], tuple[Edit, ...]]:
    try:
        module = libcst.parse_module(code)
    except libcst.ParserSyntaxError as error:
        what = error.message.partition(": expected one of")[0]
        # The tokenizer gives a file up as a whole: the line it names means nothing.
        line = None if "tokenizer" in what else error.raw_line
        raise AnchorError(f"LibCST cannot parse it: {what}", line=line) from error
    except libcst.CSTValidationError as error:  # of `(a if b else c)for d in e`
        raise AnchorError(f"LibCST cannot parse it: {error}") from error
    renderer = Renderer(module.default_indent, module.default_newline)
    _schedule(renderer, module, planned, policy)
    module._codegen(renderer)
    return renderer.result()


def _schedule(
    renderer: "Renderer", module: libcst.Module, planned: Planned, policy: Policy
) -> None:
    """Match the statements of both trees, which come in the same order, and queue the edits."""
    statements, plan = all_statements(planned.tree.body, into_scopes=True), planned.plan
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
            renderer.on_leave(node, Renderer.add_lines, rows)


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
        after.append(Row(f"return {placement.fresh}", None, statement.lineno, placement.scope))
    return _Small(node, before, after, placement.fresh)


def _anchor_rows(
    names: Sequence[Shown], statement: ast.stmt, placement: Placement, policy: Policy
) -> list[Row]:
    return [
        Row(
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


def _schedule_line(renderer: "Renderer", line: _Line, smalls: Sequence[_Small]) -> None:
    """Queue the edits of one line: split it only where an anchor stands between its statements."""
    first, last = smalls[0], smalls[-1]
    if isinstance(line, libcst.SimpleStatementSuite):
        renderer.on_enter(line, Renderer.mark)
        renderer.on_enter(first.node, Renderer.open_block)
        renderer.on_leave(line, Renderer.close_block, last.after)
    elif last.after:
        renderer.on_leave(line, Renderer.add_lines, last.after)
    if first.before:
        renderer.on_enter(first.node, Renderer.add_before, first.before)
    for left, right in pairwise(smalls):
        rows = [*left.after, *right.before]
        if rows:
            semicolon = getattr(left.node, "semicolon", None)
            assert isinstance(semicolon, libcst.Semicolon)
            renderer.on_enter(semicolon, Renderer.mark)
            renderer.on_enter(right.node, Renderer.split_line, rows)
    for small in smalls:
        if small.fresh:
            assert isinstance(small.node, libcst.Return)
            assert small.node.value is not None
            renderer.on_enter(small.node, Renderer.mark)
            renderer.on_enter(small.node.value, Renderer.bind_return, small.fresh)
