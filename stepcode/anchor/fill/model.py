"""What the planner of `fill` finds and the choice works on: candidates and their sites."""

import ast
from dataclasses import dataclass, field
from enum import IntEnum

from stepcode.anchor.fill.spine import Entry
from stepcode.anchor.fill.text import Text
from stepcode.types import AnchorKind

Arms = tuple[tuple[int, int], ...]
"""The branches that something is in, outermost first: the number of each, and of the arm."""


class Tier(IntEnum):
    """Where a candidate comes from; the choice takes lower ones first."""

    PAPER = 0
    """What `strict` anchors."""
    SPINE = 1
    """Part of an expression, computed before its statement."""
    TEST = 2
    """The test of an `if`."""
    CLAUSE = 3
    """The operands of an `and` or `or`, written as an `if`."""
    EXIT = 4
    """The loop variable where a loop is left."""
    ITEM = 5
    """Inside a comprehension, written as a loop."""
    LOOP = 6
    """Anything inside a loop, and the test of a `while`."""
    OFTEN = 7
    """Anything in a function that may run often."""
    VARIABLE = 8
    """The loop variable where the body of a loop begins."""
    CONSTANT = 9
    """Constants: they teach nothing, and are the last resort."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One anchor that could be there."""

    index: int
    tier: Tier
    kind: AnchorKind
    name: str
    """What is shown; empty where a name has to be made for it."""
    arms: Arms = ()
    group: int = -1
    """Candidates of a group are chosen together, or none of them; -1 is a group of its own."""
    shown_by: int = -1
    """A candidate that shows just this: where that one is chosen, this one is left out."""
    alias_of: int = -1
    """A candidate: only where that is chosen does this one show something again."""


@dataclass(slots=True)
class Unrolled:
    """The candidates inside an expression that can be written as statements."""

    operands: list[int] = field(default_factory=list)
    """Of an `and` or `or`: one for each operand."""
    item: int | None = None
    """Of a comprehension: its item, or the value of a dict's item."""
    tests: dict[ast.expr, int] = field(default_factory=dict)
    """Of a comprehension: its conditions."""

    @property
    def candidates(self) -> list[int]:
        """All of them."""
        items = [] if self.item is None else [self.item]
        return [*self.operands, *items, *self.tests.values()]


@dataclass(slots=True)
class Site:
    """A statement and everything that could be shown at it."""

    statement: ast.stmt
    scope: str
    before: list[int] = field(default_factory=list)
    after: list[int] = field(default_factory=list)
    returned: int | None = None
    """The candidate that shows what a `return` returns, under a name made for it."""
    first: list[int] = field(default_factory=list)
    """Candidates at the start of the body of a loop."""
    entries: list[Entry] = field(default_factory=list)
    hoists: dict[int, int] = field(default_factory=dict)
    """Candidates by the places of their entries."""
    unrolls: dict[int, Unrolled] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether nothing can be shown here."""
        names = self.before or self.after or self.first
        return not (names or self.hoists or self.unrolls) and self.returned is None


@dataclass(slots=True)
class Places:
    """All that `fill` can choose from in one program."""

    tree: ast.Module
    text: Text
    return_name: str
    """What a value that is returned may be called."""
    depth: int
    """How many levels the tree has."""
    candidates: list[Candidate] = field(default_factory=list)
    sites: dict[ast.stmt, Site] = field(default_factory=dict)
    branches: list[int] = field(default_factory=list)
    """How many arms each branch has."""
    groups: int = 0

    def add(self, name: str, kind: AnchorKind, tier: Tier, arms: Arms, *, group: int = -1) -> int:
        """Add a candidate; returns its index."""
        index = len(self.candidates)
        self.candidates.append(Candidate(index, tier, kind, name, arms, group))
        return index

    def add_group(self) -> int:
        """Begin a group of candidates; returns its number."""
        self.groups += 1
        return self.groups - 1

    def add_branch(self, arms: int) -> int:
        """Add a branch with so many arms; returns its number."""
        self.branches.append(arms)
        return len(self.branches) - 1
