"""Which expressions can be written as statements without a program noticing.

    a and b                             v = a; if v: v = b
    [f(x) for x in xs if p(x)]          v = []; for x in xs: if p(x): v.append(f(x))

A comprehension's variables live in a scope of their own, those of a loop do not: so they must be
names that the function has nowhere else. `sum`, `any` and most others take turns with a generator,
or stop early; `join`, `list`, `tuple` and `sorted` read all of it first.
"""

import ast
from collections import Counter
from collections.abc import Iterable, Iterator

from stepcode.anchor.facts import FunctionNode
from stepcode.anchor.nodes import all_nodes, inner_nodes

Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_FULL_READERS = {"list", "tuple", "sorted"}
_UNMOVABLE = (ast.NamedExpr, ast.Yield, ast.YieldFrom, ast.Await, ast.Lambda, ast.GeneratorExp)
"""What may notice that it runs elsewhere, or keeps a variable beyond its turn."""
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


def can_unroll_clause(node: ast.expr) -> bool:
    """Tell whether an `and` or `or` can become an `if`; its truth is then asked once more."""
    return isinstance(node, ast.BoolOp) and not any(
        isinstance(part, (ast.NamedExpr, ast.Yield, ast.YieldFrom, ast.Await))
        for part in all_nodes(node)
    )


def readable_generators(value: ast.expr) -> set[ast.expr]:
    """Find the generators in an expression that are read to their end before anything else."""
    return {
        call.args[0]
        for call in all_nodes(value)
        if isinstance(call, ast.Call)
        and len(call.args) == 1
        and isinstance(call.args[0], ast.GeneratorExp)
        and _reads_all_first(call)
    }


def _reads_all_first(call: ast.Call) -> bool:
    match call:
        case ast.Call(func=ast.Attribute(value=ast.Constant(value=str()), attr="join")):
            return True
        case ast.Call(func=ast.Attribute(value=ast.Name(), attr="join"), keywords=[]):
            return True
        case ast.Call(func=ast.Name(id=name), keywords=keywords) if name in _FULL_READERS:
            return all(isinstance(k.value, ast.Constant | ast.Lambda | ast.Name) for k in keywords)
        case _:
            return False


def can_unroll_comprehension(node: ast.expr, uses: Counter[str]) -> bool:
    """Tell whether a comprehension can become a loop in a function that uses these names."""
    if not isinstance(node, COMPREHENSIONS) or any(one.is_async for one in node.generators):
        return False
    # The first iterable is evaluated outside, so what it uses is the function's own.
    inside = [part for part in _inside(node) for part in all_nodes(part)]
    if any(isinstance(part, _UNMOVABLE) for part in inside):
        return False
    targets = {
        part.id
        for one in node.generators
        for part in all_nodes(one.target)
        if isinstance(part, ast.Name)
    }
    if not all(_is_plain_target(one.target) for one in node.generators):
        return False
    here = Counter(part.id for part in inside if isinstance(part, ast.Name))
    return all(uses[name] == here[name] for name in targets)


def _inside(node: ast.expr) -> Iterator[ast.AST]:
    assert isinstance(node, COMPREHENSIONS)
    first, *others = node.generators
    yield from (first.target, *first.ifs, *others)
    if isinstance(node, ast.DictComp):
        yield from (node.key, node.value)
    else:
        yield node.elt


def _is_plain_target(target: ast.expr) -> bool:
    match target:
        case ast.Name():
            return True
        case ast.Tuple(elts=items) | ast.List(elts=items):
            return all(map(_is_plain_target, items))
        case _:
            return False


def name_uses(function: FunctionNode) -> dict[ast.expr, Counter[str]]:
    """Count, for each comprehension of a function, every use of a name that could meet its own.

    Names that only other comprehensions have for themselves do not count: two loops over `x` may
    follow each other. Parameters, and all that nested functions mention, do.
    """
    nodes = all_nodes(function)
    own = {node: _own_names(node) for node in nodes if isinstance(node, COMPREHENSIONS)}
    if not own:
        return {}
    total = _all_names(nodes, but=function)
    outer = _outermost(function)
    uses: dict[ast.expr, Counter[str]] = {}
    for node in own:
        count = Counter(total)
        for other in outer:
            if other is not node:
                count -= own[other]
        uses[node] = count
    return uses


def _all_names(nodes: Iterable[ast.AST], *, but: FunctionNode) -> Counter[str]:
    total: Counter[str] = Counter()
    for node in nodes:
        match node:
            case ast.Name(id=name) | ast.arg(arg=name):
                total[name] += 1
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)):
                total[name] += 1
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                total.update(names)
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) if node is not but:
                total[name] += 1
    return total


def _own_names(node: ast.expr) -> Counter[str]:
    """Count the uses inside a comprehension of the names that are its own."""
    assert isinstance(node, COMPREHENSIONS)
    targets = {
        part.id
        for one in node.generators
        for part in all_nodes(one.target)
        if isinstance(part, ast.Name)
    }
    names = (
        part.id for top in _inside(node) for part in all_nodes(top) if isinstance(part, ast.Name)
    )
    return Counter(name for name in names if name in targets)


def _outermost(function: FunctionNode) -> list[Comprehension]:
    """List the comprehensions of a function that are not inside another, or inside a scope."""
    found: list[Comprehension] = []
    stack: list[ast.AST] = list(function.body)
    while stack:
        node = stack.pop()
        if isinstance(node, COMPREHENSIONS):
            found.append(node)
        elif not isinstance(node, _SCOPES):
            stack += inner_nodes(node)
    return found
