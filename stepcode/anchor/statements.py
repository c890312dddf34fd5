"""Questions about statements and blocks: what is inside, what is bound, what is deleted."""

import ast
from collections.abc import Iterator

from stepcode.anchor.values import Shown, target_names
from stepcode.types import AnchorKind

_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
COMPOUND = (
    *(ast.If, ast.For, ast.While, ast.Try, ast.With, ast.Match),
    *(ast.AsyncFor, ast.AsyncWith, ast.TryStar, *_SCOPES),
)


def child_blocks(statement: ast.stmt) -> Iterator[list[ast.stmt]]:
    """Yield the blocks of a compound statement in source order."""
    match statement:
        case ast.Match(cases=cases):
            yield from (case.body for case in cases)
        case ast.Try() | ast.TryStar():
            yield statement.body
            yield from (handler.body for handler in statement.handlers)
            yield statement.orelse
            yield statement.finalbody
        case ast.For() | ast.AsyncFor() | ast.While() | ast.If():
            yield statement.body
            yield statement.orelse
        case ast.With() | ast.AsyncWith() | ast.FunctionDef() | ast.AsyncFunctionDef():
            yield statement.body
        case ast.ClassDef():
            yield statement.body


def all_statements(body: list[ast.stmt], *, into_scopes: bool = False) -> Iterator[ast.stmt]:
    """Yield statements in source order, those of nested functions and classes only if asked."""
    stack = body[::-1]
    while stack:
        statement = stack.pop()
        yield statement
        if isinstance(statement, COMPOUND) and (into_scopes or not isinstance(statement, _SCOPES)):
            for block in reversed(list(child_blocks(statement))):
                stack.extend(reversed(block))


def bound_by(statement: ast.stmt) -> set[str]:
    """Name what a simple statement binds for certain."""
    match statement:
        case ast.Assign(targets=targets):
            names = [s for t in targets for s in target_names(t)]
        case ast.AnnAssign(target=target, value=ast.expr()) | ast.AugAssign(target=target):
            names = list(target_names(target))
        case ast.Expr(value=ast.NamedExpr(target=target)):
            names = list(target_names(target))
        case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
            return {a.asname or a.name.partition(".")[0] for a in aliases}
        case _:
            return set()
    # `d[k] = v` does not bind d; that d is bound was settled before.
    return {s.name for s in names if s.kind is AnchorKind.ASSIGN}


def deleted(body: list[ast.stmt]) -> set[str]:
    """Name what any statement of a block deletes, or an `except ... as` ends."""
    names = set()
    for statement in all_statements(body):
        if isinstance(statement, ast.Delete):
            names |= {s.name for t in statement.targets for s in _deleted_names(t)}
        elif isinstance(statement, ast.Try | ast.TryStar):
            names |= {handler.name for handler in statement.handlers if handler.name}
    return names


def _deleted_names(target: ast.expr) -> Iterator[Shown]:
    return (s for s in target_names(target) if s.kind is AnchorKind.ASSIGN)


def breaks(body: list[ast.stmt]) -> bool:
    """Whether a block breaks out of the loop it is the body of."""
    for statement in body:
        match statement:
            case ast.Break():
                return True
            case ast.For() | ast.AsyncFor() | ast.While():
                # A break in the else clause of an inner loop leaves the outer one.
                if breaks(statement.orelse):
                    return True
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                continue
            case _:
                if any(breaks(block) for block in child_blocks(statement)):
                    return True
    return False


def is_true(test: ast.expr) -> bool:
    """Whether a loop's test can never fail."""
    return isinstance(test, ast.Constant) and bool(test.value)
