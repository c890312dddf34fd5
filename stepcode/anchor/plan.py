"""Where anchors go: the rules of the paper, decided statement by statement on an `ast`.

The plan is data, keyed by statement; nothing here touches text. A name counts as *bound* where it
is certain to have a value, so that an anchor can never raise where the program did not.
"""

import ast
import re
from dataclasses import dataclass, field
from typing import NamedTuple

from stepcode.anchor.facts import Facts, Function, FunctionNode
from stepcode.anchor.policy import Policy
from stepcode.anchor.showing import Loop, Showing
from stepcode.anchor.statements import (
    COMPOUND,
    bound_by,
    breaks,
    child_blocks,
    deleted,
    is_true,
)
from stepcode.anchor.values import Showable, Shown, distinct
from stepcode.anchor.walk import gather_facts
from stepcode.errors import AnchorError
from stepcode.types import AnchorKind

_ANCHORED_DUNDERS = {"__init__", "__call__", "__post_init__"}
_Try = ast.Try | ast.TryStar
_JUMPS_AND_COMPOUNDS = (ast.Return, ast.Raise, ast.Break, ast.Continue, *COMPOUND)


class Placement(NamedTuple):
    """What one statement gets: prints before it, prints after it, a fresh name for its value."""

    scope: str
    before: tuple[Shown, ...] = ()
    after: tuple[Shown, ...] = ()
    fresh: str = ""
    """For `return expr`: the name that is bound, shown and returned instead."""


Plan = dict[ast.stmt, Placement]


@dataclass(frozen=True, slots=True)
class Planned:
    """A program's tree, what is known of it, and where the anchors of a policy go."""

    tree: ast.Module
    facts: Facts
    showable: Showable
    plan: Plan
    fresh: str
    """A name that the program does not have, for what it returns."""


def plan_anchors(tree: ast.Module, code: str, policy: Policy) -> Planned:
    """Decide every anchor of a program; raises AnchorError if `print` is rebound."""
    facts = gather_facts(tree, code)
    own = ("__repr__",) if policy.conversion else ("__repr__", "__str__", "__format__")
    return _planned(tree, facts, Showable(facts, own), fresh_return_name(code), policy)


def plan_again(planned: Planned, policy: Policy) -> Planned:
    """Decide the anchors under another policy with the same conversion."""
    return _planned(planned.tree, planned.facts, planned.showable, planned.fresh, policy)


def _planned(
    tree: ast.Module, facts: Facts, showable: Showable, fresh: str, policy: Policy
) -> Planned:
    planner = _Planner(Showing(policy, showable), facts, fresh)
    planner.block(tree.body, set(), _Scope(None, "<module>"))
    return Planned(tree, facts, showable, planner.plan, fresh)


def fresh_return_name(code: str) -> str:
    """Find a name the program does not have; in an anchored program every `_ret` is returned."""
    number = 1
    name = "_ret"
    while re.search(rf"\b{name}\b", code):
        number += 1
        name = f"_ret{number}"
    return name


@dataclass(frozen=True, slots=True)
class _Scope:
    """The function a statement belongs to, and whether a loop of it is around the statement."""

    function: Function | None
    name: str
    silent: bool = False
    in_loop: bool = False

    def loop_body(self) -> "_Scope":
        return _Scope(self.function, self.name, self.silent, True)


_Bound = set[str]
_Flow = set[str] | None
"""Names bound behind a statement; None when control never gets there."""


