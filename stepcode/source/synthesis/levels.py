"""Difficulty: what the programs of each level may be made of."""

from dataclasses import dataclass

from stepcode.source.synthesis.kinds import Kind

_FLAT = (Kind.INT, Kind.STR, Kind.NUMS, Kind.WORDS)
_MAPS = (*_FLAT, Kind.COUNTS, Kind.POINT)
_ALL = (*_MAPS, Kind.LABELS, Kind.SET, Kind.PAIRS, Kind.GRID, Kind.GROUPS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """What a program of one difficulty may hold."""

    number: int
    statements: tuple[int, int]
    """Fewest and most of its body, each block counted as one, the return not at all."""
    nesting: int
    """Blocks inside one another, at most."""
    depth: int
    """How far the expressions nest."""
    kinds: tuple[Kind, ...]
    guards: bool = False
    """Whether it may return early."""
    whiles: bool = False
    helper: bool = False
    """Whether it defines a second function and calls it."""


LEVELS = (
    Level(number=1, statements=(1, 2), nesting=0, depth=1, kinds=_FLAT),
    Level(number=2, statements=(2, 3), nesting=1, depth=1, kinds=_FLAT, guards=True),
    Level(number=3, statements=(3, 4), nesting=2, depth=1, kinds=_MAPS, guards=True),
    Level(number=4, statements=(4, 5), nesting=2, depth=2, kinds=_ALL, guards=True, whiles=True),
    Level(
        number=5,
        statements=(4, 5),
        nesting=3,
        depth=2,
        kinds=_ALL,
        guards=True,
        whiles=True,
        helper=True,
    ),
)
"""1 straight lines over numbers, strings and lists; 2 one loop, condition or early return;
3 dicts and tuples, conditions inside loops; 4 sets and nested data, `while` loops, nested
expressions; 5 loops in loops, and a helper function. Each has more steps than the one before."""
