"""What a statement shows by name: what it changes or returns, and the variables of loops."""

import ast

from stepcode.anchor.fill.context import Context, Search
from stepcode.anchor.fill.model import Site, Tier
from stepcode.anchor.plan import Placement
from stepcode.anchor.statements import deleted
from stepcode.anchor.values import Shown, is_trivial, target_names
from stepcode.types import AnchorKind


def find_named(search: Search, site: Site, context: Context) -> None:
    """Add what the rules of the paper show at a statement, in loops as well."""
    statement = site.statement
    nothing = Placement(context.scope)
    strict, full = search.strict.get(statement, nothing), search.full.get(statement, nothing)
    for shown in strict.before or full.before:
        tier = _tier(shown in strict.before, statement, context)
        site.before.append(search.places.add(shown.name, shown.kind, tier, context.arms))
    for shown in dict.fromkeys((*full.after, *strict.after)):
        if strict.fresh or full.fresh:
            tier = _tier(bool(strict.fresh), statement, context)
            site.returned = search.places.add("", AnchorKind.RETURN, tier, context.arms)
            break
        tier = _tier(shown in strict.after, statement, context)
        site.after.append(search.places.add(shown.name, shown.kind, tier, context.arms))


def find_exits(search: Search, site: Site, context: Context) -> None:
    """Show the loop variable where a loop is left: that tells what it was looking for."""
    if not isinstance(site.statement, ast.Break | ast.Return | ast.Continue):
        return
    present = {search.places.candidates[index].name for index in site.before}
    tier = Tier.VARIABLE if isinstance(site.statement, ast.Continue) else Tier.EXIT
    if context.runs_often:
        tier = Tier.OFTEN
    for shown in context.variables:
        if shown.name not in present:
            site.before.append(search.places.add(shown.name, AnchorKind.BRANCH, tier, context.arms))


def find_loop_variables(search: Search, site: Site, context: Context) -> None:
    """Show the variables of a loop where its body begins."""
    if isinstance(site.statement, ast.For):
        for shown in loop_variables(search, site.statement, context):
            added = search.places.add(shown.name, AnchorKind.LOOP, Tier.VARIABLE, context.arms)
            site.first.append(added)


def loop_variables(
    search: Search, loop: ast.For | ast.AsyncFor | ast.While, context: Context
) -> tuple[Shown, ...]:
    """List the variables that a loop walks with and that its body keeps."""
    if isinstance(loop, ast.While):
        return ()
    gone = deleted(loop.body)
    return tuple(
        Shown(shown.name, AnchorKind.LOOP)
        for shown in target_names(loop.target)
        if shown.kind is AnchorKind.ASSIGN
        and shown.name not in gone
        and search.showable.allows(shown.name, context.function)
    )


def _tier(is_strict: bool, statement: ast.stmt, context: Context) -> Tier:
    if is_strict:
        return Tier.PAPER
    if context.runs_often:
        return Tier.OFTEN
    match statement:
        case ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value):
            if is_trivial(value):
                return Tier.CONSTANT
    return Tier.LOOP if context.in_loop else Tier.CONSTANT
