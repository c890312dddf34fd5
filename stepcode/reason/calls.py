"""The call that a model proposes in input prediction: whether it is one, and how it is run.

A model that is rewarded for inputs will look for a way around them. `f.__class__` and `5 or f(1)`
return anything, and an argument may change the program while it is evaluated. So a proposed call
has the callee of the row's own call, and arguments that build values and do nothing else.
"""

import ast
import warnings

from stepcode.types import AnchoredProgram, Answer, Example, Program, TaskKind

MAX_CALL_CHARS = 10_000

_PLAIN = (
    ast.Constant, ast.List, ast.Tuple, ast.Set, ast.Dict, ast.UnaryOp, ast.BinOp, ast.Starred,
    ast.keyword, ast.Call, ast.Name, ast.Load, ast.operator, ast.unaryop, ast.Compare, ast.cmpop,
    ast.BoolOp, ast.boolop, ast.Slice, ast.Subscript,
)  # fmt: skip
_BUILDERS = {
    "bool", "bytearray", "bytes", "complex", "dict", "float", "frozenset", "int", "list", "range",
    "set", "str", "tuple",
}  # fmt: skip


def proposed_call(answer: Answer, example: Example) -> str | None:
    """The call to run for an answer to an input prediction; None if it proposes none.

    What it returns is safe to be believed, not to be run outside a sandbox.
    """
    text = (answer.final or "").strip()
    call, own = _parse_call(text), _parse_call(example.target.strip())
    if call is None or own is None or _callee(call.func) != _callee(own.func):
        return None
    known = _BUILDERS | {node.id for node in ast.walk(own) if isinstance(node, ast.Name)}
    if text == example.target or _only_builds(call, own, known):
        return text
    return None


def call_to_run(answer: Answer, example: Example) -> str | None:
    """The call whose execution `score` needs to judge an answer, or None if it needs none.

    It needs none in output prediction, of what is no call, and of the row's own call, whose run is
    known.
    """
    if example.kind is TaskKind.OUTPUT:
        return None
    call = proposed_call(answer, example)
    return None if call == example.target.strip() else call


def runnable(example: Example) -> AnchoredProgram:
    """The program of an example, to run other calls of it in a sandbox."""
    code = example.anchored_code
    return AnchoredProgram(Program(code=code), code, example.anchors, (), "")


def _parse_call(text: str) -> ast.Call | None:
    if len(text) > MAX_CALL_CHARS:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            node = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return node if isinstance(node, ast.Call) else None


def _callee(node: ast.expr) -> str | None:
    """The shape of what is called, whatever the arguments on the way: `Account().deposit`."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=name):
            inner = _callee(value)
            return None if inner is None else f"{inner}.{name}"
        case ast.Call(func=func):
            inner = _callee(func)
            return None if inner is None else f"{inner}()"
        case _:
            return None


def _only_builds(call: ast.Call, own: ast.Call, known: set[str]) -> bool:
    """Whether every argument on the way only builds a value."""
    if _callee(own.func) is None:
        return False
    node: ast.expr = call
    arguments: list[ast.AST] = []
    while not isinstance(node, ast.Name):
        match node:
            case ast.Call(func=func, args=args, keywords=keywords):
                arguments += [*args, *keywords]
                node = func
            case ast.Attribute(value=value):
                node = value
            case _:
                return False
    return all(_is_plain(inner, known) for outer in arguments for inner in ast.walk(outer))


def _is_plain(node: ast.AST, known: set[str]) -> bool:
    match node:
        case ast.Name(id=name):
            return name in known
        case ast.Call(func=ast.Name(id=name)):
            return name in known
        case ast.Call():
            return False
        case _:
            return isinstance(node, _PLAIN)
