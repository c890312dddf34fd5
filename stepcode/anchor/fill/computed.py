"""What a statement shows of its expression: parts of it, computed before the statement."""

import ast

from stepcode.anchor.fill.context import Context, Search
from stepcode.anchor.fill.inside import find_inside
from stepcode.anchor.fill.model import Site, Tier
from stepcode.anchor.fill.spine import Entry, can_hoist, read_spine
from stepcode.anchor.fill.unroll import COMPREHENSIONS
from stepcode.types import AnchorKind

_UNROLLED = (ast.BoolOp, *COMPREHENSIONS)


def find_computed(search: Search, site: Site, context: Context) -> None:
    """Add every part of a statement's expression that can be computed before it."""
    value = _value(site.statement, search)
    if value is None:
        return
    before = _target_entries(site.statement, search)
    site.entries = read_spine(value, search.purity, before=before)
    for position, entry in enumerate(site.entries):
        is_inside = isinstance(entry.node, _UNROLLED)
        shows = entry.shows and entry.can_move
        if (is_inside or shows) and can_hoist(site.entries, position):
            if is_inside:
                find_inside(search, site, position, context)
            if shows:
                _add_hoist(search, site, position, context)


def _value(statement: ast.stmt, search: Search) -> ast.expr | None:
    """Choose the expression that is evaluated first and once; None if there is none."""
    match statement:
        case ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value):
            return value
        case ast.Return(value=ast.expr() as value) | ast.Expr(value=value):
            return value
        case ast.AugAssign(value=value):
            return value
        case ast.If(test=test):
            return None if search.places.text.is_elif(statement) else test
        case ast.While(test=test, orelse=[]) if not isinstance(test, ast.Constant):
            return test
        case ast.For(iter=iterable):
            return iterable
        case ast.Match(subject=subject):
            return subject
        case _:
            return None


def _target_entries(statement: ast.stmt, search: Search) -> list[Entry]:
    """`x += value` reads x before the value is there."""
    if not isinstance(statement, ast.AugAssign):
        return []
    target = statement.target
    pure = isinstance(target, ast.Name) and search.purity.is_pure(target)
    harmless = pure or search.purity.is_harmless(target)
    return [Entry(target, 0, can_move=False, shows=False, pure=pure, harmless=harmless)]


def _add_hoist(search: Search, site: Site, position: int, context: Context) -> None:
    node = site.entries[position].node
    is_root = position == len(site.entries) - 1
    if is_root and not _shows_root(site.statement):
        return
    if isinstance(node, ast.keyword) or search.showable.is_opaque(node, context.function):
        return
    tier = _tier(site.statement, is_root, context)
    kind = AnchorKind.BRANCH if tier is Tier.TEST else AnchorKind.HOIST
    site.hoists[position] = search.places.add("", kind, tier, context.arms)


def _shows_root(statement: ast.stmt) -> bool:
    """Whether the whole value is not shown by name anyway."""
    match statement:
        case ast.Assign(targets=[ast.Subscript()]) | ast.AugAssign():
            return True
        case ast.If() | ast.While() | ast.For() | ast.Match():
            return True
        case _:
            return False


def _tier(statement: ast.stmt, is_root: bool, context: Context) -> Tier:
    if context.runs_often:
        return Tier.OFTEN
    if is_root and isinstance(statement, ast.For) and _is_walk(statement.iter):
        return Tier.VARIABLE
    if context.in_loop or isinstance(statement, ast.While):
        return Tier.LOOP
    return Tier.TEST if is_root and isinstance(statement, ast.If) else Tier.SPINE


def _is_walk(iterable: ast.expr) -> bool:
    """Tell whether a loop only counts, or walks over what a name holds: that is soon said."""
    match iterable:
        case ast.Call(func=ast.Name(id="range")):
            return True
        case ast.Call(func=ast.Attribute(attr="items" | "keys" | "values"), args=[]):
            return True
        case _:
            return False