@dataclass(slots=True)
class _Planner:
    """Walks blocks of statements and fills the plan."""

    showing: Showing
    facts: Facts
    fresh: str
    plan: Plan = field(default_factory=dict)

    def block(self, body: list[ast.stmt], bound: _Bound, scope: _Scope) -> _Flow:
        """Plan a block up to where control never gets."""
        for position, statement in enumerate(body):
            flow = self._statement(statement, body, position, bound, scope)
            if flow is None:
                return None
            bound = flow
        return bound

    def _statement(
        self, statement: ast.stmt, body: list[ast.stmt], position: int, bound: _Bound, scope: _Scope
    ) -> _Flow:
        if not isinstance(statement, _JUMPS_AND_COMPOUNDS):
            shown = self.showing.by(statement, scope.function)
            if self.showing.policy.everywhere or not scope.in_loop:
                self._place_after(statement, shown, body, position, scope)
            if isinstance(statement, ast.Delete):
                return bound - deleted([statement])
            return bound | bound_by(statement)
        match statement:
            case ast.Return():
                if scope.function is None:
                    raise AnchorError(
                        "not valid Python: return outside function", line=statement.lineno
                    )
                self._return(statement, body, position, scope)
                return None
            case ast.Break() | ast.Continue():
                if not scope.in_loop:
                    raise AnchorError("not valid Python: no loop around it", line=statement.lineno)
                return None
            case ast.Raise():
                return None
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._function(statement)
                return bound | {statement.name}
            case ast.ClassDef():
                self._class_body(statement.body)
                return bound | {statement.name}
            case ast.For() | ast.AsyncFor() | ast.While():
                return self._loop(statement, body, position, bound, scope)
            case ast.If():
                return self._branches([statement.body, statement.orelse], bound, scope)
            case ast.Match():
                return self._match(statement, bound, scope)
            case ast.Try() | ast.TryStar():
                return self._try(statement, bound, scope)
            case ast.With() | ast.AsyncWith():
                self.block(statement.body, set(bound), scope)
                return bound - deleted(statement.body)
        return bound

    def _return(
        self, statement: ast.Return, body: list[ast.stmt], position: int, scope: _Scope
    ) -> None:
        value, owner = statement.value, scope.function
        if value is None or owner is None or scope.silent:
            return
        if isinstance(value, ast.Name):
            shown = Shown(value.id, AnchorKind.RETURN)
            above = self._shown_above(body, position)
            if self.showing.showable.allows(value.id, owner) and value.id not in above:
                self.plan[statement] = Placement(scope.name, before=(shown,))
        elif not (owner.reads_frame or self.showing.showable.is_opaque(value, owner)):
            shown = Shown(self.fresh, AnchorKind.RETURN)
            self.plan[statement] = Placement(scope.name, after=(shown,), fresh=self.fresh)

    def _function(self, node: FunctionNode) -> None:
        function = self.facts.functions[node]
        often = node in self.facts.silent and not self.showing.policy.everywhere
        silent = often or (
            function.is_method and _is_dunder(node.name) and node.name not in _ANCHORED_DUNDERS
        )
        self.block(node.body, set(function.parameters), _Scope(function, function.qualname, silent))

    def _class_body(self, body: list[ast.stmt]) -> None:
        """A class body gets no anchors, its methods do."""
        for statement in body:
            if isinstance(statement, FunctionNode):
                self._function(statement)
            elif isinstance(statement, ast.ClassDef):
                self._class_body(statement.body)
            else:
                for block in child_blocks(statement):
                    self._class_body(block)

    def _loop(
        self, loop: Loop, body: list[ast.stmt], position: int, bound: _Bound, scope: _Scope
    ) -> _Flow:
        self.block(loop.body, set(bound), scope.loop_body())
        self.block(loop.orelse, set(bound), scope)
        bound = bound - deleted([loop])
        endless = isinstance(loop, ast.While) and is_true(loop.test)
        if endless and not breaks(loop.body):
            return None
        modified = [
            s for s in distinct(self.showing.changed_in(loop, scope.function)) if s.name in bound
        ]
        if self.showing.policy.everywhere or not scope.in_loop:
            self._place_after(loop, modified, body, position, scope)
        return bound

    def _branches(self, blocks: list[list[ast.stmt]], bound: _Bound, scope: _Scope) -> _Flow:
        flows = [self.block(block, set(bound), scope) for block in blocks]
        live = [flow for flow in flows if flow is not None]
        return set.intersection(*live) if live else None

    def _match(self, match: ast.Match, bound: _Bound, scope: _Scope) -> _Flow:
        blocks = [case.body for case in match.cases]
        last = match.cases[-1]
        catches_all = isinstance(last.pattern, ast.MatchAs) and last.pattern.pattern is None
        if not (catches_all and last.guard is None):
            blocks.append([])
        return self._branches(blocks, bound, scope)

    def _try(self, statement: _Try, bound: _Bound, scope: _Scope) -> _Bound:
        """Nothing bound inside counts afterwards: any statement of the body may have raised."""
        bound = bound - deleted([statement])
        for block in child_blocks(statement):
            self.block(block, set(bound), scope)
        return bound - {handler.name for handler in statement.handlers if handler.name}

    def _place_after(
        self,
        statement: ast.stmt,
        shown: list[Shown],
        body: list[ast.stmt],
        position: int,
        scope: _Scope,
    ) -> None:
        """Plan the prints behind a statement, but for those that already stand there."""
        if scope.silent or not shown:
            return
        present = set()
        for follower in body[position + 1 :]:
            name = self.showing.anchored_name(follower)
            if name is None:
                break
            present.add(name)
        missing = tuple(s for s in shown if s.name not in present)
        if missing:
            self.plan[statement] = Placement(scope.name, after=missing)

    def _shown_above(self, body: list[ast.stmt], position: int) -> set[str]:
        """List the names that the run of anchors right above a statement shows."""
        names: set[str] = set()
        while position > 0:
            position -= 1
            name = self.showing.anchored_name(body[position])
            if name is None:
                placement = self.plan.get(body[position])
                return names | {s.name for s in placement.after} if placement else names
            names.add(name)
        return names


def _is_dunder(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")
