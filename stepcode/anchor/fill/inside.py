"""What can be shown inside an expression once it is written as statements, see `unroll`."""

import ast
from dataclasses import replace

from stepcode.anchor.fill.context import Context, Search
from stepcode.anchor.fill.model import Places, Site, Tier, Unrolled
from stepcode.anchor.fill.unroll import (
    COMPREHENSIONS,
    Comprehension,
    can_unroll_clause,
    can_unroll_comprehension,
    readable_generators,
)
from stepcode.types import AnchorKind


def find_inside(search: Search, site: Site, position: int, context: Context) -> None:
    """Add the operands of an `and` or `or`, or the item and the tests of a comprehension."""
    node = site.entries[position].node
    if isinstance(node, ast.BoolOp):
        unrolled = _operands(search, node, context)
        if unrolled.operands:
            _note_aliases(search.places, site, position, unrolled)
    else:
        assert isinstance(node, COMPREHENSIONS)
        if not _can_be_loop(node, site, context):
            return
        unrolled = _item_and_tests(search, node, context)
    if unrolled.candidates:
        site.unrolls[position] = unrolled


def _operands(search: Search, node: ast.BoolOp, context: Context) -> Unrolled:
    can_unroll = search.may_unroll_clauses and can_unroll_clause(node)
    if not can_unroll or any(
        search.showable.is_opaque(part, context.function) for part in node.values
    ):
        return Unrolled()
    tier, group, places = context.tier(Tier.CLAUSE), search.places.add_group(), search.places
    return Unrolled(
        [places.add("", AnchorKind.BRANCH, tier, context.arms, group=group) for _ in node.values]
    )


def _can_be_loop(node: Comprehension, site: Site, context: Context) -> bool:
    uses = context.uses.get(node)
    if uses is None or not can_unroll_comprehension(node, uses):
        return False
    if not isinstance(node, ast.GeneratorExp):
        return True
    value = site.entries[-1].node
    return isinstance(value, ast.expr) and node in readable_generators(value)


def _item_and_tests(search: Search, node: Comprehension, context: Context) -> Unrolled:
    tier, places = context.tier(Tier.ITEM), search.places
    unrolled = Unrolled()
    item = node.value if isinstance(node, ast.DictComp) else node.elt
    if not search.showable.is_opaque(item, context.function):
        unrolled.item = places.add("", AnchorKind.HOIST, tier, context.arms)
    for test in (test for one in node.generators for test in one.ifs):
        if not isinstance(test, ast.Name):  # the item tells as much
            unrolled.tests[test] = places.add("", AnchorKind.BRANCH, tier, context.arms)
    return unrolled


def _note_aliases(places: Places, site: Site, position: int, unrolled: Unrolled) -> None:
    """What an `and` becomes starts with a value that may be shown already, and ends as one."""
    candidates = places.candidates
    first, last = unrolled.operands[0], unrolled.operands[-1]
    # The entry before this one on the spine is its first operand.
    other = site.hoists.get(position - 1)
    if other is not None:
        candidates[first] = replace(candidates[first], shown_by=other)
    if position == len(site.entries) - 1:
        for index in (*site.after, site.returned):
            if index is not None:
                candidates[index] = replace(candidates[index], alias_of=last)
