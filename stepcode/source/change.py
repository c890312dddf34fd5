"""Values near a given one, of the same type: empty, shorter, longer, at a boundary, reordered.

Changer(random.Random(7), [5, "ab"]).change([1, 2])     [2, 1], [1, 2, 5], [], [1, 3], ...
"""

from collections.abc import Sequence
from random import Random
from typing import Any

_LARGEST = 100
"""Numbers of a call stay below, or below twice what they were: a program may count up to them."""
_LARGEST_CONSTANT = 1000
_LONGEST = 24
_LETTERS = "abcxyzABZ019 .,-_"
_INSIDE = 0.45
"""How often an element of a collection changes, and not the collection."""


def render(value: object) -> str:
    """Write a value as Python; sets in one order, whatever the hash seed."""
    match value:
        case set() if value:
            return "{" + ", ".join(sorted(map(render, value))) + "}"
        case list():
            return "[" + ", ".join(map(render, value)) + "]"
        case tuple():
            return (
                "(" + ", ".join(map(render, value)) + ",)"
                if len(value) == 1
                else ("(" + ", ".join(map(render, value)) + ")")
            )
        case dict():
            return "{" + ", ".join(f"{render(k)}: {render(v)}" for k, v in value.items()) + "}"
        case _:
            return repr(value)


class Changer:
    """Changes values; owns the source of chance and what the program compares with."""

    def __init__(self, rng: Random, constants: Sequence[object]) -> None:
        """Sort the constants of the program by type."""
        self._rng = rng
        self._numbers = [
            number
            for number in constants
            if type(number) is int and abs(number) <= _LARGEST_CONSTANT
        ]
        self._texts = [
            text for text in constants if isinstance(text, str) and len(text) <= _LONGEST
        ]

    def change(self, value: Any) -> Any:  # Any: a literal of any type, and one of the same
        """Give a value of the same type, different as a rule."""
        match value:
            case bool():
                return not value
            case int():
                return self._int(value)
            case float():
                return self._float(value)
            case str():
                return self._str(value)
            case list():
                return self._list(value)
            case tuple():
                return self._tuple(value)
            case set():
                return self._set(value)
            case dict():
                return self._dict(value)
            case _:
                return value

    def _int(self, value: int) -> int:
        rng = self._rng
        near = [
            value - 1,
            value + 1,
            -value,
            0,
            1,
            value // 2,
            value * 2,
            value + rng.randint(2, 9),
        ]
        bounds = [number + step for number in self._numbers for step in (-1, 0, 1)]
        bounds += [2 * number + 1 for number in self._numbers]  # for what is halved first
        most = max(_LARGEST, 2 * abs(value))
        near.append(rng.randint(-9, 9) if rng.random() < 0.3 else rng.randint(0, min(most, 200)))
        chosen = rng.choice(bounds) if bounds and rng.random() < 0.35 else rng.choice(near)
        return chosen if abs(chosen) <= max(most, _LARGEST_CONSTANT) else value

    def _float(self, value: float) -> float:
        rng = self._rng
        near = [value + 1, value - 0.5, -value, 0.0, value * 2, value / 2, float(round(value))]
        near += [float(number) for number in self._numbers]
        chosen = rng.choice([*near, rng.randint(0, 400) / 4])
        return round(chosen, 3) if abs(chosen) < max(_LARGEST_CONSTANT, 2 * abs(value)) else value

    def _str(self, value: str) -> str:
        rng = self._rng
        texts = [*self._texts, rng.choice(_LETTERS)]
        part = rng.choice(texts)
        at = rng.randint(0, len(value))
        words = value.split(" ")
        choices = [
            value[:at] + part + value[at:],
            value[:at] + part + value[at + 1 :],
            part + value,
            value + part,
            value[:at],
            value[at:],
            value[:at] + value[at + 1 :],
            value[::-1],
            value.swapcase(),
            value.upper(),
            value.lower(),
            value.title(),
            "".join(rng.sample(value, len(value))),
            " ".join(rng.sample(words, len(words))),
            value[at:] + value[:at],
            value[:_LONGEST] * 2,
            value.replace(rng.choice(value), part) if value else part,
            self._resized(value) if value else part,
        ]
        return rng.choice([*choices, part, ""]) if rng.random() < 0.2 else rng.choice(choices)

    def _resized(self, value: Any) -> Any:  # Any: a string, list or tuple, and one of its type
        """Make it as long as a constant of the program says, or nearly."""
        lengths = [
            n + step for n in self._numbers for step in (-1, 0, 1) if 0 <= n + step <= _LONGEST
        ]
        length = self._rng.choice(lengths or [1, 2, len(value) + 1])
        return (value * (length // len(value) + 1))[:length]

    def _list(self, value: list[Any]) -> list[Any]:  # Any: see change
        rng = self._rng
        if not value:
            return [rng.choice(self._numbers or [1])] if rng.random() < 0.5 else []
        at = rng.randrange(len(value))
        if rng.random() < _INSIDE:
            return [*value[:at], self.change(value[at]), *value[at + 1 :]]
        choices = [
            [*value[:at], *value[at + 1 :]],
            [*value[: at + 1], value[at], *value[at + 1 :]],
            [*value, self.change(value[at])],
            [self.change(value[at]), *value],
            value[:at],
            value[at:],
            value[::-1],
            rng.sample(value, len(value)),
            self._sorted(value),
            [self.change(item) for item in value],
            [value[at]] * len(value),
            self._resized(value),
            value[:_LONGEST] + value[:_LONGEST],
        ]
        return [] if rng.random() < 0.05 else rng.choice(choices)

    def _sorted(self, value: list[Any]) -> list[Any]:  # Any: see change
        try:
            return sorted(value, reverse=self._rng.random() < 0.5)
        except TypeError:
            return value[::-1]

    def _tuple(self, value: tuple[Any, ...]) -> tuple[Any, ...]:  # Any: see change
        """Keep the length as a rule: a tuple may be a record."""
        if value and self._rng.random() < 0.8:
            at = self._rng.randrange(len(value))
            return (*value[:at], self.change(value[at]), *value[at + 1 :])
        return tuple(self._list(list(value)))

    def _set(self, value: set[Any]) -> set[Any]:  # Any: see change
        items = sorted(value, key=render)
        return set(self._list(items)) if items else set(self._numbers[:1])

    def _dict(self, value: dict[Any, Any]) -> dict[Any, Any]:  # Any: see change
        rng = self._rng
        if not value:
            return value
        items = list(value.items())
        at = rng.randrange(len(items))
        key, held = items[at]
        choices = [
            [*items[:at], *items[at + 1 :]],
            [*items[:at], (key, self.change(held)), *items[at + 1 :]],
            [*items[:at], (key, self.change(held)), *items[at + 1 :]],
            [*items[:at], (self.change(key), held), *items[at + 1 :]],
            [*items, (self.change(key), self.change(held))],
            [*items, (self._key_like(key), held)],
            [(name, self.change(item)) for name, item in items],
            items[::-1],
            items[:at],
        ]
        return dict(rng.choice(choices))

    def _key_like(self, key: Any) -> Any:  # Any: see change
        known = self._texts if isinstance(key, str) else self._numbers
        return self._rng.choice(known) if known and isinstance(key, str | int) else self.change(key)
