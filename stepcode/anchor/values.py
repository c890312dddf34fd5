"""Questions about single expressions: what a target shows, what is too dull, what has no text."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from stepcode.anchor.facts import Facts, Function
from stepcode.types import AnchorKind

_EMPTY_CONSTRUCTORS = {"list", "dict", "set", "tuple", "str", "int", "float", "bool", "frozenset"}
_OPAQUE_CALLS = {
    *("map", "filter", "zip", "iter", "reversed", "enumerate", "open", "object", "super"),
    *("memoryview", "property", "staticmethod", "classmethod", "aiter", "anext"),
}
"""Builtins whose result shows an address or is used up by looking at it."""
_OPAQUE_WITH_FUNCTION = {"defaultdict", "partial", "partialmethod", "cmp_to_key"}
MUTATING_METHODS = {
    *("append", "extend", "insert", "remove", "pop", "clear", "sort", "reverse"),
    *("update", "add", "discard", "setdefault", "popitem", "move_to_end", "subtract"),
    *("appendleft", "popleft", "extendleft", "rotate"),
    *("difference_update", "intersection_update", "symmetric_difference_update"),
    *("__setitem__", "__delitem__"),
}
_MUTATING_FUNCTIONS = {
    *("heappush", "heapify", "heappop", "heapreplace", "heappushpop"),
    *("insort", "insort_left", "insort_right", "shuffle"),
}
"""Library functions that change their first argument."""


class Shown(NamedTuple):
    """A name to show and the kind of anchor that shows it."""

    name: str
    kind: AnchorKind


@dataclass(slots=True)
class Showable:
    """Which names may be shown: the others have no text, or looking at them runs code."""

    facts: Facts
    repr_methods: tuple[str, ...]
    """Methods that give an instance a text of its own under the policy's conversion."""
    _hidden: set[str] = field(default_factory=set)
    """Never variables: functions, classes, modules."""
    _opaque: set[tuple[Function | None, str]] = field(default_factory=set)
    _opaque_makers: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Find every name that ever holds a value without a text."""
        facts = self.facts
        self._hidden = facts.defined | facts.imports
        self._opaque_makers = {
            f.node.name
            for f in facts.functions.values()
            if f.is_generator or isinstance(f.node, ast.AsyncFunctionDef)
        } | set(self._classes_without_repr())
        for function in facts.functions.values():
            if function.self_name is not None:
                self._opaque.add((function, function.self_name))
        # Twice, so that an alias of a name that becomes opaque further down is found as well.
        for _ in range(2):
            before = len(self._opaque)
            for owner, targets, value in facts.assignments:
                for target in targets:
                    self._note_opaque(target, value, owner)
            if len(self._opaque) == before:
                break

    def allows(self, name: str, owner: Function | None) -> bool:
        """Whether `name`, as written inside `owner`, may be shown."""
        root, _, attribute = name.partition(".")
        if attribute:
            return (
                owner is not None
                and root == owner.self_name
                and attribute not in self.facts.class_attributes
                and not self.facts.hooks_attributes
                and (None, name) not in self._opaque
            )
        return not self._is_hidden(root, owner) and not self._is_opaque_name(root, owner)

    def is_opaque(self, value: ast.expr, owner: Function | None) -> bool:
        """Whether the value's text would be an address, or looking at it would change it."""
        match value:
            case ast.Lambda() | ast.GeneratorExp():
                return True
            case ast.Name(id=name):
                return self._is_hidden(name, owner) or self._is_opaque_name(name, owner)
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
                return self._makes_opaque(name, value, owner)
            case ast.IfExp(body=body, orelse=orelse):
                return self.is_opaque(body, owner) or self.is_opaque(orelse, owner)
            case ast.BoolOp(values=items) | ast.Tuple(elts=items) | ast.List(elts=items):
                return any(self.is_opaque(item, owner) for item in items)
            case ast.Dict(values=items):
                return any(self.is_opaque(item, owner) for item in items)
            case ast.NamedExpr(value=item) | ast.Starred(value=item):
                return self.is_opaque(item, owner)
            case ast.Attribute(value=ast.Name(id=root), attr=attribute):
                return (None, f"{root}.{attribute}") in self._opaque
            case _:
                return False

    def _makes_opaque(self, name: str, call: ast.Call, owner: Function | None) -> bool:
        plain = isinstance(call.func, ast.Name)
        if name in self._opaque_makers or (plain and name in _OPAQUE_CALLS):
            return True
        return name in _OPAQUE_WITH_FUNCTION and any(
            self.is_opaque(argument, owner) for argument in call.args[:1]
        )

    def _is_hidden(self, name: str, owner: Function | None) -> bool:
        return name in self._hidden and (owner is None or name not in owner.locals)

    def _is_opaque_name(self, name: str, owner: Function | None) -> bool:
        return (owner, name) in self._opaque or (None, name) in self._opaque

    def _note_opaque(self, target: ast.expr, value: ast.expr, owner: Function | None) -> None:
        for part, part_value in pair_elements(target, value):
            if not self.is_opaque(part_value, owner):
                continue
            for shown in target_names(part):
                # An attribute belongs to the object, whichever method sets it.
                scope = None if "." in shown.name else owner
                self._opaque.add((scope, shown.name))

    def _classes_without_repr(self) -> Iterator[str]:
        plain = {"object", "ABC", "Generic", "Protocol"}
        for node in self.facts.classes:  # in source order: a base stands above its subclasses
            bases = {b.id if isinstance(b, ast.Name) else "?" for b in node.bases}
            methods = {item.name for item in node.body if isinstance(item, ast.FunctionDef)}
            inherits_text = not bases <= plain
            if not (inherits_text or node.decorator_list or methods & set(self.repr_methods)):
                plain.add(node.name)
                yield node.name


