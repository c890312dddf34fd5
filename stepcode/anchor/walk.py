"""One walk over a program's `ast` that gathers all the planner asks about it.

Which functions there are and who calls them from where, which names can never be shown, and whether
`print` still means `print`.
"""

import ast
import re
from collections.abc import Callable
from typing import NamedTuple

from stepcode.anchor.facts import CONSTRUCTORS, Facts, Function, FunctionNode, Reference
from stepcode.anchor.nodes import inner_fields
from stepcode.anchor.plain import FRAME_READERS, is_plain, parameter_names, plain_facts
from stepcode.anchor.silence import silent_functions
from stepcode.errors import AnchorError

_DEFINED_NAME = re.compile(r"\b(?:def|class)\s+(\w+)")
_LOOPS = (ast.For, ast.AsyncFor, ast.While)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_MAPPERS = {"map", "filter", "starmap"}


def gather_facts(tree: ast.Module, code: str) -> Facts:
    """Walk the program once; raises AnchorError with the line where `print` is rebound."""
    names = _DEFINED_NAME.findall(code)
    if is_plain(tree, code, names):
        return plain_facts(tree)
    walk = _Walk(set(names))
    walk.run(tree)
    walk.facts.silent = silent_functions(walk.facts, walk.references, walk.hot_calls)
    return walk.facts


class _Place(NamedTuple):
    """Where the walk is; a tuple, because one is made for every loop and function."""

    function: Function | None = None
    prefix: str = ""
    in_class: bool = False
    hot: bool = False
    """In a loop of the current function."""
    in_comprehension: bool = False
    """Whose targets live in a scope of their own, also below a class."""


