"""Every place where `fill` could show something, found on an `ast` without running anything.

The walk over the statements; `named` and `computed` tell what is to be shown at each.
"""

import ast
from dataclasses import dataclass

from stepcode.anchor.facts import FunctionNode
from stepcode.anchor.fill.computed import find_computed
from stepcode.anchor.fill.context import Context, Search, open_search
from stepcode.anchor.fill.model import Places, Site
from stepcode.anchor.fill.named import (
    find_exits,
    find_loop_variables,
    find_named,
    loop_variables,
)
from stepcode.anchor.fill.unroll import name_uses
from stepcode.anchor.plan import Planned
from stepcode.anchor.statements import child_blocks

_TEXT_METHODS = {"__repr__", "__str__", "__format__", "__eq__", "__hash__", "__lt__"}
"""What shows or compares values; where a program writes it, showing runs code of its own."""


def find_places(strict: Planned, code: str) -> Places:
    """Find all candidates of a program, given what `strict` plans for it."""
    search = open_search(strict, code)
    _Finder(search).block(strict.tree.body, Context())
    return search.places


@dataclass(frozen=True, slots=True)
class _Finder:
    """Walks the statements and fills the places of the search."""

    search: Search

    def block(self, body: list[ast.stmt], context: Context) -> None:
        """Find the candidates of a block, up to where it is left."""
        for statement in body:
            match statement:
                case ast.FunctionDef() | ast.AsyncFunctionDef():
                    self._function(statement)
                case ast.ClassDef():
                    self._class(statement.body)
                case _:
                    self._statement(statement, context)
                    if isinstance(statement, ast.Return | ast.Raise | ast.Break | ast.Continue):
                        return

    def _class(self, body: list[ast.stmt]) -> None:
        for statement in body:
            match statement:
                case ast.FunctionDef() | ast.AsyncFunctionDef():
                    self._function(statement)
                case ast.ClassDef():
                    self._class(statement.body)
                case _:
                    for block in child_blocks(statement):
                        self._class(block)

    def _function(self, node: FunctionNode) -> None:
        facts = self.search.facts
        function = facts.functions[node]
        if function.is_method and node.name in _TEXT_METHODS:
            return
        often = node in facts.silent
        uses = name_uses(node) if self.search.has_comprehensions else {}
        context = Context(function, function.qualname, often, uses=uses)
        self.block(node.body, context)

    def _statement(self, statement: ast.stmt, context: Context) -> None:
        site = Site(statement, context.scope)
        find_named(self.search, site, context)
        find_exits(self.search, site, context)
        if self._allows_hoists(context):
            find_computed(self.search, site, context)
        find_loop_variables(self.search, site, context)
        if not site.is_empty:
            self.search.places.sites[statement] = site
        self._blocks(statement, context)

    def _allows_hoists(self, context: Context) -> bool:
        function = context.function
        if function is None or function.reads_frame or not self.search.may_hoist:
            return False
        # Methods that Python calls by itself have no anchors of their own either.
        name = function.node.name
        return not (function.is_method and name.startswith("__") and name != "__init__")

    def _blocks(self, statement: ast.stmt, context: Context) -> None:
        match statement:
            case ast.If():
                self._arms([statement.body, statement.orelse], context)
            case ast.Match(cases=cases):
                self._arms([case.body for case in cases], context)
            case ast.For() | ast.AsyncFor() | ast.While():
                variables = loop_variables(self.search, statement, context)
                self.block(statement.body, context.inside_loop(variables))
                self.block(statement.orelse, context)
            case _:
                for block in child_blocks(statement):
                    self.block(block, context)

    def _arms(self, blocks: list[list[ast.stmt]], context: Context) -> None:
        branch = self.search.places.add_branch(len(blocks) if all(blocks) else 1)
        for arm, block in enumerate(blocks):
            self.block(block, context.inside_arm(branch, arm))
