"""What a trace says of a line: whether it ran, what came next, what an expression was after it."""

import ast
from collections.abc import Callable, Sequence
from itertools import product

from stepcode.evaluate.benchmarks.reval.inside.recorder import Entry

END = -1
"""Stands for the end of the trace, and for a line that never ran, among the next lines."""
Lookup = Callable[[str], list[object]]


class NilError(Exception):
    """An expression has no value anywhere."""


def next_lines(entries: Sequence[Entry], line: int) -> list[int]:
    """Tell the lines that followed a line, once each and sorted; 1-based."""
    after = {entry.line for entry, before in _steps(entries) if before.line == line}
    if not after or entries[-1].line == line:
        after.add(END)
    return sorted(after)


def values_after(entries: Sequence[Entry], line: int, expression: str) -> list[object] | None:
    """Tell what an expression was after each visit of a line; None (Nil) if it never was anything.

    Names, attributes, subscripts, constants and tuples are evaluated, each operand to all the
    values it had: `x[i]` is every `x` with every `i`, whether or not they met.
    """
    after = [entry for entry, before in _steps(entries) if before.line == line]
    if entries and entries[-1].line == line:
        after.append(entries[-1])

    def look_up(name: str) -> list[object]:
        return [entry.before[name] for entry in after if name in entry.before]

    try:
        return _found(_evaluate(ast.parse(expression, mode="eval").body, look_up))
    except Exception:  # whatever the program's own `__getattr__` or `__getitem__` raises
        return None


def names_in(expression: str) -> frozenset[str]:
    """Tell the variables that an expression reads."""
    nodes = ast.walk(ast.parse(expression, mode="eval"))
    return frozenset(node.id for node in nodes if isinstance(node, ast.Name))


def _steps(entries: Sequence[Entry]) -> list[tuple[Entry, Entry]]:
    """Pair each entry with the one before it."""
    return list(zip(entries[1:], entries, strict=False))


def _found(values: list[object]) -> list[object]:
    if not values:
        raise NilError
    return values


def _evaluate(node: ast.expr, look_up: Lookup) -> list[object]:
    match node:
        case ast.Constant(value=value):
            return [value]
        case ast.Name(id=name):
            return _found(look_up(name))
        case ast.Attribute(value=owner, attr=name):
            owners = _evaluate(owner, look_up)
            return _found([getattr(one, name) for one in owners if hasattr(one, name)])
        case ast.Subscript(value=owner, slice=key):
            return _subscripts(_evaluate(owner, look_up), _evaluate(key, look_up))
        case ast.Tuple(elts=parts):
            return list(product(*(_evaluate(part, look_up) for part in parts)))
        case _:
            raise NilError


def _subscripts(owners: Sequence[object], keys: Sequence[object]) -> list[object]:
    values = []
    for owner, key in product(owners, keys):
        try:
            values.append(owner[key])  # type: ignore[index]  # or it raises
        except (TypeError, KeyError, IndexError):
            continue
    return _found(values)
