"""Write a program with the candidates that were chosen: plain prints and the names they need.

Every change is an edit of the text that `strip_anchors` undoes: lines added before or behind a
statement, a part of an expression replaced by the name of what was computed before, `return`
replaced by an assignment. Nothing else is touched.
"""

import ast
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import count, pairwise

from stepcode import wire
from stepcode.anchor.fill.model import Places, Site
from stepcode.anchor.fill.rows import Row, RowWriter, Shown
from stepcode.anchor.fill.spine import hoisted_with
from stepcode.anchor.fill.text import NEWLINE, Text
from stepcode.anchor.policy import FILL
from stepcode.anchor.statements import COMPOUND, child_blocks
from stepcode.types import Anchor, AnchoredProgram, Edit, Program

_FRESH = re.compile(r"\b_v(\d+)\b")


@dataclass(frozen=True, slots=True)
class Written:
    """An anchored program, and the candidate that each of its anchors is."""

    anchored: AnchoredProgram
    candidates: tuple[int, ...]


Piece = str | Shown


@dataclass(frozen=True, slots=True)
class _Splice:
    """`code[start:end]` becomes the pieces."""

    start: int
    end: int
    pieces: tuple[Piece, ...]


def write_program(
    program: Program, places: Places, chosen: Iterable[int], *, to_record: bool = False
) -> Written:
    """Write a program with anchors at the chosen candidates.

    To be recorded, what one candidate shows is shown at another again.
    """
    wanted = frozenset(chosen)
    if not to_record:
        wanted -= {c.index for c in places.candidates if c.index in wanted and c.shown_by in wanted}
    writer = _Writer(places.text, places, wanted)
    writer.block(places.tree.body, "")
    return writer.finish(program)