def pair_elements(target: ast.expr, value: ast.expr) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Pair `a, b = x, y` element by element; anything else stays one pair."""
    if (
        isinstance(target, ast.Tuple | ast.List)
        and isinstance(value, ast.Tuple | ast.List)
        and len(target.elts) == len(value.elts)
        and not any(isinstance(e, ast.Starred) for e in (*target.elts, *value.elts))
    ):
        for target_element, value_element in zip(target.elts, value.elts, strict=True):
            yield from pair_elements(target_element, value_element)
    else:
        yield target, value


def is_trivial(value: ast.expr) -> bool:
    """Whether the value is a constant or an empty container that teaches nothing when shown."""
    match value:
        case ast.Constant():
            return True
        case ast.UnaryOp(operand=ast.Constant()):
            return True
        case ast.List(elts=[]) | ast.Tuple(elts=[]) | ast.Dict(keys=[]):
            return True
        case ast.Call(func=ast.Name(id=name), args=[], keywords=[]):
            return name in _EMPTY_CONSTRUCTORS
        case _:
            return False


def target_names(target: ast.expr, kind: AnchorKind = AnchorKind.ASSIGN) -> Iterator[Shown]:
    """Yield what an assignment to `target` shows, in source order.

    An element shows its container, never itself: reading `d[k]` may call `__missing__` or the key.
    """
    match target:
        case ast.Name(id=name):
            yield Shown(name, kind)
        case ast.Attribute(value=ast.Name(id=root), attr=attribute):
            yield Shown(f"{root}.{attribute}", kind)
        case ast.Starred(value=inner):
            yield from target_names(inner, kind)
        case ast.Tuple(elts=elements) | ast.List(elts=elements):
            for element in elements:
                yield from target_names(element, kind)
        case ast.Subscript():
            changed = AnchorKind.MUTATE if kind is AnchorKind.ASSIGN else kind
            container = container_name(target)
            if container is not None:
                yield Shown(container, changed)


def container_name(node: ast.expr) -> str | None:
    """Name the variable that holds `a[i][j]` or `self.a[i]`; None if it has none."""
    while isinstance(node, ast.Subscript):
        node = node.value
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=ast.Name(id=root), attr=attribute):
            return f"{root}.{attribute}"
        case _:
            return None


def mutated_name(value: ast.expr) -> str | None:
    """Name the variable that a call statement changes, by the known mutating methods."""
    match value:
        case ast.Call(func=ast.Attribute(value=receiver, attr=method)) if (
            method in MUTATING_METHODS
        ):
            return container_name(receiver)
        case ast.Call(
            func=ast.Name(id=function) | ast.Attribute(value=ast.Name(), attr=function),
            args=[first, *_],
        ) if function in _MUTATING_FUNCTIONS:
            return container_name(first)
        case _:
            return None


def distinct(shown: Iterable[Shown]) -> list[Shown]:
    """Keep the first of each name."""
    first: dict[str, Shown] = {}
    for item in shown:
        first.setdefault(item.name, item)
    return list(first.values())
