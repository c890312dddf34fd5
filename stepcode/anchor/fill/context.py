"""A search for candidates: what it knows of the program, what it found, and where it stands."""

import ast
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import chain

from stepcode.anchor.facts import Facts, Function
from stepcode.anchor.fill.model import Arms, Places, Tier
from stepcode.anchor.fill.purity import Purity, depends_on_lifetime, judge_purity, truth_is_plain
from stepcode.anchor.fill.text import read_text
from stepcode.anchor.fill.unroll import COMPREHENSIONS
from stepcode.anchor.nodes import levels
from stepcode.anchor.plan import Plan, Planned, plan_again
from stepcode.anchor.policy import FILL
from stepcode.anchor.values import Showable, Shown


@dataclass(frozen=True, slots=True)
class Search:
    """A program whose candidates are looked for."""

    places: Places
    """What was found so far."""
    facts: Facts
    showable: Showable
    strict: Plan
    """What the paper's rules anchor."""
    full: Plan
    """What they would anchor in loops, constants and functions that run often besides."""
    purity: Purity
    has_comprehensions: bool
    may_hoist: bool
    may_unroll_clauses: bool


def open_search(strict: Planned, code: str) -> Search:
    """Look through a program as a whole; raises AnchorError for a byte order mark."""
    by_level = levels(strict.tree)
    nodes = list(chain.from_iterable(by_level))
    return Search(
        Places(strict.tree, read_text(code), strict.fresh, depth=len(by_level)),
        strict.facts,
        strict.showable,
        strict=strict.plan,
        full=plan_again(strict, FILL).plan,
        purity=judge_purity(nodes, code, strict.facts),
        has_comprehensions=any(isinstance(node, COMPREHENSIONS) for node in nodes),
        may_hoist=not depends_on_lifetime(code),
        may_unroll_clauses=truth_is_plain(code),
    )


@dataclass(frozen=True, slots=True)
class Context:
    """Where a block stands."""

    function: Function | None = None
    scope: str = "<module>"
    runs_often: bool = False
    in_loop: bool = False
    variables: tuple[Shown, ...] = ()
    """The variables of the innermost `for` loop."""
    arms: Arms = ()
    uses: Mapping[ast.expr, Counter[str]] = field(default_factory=dict)
    """What the comprehensions of the function have to share their names with."""

    def inside_loop(self, variables: tuple[Shown, ...]) -> "Context":
        """Go into the body of a loop over these variables."""
        return replace(self, in_loop=True, variables=variables)

    def inside_arm(self, branch: int, arm: int) -> "Context":
        """Go into an arm of a branch."""
        return replace(self, arms=(*self.arms, (branch, arm)))

    def tier(self, tier: Tier) -> Tier:
        """Let a candidate come later than its tier says where it may be visited often."""
        if self.runs_often:
            return Tier.OFTEN
        return Tier.LOOP if self.in_loop else tier
