"""Whose a name is: the program's own in the scope that binds it, and there alone.

A variable called `sum` is the program's, and the builtin of another function is not.
"""

from dataclasses import dataclass, field

Own = tuple[int | str, str]
"""A name, and what tells it from another of the same spelling."""


@dataclass(slots=True)
class Scope:
    """A function, class, comprehension or the module: what is bound in it."""

    parent: "Scope | None"
    bound: set[str] = field(default_factory=set)
    imported: dict[str, str] = field(default_factory=dict)
    elsewhere: set[str] = field(default_factory=set)
    """Names declared global or nonlocal."""

    def bind(self, name: str) -> None:
        """Give a name a value here, unless it is declared to live elsewhere."""
        if name not in self.elsewhere:
            self.bound.add(name)


@dataclass(frozen=True, slots=True)
class Mark:
    """A name in the text; whether the program defines it is known only at the end."""

    place: int
    scope: Scope
    name: str


def resolve(mark: Mark) -> tuple[Scope | None, str]:
    """Find the scope that binds a name; None, and the name as it counts, if it is not ours."""
    scope: Scope | None = mark.scope
    while scope is not None:
        if mark.name in scope.bound:
            return scope, mark.name
        if mark.name in scope.imported:
            return None, scope.imported[mark.name]
        scope = scope.parent
    return None, mark.name
