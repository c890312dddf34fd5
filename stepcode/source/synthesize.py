"""Programs without limit, written by us: the source `synthetic`.

    for case in islice(read_synthetic(SourceSettings(name="synthetic", difficulty=3, seed=7)), 100):
        ...

The programs depend on seed and difficulty alone, so a longer run starts with a shorter one's.
"""

import ast
import hashlib
from collections.abc import Iterator
from itertools import count
from random import Random

from stepcode.errors import SourceError
from stepcode.source.settings import SourceSettings
from stepcode.source.synthesis.levels import LEVELS, Level
from stepcode.source.synthesis.write import ENTRY, Written, write_program
from stepcode.types import Case, Program

LICENSE = "Apache-2.0"
DIFFICULTIES = tuple(level.number for level in LEVELS)
ANY = 0
"""The difficulty of a mixture: one level after another."""

_ATTEMPTS = 1000


def read_synthetic(settings: SourceSettings) -> Iterator[Case]:
    """Write programs, each with a call, for as long as they are asked for; no two are the same.

    The same means the same syntax tree. What is remembered of each are 8 bytes of its hash.
    """
    check_difficulty(settings.difficulty)
    return _cases(settings)


def check_difficulty(difficulty: int) -> None:
    """Raise unless there is such a level."""
    if difficulty not in (ANY, *DIFFICULTIES):
        raise SourceError(
            f"difficulty is {difficulty}: expected {DIFFICULTIES[0]} to {DIFFICULTIES[-1]}, "
            f"or {ANY} for all of them in turn"
        )


def level_of(number: int, difficulty: int) -> int:
    """Tell the level of the program that is written as row `number`, counted from 0."""
    return difficulty or number % len(LEVELS) + 1


def _cases(settings: SourceSettings) -> Iterator[Case]:
    seen: set[bytes] = set()
    for number in count():
        level = LEVELS[level_of(number, settings.difficulty) - 1]
        written = _write_new(f"{settings.seed}/{number}", level, seen)
        program = Program(
            code=written.code,
            entry=ENTRY,
            source=settings.name,
            source_row=str(number),
            license=LICENSE,
        )
        yield Case(program, written.call)


def _write_new(place: str, level: Level, seen: set[bytes]) -> Written:
    """Write a program whose tree is new; chance starts afresh with each row, not with the run."""
    for attempt in range(_ATTEMPTS):
        written = write_program(Random(f"{place}/{level.number}/{attempt}"), level)
        tree = ast.dump(ast.parse(written.code))
        digest = hashlib.blake2b(tree.encode(), digest_size=8).digest()
        if digest not in seen:
            seen.add(digest)
            return written
    raise SourceError(f"difficulty {level.number} has no more programs: ask for fewer, or for more")
