"""Every place where `fill` could show something, found on an `ast` without running anything."""

import ast
from collections import Counter
from dataclasses import dataclass, field, replace

from stepcode.anchor.facts import Facts, Function, FunctionNode
from stepcode.anchor.fill.model import Candidate, Places, Site, Tier, Unrolled
from stepcode.anchor.fill.purity import Purity, depends_on_lifetime, judge_purity, truth_is_plain
from stepcode.anchor.fill.spine import Entry, moved_before, read_spine
from stepcode.anchor.fill.text import Text, read_text
from stepcode.anchor.fill.unroll import (
    COMPREHENSIONS,
    can_unroll_clause,
    can_unroll_comprehension,
    name_uses,
    readable_generators,
)
from stepcode.anchor.plan import (
    Placement,
    Plan,
    find_showable,
    fresh_return_name,
    plan_with_facts,
)
from stepcode.anchor.policy import FILL, STRICT
from stepcode.anchor.statements import child_blocks, deleted
from stepcode.anchor.values import Showable, Shown, is_trivial, target_names
from stepcode.anchor.walk import gather_facts
from stepcode.types import AnchorKind

_TEXT_METHODS = {"__repr__", "__str__", "__format__", "__eq__", "__hash__", "__lt__"}
"""What shows or compares values; where a program writes it, showing runs code of its own."""


def find_places(tree: ast.Module, code: str) -> Places:
    """Find all candidates of a program; raises AnchorError where `print` is rebound."""
    facts = gather_facts(tree, code)
    showable = find_showable(facts, FILL)
    finder = _Finder(
        facts,
        showable,
        strict=plan_with_facts(tree, code, STRICT, facts=facts, showable=showable),
        full=plan_with_facts(tree, code, FILL, facts=facts, showable=showable),
        purity=judge_purity(tree, code, facts),
        may_hoist=not depends_on_lifetime(code),
        may_unroll_clauses=truth_is_plain(code),
        places=Places(tree, return_name=fresh_return_name(code)),
        text=read_text(code),
    )
    finder.block(tree.body, _Context(None, "<module>"))
    return finder.places


@dataclass(frozen=True, slots=True)
class _Context:
    """Where a block stands."""

    function: Function | None
    scope: str
    runs_often: bool = False
    in_loop: bool = False
    variables: tuple[Shown, ...] = ()
    """The variables of the innermost `for` loop."""
    arms: tuple[tuple[int, int], ...] = ()


