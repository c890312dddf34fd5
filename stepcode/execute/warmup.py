"""An ordinary program without imports that the zygote runs before the first job (never imported).

It exercises the language and the methods of its types as benchmark programs do, so that the
children, which start as copies of the warm process, find compiler and caches ready.
`warmup_library.py` does the same for programs that import something.
"""


class Point:
    """A class with what classes mostly have."""

    kind = "point"

    def __init__(self, x: int, y: int = 0) -> None:
        """Keep both coordinates."""
        self.x, self.y = x, y

    def __repr__(self) -> str:
        """Show both coordinates."""
        return f"{type(self).__name__}({self.x}, {self.y!r})"

    def __eq__(self, other: object) -> bool:
        """Compare both coordinates."""
        return isinstance(other, Point) and (self.x, self.y) == (other.x, other.y)

    def __hash__(self) -> int:
        """Agree with equality."""
        return hash((self.x, self.y))

    @property
    def size(self) -> int:
        """Measure from zero."""
        return abs(self.x) + abs(self.y)


class Square(Point):
    """A class of another."""

    def __init__(self, x: int) -> None:
        """Have equal sides."""
        super().__init__(x, x)


def texts(text: str) -> list[str]:
    """Use most methods of a string."""
    words = text.strip().split()
    shown = [word.capitalize().ljust(8, "-").swapcase() for word in words if word.isalpha()]
    shown.append("".join(sorted(set(text), key=lambda c: (-text.count(c), c))))
    shown.append(text.replace("a", "b").translate(str.maketrans("xy", "yx")).partition("b")[2])
    shown.append("%s-%05.2f" % (text[::-1].upper(), 3.14159))  # noqa: UP031
    shown.append("{}-{:>4}".format(len(text), "ab"))
    shown.append(text.rjust(30).lstrip().zfill(9).removeprefix("0").title().center(40, "*"))
    shown += [*text.rpartition(" ")[::2], text.casefold(), str(text.find("x")), chr(ord("a") + 1)]
    shown.append("\n".join(text.splitlines()).expandtabs().encode().decode("utf-8"))
    if text.startswith("some") and not text.endswith(("a", "c")) and "plain" in text:
        shown.append(text.strip("abs").index("m").__str__())
    return shown + [f"{number:>6,.2f} {number!r:^9}" for number in (1, 2.5, -1000)]


def numbers(limit: int) -> dict[str, object]:
    """Use integers and floats."""
    primes = [n for n in range(2, limit) if all(n % d for d in range(2, int(n**0.5) + 1))]
    digits = (*divmod(2**64, 97), limit // 7, limit % 5, limit >> 1, limit ^ 3, ~limit)
    return {
        "primes": primes,
        "digits": list(map(int, str(sum(digits)))),
        "mean": round(sum(primes) / len(primes), 3),
        "flags": (any(primes), min(primes), max(primes, default=0), int("1f", 16), bin(10)),
    }


def containers(items: list[int]) -> tuple[object, ...]:
    """Use lists, dictionaries, sets and tuples."""
    counts: dict[int, int] = {}
    groups: dict[int, list[int]] = {}
    for i, item in enumerate(items):
        counts[item] = counts.get(item, 0) + 1
        groups.setdefault(item % 2, []).append(i)
        if item in counts and not groups:
            continue
    ordered = sorted(items, reverse=True)
    ordered[1:2], ordered[-1] = [7, 8], ordered[0]
    del ordered[0]
    ordered.insert(0, ordered.pop())
    ordered.extend(list(reversed(items)))
    ordered.remove(7)
    pairs = list(zip(ordered, "abc", strict=False))
    merged: dict[int, object] = {**counts, **{k: v for k, v in groups.items() if v}}
    merged.update(dict.fromkeys({1, 2} | set(items) - {3}))
    merged.pop(1, None)
    return max(counts, key=lambda key: counts[key]), groups, pairs, merged, ordered.index(8)


def fibonacci(n: int) -> int:
    """Recurse."""
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


def countdown(n: int):  # type: ignore[no-untyped-def]  # the type would have to be imported
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
    shown = [texts("some plain text: xyz aab"), numbers(60), containers([3, 1, 2, 3, 1])]
    rest = (fibonacci(12), list(countdown(3)), failures([2, 0, "a", None, []]))
    shapes = [shape(value) for value in ([1], {"x": 2}, Point(0), 5)]
    points = {Point(1), Point(1), Square(2)}, Square(3).size, [Point(1, 2)], Point.kind
    return repr((shown, rest, shapes, points, reversed([1]), (lambda *a, **k: (a, k))(1, b=2)))
