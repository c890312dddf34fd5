"""The evaluation spine of an expression: what Python evaluates first, second, third, for certain.

    a[0].find(x + y)      a[0]   x + y   a[0].find(x + y)

Each entry may be computed before the statement and stand in it as a name, provided that everything
that was evaluated earlier cannot tell, or is computed before the statement too. What may be skipped
(the tails of `and` and `or`, arms, bodies of comprehensions and lambdas, f-strings) is no entry.
"""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from stepcode.anchor.fill.purity import Purity

_SHOWABLE = (
    *(ast.Call, ast.BinOp, ast.UnaryOp, ast.Compare, ast.Subscript, ast.BoolOp, ast.IfExp),
    *(ast.ListComp, ast.SetComp, ast.DictComp, ast.JoinedStr),
)
_BARRIERS = (ast.NamedExpr, ast.Yield, ast.YieldFrom, ast.Await)
"""What runs where it stands and nowhere else; it is not entered either."""
_UNMOVABLE = (*_BARRIERS, ast.keyword, ast.Starred, ast.GeneratorExp, ast.Lambda)


@dataclass(slots=True, eq=False)
class Entry:
    """One place on the spine."""

    node: ast.expr | ast.keyword
    first: int
    """Where, in the spine, the first entry inside this one is: itself if there is none."""
    can_move: bool
    """Whether it may be computed before the statement."""
    shows: bool
    """Whether its value is worth an anchor."""
    pure: bool
    """Nothing evaluated before or after it can change what it is."""
    harmless: bool
    """It changes nothing, so it may change places with what changes nothing either."""


def read_spine(value: ast.expr, purity: Purity, *, before: Iterable[Entry] = ()) -> list[Entry]:
    """List the entries of an expression in the order in which their values are there.

    `before` is what its statement evaluates earlier.
    """
    entries = list(before)
    _add(value, entries, purity)
    return entries


def _add(node: ast.expr | ast.keyword, entries: list[Entry], purity: Purity) -> None:
    first = len(entries)
    if not isinstance(node, _BARRIERS):
        for child in _evaluated(node):
            _add(child, entries, purity)
            if isinstance(node, ast.Call) and child is node.func:
                # A method is looked up before its arguments are evaluated: it is called in place.
                entries[-1].can_move = entries[-1].shows = False
    pure = isinstance(node, ast.expr) and purity.is_pure(node)
    entries.append(
        Entry(
            node,
            first,
            can_move=not isinstance(node, _UNMOVABLE),
            shows=isinstance(node, _SHOWABLE) and not _is_constant(node),
            pure=pure,
            harmless=pure or (isinstance(node, ast.expr) and purity.is_harmless(node)),
        )
    )


def _evaluated(node: ast.expr | ast.keyword) -> Iterator[ast.expr | ast.keyword]:
    """Yield what is evaluated for certain inside an expression, in order."""
    match node:
        case ast.BinOp(left=left, right=right):
            yield from (left, right)
        case ast.UnaryOp(operand=inner) | ast.Attribute(value=inner) | ast.Starred(value=inner):
            yield inner
        case ast.Compare(left=left, comparators=[first, *_]):
            yield from (left, first)
        case ast.BoolOp(values=[first, *_]):
            yield first
        case ast.IfExp(test=test):
            yield test
        case ast.Subscript(value=value, slice=index):
            yield value
            yield from _index_parts(index)
        case ast.Call(func=function, args=arguments, keywords=keywords):
            yield from (function, *arguments)
            for keyword in keywords:
                # `**names` reads a mapping where it stands.
                yield keyword.value
                if keyword.arg is None:
                    yield keyword
        case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
            yield from items
        case ast.Dict(keys=keys, values=values):
            for key, value in zip(keys, values, strict=True):
                if key is None:
                    yield value
                    yield ast.keyword(arg=None, value=value)
                else:
                    yield from (key, value)
        case (
            ast.ListComp(generators=[first, *_])
            | ast.SetComp(generators=[first, *_])
            | ast.DictComp(generators=[first, *_])
            | ast.GeneratorExp(generators=[first, *_])
        ):
            yield first.iter


def _index_parts(index: ast.expr) -> Iterator[ast.expr]:
    match index:
        case ast.Slice(lower=lower, upper=upper, step=step):
            yield from (part for part in (lower, upper, step) if part is not None)
        case ast.Tuple(elts=items):
            for item in items:
                yield from _index_parts(item)
        case _:
            yield index


def _is_constant(node: ast.expr | ast.keyword) -> bool:
    return isinstance(node, ast.UnaryOp) and isinstance(node.operand, ast.Constant)


def _moved_before(entries: list[Entry], chosen: int) -> list[int] | None:
    """List what has to be computed before the statement together with an entry, in order.

    That is what is evaluated earlier and might notice. None if something of that must stay.
    """
    needed = []
    entry = entries[chosen]
    position = entry.first - 1
    while position >= 0:
        earlier = entries[position]
        if not (earlier.pure or (earlier.harmless and entry.harmless)):
            if not earlier.can_move:
                return None
            needed.append(position)
        position = earlier.first - 1
    return needed[::-1]


def can_hoist(entries: list[Entry], position: int) -> bool:
    """Tell whether an entry can be computed before its statement."""
    return hoisted_with(entries, position) is not None


def hoisted_with(entries: list[Entry], position: int) -> set[int] | None:
    """Find all that has to be computed before the statement if an entry is; None if it cannot."""
    found: set[int] = set()
    todo = [position]
    while todo:
        needed = _moved_before(entries, todo.pop())
        if needed is None:
            return None
        todo += [one for one in needed if one not in found]
        found.update(needed)
    return found