@dataclass(slots=True)
class _Finder:
    """Walks the statements and fills the places."""

    facts: Facts
    showable: Showable
    strict: Plan
    full: Plan
    purity: Purity
    may_hoist: bool
    may_unroll_clauses: bool
    places: Places
    text: Text
    uses: dict[ast.expr, Counter[str]] = field(default_factory=dict)
    groups: int = 0

    def block(self, body: list[ast.stmt], context: _Context) -> None:
        """Find the candidates of a block, up to where it is left."""
        for statement in body:
            match statement:
                case ast.FunctionDef() | ast.AsyncFunctionDef():
                    self._function(statement)
                case ast.ClassDef():
                    self._class(statement.body)
                case _:
                    self._statement(statement, context)
                    if isinstance(statement, ast.Return | ast.Raise | ast.Break | ast.Continue):
                        return

    def _class(self, body: list[ast.stmt]) -> None:
        for statement in body:
            match statement:
                case ast.FunctionDef() | ast.AsyncFunctionDef():
                    self._function(statement)
                case ast.ClassDef():
                    self._class(statement.body)
                case _:
                    for block in child_blocks(statement):
                        self._class(block)

    def _function(self, node: FunctionNode) -> None:
        function = self.facts.functions[node]
        often = node in self.facts.silent
        if function.is_method and node.name in _TEXT_METHODS:
            return
        self.uses |= name_uses(node)
        self.block(node.body, _Context(function, function.qualname, often))

    def _statement(self, statement: ast.stmt, context: _Context) -> None:
        site = Site(statement, context.scope)
        self._names(site, context)
        self._exits(site, context)
        if self._allows_hoists(context):
            self._spine(site, context)
        if isinstance(statement, ast.For):
            self._loop_variables(site, context)
        if not site.is_empty:
            self.places.sites[statement] = site
        self._blocks(statement, context)

    def _allows_hoists(self, context: _Context) -> bool:
        function = context.function
        if function is None or function.reads_frame or not self.may_hoist:
            return False
        # Methods that Python calls by itself have no anchors of their own either.
        name = function.node.name
        return not (function.is_method and name.startswith("__") and name != "__init__")

    def _blocks(self, statement: ast.stmt, context: _Context) -> None:
        match statement:
            case ast.If():
                self._arms([statement.body, statement.orelse], context)
            case ast.Match(cases=cases):
                self._arms([case.body for case in cases], context)
            case ast.For() | ast.AsyncFor() | ast.While():
                inside = replace(
                    context, in_loop=True, variables=self._variables(statement, context)
                )
                self.block(statement.body, inside)
                self.block(statement.orelse, context)
            case _:
                for block in child_blocks(statement):
                    self.block(block, context)

    def _arms(self, blocks: list[list[ast.stmt]], context: _Context) -> None:
        branch = len(self.places.branches)
        self.places.branches.append(len(blocks) if all(blocks) else 1)
        for arm, block in enumerate(blocks):
            self.block(block, replace(context, arms=(*context.arms, (branch, arm))))

    # What a statement shows by its names.

    def _names(self, site: Site, context: _Context) -> None:
        statement = site.statement
        nothing = Placement(context.scope)
        strict, full = self.strict.get(statement, nothing), self.full.get(statement, nothing)
        for shown in strict.before or full.before:
            tier = self._tier(shown in strict.before, statement, context)
            site.before.append(self._add(shown.name, shown.kind, tier, context))
        for shown in dict.fromkeys((*full.after, *strict.after)):
            if strict.fresh or full.fresh:
                tier = self._tier(bool(strict.fresh), statement, context)
                site.returned = self._add("", AnchorKind.RETURN, tier, context)
                return
            tier = self._tier(shown in strict.after, statement, context)
            site.after.append(self._add(shown.name, shown.kind, tier, context))

    def _tier(self, is_strict: bool, statement: ast.stmt, context: _Context) -> Tier:
        if is_strict:
            return Tier.PAPER
        if context.runs_often:
            return Tier.OFTEN
        match statement:
            case ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value):
                if is_trivial(value):
                    return Tier.CONSTANT
        return Tier.LOOP if context.in_loop else Tier.CONSTANT

    def _variables(
        self, loop: ast.For | ast.AsyncFor | ast.While, context: _Context
    ) -> tuple[Shown, ...]:
        if isinstance(loop, ast.While):
            return ()
        gone = deleted(loop.body)
        return tuple(
            Shown(shown.name, AnchorKind.LOOP)
            for shown in target_names(loop.target)
            if shown.kind is AnchorKind.ASSIGN
            and shown.name not in gone
            and self.showable.allows(shown.name, context.function)
        )

    def _exits(self, site: Site, context: _Context) -> None:
        """Show the loop variable where a loop is left: that tells what it was looking for."""
        if not isinstance(site.statement, ast.Break | ast.Return | ast.Continue):
            return
        present = {self.places.candidates[index].name for index in site.before}
        tier = Tier.VARIABLE if isinstance(site.statement, ast.Continue) else Tier.EXIT
        if context.runs_often:
            tier = Tier.OFTEN
        for shown in context.variables:
            if shown.name not in present:
                site.before.append(self._add(shown.name, AnchorKind.BRANCH, tier, context))

    def _loop_variables(self, site: Site, context: _Context) -> None:
        assert isinstance(site.statement, ast.For)
        inside = replace(context, in_loop=True)
        for shown in self._variables(site.statement, context):
            site.first.append(self._add(shown.name, AnchorKind.LOOP, Tier.VARIABLE, inside))

    # What a statement shows of its expression.

    def _spine(self, site: Site, context: _Context) -> None:
        value = self._value(site.statement)
        if value is None:
            return
        entries = self._target_entries(site.statement) + read_spine(value, self.purity)
        offset = len(entries) - len(read_spine(value, self.purity))
        for entry in entries[offset:]:
            entry.first += offset
        site.entries = entries
        root = len(entries) - 1
        generators = readable_generators(value)
        for position, entry in enumerate(entries):
            node = entry.node
            if not isinstance(node, ast.expr) or not can_hoist(entries, position):
                continue
            self._unroll(site, position, entry, generators, context)
            is_root = position == root
            if not (entry.shows and entry.can_move):
                continue
            if is_root and not self._shows_root(site):
                continue
            if self.showable.is_opaque(node, context.function):
                continue
            tier = self._spine_tier(site.statement, is_root, context)
            kind = AnchorKind.BRANCH if tier is Tier.TEST else AnchorKind.HOIST
            site.hoists[position] = self._add("", kind, tier, context)

    def _value(self, statement: ast.stmt) -> ast.expr | None:
        """Choose the expression that is evaluated first and once; None if there is none."""
        match statement:
            case ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value):
                return value
            case ast.Return(value=ast.expr() as value) | ast.Expr(value=value):
                return value
            case ast.AugAssign(value=value):
                return value
            case ast.If(test=test):
                return None if self.text.is_elif(statement) else test
            case ast.While(test=test, orelse=[]) if not isinstance(test, ast.Constant):
                return test
            case ast.For(iter=iterable):
                return iterable
            case ast.Match(subject=subject):
                return subject
            case _:
                return None

    def _target_entries(self, statement: ast.stmt) -> list[Entry]:
        """`x += value` reads x before the value is there."""
        if not isinstance(statement, ast.AugAssign):
            return []
        target = statement.target
        pure = isinstance(target, ast.Name) and self.purity.is_pure(target)
        harmless = pure or self.purity.is_harmless(target)
        return [Entry(target, 0, can_move=False, shows=False, pure=pure, harmless=harmless)]

    def _shows_root(self, site: Site) -> bool:
        """Whether the whole value is not shown by name anyway."""
        match site.statement:
            case ast.Assign(targets=[ast.Subscript()]) | ast.AugAssign():
                return True
            case ast.If() | ast.While() | ast.For() | ast.Match():
                return True
            case _:
                return False

    def _spine_tier(self, statement: ast.stmt, is_root: bool, context: _Context) -> Tier:
        if context.runs_often:
            return Tier.OFTEN
        if is_root and isinstance(statement, ast.For) and _is_walk(statement.iter):
            return Tier.VARIABLE
        if context.in_loop or isinstance(statement, ast.While):
            return Tier.LOOP
        return Tier.TEST if is_root and isinstance(statement, ast.If) else Tier.SPINE

    def _unroll(
        self,
        site: Site,
        position: int,
        entry: Entry,
        generators: set[ast.expr],
        context: _Context,
    ) -> None:
        node = entry.node
        unrolled = Unrolled()
        if isinstance(node, ast.BoolOp) and self.may_unroll_clauses and can_unroll_clause(node):
            tier = self._inner_tier(Tier.CLAUSE, context)
            group = self._new_group()
            if any(self.showable.is_opaque(part, context.function) for part in node.values):
                return
            for _ in node.values:
                added = self._add("", AnchorKind.BRANCH, tier, context, group=group)
                unrolled.operands.append(added)
            self._note_aliases(site, position, unrolled)
        elif isinstance(node, COMPREHENSIONS) and node in self.uses:
            is_read = not isinstance(node, ast.GeneratorExp) or node in generators
            if not (is_read and can_unroll_comprehension(node, self.uses[node])):
                return
            self._unroll_comprehension(node, unrolled, context)
        if unrolled.candidates:
            site.unrolls[position] = unrolled

    def _unroll_comprehension(self, node: ast.expr, unrolled: Unrolled, context: _Context) -> None:
        assert isinstance(node, COMPREHENSIONS)
        tier = self._inner_tier(Tier.ITEM, context)
        item = node.value if isinstance(node, ast.DictComp) else node.elt
        if not self.showable.is_opaque(item, context.function):
            unrolled.item = self._add("", AnchorKind.HOIST, tier, context)
        tests = (test for one in node.generators for test in one.ifs)
        for test in tests:
            if isinstance(test, ast.Name):
                continue  # the item tells as much
            unrolled.tests[test] = self._add("", AnchorKind.BRANCH, tier, context)

    def _inner_tier(self, tier: Tier, context: _Context) -> Tier:
        if context.runs_often:
            return Tier.OFTEN
        return Tier.LOOP if context.in_loop else tier

    def _note_aliases(self, site: Site, position: int, unrolled: Unrolled) -> None:
        """What an `and` becomes starts with a value that may be shown already, and ends as one."""
        candidates = self.places.candidates
        first, last = unrolled.operands[0], unrolled.operands[-1]
        # The entry before this one on the spine is its first operand.
        other = site.hoists.get(position - 1)
        if other is not None:
            candidates[first] = replace(candidates[first], shown_by=other)
        if position == len(site.entries) - 1:
            for index in (*site.after, site.returned):
                if index is not None:
                    candidates[index] = replace(candidates[index], alias_of=last)

    def _new_group(self) -> int:
        self.groups += 1
        return self.groups - 1

    def _add(
        self, name: str, kind: AnchorKind, tier: Tier, context: _Context, *, group: int = -1
    ) -> int:
        index = len(self.places.candidates)
        self.places.candidates.append(Candidate(index, tier, kind, name, context.arms, group))
        return index


def _is_walk(iterable: ast.expr) -> bool:
    """Tell whether a loop only counts, or walks over what a name holds: that is soon said."""
    match iterable:
        case ast.Call(func=ast.Name(id="range")):
            return True
        case ast.Call(func=ast.Attribute(attr="items" | "keys" | "values"), args=[]):
            return True
        case _:
            return False


def can_hoist(entries: list[Entry], position: int) -> bool:
    """Tell whether an entry can be computed before its statement."""
    return hoisted_with(entries, position) is not None


def hoisted_with(entries: list[Entry], position: int) -> set[int] | None:
    """Find all that has to be computed before the statement if an entry is; None if it cannot."""
    found: set[int] = set()
    todo = [position]
    while todo:
        needed = moved_before(entries, todo.pop())
        if needed is None:
            return None
        todo += [one for one in needed if one not in found]
        found.update(needed)
    return found
