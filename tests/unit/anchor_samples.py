"""Helpers for tests of the rewriter: anchored text, and the original tree got back from it."""

import ast

from stepcode.anchor import insert_anchors
from stepcode.types import AnchoredProgram, Program


def anchored(code: str, *, policy: str = "strict") -> AnchoredProgram:
    """Anchor some code."""
    return insert_anchors(Program(code=code), policy=policy)


def shown(code: str, *, policy: str = "strict") -> list[str]:
    """Name what the anchors of some code show, in order."""
    return [anchor.name for anchor in anchored(code, policy=policy).anchors]


def tree_without_anchors(result: AnchoredProgram) -> str:
    """Dump the tree of anchored code after taking the anchors away by their lines alone."""
    lines = {anchor.line for anchor in result.anchors}
    fresh = {anchor.name for anchor in result.anchors if anchor.name.startswith("_ret")}
    return ast.dump(_Remover(lines, fresh).visit(ast.parse(result.code)))


class _Remover(ast.NodeTransformer):
    """Removes prints on the lines of anchors and joins `_ret = value; return _ret` again."""

    def __init__(self, lines: set[int], fresh: set[str]) -> None:
        self.lines = lines
        self.fresh = fresh

    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
        if node.lineno in self.lines and "print" in ast.dump(node):
            return None
        return self.generic_visit(node)

    def generic_visit(self, node: ast.AST) -> ast.AST:
        super().generic_visit(node)
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if isinstance(block, list):
                setattr(node, name, self._joined(block))
        return node

    def _joined(self, block: list[ast.stmt]) -> list[ast.stmt]:
        joined: list[ast.stmt] = []
        for statement in block:
            match joined[-1:], statement:
                case (
                    [ast.Assign(targets=[ast.Name(id=bound)], value=value)],
                    ast.Return(value=ast.Name(id=returned)),
                ) if bound == returned and returned in self.fresh:
                    joined[-1] = ast.Return(value=value)
                case _:
                    joined.append(statement)
        return joined
