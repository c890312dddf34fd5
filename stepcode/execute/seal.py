"""Seal functions: put constants in the place of every name that is not local to them.

    codes = sealed_codes(Path("harness.py"))

A constant is a marker text until child.py, in the zygote, puts the object there. What was a global
becomes something that no attribute of a frame or function shows, except through its code.

The compiler must not compute with the markers: nothing in harness.py may be decided by, or be an
item of, a constant that is known by its position alone.
"""

import ast
import warnings
from pathlib import Path
from types import CodeType

MARKER = "sealed:"


def sealed_codes(path: Path) -> dict[str, CodeType]:
    """Compile the functions of a file, in their order, with markers for their global names."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    sealer = _Sealer({function.name for function in functions})
    codes = {}
    for function in functions:
        module = ast.fix_missing_locations(ast.Module([sealer.visit(function)], []))
        with warnings.catch_warnings():  # a text that is called, it says
            warnings.simplefilter("ignore")
            compiled = compile(module, "<stepcode>", "exec", dont_inherit=True)
        codes[function.name] = next(c for c in compiled.co_consts if isinstance(c, CodeType))
    return codes


class _Sealer(ast.NodeTransformer):
    """Replaces names in capitals and names of the file's functions; drops annotations."""

    def __init__(self, functions: set[str]) -> None:
        self._functions = functions

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id.isupper() or node.id in self._functions:
            return ast.Constant(MARKER + node.id)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        node.returns = None
        node.body = node.body[1:] if ast.get_docstring(node) is not None else node.body
        for argument in node.args.args:
            argument.annotation = None
        self.generic_visit(node)
        return node
