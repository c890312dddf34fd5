"""The variables at hand while a function is written, and names that nothing has yet."""

from collections.abc import Iterable
from dataclasses import dataclass
from random import Random
from typing import Self

from stepcode.source.synthesis.kinds import NAMES, SYNONYMS, Kind


@dataclass(slots=True)
class Variable:
    """A name, and what is known of it."""

    name: str
    kind: Kind
    weight: int
    """How much more likely it is used next than another: what is new, or what a loop is about."""
    is_used: bool = False


_FRESH, _HOT, _USED = 8, 20, 2


class Scope:
    """The variables that may be used; a loop's body has a scope of its own."""

    def __init__(
        self, rng: Random, variables: Iterable[Variable] = (), *, taken: Iterable[str] = ()
    ) -> None:
        """Start with variables, which both scopes share, and names that are not to be used."""
        self._rng = rng
        self.variables = list(variables)
        self._taken = {*taken, *(variable.name for variable in self.variables)}

    def inner(self, *taken: str) -> Self:
        """Open the scope of a block, where more names may be taken."""
        return type(self)(self._rng, self.variables, taken=self._taken | set(taken))

    def kinds(self) -> frozenset[Kind]:
        """The kinds that there is a variable of."""
        return frozenset(variable.kind for variable in self.variables)

    def of(self, kind: Kind) -> list[Variable]:
        """The variables of a kind."""
        return [variable for variable in self.variables if variable.kind is kind]

    def add(self, name: str, kind: Kind, *, is_hot: bool = False) -> Variable:
        """Add a variable, or say that one has a new value."""
        self.variables = [old for old in self.variables if old.name != name]
        variable = Variable(name, kind, _HOT if is_hot else _FRESH)
        self.variables.append(variable)
        self._taken.add(name)
        return variable

    def use(self, kind: Kind, *, besides: Iterable[str] = ()) -> str | None:
        """Choose a variable, above all one that nothing has used; None if there is none."""
        choices = [variable for variable in self.of(kind) if variable.name not in besides]
        if not choices:
            return None
        weights = [variable.weight for variable in choices]
        chosen = self._rng.choices(choices, weights)[0]
        chosen.is_used = True
        chosen.weight = _USED if chosen.weight < _HOT else _HOT - 1
        return chosen.name

    def unused(self) -> list[Variable]:
        """The variables that nothing has used since they got their value."""
        return [variable for variable in self.variables if not variable.is_used]

    def fresh(self, name: str, *, avoid: Iterable[str] = ()) -> str:
        """Choose a free name that means the same as one of a template."""
        return self._first_free(SYNONYMS.get(name, (name,)), avoid)

    def fresh_for(self, kind: Kind) -> str:
        """Choose a free name for a value of a kind."""
        return self._first_free(NAMES[kind], ())

    def _first_free(self, names: tuple[str, ...], avoid: Iterable[str]) -> str:
        taken = self._taken.union(avoid)
        free = [name for name in names if name not in taken]
        if free:
            return self._rng.choice(free)
        number = 2
        while f"{names[0]}{number}" in taken:
            number += 1
        return f"{names[0]}{number}"
