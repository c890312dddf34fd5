"""Writes a syntax tree as tokens, and finds out which of its names are the program's own.

A name is the program's own in the scope that binds it, and there alone: a variable called `sum` is
renamed, and the builtin of another function is not.
"""

import ast
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from stepcode.dataset.own_names import Mark, Own, Scope, resolve

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_UNSAID = frozenset({"kind", "type_comment", "type_ignores"})
_END = "end"
_NAME = ""


class FormWriter:
    """Writes a tree as tokens; one method for every kind of node that hides or binds a name."""

    def __init__(self) -> None:
        """Begin with nothing written."""
        self._module = self._scope = Scope(None)
        self.tokens: list[str] = []
        """Empty for a name of the program's own."""
        self.functions: list[tuple[int, int]] = []
        """Where each function begins and ends."""
        self._marks: list[Mark] = []
        self._attributes: list[tuple[int, str]] = []
        self._keywords: list[tuple[Mark, str]] = []
        self._own_attributes: set[str] = set()
        self._in_class = False

    def distances(self) -> list[int]:
        """Say of each token how far back the same own name last stood: 0 if new, -1 if none.

        Asked once, when all is written: what is not the program's own becomes a plain token.
        """
        back = [-1] * len(self.tokens)
        last: dict[Own, int] = {}
        for place, own in sorted(self._own_names().items()):
            back[place] = place - last.get(own, place)
            last[own] = place
        return back

    def write(self, statements: Sequence[ast.stmt]) -> None:
        """Write statements one after another; what does nothing is left out."""
        for statement in statements:
            if not _does_nothing(statement):
                self._write(statement)

    def _body(self, statements: Sequence[ast.stmt]) -> None:
        self.write(statements)
        self.tokens.append(_END)

    def _own_names(self) -> dict[int, Own]:
        own: dict[int, Own] = {}
        for mark in self._marks:
            home, word = resolve(mark)
            if home is None:
                self.tokens[mark.place] = word
            else:
                own[mark.place] = (id(home), word)
        for mark, keyword in self._keywords:
            # Only a function of the program's own gives its parameters names of its own.
            if resolve(mark)[0] is None:
                self.tokens[mark.place] = f"{keyword}="
            else:
                own[mark.place] = ("keyword", keyword)
        for place, name in self._attributes:
            if name in self._own_attributes:
                own[place] = ("attribute", name)
            else:
                self.tokens[place] = f".{name}"
        return own

    def _write(self, node: ast.AST) -> None:
        special = _SPECIAL.get(type(node))
        if special is not None:
            special(self, node)
        else:
            self._write_plain(node)

    def _write_plain(self, node: ast.AST) -> None:
        """Write a node of no special meaning: its kind, then its fields."""
        kind = type(node).__name__
        self.tokens.append(kind)
        for name in node._fields:
            value = getattr(node, name, None)
            if name in _UNSAID or isinstance(value, ast.expr_context):
                continue
            if isinstance(value, ast.AST):
                self._write(value)
            elif isinstance(value, list):
                self._write_list(value)
            else:
                self.tokens.append("-" if value is None else str(value))

    def _write_list(self, values: list[ast.AST | None]) -> None:
        if values and isinstance(values[0], ast.stmt):
            self._body([value for value in values if isinstance(value, ast.stmt)])
            return
        self.tokens.append(str(len(values)))
        for value in values:
            if isinstance(value, ast.AST):
                self._write(value)
            else:
                self.tokens.append(str(value))

    def _mark(self, name: str, *, binds: bool) -> None:
        if binds:
            self._scope.bind(name)
        self._marks.append(Mark(len(self.tokens), self._scope, name))
        self.tokens.append(_NAME)

    def _mark_attribute(self, name: str, *, binds: bool) -> None:
        if binds:
            self._own_attributes.add(name)
        self._attributes.append((len(self.tokens), name))
        self.tokens.append(_NAME)

    def _name(self, node: ast.Name) -> None:
        self._mark(node.id, binds=not isinstance(node.ctx, ast.Load))

    def _attribute(self, node: ast.Attribute) -> None:
        self._write(node.value)
        self._mark_attribute(node.attr, binds=isinstance(node.ctx, ast.Store))

    def _constant(self, node: ast.Constant) -> None:
        self.tokens.append(repr(node.value))

    def _call(self, node: ast.Call) -> None:
        self.tokens.append(f"Call{len(node.args)}")
        self._write(node.func)
        for argument in node.args:
            self._write(argument)
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        for keyword in node.keywords:
            if keyword.arg is None:
                self.tokens.append("**")
            else:
                mark = Mark(len(self.tokens), self._scope, name)
                self._keywords.append((mark, keyword.arg))
                self.tokens.append(_NAME)
            self._write(keyword.value)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for decorator in node.decorator_list:
            self.tokens.append("@")
            self._write(decorator)
        start = len(self.tokens)
        self.tokens.append("def" if isinstance(node, ast.FunctionDef) else "async def")
        if self._in_class:
            self._mark_attribute(node.name, binds=not node.name.startswith("__"))
        else:
            self._mark(node.name, binds=True)
        outer, self._in_class = self._in_class, False
        with self._inside():
            self._parameters(node.args)
            self._body(node.body)
        self._in_class = outer
        self.functions.append((start, len(self.tokens)))

    def _lambda(self, node: ast.Lambda) -> None:
        self.tokens.append("lambda")
        with self._inside():
            self._parameters(node.args)
            self._write(node.body)

    @contextmanager
    def _inside(self) -> Iterator[None]:
        outer, self._scope = self._scope, Scope(self._scope)
        yield
        self._scope = outer

    def _parameters(self, given: ast.arguments) -> None:
        for argument in [*given.posonlyargs, *given.args]:
            self._mark(argument.arg, binds=True)
        for star, rest in (("*", given.vararg), ("**", given.kwarg)):
            if rest is not None:
                self.tokens.append(star)
                self._mark(rest.arg, binds=True)
        for argument in given.kwonlyargs:
            self.tokens.append("kwonly")
            self._mark(argument.arg, binds=True)
        self.tokens.append(":")
        for default in [*given.defaults, *given.kw_defaults]:
            if default is not None:
                self._write(default)
        self.tokens.append(":")

    def _class(self, node: ast.ClassDef) -> None:
        self.tokens.append("class")
        self._mark(node.name, binds=True)
        for part in [*node.bases, *node.keywords, *node.decorator_list]:
            self._write(part)
        outer, self._in_class = self._in_class, True
        with self._inside():
            self._body(node.body)
        self._in_class = outer

    def _comprehension(self, node: ast.AST) -> None:
        self.tokens.append(type(node).__name__)
        generators: list[ast.comprehension] = getattr(node, "generators", [])
        self._write(generators[0].iter)
        with self._inside():
            self._clauses(node, generators)

    def _clauses(self, node: ast.AST, generators: list[ast.comprehension]) -> None:
        for number, clause in enumerate(generators):
            self.tokens.append("async for" if clause.is_async else "for")
            self._write(clause.target)
            if number:
                self._write(clause.iter)
            for test in clause.ifs:
                self.tokens.append("if")
                self._write(test)
        for name in ("key", "value", "elt"):
            part = getattr(node, name, None)
            if part is not None:
                self._write(part)

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        for alias in node.names:
            whole = alias.name if isinstance(node, ast.ImportFrom) or alias.asname else ""
            first = alias.name.partition(".")[0]
            self._scope.imported[alias.asname or (whole or first)] = whole or first

    def _declare(self, node: ast.Global | ast.Nonlocal) -> None:
        self._scope.elsewhere.update(node.names)
        if isinstance(node, ast.Global):
            self._module.bound.update(node.names)

    def _annotated(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            assign = ast.Assign(targets=[node.target], value=node.value)
            self._write_plain(assign)

    def _handler(self, node: ast.ExceptHandler) -> None:
        self.tokens.append("except")
        if node.type is not None:
            self._write(node.type)
        if node.name is not None:
            self.tokens.append("as")
            self._mark(node.name, binds=True)
        self._body(node.body)

    def _pattern(self, node: ast.MatchAs | ast.MatchStar) -> None:
        self.tokens.append(type(node).__name__)
        if isinstance(node, ast.MatchAs) and node.pattern is not None:
            self._write(node.pattern)
        if node.name is not None:
            self._mark(node.name, binds=True)

    def _mapping_pattern(self, node: ast.MatchMapping) -> None:
        self.tokens.append(f"MatchMapping{len(node.keys)}")
        for part in [*node.keys, *node.patterns]:
            self._write(part)
        if node.rest is not None:
            self._mark(node.rest, binds=True)


# Any node: each method takes the kind that it is listed under.
_SPECIAL: dict[type[ast.AST], Callable[..., None]] = {
    ast.Name: FormWriter._name,
    ast.Attribute: FormWriter._attribute,
    ast.Constant: FormWriter._constant,
    ast.Call: FormWriter._call,
    ast.Lambda: FormWriter._lambda,
    ast.ClassDef: FormWriter._class,
    ast.AnnAssign: FormWriter._annotated,
    ast.ExceptHandler: FormWriter._handler,
    ast.MatchMapping: FormWriter._mapping_pattern,
    **dict.fromkeys(_FUNCTIONS, FormWriter._function),
    **dict.fromkeys(_COMPREHENSIONS, FormWriter._comprehension),
    **dict.fromkeys((ast.Import, ast.ImportFrom), FormWriter._import),
    **dict.fromkeys((ast.Global, ast.Nonlocal), FormWriter._declare),
    **dict.fromkeys((ast.MatchAs, ast.MatchStar), FormWriter._pattern),
}


def _does_nothing(statement: ast.stmt) -> bool:
    """Whether a statement is a docstring, another bare constant, or `pass`."""
    is_constant = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return is_constant or isinstance(statement, ast.Pass)
