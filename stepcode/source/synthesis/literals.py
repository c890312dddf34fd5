"""Values as people would try a function with: short, themed, now and then at an edge."""

from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from stepcode.source.synthesis.kinds import Kind

_THEMES = (
    ("apple", "banana", "cherry", "fig", "kiwi", "lemon", "mango", "plum", "grape", "pear"),
    ("anna", "Bob", "Clara", "dave", "Eve", "frank", "Gus", "Hanna", "ivan", "Judy"),
    ("red", "green", "blue", "teal", "gold", "pink", "navy", "gray", "cyan", "olive"),
    ("Oslo", "Rome", "paris", "Lima", "cairo", "Bern", "Quito", "delhi", "Kyiv", "Accra"),
    ("cat", "dog", "owl", "newt", "Fox", "hen", "Yak", "bee", "crow", "seal"),
    ("a", "b", "c", "d", "x", "y", "z", "aa", "bb", "ab"),
    ("run", "jump", "READ", "write", "Sing", "swim", "rest", "walk", "STOP", "go"),
    ("id", "42", "007", "v2", "x1", "alpha", "beta", "tmp", "3d", "main_1"),
)
_TEXTS = (
    "hello world",
    "Hello, World!",
    "the quick brown fox",
    "a-b-c",
    "one,two,three",
    "level",
    "racecar",
    "Mississippi",
    "key=value",
    "user@example.com",
    "2024-05-17",
    "  padded  ",
    "tab\there",
    "line one\nline two",
    "ALL CAPS",
    "mixedCase",
    "snake_case_name",
    "a1b2c3",
    "12345",
    "007",
    "x",
    "zzz",
    "to be or not",
    "Red Green Blue",
    "file.tar.gz",
    "/usr/bin",
    "(a+b)*c",
    "abcabc",
    "aabbcc",
    "Python",
    "no spaces",
    "ends.",
    "xxoxx",
    "banana",
    "q;w;e",
    "10 20 30",
    "A man a plan",
    "wow wow",
    "key: 7",
    "#tag",
)
_CHARS = "aeiostnrl -,_.xb=/:1"
_PARTS = ("an", "ab", "lo", "re", "th", "key", "el", "in", "the", "ss", "at", "is", "bc", "o w")


class Literals:
    """Draws values; the words of one program are of one theme, so that they meet."""

    def __init__(self, rng: Random) -> None:
        """Choose the theme."""
        self._rng = rng
        self._theme = rng.choice(_THEMES)
        self._draw: Mapping[Kind, Callable[[], Any]] = {  # Any: a value of the kind
            Kind.INT: self._int,
            Kind.BOOL: lambda: rng.random() < 0.5,
            Kind.STR: self._str,
            Kind.NUMS: lambda: self._some(self._int, 3, 7),
            Kind.WORDS: lambda: self._some(self._word, 3, 6),
            Kind.COUNTS: lambda: {self._word(): self._int() for _ in range(rng.randint(2, 5))},
            Kind.LABELS: lambda: {self._int(): self._word() for _ in range(rng.randint(2, 4))},
            # Neither is ever short: a point has three parts, and `{}` is no set.
            Kind.POINT: lambda: tuple(self._int() for _ in range(rng.randint(3, 4))),
            Kind.SET: lambda: {self._int() for _ in range(rng.randint(2, 5))},
            Kind.PAIRS: lambda: self._some(lambda: (self._word(), self._int()), 2, 4),
            Kind.GRID: lambda: self._some(lambda: self._some(self._int, 1, 4), 2, 4),
            Kind.GROUPS: lambda: {
                self._word(): self._some(self._int, 1, 4) for _ in range(rng.randint(2, 3))
            },
        }

    def argument(self, kind: Kind) -> str:
        """Write a value to call with."""
        value = self._draw[kind]()
        if isinstance(value, set):  # as Python would show it, whatever the order
            return "{" + ", ".join(map(repr, sorted(value))) + "}"
        return repr(value)

    def constant(self, kind: Kind) -> str:
        """Write a value that stands in the code itself."""
        rng = self._rng
        match kind:
            case Kind.INT:
                return str(rng.choice((0, 1, 1, 2, 2, 3, 4, 5, 5, 7, 10)))
            case Kind.POS:
                return str(rng.choice((2, 2, 3, 3, 4, 5, 6, 7, 8, 9)))
            case Kind.SMALL:
                return str(rng.choice((1, 1, 2, 2, 3)))
            case Kind.TIMES:
                return str(rng.choice((2, 2, 3)))
            case Kind.CHAR:
                return repr(rng.choice(_CHARS))
            case Kind.WORD:
                return repr(rng.choice(_PARTS) if rng.random() < 0.6 else self._word())
            case Kind.KEY | Kind.STR:
                return repr(self._word())
            case Kind.NUMS:
                return repr(self._some(self._int, 2, 3))
            case Kind.WORDS:
                return repr(self._some(self._word, 2, 3))
            case _:
                return self.argument(kind)

    def _int(self) -> int:
        rng = self._rng
        return (
            rng.randint(-9, -1) if rng.random() < 0.12 else rng.randint(0, rng.choice((9, 20, 99)))
        )

    def _word(self) -> str:
        return self._rng.choice(self._theme)

    def _str(self) -> str:
        rng = self._rng
        if rng.random() < 0.6:
            return rng.choice(_TEXTS)
        if rng.random() < 0.5:
            return rng.choice((" ", "-", ",", "_")).join(self._some(self._word, 2, 3))
        return self._word()

    def _some(self, draw: Callable[[], Any], fewest: int, most: int) -> list[Any]:  # Any: as above
        rng = self._rng
        if rng.random() < 0.04:
            return [] if fewest < 3 else [draw()]
        return [draw() for _ in range(rng.randint(fewest, most))]
