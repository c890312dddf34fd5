"""How the holes of a template are filled: with variables, else with templates or constants."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cache
from random import Random

from stepcode.source.synthesis.conditions import CONDITIONS
from stepcode.source.synthesis.expressions import EXPRESSIONS
from stepcode.source.synthesis.kinds import Kind
from stepcode.source.synthesis.literals import Literals
from stepcode.source.synthesis.scope import Scope
from stepcode.source.synthesis.template import (
    CONSTANTS,
    WRITABLE,
    Bound,
    Hole,
    Template,
    read_template,
)

_NESTED = 0.25
"""How often an expression stands where a variable could."""
_CONSTANT = 0.35
"""How often a constant does, where it is not what a template is about."""


@dataclass(slots=True)
class Filled:
    """A filled template: its text, and what the names that it binds have become."""

    text: str
    names: dict[str, str] = field(default_factory=dict)


@cache
def usable(texts: Sequence[str], kinds: frozenset[Kind]) -> tuple[str, ...]:
    """Choose the templates that variables of these kinds suffice for."""
    return tuple(text for text in texts if read_template(text).requires <= kinds)


class Filler:
    """Fills templates; owns the source of chance and the theme of one program."""

    def __init__(self, rng: Random, literals: Literals) -> None:
        """Draw from both."""
        self._rng = rng
        self._literals = literals

    def statement(
        self, text: str, scope: Scope, *, depth: int, given: Mapping[str, str] | None = None
    ) -> Filled:
        """Fill a template of statements; `given` has names that are settled already."""
        return self._fill(read_template(text), scope, depth, given or {})

    def expression(self, kind: Kind, scope: Scope, *, depth: int) -> str | None:
        """Write an expression of a kind, no mere variable; None where none can be written."""
        template = self._template(kind, scope)
        return None if template is None else self._fill(template, scope, depth, {}).text

    def value(self, kind: Kind, scope: Scope, *, depth: int) -> str:
        """Write a variable, or an expression, or a constant of a kind."""
        return self._value(Hole(kind, "", 0, False), scope, depth, is_main=True)

    def condition(self, scope: Scope, *, depth: int) -> str | None:
        """Write what an `if` asks; None where there is nothing to ask about."""
        return self.expression(Kind.BOOL, scope, depth=depth)

    def _template(self, kind: Kind, scope: Scope) -> Template | None:
        texts = CONDITIONS if kind is Kind.BOOL else EXPRESSIONS[kind]
        choices = usable(texts, scope.kinds())
        if not choices:
            return None
        # Of two, the one that is about something new: what is written is to be used.
        pair = [read_template(self._rng.choice(choices)) for _ in range(2)]
        new = {variable.kind for variable in scope.unused()}
        return pair[0] if pair[0].main in new else pair[1]

    def _fill(
        self, template: Template, scope: Scope, depth: int, given: Mapping[str, str]
    ) -> Filled:
        names = self._names(template, scope, given)
        labelled: dict[tuple[Kind, str], str] = {}
        spent: set[str] = set()
        main = template.main
        parts: list[str] = []
        for piece in template.pieces:
            match piece:
                case str():
                    parts.append(piece)
                case Bound(name):
                    parts.append(names[name])
                case Hole(kind, label):
                    text = labelled.get((kind, label)) if label else None
                    if text is None:
                        inside = 0 if label else depth
                        text = self._value(piece, scope, inside, is_main=kind is main, spent=spent)
                        labelled[kind, label] = text
                    main = None if kind is main else main
                    spent.add(text)
                    parts.append(text)
        return Filled("".join(parts), names)

    def _names(self, template: Template, scope: Scope, given: Mapping[str, str]) -> dict[str, str]:
        """Choose a name for everything that the template binds."""
        names = dict(given)
        for piece in template.pieces:
            if isinstance(piece, Bound) and piece.name not in names:
                names[piece.name] = scope.fresh(piece.name, avoid=names.values())
        return names

    def _value(
        self, hole: Hole, scope: Scope, depth: int, *, is_main: bool, spent: Set[str] = frozenset()
    ) -> str:
        """Fill one hole, with nothing `spent` on its neighbours if that can be."""
        kind, rng = hole.kind, self._rng
        if kind in CONSTANTS:
            return self._literals.constant(kind)
        if kind is Kind.BOOL or (depth > 0 and rng.random() < _NESTED and not hole.is_variable):
            template = self._template(kind, scope)
            if template is not None:
                text = self._fill(template, scope, depth - 1, {}).text
                return text if template.rank >= hole.rank else f"({text})"
        may_be_constant = kind in WRITABLE and not (is_main or hole.is_variable or hole.is_subject)
        if may_be_constant and rng.random() < _CONSTANT:
            return self._literals.constant(kind)
        name = scope.use(kind, besides=spent)
        if name is None and not may_be_constant:
            name = scope.use(kind)
        return name or self._literals.constant(kind)