class _Walk:
    """The walk's state. An explicit stack: recursion would limit nesting and cost time."""

    def __init__(self, defined_names: set[str]) -> None:
        self.facts = Facts()
        self.references: list[Reference] = []
        self.hot_calls: set[str] = set()
        """Names called in hot places, and '' for a call of anything but a name."""
        self._defined_names = defined_names
        self._called: set[int] = set()
        self._stack: list[tuple[object, _Place]] = []
        """Nodes to visit; gaps and plain values of some nodes' fields among them do no harm."""

    def run(self, tree: ast.Module) -> None:
        """Visit every node; the stack hands them out in source order."""
        stack = self._stack
        self._push(tree.body, _Place())
        while stack:
            node, place = stack.pop()
            visit = _VISITORS.get(node.__class__)
            if visit is None:
                self._children(node, place)
            else:
                visit(self, node, place)

    def _push(self, value: object, place: _Place) -> None:
        if isinstance(value, list):
            for node in reversed(value):
                self._stack.append((node, place))
        else:
            self._stack.append((value, place))

    def _children(self, node: object, place: _Place) -> None:
        stack = self._stack
        for name in inner_fields(node.__class__):  # type: ignore[arg-type]  # classes do hash
            value = getattr(node, name, None)
            if isinstance(value, list):
                for child in reversed(value):
                    stack.append((child, place))
            elif value is not None:
                stack.append((value, place))

    def _leaf(self, node: object, place: _Place) -> None:
        """Constants hold nothing."""

    def _check_print(self, name: str | None, node: ast.AST) -> None:
        if name == "print":
            line = getattr(node, "lineno", None)
            raise AnchorError("print is rebound here, so an anchor would not print", line=line)

    def _name(self, node: ast.Name, place: _Place) -> None:
        if not isinstance(node.ctx, ast.Load):
            if not place.in_class:
                self._check_print(node.id, node)
            if place.function is not None and not place.in_comprehension:
                place.function.locals.add(node.id)
        elif node.id in self._defined_names:
            self._refer(node.id, node, place, attribute=False)
        if node.id in FRAME_READERS and place.function is not None:
            place.function.frame_readers.add(node.id)

    def _attribute(self, node: ast.Attribute, place: _Place) -> None:
        base = node.value
        if node.attr == "print" and not isinstance(node.ctx, ast.Load):
            if isinstance(base, ast.Name) and base.id in ("builtins", "__builtins__"):
                self._check_print("print", node)
        elif node.attr in self._defined_names or node.attr in CONSTRUCTORS:
            # `super().f` is the parent's f: no recursion, whatever the name says.
            is_super = (
                isinstance(base, ast.Call)
                and isinstance(base.func, ast.Name)
                and base.func.id == "super"
            )
            if not is_super or place.hot:
                self._refer(node.attr, node, place, attribute=True)
        reads_frame = node.attr in FRAME_READERS or (
            node.attr == "stack" and isinstance(base, ast.Name) and base.id == "inspect"
        )
        if reads_frame and place.function is not None:
            place.function.frame_readers.add(f".{node.attr}")
        self._stack.append((base, place))

    def _refer(self, name: str, node: ast.expr, place: _Place, *, attribute: bool) -> None:
        if isinstance(getattr(node, "ctx", None), ast.Load):
            called = id(node) in self._called
            self.references.append(Reference(name, place.function, place.hot, called, attribute))

    def _call(self, node: ast.Call, place: _Place) -> None:
        self._called.add(id(node.func))
        if place.hot:
            self.hot_calls.add(node.func.id if isinstance(node.func, ast.Name) else "")
        arguments = place
        if isinstance(node.func, ast.Name) and node.func.id in _MAPPERS and not place.hot:
            arguments = _hot(place)
        self._push([k.value for k in node.keywords], place)
        self._push(node.args, arguments)
        self._stack.append((node.func, place))

    def _function(self, node: FunctionNode, place: _Place) -> None:
        if not place.in_class:
            self._check_print(node.name, node)
        else:
            self.facts.class_attributes.add(node.name)
        qualname, parameters = place.prefix + node.name, parameter_names(node.args)
        function = Function(node, qualname, place.in_class, place.hot, parameters)
        function.locals |= parameters
        self.facts.functions[node] = function
        inside = _Place(function, f"{function.qualname}.<locals>.")
        self._push(node.body, inside)
        self._push(node.args, place)
        self._called.update(map(id, node.decorator_list))
        self._push(node.decorator_list, place)

    def _class(self, node: ast.ClassDef, place: _Place) -> None:
        if not place.in_class:
            self._check_print(node.name, node)
        self.facts.classes.append(node)
        inside = _Place(place.function, f"{place.prefix}{node.name}.", True, place.hot)
        self._push(node.body, inside)
        self._called.update(map(id, node.decorator_list))
        self._push([*node.decorator_list, *node.bases, *(k.value for k in node.keywords)], place)

    def _lambda(self, node: ast.Lambda, place: _Place) -> None:
        self._push(node.body, _hot(place))
        self._push(node.args, place)

    def _import(self, node: ast.Import | ast.ImportFrom, place: _Place) -> None:
        for alias in node.names:
            bound = alias.asname or alias.name.partition(".")[0]
            if not place.in_class:
                self._check_print(bound, node)
            self.facts.imports.add(bound)

    def _assign(self, node: ast.Assign, place: _Place) -> None:
        self.facts.assignments.append((place.function, tuple(node.targets), node.value))
        self._children(node, place)

    def _annotated(self, node: ast.AnnAssign | ast.NamedExpr, place: _Place) -> None:
        if node.value is not None:
            self.facts.assignments.append((place.function, (node.target,), node.value))
        self._children(node, place)

    def _with_item(self, node: ast.withitem, place: _Place) -> None:
        if node.optional_vars is not None:
            item = (place.function, (node.optional_vars,), node.context_expr)
            self.facts.assignments.append(item)
        self._children(node, place)

    def _argument(self, node: ast.arg, place: _Place) -> None:
        self._check_print(node.arg, node)
        self._children(node, place)

    def _declaration(self, node: ast.Global | ast.Nonlocal, place: _Place) -> None:
        for name in node.names:
            self._check_print(name, node)

    def _named(self, node: ast.ExceptHandler | ast.MatchAs | ast.MatchStar, place: _Place) -> None:
        if not place.in_class:
            self._check_print(node.name, node)
        self._children(node, place)

    def _mapping(self, node: ast.MatchMapping, place: _Place) -> None:
        if not place.in_class:
            self._check_print(node.rest, node)
        self._children(node, place)

    def _yield(self, node: ast.Yield | ast.YieldFrom, place: _Place) -> None:
        if place.function is not None:
            place.function.is_generator = True
        self._children(node, place)

    def _loop(self, node: ast.For | ast.AsyncFor | ast.While, place: _Place) -> None:
        inside = _hot(place)
        self._push(node.orelse, place)
        self._push(node.body, inside)
        if isinstance(node, ast.While):
            self._push(node.test, inside)
        else:
            self._push([node.target, node.iter], place)

    def _comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp, place: _Place
    ) -> None:
        inside = _Place(place.function, place.prefix, False, True, True)
        first, *others = node.generators
        if isinstance(node, ast.DictComp):
            self._push([node.key, node.value], inside)
        else:
            self._push(node.elt, inside)
        self._push(others, inside)
        self._push([first.target, *first.ifs], inside)
        self._push(first.iter, place)


# Of the class, not of each walk: bound methods would make cycles that hold the tree.
_VISITORS: dict[type, Callable[..., None]] = {
    ast.Name: _Walk._name,
    ast.Attribute: _Walk._attribute,
    ast.Call: _Walk._call,
    ast.FunctionDef: _Walk._function,
    ast.AsyncFunctionDef: _Walk._function,
    ast.ClassDef: _Walk._class,
    ast.Lambda: _Walk._lambda,
    ast.Import: _Walk._import,
    ast.ImportFrom: _Walk._import,
    ast.Assign: _Walk._assign,
    ast.AnnAssign: _Walk._annotated,
    ast.NamedExpr: _Walk._annotated,
    ast.withitem: _Walk._with_item,
    ast.arg: _Walk._argument,
    ast.Global: _Walk._declaration,
    ast.Nonlocal: _Walk._declaration,
    ast.ExceptHandler: _Walk._named,
    ast.MatchAs: _Walk._named,
    ast.MatchStar: _Walk._named,
    ast.MatchMapping: _Walk._mapping,
    ast.Constant: _Walk._leaf,
    ast.Yield: _Walk._yield,
    ast.YieldFrom: _Walk._yield,
    **dict.fromkeys(_LOOPS, _Walk._loop),
    **dict.fromkeys(_COMPREHENSIONS, _Walk._comprehension),
}


def _hot(place: _Place) -> _Place:
    return place if place.hot else place._replace(hot=True)
