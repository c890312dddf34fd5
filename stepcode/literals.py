"""Values as Python text: whether it is a literal, and whether two texts are the same value.

What a dataset keeps and what a model's answer is compared with are judged alike, here.
"""

import ast
import warnings

MAX_CHARS = 1_000_000
"""Longer text is no literal: a parser may take a hundred times its memory."""


def is_literal(text: str) -> bool:
    """Whether text is a Python literal, which nan and inf are not."""
    return _literal(text) is not None


def same_value(left: str, right: str) -> bool:
    """Whether two texts are the same, or literals of equal values; `left` may hold sums."""
    if left == right:
        return True
    a, b = _literal(left) or _literal(_calculated(left)), _literal(right)
    if a is None or b is None:
        return False
    try:
        return bool(a[0] == b[0])
    except RecursionError:
        return False


def _calculated(text: str) -> str:
    """Write a declared value with its sums worked out: REval declares `(3 + 5 + 7, 3 * 5 * 7)`."""
    try:
        return ast.unparse(_Sums().visit(ast.parse(text.strip(), mode="eval")))
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return text


class _Sums(ast.NodeTransformer):
    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.op, ast.USub) and (number := _number(node.operand)) is not None:
            return ast.Constant(-number)
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        left, right = _number(node.left), _number(node.right)
        if left is None or right is None or max(abs(left), abs(right)) > 1e15:
            return node
        match node.op:
            case ast.Add():
                return ast.Constant(left + right)
            case ast.Sub():
                return ast.Constant(left - right)
            case ast.Mult():
                return ast.Constant(left * right)
            case _:
                return node


def _number(node: ast.expr) -> float | None:
    value = node.value if isinstance(node, ast.Constant) else None
    return value if isinstance(value, int | float) else None


def _literal(text: str) -> tuple[object] | None:
    """Evaluate a literal; boxed, because None is one."""
    if len(text) > MAX_CHARS:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return (ast.literal_eval(text.strip()),)
    except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
        return None
