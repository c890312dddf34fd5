"""What `warmup.py` is, for a zygote of programs that import something (never imported).

It loads the modules that benchmark programs use, and exercises them with the language. Modules with
work to do at every fork (`random`, `threading`) are left to the programs that import them.
"""

import abc
import bisect
import collections
import contextlib
import copy
import dataclasses
import datetime
import enum
import functools
import heapq
import io
import itertools
import json
import math
import operator
import re
import string
import time
import typing
from collections import Counter, defaultdict, deque

MODULES = (abc, bisect, contextlib, heapq, io, operator, string, time, typing)


@dataclasses.dataclass(order=True)
class Point:
    """A dataclass, which writes its methods with the compiler."""

    x: int
    y: int = 0

    def shift(self, by: int) -> "Point":
        """Move along x."""
        return dataclasses.replace(self, x=self.x + by)

    def __str__(self) -> str:
        """Show both coordinates."""
        return f"({self.x}, {self.y})"


class Colour(enum.Enum):
    """Two members."""

    RED = 1
    BLUE = enum.auto()


def texts(text: str) -> list[str]:
    """Use most methods of a string."""
    words = text.strip().split()
    shown = [word.capitalize().ljust(8, "-").swapcase() for word in words if word.isalpha()]
    shown.append("".join(sorted(set(text), key=lambda c: (-text.count(c), c))))
    shown.append(text.replace("a", "b").translate(str.maketrans("xy", "yx")).partition("b")[2])
    shown.append("%s-%05.2f" % (text[::-1].upper(), 3.14159))  # noqa: UP031
    shown.append("{}-{:>4}".format(len(text), "ab"))
    shown.append(re.sub(r"(\w+) (\w+)", r"\2 \1", text).rjust(30).lstrip().zfill(9))
    return shown + [f"{number:>6,.2f} {number!r:^9}" for number in (1, 2.5, -1000)]


def numbers(limit: int) -> dict[str, object]:
    """Use integers, floats and the modules about them."""
    primes = [n for n in range(2, limit) if all(n % d for d in range(2, math.isqrt(n) + 1))]
    digits = (*divmod(2**64, 97), limit // 7, limit % 5, limit >> 1, limit ^ 3, ~limit)
    return {
        "primes": primes,
        "digits": list(map(int, str(sum(digits)))),
        "mean": round(sum(primes) / len(primes), 3),
        "flags": (any(primes), min(primes), max(primes, default=0), math.gcd(12, 18)),
    }


def containers(items: list[int]) -> tuple[object, ...]:
    """Use lists, dictionaries, sets and queues."""
    counts, groups, queue = Counter(items), defaultdict(list), deque(items, maxlen=4)
    for i, item in enumerate(items):
        groups[item % 2].append(i)
        if item in counts and not queue:
            continue
    queue.rotate(1)
    queue.appendleft(0)
    ordered = sorted(items, reverse=True)
    ordered[1:2], ordered[-1] = [7, 8], ordered[0]
    del ordered[0]
    ordered.insert(0, ordered.pop())
    heap = list(zip(ordered, itertools.cycle("ab"), strict=False))
    heapq.heapify(heap)
    merged = {**counts, **{k: v for k, v in groups.items() if v}}
    merged.update(dict.fromkeys({1, 2} | set(items) - {3}))
    return counts.most_common(2), dict(groups), list(queue), heap, copy.deepcopy(merged)


@functools.lru_cache(maxsize=None)  # noqa: UP033
def fibonacci(n: int) -> int:
    """Recurse."""
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


def countdown(n: int) -> typing.Iterator[int]:
    """Generate."""
    while n > 0:
        yield n
        n -= 1
    else:
        yield from (0, *range(-1, -3, -1))


def failures(values: list[object]) -> list[str]:
    """Raise and catch."""
    caught = []
    for value in values:
        try:
            assert value is not None, "nothing"
            caught.append(str(1 / value))  # type: ignore[operator]
        except (ZeroDivisionError, TypeError) as error:
            caught.append(repr(error))
        except Exception:
            caught.append("other")
        finally:
            caught.append("done")
    return caught


def shape(value: object) -> str:
    """Match patterns."""
    match value:
        case [first, *_] if first:
            return "list"
        case {"x": int(x)}:
            return f"x={x}"
        case Point(x=0) | None:
            return "origin"
        case _:
            return type(value).__name__


def warm_up() -> str:
    """Use everything once and show it."""
    point = Point(1).shift(2)
    with contextlib.redirect_stdout(io.StringIO()) as out:
        print(point, Colour.BLUE, sep=";")  # noqa: T201
    shown = [texts("some plain text: xyz aab"), numbers(60), containers([3, 1, 2, 3, 1])]
    rest = (fibonacci(12), list(countdown(3)), failures([2, 0, "a", None, []]), out.getvalue())
    shapes = [shape(value) for value in ([1], {"x": 2}, Point(0), 5)]
    written = json.loads(json.dumps(rest))
    day = datetime.date(2024, 2, 29) + datetime.timedelta(days=1)
    queue = collections.OrderedDict(a=[*shapes], b=bisect.bisect([1, 3], 2))
    return repr((shown, rest, written, day, queue, reversed([1]), operator.itemgetter(0)([1])))