@dataclass(slots=True)
class _Writer:
    """Walks the statements and collects the splices."""

    text: Text
    places: Places
    chosen: frozenset[int]
    splices: list[_Splice] = field(default_factory=list)
    rows: RowWriter = field(init=False)

    def __post_init__(self) -> None:
        taken = {int(number) for number in _FRESH.findall(self.text.code)}
        names = (f"_v{number}" for number in count(1) if number not in taken)
        self.rows = RowWriter(self.text, self.places, self.chosen, names)

    def block(
        self, body: Sequence[ast.stmt], header_indent: str, prefix: Sequence[Row] = ()
    ) -> None:
        """Write a block whose header has this indentation; the prefix opens the block."""
        position = 0
        while position < len(body):
            first = body[position]
            if isinstance(first, COMPOUND):
                self._compound(first, prefix)
                position += 1
            else:
                group = [first]
                while position + len(group) < len(body):
                    follower = body[position + len(group)]
                    if isinstance(follower, COMPOUND) or not self.text.shares_line(
                        group[-1], follower
                    ):
                        break
                    group.append(follower)
                self._line(group, header_indent, prefix)
                position += len(group)
            prefix = ()

    def _compound(self, statement: ast.stmt, prefix: Sequence[Row]) -> None:
        indent = self.text.indentation(statement.lineno)
        site = self.places.sites.get(statement)
        before, first = list(prefix), list[Row]()
        if site is not None:
            before += self._before(site)
            if isinstance(statement, ast.While):
                first += self._while_test(site)
            else:
                before += self._hoists(site)
            first += [self.rows.show(index, site) for index in self._chosen(site.first)]
        if before:
            decorators = getattr(statement, "decorator_list", [])
            anchor_at = decorators[0] if decorators else statement
            start = self.text.start(anchor_at) - (1 if decorators else 0)
            self._add(start, start, self._as_before(before, indent))
        for number, block in enumerate(child_blocks(statement)):
            if block:
                self._inner_block(statement, block, indent, first if number == 0 else ())
        if site is not None:
            after = [self.rows.show(index, site) for index in self._chosen(site.after)]
            if after:
                end = self.text.line_end(statement)
                self._add(end, end, self._as_after(after, indent))

    def _inner_block(
        self, statement: ast.stmt, block: list[ast.stmt], indent: str, first: Sequence[Row]
    ) -> None:
        if isinstance(statement, ast.Match):
            case = next(case for case in statement.cases if case.body is block)
            indent = self.text.indentation(case.pattern.lineno)
        self.block(block, indent, first)

    def _line(self, group: Sequence[ast.stmt], header_indent: str, prefix: Sequence[Row]) -> None:
        """Write one line of simple statements, split where rows stand between them."""
        rows_before = [self._all_before(statement) for statement in group]
        rows_before[0] = [*prefix, *rows_before[0]]
        rows_after = [self._after(statement) for statement in group]
        if not any(rows_before) and not any(rows_after):
            return
        indent = self._open(group[0], header_indent, rows_before[0])
        for (left, right), after, before in zip(
            pairwise(group), rows_after, rows_before[1:], strict=False
        ):
            if after or before:
                pieces = (*self._as_after(after, indent), self.text.newline, indent)
                start, end = self.text.end(left), self.text.start(right)
                self._add(start, end, (*pieces, *self._as_before(before, indent)))
        if rows_after[-1]:
            end = self.text.line_end(group[-1])
            self._add(end, end, self._as_after(rows_after[-1], indent))

    def _open(self, first: ast.stmt, header_indent: str, rows: Sequence[Row]) -> str:
        """Write what stands before the first statement of a line; returns its indentation."""
        start = self.text.start(first)
        if self.text.opens_line(first):
            indent = self.text.indentation(first.lineno)
            if rows:
                self._add(start, start, self._as_before(rows, indent))
            return indent
        indent = header_indent + self.text.indent
        opened = (self.text.newline, indent, *self._as_before(rows, indent))
        self._add(self.text.after_colon(first), start, opened)
        return indent

    def _all_before(self, statement: ast.stmt) -> list[Row]:
        site = self.places.sites.get(statement)
        return [] if site is None else [*self._before(site), *self._hoists(site)]

    def _before(self, site: Site) -> list[Row]:
        return [self.rows.show(index, site) for index in self._chosen(site.before)]

    def _after(self, statement: ast.stmt) -> list[Row]:
        site = self.places.sites.get(statement)
        if site is None:
            return []
        if site.returned is not None and site.returned in self.chosen:
            name = self.places.return_name
            start = self.text.start(statement)
            self._add(start, start + len("return"), (f"{name} =",))
            return [self.rows.show(site.returned, site, name=name), Row(f"return {name}")]
        return [self.rows.show(index, site) for index in self._chosen(site.after)]

    def _chosen(self, indices: Iterable[int]) -> list[int]:
        return [index for index in indices if index in self.chosen]

    def _hoists(self, site: Site) -> list[Row]:
        """Compute before a statement what is shown of it, and replace it there."""
        hoisted = self._hoisted(site)
        if not hoisted:
            return []
        rows, names = self.rows.hoist(site, hoisted)
        for start, end, name in self.rows.outermost(site, names, len(site.entries)):
            self._add(start, end, (name,))
        return rows

    def _while_test(self, site: Site) -> list[Row]:
        """Turn `while test:` into `while True:` with the test in front of the body."""
        hoisted = self._hoisted(site)
        if not hoisted:
            return []
        assert isinstance(site.statement, ast.While)
        rows, names = self.rows.hoist(site, hoisted)
        test = site.statement.test
        start, end = self.text.start(test), self.text.end(test)
        self._add(start, end, (self.text.padded("True", start, end),))
        root = len(site.entries) - 1
        left = names.get(root) or f"({self.rows.rendered(site, names, root)})"
        return [*rows, Row(f"if not {left}:"), Row("break", depth=1)]

    def _hoisted(self, site: Site) -> set[int]:
        wanted = {place for place, index in site.hoists.items() if index in self.chosen}
        for place, unrolled in site.unrolls.items():
            if not self.chosen.isdisjoint(unrolled.candidates):
                wanted.add(place)
        for place in tuple(wanted):
            wanted |= hoisted_with(site.entries, place) or set()
        return wanted

    def _as_before(self, rows: Sequence[Row], indent: str) -> tuple[Piece, ...]:
        pieces: list[Piece] = []
        for number, row in enumerate(rows):
            if number:
                pieces.append(indent + self.text.indent * row.depth)
            pieces += (row.content, self.text.newline)
        return (*pieces, indent) if rows else ()

    def _as_after(self, rows: Sequence[Row], indent: str) -> tuple[Piece, ...]:
        pieces: list[Piece] = []
        for row in rows:
            pieces += (self.text.newline, indent + self.text.indent * row.depth, row.content)
        return tuple(pieces)

    def _add(self, start: int, end: int, pieces: Sequence[Piece]) -> None:
        self.splices.append(_Splice(start, end, tuple(pieces)))

    def finish(self, program: Program) -> Written:
        """Put the splices into the text, and tell where every anchor came to stand."""
        parts: list[str] = []
        edits, shown = list[Edit](), list[tuple[int, Shown]]()
        length = position = 0
        code = self.text.code
        # Stable, and what is added at a place comes before what replaces the text there.
        for splice in sorted(self.splices, key=lambda splice: (splice.start, splice.end)):
            parts.append(code[position : splice.start])
            start = length = length + splice.start - position
            for piece in splice.pieces:
                if isinstance(piece, Shown):
                    shown.append((length, piece))
                    piece = wire.render_anchor(piece.name, conversion=FILL.conversion)
                parts.append(piece)
                length += len(piece)
            edits.append(Edit(start, length, code[splice.start : splice.end]))
            position = splice.end
        written = "".join((*parts, code[position:]))
        anchors = _anchors(written, shown)
        anchored = AnchoredProgram(program, written, anchors, tuple(edits), FILL.name)
        return Written(anchored, tuple(one.candidate for _, one in shown))


def _anchors(code: str, shown: Iterable[tuple[int, Shown]]) -> tuple[Anchor, ...]:
    """Tell the line of what begins at these offsets."""
    anchors: list[Anchor] = []
    line, position = 1, 0
    for offset, one in shown:
        line += len(NEWLINE.findall(code, position, offset))
        position = offset
        anchors.append(Anchor(len(anchors), one.kind, one.name, line, one.line, one.scope))
    return tuple(anchors)
