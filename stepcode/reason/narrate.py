"""Reasons without a teacher: what each step shows and which line of the program makes it so.

They are read off the trace and never invented: a line of the source, and values that earlier steps
have shown.
"""

import ast
import re
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from stepcode.types import Anchor, AnchorKind, Example, Step, TaskKind

MAX_SOURCE_CHARS = 100
MAX_VALUE_CHARS = 60
MAX_VALUES = 3

_LINE_END = re.compile(r"\r\n|\n|\r")


def narrate(example: Example) -> tuple[str, ...]:
    """Write a reason before each step and one before the answer, for `render_completion`."""
    places = frozenset(anchor.line for anchor in example.anchors)
    lines = _lines_before(example.anchored_code, places)
    anchors = {anchor.index: anchor for anchor in example.anchors}
    shown: dict[str, str] = {}
    reasons = []
    for number, step in enumerate(example.steps):
        anchor = anchors[step.anchor]
        reason = _reason(step, anchor, lines.get(anchor.line), shown)
        reasons.append(f"{_opening(example)}{reason}" if number == 0 else reason)
        shown[step.name] = step.text or ""
    closing = _closing(example, anchors)
    return (*reasons, closing if reasons else f"{_opening(example)}{closing}")


@dataclass(frozen=True, slots=True)
class _Line:
    """The statement that an anchor belongs to."""

    text: str
    reads: tuple[str, ...]
    """The names it looks up, in order."""


def _opening(example: Example) -> str:
    return f"Take `{example.target}`. " if example.kind is TaskKind.INPUT else ""


def _closing(example: Example, anchors: Mapping[int, Anchor]) -> str:
    if example.kind is TaskKind.INPUT:
        return f"So `{example.target}` returns `{example.given}`."
    last = example.steps[-1] if example.steps else None
    if last is None or last.text != example.target:
        return f"That is all the anchors show; `{example.given}` then returns its value."
    if anchors[last.anchor].kind is AnchorKind.RETURN:
        return f"`{example.given}` returns that."
    return f"`{example.given}` returns the value that {last.name} has."


def _reason(step: Step, anchor: Anchor, line: _Line | None, shown: Mapping[str, str]) -> str:
    again = f", visit {step.visit}" if step.visit > 1 else ""
    where = f"Line {anchor.line}{again}" if line is None else f"`{line.text}`{again}"
    return f"{where}: {_what(step.name, anchor.kind)}{_known(line, shown)}."


def _what(name: str, kind: AnchorKind) -> str:
    match kind:
        case AnchorKind.RETURN:
            return f"this is what is returned, as {name}"
        case AnchorKind.MUTATE | AnchorKind.DELETE:
            return f"this changes {name}"
        case AnchorKind.LOOP:
            return f"after the loop {name} is settled"
        case AnchorKind.BRANCH:
            return f"after the branch {name} is settled"
        case _:
            return f"this sets {name}"


def _known(line: _Line | None, shown: Mapping[str, str]) -> str:
    """Values of the names it reads; "last shown", because a loop may have changed them since."""
    if line is None:
        return ""
    short = [n for n in line.reads if n in shown and len(shown[n]) <= MAX_VALUE_CHARS]
    known = [f"{name} = {shown[name]}" for name in short if "\n" not in shown[name]]
    return f"; last shown: {', '.join(known[:MAX_VALUES])}" if known else ""


@lru_cache(maxsize=4)
def _lines_before(code: str, places: frozenset[int]) -> dict[int, _Line]:
    """What stands before the anchors at these lines; remembered, as a row is asked about twice."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    source = _LINE_END.split(code)
    return {line: _describe(node, source) for line, node in _before(tree) if line in places}


def _before(tree: ast.AST) -> Iterator[tuple[int, ast.stmt]]:
    """The line of each statement, with the one before it that is no print, or around it."""
    for parent in ast.walk(tree):
        for _, body in ast.iter_fields(parent):
            if not isinstance(body, list):
                continue
            before = parent if isinstance(parent, ast.stmt) else None
            for statement in body:
                if not isinstance(statement, ast.stmt):
                    break
                if before is not None:
                    yield statement.lineno, before
                if not _is_print(statement):
                    before = statement


def _is_print(node: ast.stmt) -> bool:
    match node:
        case ast.Expr(value=ast.Call(func=ast.Name(id="print"))):
            return True
        case _:
            return False


def _describe(node: ast.stmt, source: list[str]) -> _Line:
    first = source[node.lineno - 1].encode("utf-8", "surrogatepass")  # as columns are counted
    end = node.end_col_offset if node.end_lineno == node.lineno else None
    text = first[node.col_offset : end].decode("utf-8", "surrogatepass").strip()
    if len(text) > MAX_SOURCE_CHARS:
        text = f"{text[: MAX_SOURCE_CHARS - 3]}..."
    names = (n for n in ast.walk(_head(node)) if isinstance(n, ast.Name))
    read = (name for name in names if isinstance(name.ctx, ast.Load))
    ordered = sorted(read, key=lambda name: (name.lineno, name.col_offset))
    return _Line(text.replace("`", "'"), tuple(dict.fromkeys(name.id for name in ordered)))


def _head(node: ast.stmt) -> ast.AST:
    """What a compound statement looks up before anything in it runs."""
    match node:
        case ast.For(iter=head) | ast.While(test=head) | ast.If(test=head):
            return head
        case ast.With() | ast.Try() | ast.Match() | ast.FunctionDef() | ast.ClassDef():
            return ast.Pass()
        case _:
            return node
