"""The call of a program: composed from what a row gives, and proved to be exactly one call.

    compose_call("f", "[1, 2]")                 f([1, 2])
    compose_call("f", "1); import os; (2")      None: it would not be one call of f
    read_call("solve(3)  # easy", names)        WholeCall(root="solve", text="solve(3)")

Nothing here runs anything: a call is judged by its syntax tree alone.
"""

import ast
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

_NOT_PYTHON = (SyntaxError, ValueError, RecursionError, MemoryError)
"""What the parser raises: bad syntax, null bytes and surrogates, nesting beyond its stack."""

_OWN_SCOPES = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.Lambda,
    ast.ListComp,
    ast.SetComp,
    ast.DictComp,
    ast.GeneratorExp,
)
_CONSTANT_PARTS = (
    ast.Constant,
    ast.Tuple,
    ast.List,
    ast.Set,
    ast.Dict,
    ast.UnaryOp,
    ast.BinOp,
    ast.operator,
    ast.unaryop,
    ast.expr_context,
)
STAR = "*"
"""Stands among the defined names when a star import may define any name."""


@dataclass(frozen=True, slots=True)
class WholeCall:
    """A call expression and the name that it starts from: `A` in `A(1).run(2)`."""

    root: str
    text: str


def parse_module(code: str) -> ast.Module | None:
    """Parse a program; None if it is not Python."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(code)
    except _NOT_PYTHON:
        return None


def parse_expression(text: str) -> ast.expr | None:
    """Parse one expression that could be evaluated at module level; None if it is none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text, mode="eval")
            # The parser lets `yield` and repeated keywords through; only the compiler refuses.
            compile(tree, "<call>", "eval")
    except _NOT_PYTHON:
        return None
    return tree.body


def compose_call(entry: str, arguments: str) -> str | None:
    """Put an argument list between the parentheses of `entry`; None unless that is one call.

    The list is first tried with its closing parenthesis on a line of its own: there a comment
    cannot swallow it, and nothing in `arguments` can close the call early and comment out ours.
    """
    on_own_line = f"{entry}({arguments}\n)"
    call = parse_expression(on_own_line)
    if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name)):
        return None
    if call.func.id != entry:
        return None
    in_line = f"{entry}({arguments})"
    return in_line if parse_expression(in_line) else on_own_line


def read_call(text: str) -> WholeCall | None:
    """Read a whole call expression and drop what surrounds it; None if the text is none."""
    text = text.strip()
    call = parse_expression(text)
    if not isinstance(call, ast.Call):
        return None
    root: ast.expr = call
    while not isinstance(root, ast.Name):
        match root:
            case ast.Call(func=inner) | ast.Attribute(value=inner) | ast.Subscript(value=inner):
                root = inner
            case _:
                return None
    return WholeCall(root.id, source_of(call, text))


def source_of(node: ast.expr, text: str) -> str:
    """Give the text of an expression so that it stands on its own.

    Inside parentheses an expression may break its line; taken out it needs some of its own.
    """
    segment = ast.get_source_segment(text, node) or ""
    return segment if parse_expression(segment) else f"({segment})"


def defined_names(module: ast.Module) -> frozenset[str]:
    """Collect the names that a program binds at module level, and `*` for a star import."""
    names = {name for node in _module_level(module) for name in _bound_by(node)}
    # A function may bind a module's name too; when it does, only a run can tell.
    names.update(n for node in ast.walk(module) if isinstance(node, ast.Global) for n in node.names)
    return frozenset(names)


def why_undefined(name: str, module: ast.Module | None) -> str:
    """Say that a program does not define a name and what it defines; empty if it does or may."""
    if module is None or defined_names(module) & {name, STAR}:
        return ""
    return f"the code does not define {name!r}; it defines {_describe_names(module)}"


def is_constant(node: ast.expr) -> bool:
    """Tell whether an expression is made of literals and arithmetic alone."""
    return all(isinstance(part, _CONSTANT_PARTS) for part in ast.walk(node))


def literal_text(node: ast.expr, text: str) -> str | None:
    """Give the text of a Python literal; None if the expression is more than that."""
    try:
        ast.literal_eval(node)
    except (*_NOT_PYTHON, TypeError):
        return None
    return source_of(node, text)


def has_constant_arguments(call: ast.Call) -> bool:
    """Tell whether a call passes literals and arithmetic alone, none of them unpacked."""
    keywords_named = all(keyword.arg is not None for keyword in call.keywords)
    values = [*call.args, *(keyword.value for keyword in call.keywords)]
    return keywords_named and all(is_constant(value) for value in values)


def calls_of(name: str, tree: ast.AST) -> list[ast.Call]:
    """Find the calls of a function by its bare name, in the order of the text."""
    found = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name
    ]
    return sorted(found, key=lambda call: (call.lineno, call.col_offset))


def asserted_values(tree: ast.AST) -> dict[ast.expr, ast.expr]:
    """Map the left side of every `assert left == right` (or `is`) to its right side."""
    tests = [node.test for node in ast.walk(tree) if isinstance(node, ast.Assert)]
    return {
        test.left: test.comparators[0]
        for test in tests
        if isinstance(test, ast.Compare)
        and len(test.ops) == 1
        and isinstance(test.ops[0], ast.Eq | ast.Is)
    }


def _describe_names(module: ast.Module) -> str:
    functions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    first = dict.fromkeys(node.name for node in module.body if isinstance(node, functions))
    names = [*first, *sorted(defined_names(module) - set(first))]
    return ", ".join(names[:8] + ["..."] * (len(names) > 8)) or "nothing"


def _module_level(module: ast.Module) -> Iterator[ast.AST]:
    pending: list[ast.AST] = [module]
    while pending:
        node = pending.pop()
        yield node
        if not isinstance(node, _OWN_SCOPES):
            pending.extend(ast.iter_child_nodes(node))


def _bound_by(node: ast.AST) -> list[str]:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return [node.name]
        case ast.Name(id=name, ctx=ast.Store()):
            return [name]
        case ast.alias(name=name, asname=asname):
            return [asname or name.partition(".")[0]]
        case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            return [name]
        case ast.MatchMapping(rest=str(name)):
            return [name]
        case _:
            return []
