"""How a template is read: its text in pieces, with the holes and the names that it binds.

    [n * SMALL for n in NUMS_a]      a hole for a small number, one for a list, and the name `n`

What a hole may hold without parentheses follows from the place where it stands, so that a filled
template reads as people write and means what it says.
"""

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import count

from stepcode.source.synthesis.kinds import Kind

ATOM, ARITHMETIC, COMPARISON, LOOSEST = 3, 2, 1, 0
"""How tightly an expression holds together."""

CONSTANTS = frozenset({Kind.POS, Kind.SMALL, Kind.TIMES, Kind.CHAR, Kind.WORD, Kind.KEY})
"""Kinds that no variable has."""
WRITABLE = frozenset({Kind.INT, Kind.STR, Kind.NUMS, Kind.WORDS, Kind.BOOL})
"""Kinds that may also be a constant, or a condition, where they are not the first in a template."""

_TARGET = "ACC"
"""Stands for the variable that an update is about."""
_HOLE = re.compile(rf"(?<![.\w'])({'|'.join(Kind)})(?:_([a-z]))?\b")
_PLACE = re.compile(r"_hole(\d+)_")


@dataclass(frozen=True, slots=True)
class Hole:
    """A place for an expression."""

    kind: Kind
    label: str
    """Holes of one kind and label hold the same; `v` and `u` are variables."""
    rank: int
    """What stands here without parentheses holds together at least as tightly."""
    is_subject: bool
    """Whether it is what a method is called on or a loop goes through: then no constant."""

    @property
    def is_variable(self) -> bool:
        """Whether only a variable can stand here."""
        return self.label in ("v", "u")


@dataclass(frozen=True, slots=True)
class Bound:
    """A place for a name that the template binds, or for the target of an update."""

    name: str


@dataclass(frozen=True, slots=True)
class Template:
    """A text with holes, ready to be filled."""

    pieces: tuple[str | Hole | Bound, ...]
    rank: int
    """Of the whole, if it is an expression."""
    main: Kind | None
    """The kind of the first hole, which is filled from variables."""
    requires: frozenset[Kind]
    """Kinds of which there has to be a variable."""


@cache
def read_template(text: str) -> Template:
    """Read a template: an expression, statements, or the head of a loop."""
    holes = list(_HOLE.finditer(text))
    numbers = count()
    numbered = _HOLE.sub(lambda _: f"_hole{next(numbers)}_", text)
    tree = ast.parse(f"{numbered} pass" if text.endswith(":") else numbered)
    parents = _parents(tree)
    read = [
        Hole(Kind(m[1]), m[2] or "", _rank_asked(*parents[number]), _is_subject(*parents[number]))
        for number, m in enumerate(holes)
    ]
    main = next((hole.kind for hole in read if hole.kind not in CONSTANTS | {Kind.BOOL}), None)
    return Template(
        pieces=tuple(_pieces(numbered, read, _bound_names(tree))),
        rank=_rank(tree.body[0]),
        main=main,
        requires=_requires(read, main),
    )


def _pieces(text: str, holes: Sequence[Hole], names: set[str]) -> list[str | Hole | Bound]:
    # Not an attribute, and not a keyword of a call, which has no blank before its `=`.
    bound = "|".join(sorted(map(re.escape, names | {_TARGET})))
    pieces: list[str | Hole | Bound] = []
    for part in re.split(rf"(_hole\d+_|(?<![.\w])(?:{bound})(?![\w=]))", text):
        place = _PLACE.fullmatch(part)
        if place:
            pieces.append(holes[int(place[1])])
        elif part in names or part == _TARGET:
            pieces.append(Bound(part))
        elif part:
            pieces.append(part)
    return pieces


def _requires(holes: Sequence[Hole], main: Kind | None) -> frozenset[Kind]:
    kinds = {
        hole.kind
        for hole in holes
        if hole.kind not in CONSTANTS
        and (hole.is_variable or hole.is_subject or hole.kind not in WRITABLE)
    }
    return frozenset(kinds | ({main} if main else set()))


def _bound_names(tree: ast.AST) -> set[str]:
    stored = {
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    arguments = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    return {name for name in stored | arguments if not name.startswith("_") and name != _TARGET}


def _parents(tree: ast.AST) -> dict[int, tuple[ast.AST, ast.AST]]:
    """What each hole stands in, and the hole itself, by its number."""
    parents: dict[int, tuple[ast.AST, ast.AST]] = {}
    for parent in ast.walk(tree):
        for child in ast.iter_child_nodes(parent):
            if isinstance(child, ast.Name) and (match := _PLACE.fullmatch(child.id)):
                parents[int(match[1])] = parent, child
    return parents


def _is_subject(parent: ast.AST, child: ast.AST) -> bool:
    match parent:
        case ast.Attribute():
            return True
        case ast.Subscript(value=target) | ast.comprehension(iter=target) | ast.For(iter=target):
            return target is child
        case ast.Call(func=ast.Name(id=name), args=[target, *_]) if name not in ("zip", "abs"):
            return target is child
        case _:
            return False


def _rank_asked(parent: ast.AST, child: ast.AST) -> int:
    match parent:
        case ast.Attribute() | ast.BinOp() | ast.Starred() | ast.FormattedValue():
            return ATOM
        case ast.UnaryOp():
            return ARITHMETIC
        case ast.Subscript(value=value) if value is child:
            return ATOM
        case ast.Compare():
            return ARITHMETIC
        case ast.BoolOp() | ast.IfExp() | ast.comprehension():
            return COMPARISON
        case _:
            return LOOSEST


def _rank(statement: ast.stmt) -> int:
    match statement:
        case ast.Expr(value=ast.BinOp() | ast.UnaryOp(op=ast.USub())):
            return ARITHMETIC
        case ast.Expr(value=ast.Compare() | ast.UnaryOp()):
            return COMPARISON
        case ast.Expr(value=ast.BoolOp() | ast.IfExp() | ast.Lambda()):
            return LOOSEST
        case _:
            return ATOM
