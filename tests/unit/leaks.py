"""The ways in which a program of a benchmark gets into other data, each a change of its text."""

import ast
import builtins
import io
import tokenize
from collections.abc import Callable, Iterator

from stepcode.source.calls import parse_module

Disguise = Callable[[str], str]

_BEFORE = '''\
import collections

LIMIT = 17


def shorten(words, limit=LIMIT):
    """Cut words that are too long."""
    return [word[:limit] + "..." if len(word) > limit else word for word in words]


'''
_AFTER = """


def histogram(values):
    counted = collections.Counter(values)
    for value, times in sorted(counted.items()):
        print(value, "*" * times)
    return dict(counted)
"""


def renamed(code: str) -> str:
    """Every variable, parameter and function by another name."""
    tree = _parse(code)
    return ast.unparse(_Renamer(_bound_in(tree)).visit(tree))


def renamed_function(code: str) -> str:
    tree = _parse(code)
    functions = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    return ast.unparse(_Renamer(functions).visit(tree))


def laid_out_anew(code: str) -> str:
    """Indented by one space, blank lines between the lines, parentheses and quotes rewritten."""
    lines = ast.unparse(_parse(code)).splitlines()
    if any(quotes in code for quotes in ('"""', "'''")):
        return "\n".join(lines)
    return "\n\n".join(_indent_by_one(line) for line in lines)


def commented_anew(code: str) -> str:
    """Other comments, no docstrings."""
    tree = _parse(code)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return f"# from a notebook\n{ast.unparse(tree)}  # done\n"


def without_comments(code: str) -> str:
    tokens = tokenize.generate_tokens(io.StringIO(code).readline)
    return tokenize.untokenize([t for t in tokens if t.type != tokenize.COMMENT])


def documented(code: str) -> str:
    tree = _parse(code)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and ast.get_docstring(node) is None:
            node.body.insert(0, ast.Expr(ast.Constant("Solve the task that was set.")))
    return ast.unparse(tree)


def with_other_hints(code: str) -> str:
    """Annotated where it was not, and not where it was."""
    tree = _parse(code)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            node.returns = None if node.returns else ast.Name("object")
            for argument in node.args.args:
                argument.annotation = None if argument.annotation else ast.Name("object")
    return ast.unparse(tree)


def inside_a_longer_program(code: str) -> str:
    return f"{_BEFORE}{code}{_AFTER}"


def all_at_once(code: str) -> str:
    return inside_a_longer_program(commented_anew(laid_out_anew(renamed(with_other_hints(code)))))


DISGUISES: dict[str, Disguise] = {
    "verbatim": str,
    "renamed": renamed,
    "renamed function": renamed_function,
    "laid out anew": laid_out_anew,
    "commented anew": commented_anew,
    "without comments": without_comments,
    "documented": documented,
    "other hints": with_other_hints,
    "inside a longer program": inside_a_longer_program,
    "all at once": all_at_once,
}


def _parse(code: str) -> ast.Module:
    tree = parse_module(code)  # says nothing of "\\w", which several benchmarks write
    assert tree is not None
    return tree


def _indent_by_one(line: str) -> str:
    text = line.lstrip(" ")
    return " " * ((len(line) - len(text)) // 4) + text


def _bound_in(tree: ast.Module) -> list[str]:
    return sorted(set(_bindings(tree)) - set(dir(builtins)) - {"self"})


def _bindings(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
                yield name
            case ast.FunctionDef(name=name) if not name.startswith("__"):
                yield name
            case ast.ExceptHandler(name=str(name)):
                yield name
            case _:
                pass


class _Renamer(ast.NodeTransformer):
    """Written without a look at how forms are: it renames by spelling, whatever the scope."""

    def __init__(self, names: list[str]) -> None:
        self._new = {name: f"{chr(97 + at % 26)}_{at}" for at, name in enumerate(names)}

    def visit_Name(self, node: ast.Name) -> ast.AST:
        node.id = self._new.get(node.id, node.id)
        return node

    def visit_arg(self, node: ast.arg) -> ast.AST:
        self.generic_visit(node)
        node.arg = self._new.get(node.arg, node.arg)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.generic_visit(node)
        node.name = self._new.get(node.name, node.name)
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.value, ast.Name) and node.value.id == "self":
            node.attr = self._new.get(node.attr, node.attr)
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        own = isinstance(node.func, ast.Name) and node.func.id in self._new
        self.generic_visit(node)
        for keyword in node.keywords if own else ():
            keyword.arg = self._new.get(keyword.arg or "", keyword.arg)
        return node

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.AST:
        self.generic_visit(node)
        node.name = self._new.get(node.name or "", node.name)
        return node

    def visit_Global(self, node: ast.Global) -> ast.AST:
        node.names = [self._new.get(name, name) for name in node.names]
        return node

    def visit_Nonlocal(self, node: ast.Nonlocal) -> ast.AST:
        node.names = [self._new.get(name, name) for name in node.names]
        return node
