"""The lines that `fill` adds: anchors, and the statements that compute what they show."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from stepcode.anchor.fill.model import Places, Site, Unrolled
from stepcode.anchor.fill.text import Text
from stepcode.anchor.fill.unroll import COMPREHENSIONS
from stepcode.errors import AnchorError
from stepcode.types import AnchorKind


@dataclass(frozen=True, slots=True)
class Shown:
    """An anchor to be written."""

    candidate: int
    kind: AnchorKind
    name: str
    line: int
    """1-based line of the statement it belongs to in the original code."""
    scope: str


@dataclass(frozen=True, slots=True)
class Row:
    """One added statement; `depth` is how much deeper it stands than the statement it goes with."""

    content: str | Shown
    depth: int = 0


class _Replacement(NamedTuple):
    start: int
    end: int
    name: str


@dataclass(slots=True)
class RowWriter:
    """Writes the lines of one program, and makes names for what they show."""

    text: Text
    places: Places
    chosen: frozenset[int]
    fresh: Iterator[str]

    def show(self, index: int, site: Site, *, name: str = "", depth: int = 0) -> Row:
        """Write the anchor of a candidate."""
        candidate = self.places.candidates[index]
        line = site.statement.lineno
        shown = Shown(index, candidate.kind, name or candidate.name, line, site.scope)
        return Row(shown, depth)

    def hoist(self, site: Site, hoisted: set[int]) -> tuple[list[Row], dict[int, str]]:
        """Compute entries before their statement, in order; returns the rows and the names."""
        rows: list[Row] = []
        names: dict[int, str] = {}
        for place in sorted(hoisted):
            name = next(self.fresh)
            unrolled = site.unrolls.get(place)
            if unrolled is not None and not self.chosen.isdisjoint(unrolled.candidates):
                rows += self._unrolled(site, place, name, unrolled, names)
            else:
                rows.append(Row(f"{name} = {self.rendered(site, names, place)}"))
            if site.hoists.get(place) in self.chosen:
                rows.append(self.show(site.hoists[place], site, name=name))
            names[place] = name
        return rows, names

    def outermost(
        self, site: Site, names: Mapping[int, str], stop: int, first: int = 0
    ) -> list[_Replacement]:
        """List what names replace among the entries from `first` up to `stop`, left to right."""
        found: list[_Replacement] = []
        place = stop - 1
        while place >= first:
            if place in names:
                found.append(self._replacement(site, place, names[place]))
                place = site.entries[place].first - 1
            else:
                place -= 1
        return found[::-1]

    def _replacement(self, site: Site, place: int, name: str) -> _Replacement:
        node = site.entries[place].node
        assert isinstance(node, ast.expr)
        start, end = self.text.start(node), self.text.end(node)
        if isinstance(node, ast.GeneratorExp):
            # Its span may be the parentheses of the call that it is the argument of.
            if not (self.text.code[start] == "(" and self.text.code[end - 1] == ")"):
                raise AnchorError("a generator without parentheses", line=node.lineno)
            return _Replacement(start, end, f"({name})")
        return _Replacement(start, end, self.text.padded(name, start, end))

    def rendered(self, site: Site, names: Mapping[int, str], place: int) -> str:
        """Write an entry with the names of what was computed before in it."""
        entry = site.entries[place]
        assert isinstance(entry.node, ast.expr)
        return self._with_names(entry.node, self.outermost(site, names, place, entry.first))

    def _with_names(self, node: ast.expr, replacements: list[_Replacement]) -> str:
        start, end = self.text.start(node), self.text.end(node)
        parts: list[str] = []
        for one in replacements:
            if start <= one.start and one.end <= end:
                name = one.name.lstrip() if one.start == start else one.name
                parts += (self.text.code[start : one.start], name)
                start = one.end
        written = "".join((*parts, self.text.code[start:end])).rstrip()
        return f"({written})" if "\n" in written or "\r" in written else written

    def _raw(self, node: ast.expr) -> str:
        return self._with_names(node, [])

    def _unrolled(
        self,
        site: Site,
        place: int,
        name: str,
        unrolled: Unrolled,
        names: Mapping[int, str],
    ) -> list[Row]:
        entry = site.entries[place]
        inside = self.outermost(site, names, place, entry.first)
        if isinstance(entry.node, ast.BoolOp):
            return self._clause(site, entry.node, name, unrolled, inside)
        assert isinstance(entry.node, COMPREHENSIONS)
        return self._comprehension(site, entry.node, name, unrolled, inside)

    def _clause(
        self,
        site: Site,
        node: ast.BoolOp,
        name: str,
        unrolled: Unrolled,
        inside: list[_Replacement],
    ) -> list[Row]:
        """`v = a`, then `if v: v = b` for `and`, `if not v: v = b` for `or`."""
        rows: list[Row] = []
        question = f"if {name}:" if isinstance(node.op, ast.And) else f"if not {name}:"
        for depth, operand in enumerate(node.values):
            if depth:
                rows.append(Row(question, depth - 1))
            written = self._raw(operand) if depth else self._with_names(operand, inside)
            rows.append(Row(f"{name} = {written}", depth))
            if unrolled.operands[depth] in self.chosen:
                shown = self.show(unrolled.operands[depth], site, name=name, depth=depth)
                rows.append(shown)
        return rows

    def _comprehension(
        self,
        site: Site,
        node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp,
        name: str,
        unrolled: Unrolled,
        inside: list[_Replacement],
    ) -> list[Row]:
        """A loop that fills what the comprehension makes."""
        empty = {ast.DictComp: "{}", ast.SetComp: "set()"}.get(type(node), "[]")
        rows = [Row(f"{name} = {empty}")]
        depth = 0
        for number, generator in enumerate(node.generators):
            iterable = self._raw(generator.iter)
            if number == 0:
                iterable = self._with_names(generator.iter, inside)
            rows.append(Row(f"for {self._raw(generator.target)} in {iterable}:", depth))
            depth += 1
            for test in generator.ifs:
                index = unrolled.tests.get(test)
                question = self._raw(test)
                if index is not None and index in self.chosen:
                    helper = next(self.fresh)
                    rows.append(Row(f"{helper} = {question}", depth))
                    rows.append(self.show(index, site, name=helper, depth=depth))
                    question = helper
                rows.append(Row(f"if {question}:", depth))
                depth += 1
        return rows + self._item(site, node, name, unrolled, depth)

    def _item(
        self,
        site: Site,
        node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp,
        name: str,
        unrolled: Unrolled,
        depth: int,
    ) -> list[Row]:
        rows: list[Row] = []
        key = ""
        if isinstance(node, ast.DictComp):
            item = self._raw(node.value)
            key = self._raw(node.key)
            if not isinstance(node.key, ast.Constant | ast.Name):
                # `d[key] = value` would evaluate the value first.
                helper = next(self.fresh)
                rows.append(Row(f"{helper} = {key}", depth))
                key = helper
        else:
            item = self._raw(node.elt)
        if unrolled.item is not None and unrolled.item in self.chosen:
            helper = next(self.fresh)
            rows.append(Row(f"{helper} = {item}", depth))
            rows.append(self.show(unrolled.item, site, name=helper, depth=depth))
            item = helper
        match node:
            case ast.DictComp():
                rows.append(Row(f"{name}[{key}] = {item}", depth))
            case ast.SetComp():
                rows.append(Row(f"{name}.add({item})", depth))
            case _:
                rows.append(Row(f"{name}.append({item})", depth))
        return rows
