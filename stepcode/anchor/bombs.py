"""Programs that are small to read and without end to compile, or to parse with LibCST.

Anchoring happens in the driver's own processes, where no limit of a sandbox holds. So what is known
to grow with a power of its depth is refused by its shape, before anything walks into it.
"""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from stepcode.errors import AnchorError

MAX_PATTERN_DEPTH = 5
"""LibCST takes four times as long for each level: a millisecond at 5, a third of a second at 9."""
MAX_COMPILED_NODES = 300_000
"""The compiler copies the block of a `finally` to every `return`, `break` and `continue` inside."""

_JUMPS = (ast.Return, ast.Break, ast.Continue)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


def refuse_bombs(tree: ast.Module, code: str) -> None:
    """Raise AnchorError for what would take the driver down; cheap for everything else."""
    if "case" in code:
        _refuse_deep_patterns(tree)
    if code.count("finally") > 1 or ("finally" in code and len(code) > MAX_COMPILED_NODES // 100):
        _refuse_copies(tree)


def _refuse_deep_patterns(tree: ast.Module) -> None:
    for node in ast.walk(tree):
        if isinstance(node, ast.match_case) and _is_deeper(node.pattern, MAX_PATTERN_DEPTH):
            found = f"a pattern is nested more than {MAX_PATTERN_DEPTH} deep"
            raise AnchorError(found, line=node.pattern.lineno)


def _is_deeper(pattern: ast.pattern, depth: int) -> bool:
    level: list[ast.pattern] = [pattern]
    for _ in range(depth):
        level = [inner for one in level for inner in _patterns_in(one)]
    return bool(level)


def _patterns_in(pattern: ast.pattern) -> Iterator[ast.pattern]:
    return (node for node in ast.iter_child_nodes(pattern) if isinstance(node, ast.pattern))


def _refuse_copies(tree: ast.Module) -> None:
    nodes = _weigh([tree]).nodes
    if nodes > MAX_COMPILED_NODES:
        raise AnchorError("its `finally` blocks would be compiled into too many copies")


@dataclass(frozen=True, slots=True)
class _Weight:
    """What some code is compiled to: how many nodes, and how many ways out among them."""

    nodes: int
    jumps: int


def _weigh(nodes: Iterable[ast.AST]) -> _Weight:
    count = jumps = 0
    for node in nodes:
        weight = _weigh_one(node)
        count += weight.nodes
        jumps += weight.jumps
    return _Weight(count, jumps)


def _weigh_one(node: ast.AST) -> _Weight:
    if isinstance(node, ast.Try | ast.TryStar) and node.finalbody:
        body = _weigh([*node.body, *node.handlers, *node.orelse])
        final = _weigh(node.finalbody)
        copies = 2 + body.jumps  # one for the ordinary end, one for an exception
        return _Weight(body.nodes + copies * final.nodes, body.jumps + copies * final.jumps)
    inside = _weigh(ast.iter_child_nodes(node))
    if isinstance(node, _FUNCTIONS):
        return _Weight(1 + inside.nodes, 0)
    return _Weight(1 + inside.nodes, inside.jumps + isinstance(node, _JUMPS))
