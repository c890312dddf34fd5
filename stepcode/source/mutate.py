"""New inputs for a program: calls like the given ones, changed by type. Pure, nothing runs here.

    propose_calls("def f(xs): ...", ["f([1, 2])"], rng=random.Random(7))    f([1, 2, 2]), f([]), ...

What stands in the program as a constant is tried in its inputs, and so are its neighbours: that is
where a condition tips over. Which proposals are worth a row only a run can tell.
"""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from stepcode.source import calls as call_texts
from stepcode.source.change import Changer, render

_MOST_CHARACTERS = 300
_MOST_CHANGES = (1, 1, 1, 2, 2, 3)
_CROSSED = 0.25
"""How often an argument is taken over from another call."""
_SWAPPED = 0.08
_MISSES = 60
"""Changes in a row that lead to nothing new before we say that there is nothing left."""
_GAP = re.compile(r"_gap\d+_")


@dataclass(frozen=True, slots=True)
class _Call:
    """A call with its literal arguments taken out: `pieces` is one longer than `values`."""

    pieces: tuple[str, ...]
    values: tuple[object, ...]

    def with_values(self, values: Sequence[object]) -> str:
        texts = [*map(render, values), ""]
        return "".join(piece + text for piece, text in zip(self.pieces, texts, strict=True))


def propose_calls(code: str, calls: Sequence[str], *, rng: Random) -> Iterator[str]:
    """Propose calls of the program that are not among the given ones, each once, until none is new.

    Only arguments that are literals change; a call without any gives nothing.
    """
    taken_apart = [call for text in calls if (call := _take_apart(text)) and call.values]
    if not taken_apart:
        return
    changer = Changer(rng, constants_of(code))
    seen = set(calls) | {call.with_values(call.values) for call in taken_apart}
    longest = max(_MOST_CHARACTERS, *map(len, calls))
    misses = 0
    while misses < _MISSES:
        text = _propose(taken_apart, changer, rng)
        if text in seen or len(text) > longest:
            misses += 1
            continue
        misses = 0
        seen.add(text)
        yield text


def constants_of(code: str) -> list[object]:
    """Collect the numbers and texts that stand in a program, each once; docstrings are none."""
    module = call_texts.parse_module(code)
    if module is None:
        return []
    spoken = {
        id(node.value)
        for node in ast.walk(module)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    values = [
        node.value
        for node in ast.walk(module)
        if isinstance(node, ast.Constant) and id(node) not in spoken
    ]
    kept = [value for value in values if type(value) in (int, float, str)]
    return list({(type(value), value): value for value in kept}.values())


def _propose(calls: Sequence[_Call], changer: Changer, rng: Random) -> str:
    base = rng.choice(calls)
    values = list(base.values)
    for _ in range(rng.choice(_MOST_CHANGES)):
        place = rng.randrange(len(values))
        values[place] = _changed(values, place, calls, changer, rng)
    return base.with_values(values)


def _changed(
    values: list[object], place: int, calls: Sequence[_Call], changer: Changer, rng: Random
) -> object:
    others = [
        call.values[place]
        for call in calls
        if len(call.values) == len(values) and call.values[place] != values[place]
    ]
    if others and rng.random() < _CROSSED:
        return rng.choice(others)
    alike = [other for other in values if type(other) is type(values[place])]
    if len(alike) > 1 and rng.random() < _SWAPPED:
        return rng.choice(alike)
    return changer.change(values[place])


def _take_apart(text: str) -> _Call | None:
    """Find the literal arguments of a call, or of the calls that it is made of."""
    tree = call_texts.parse_expression(text)
    if tree is None:
        return None
    gaps = _Gaps()
    pieces = _GAP.split(ast.unparse(gaps.visit(tree)))
    return _Call(tuple(pieces), tuple(gaps.values))


class _Gaps(ast.NodeTransformer):
    """Puts a name in the place of every literal argument."""

    def __init__(self) -> None:
        self.values: list[object] = []

    def visit_Call(self, node: ast.Call) -> ast.AST:
        node.func = self.visit(node.func)
        node.args = [self._gap(argument) for argument in node.args]
        for keyword in node.keywords:
            if keyword.arg is not None:
                keyword.value = self._gap(keyword.value)
        return node

    def _gap(self, node: ast.expr) -> ast.expr:
        try:
            value: object = ast.literal_eval(node)
        except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
            return node
        self.values.append(value)
        return ast.Name(f"_gap{len(self.values)}_", ast.Load())
