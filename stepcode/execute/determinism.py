"""Does a program show the same twice? Two runs under different hash seeds tell most of it.

Two seeds order a set of two strings differently only half the time, so the pair below was searched
for, and a value that shows such a set is suspect even where both runs agree.
"""

import ast

from stepcode.types import Execution

HASH_SEEDS: tuple[int, int] = (19, 108)
"""Of the pairs below 120, one that orders all 13 two-element sets of the probe list differently."""

_MAX_CHARACTERS = 200_000


def agree(first: Execution, second: Execution) -> bool:
    """Tell whether two runs of one program showed exactly the same."""
    return _shown(first) == _shown(second)


def _shown(execution: Execution) -> tuple[object, ...]:
    return (
        execution.outcome,
        execution.output,
        execution.error,
        execution.stdout,
        execution.steps,
    )


def has_unordered_set(text: str) -> bool:
    """Tell whether the text of a value shows a set whose order depends on the hash seed.

    Text that Python cannot read, or that is huge, is not judged: False leaves it to the two runs.
    """
    if "{" not in text or len(text) > _MAX_CHARACTERS:
        return False
    try:
        nodes = ast.walk(ast.parse(text, mode="eval"))
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return False
    return any(
        (isinstance(node, ast.Set) and _is_unordered(node))
        or (isinstance(node, ast.Constant) and _shows_unordered_set(node.value))
        for node in nodes
    )


def _shows_unordered_set(value: object) -> bool:
    """Tell whether a value is the text of such a set, or of what holds one."""
    return isinstance(value, str) and value[:1] in tuple("{[(") and has_unordered_set(value)


def _is_unordered(node: ast.Set) -> bool:
    return len(node.elts) > 1 and not all(map(_hashes_alike, node.elts))


def _hashes_alike(node: ast.expr) -> bool:
    """Tell whether a value has one hash under every seed: numbers, and tuples or sets of them."""
    match node:
        case ast.Constant(value=value):
            return isinstance(value, int | float | complex)
        case ast.UnaryOp(operand=operand):
            return _hashes_alike(operand)
        case ast.BinOp(left=left, right=right):  # a complex number
            return _hashes_alike(left) and _hashes_alike(right)
        case ast.Tuple(elts=elements) | ast.Set(elts=elements):
            return all(map(_hashes_alike, elements))
        case ast.Call(func=ast.Name(id="frozenset"), args=arguments, keywords=[]):
            return all(map(_hashes_alike, arguments))
        case _:
            return False
