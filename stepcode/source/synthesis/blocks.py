"""Statements of every sort: assignments, changes, idioms, branches and loops.

Each writer takes the scope, writes one statement into it and says what it is, or None where the
variables at hand do not suffice.
"""

from collections.abc import Callable
from random import Random

from stepcode.source.synthesis.endless import WHILES
from stepcode.source.synthesis.fill import Filler, usable
from stepcode.source.synthesis.idioms import (
    CHANGES,
    IDIOMS,
    LOOPS,
    STARTS,
    UPDATES,
    Idiom,
    Loop,
)
from stepcode.source.synthesis.kinds import Kind
from stepcode.source.synthesis.levels import Level
from stepcode.source.synthesis.scope import Scope

Write = Callable[[Scope], str | None]

_DEEP = 0.6
"""How often a loop has another in it, where that may be."""
_COUNTING = 0.4
"""How often a program has a `while` loop, where that may be."""
_STAYS_SHORT = (Kind.INT, Kind.COUNTS, Kind.SET, Kind.GROUPS)
"""What loops in loops gather: a list would be as long as one times the other."""

_BY_TEXT = {idiom.text: idiom for idiom in (*IDIOMS, *WHILES)}
_BY_HEAD = {loop.head: loop for loop in LOOPS}


def indent(text: str) -> str:
    """Move every line in by four."""
    return "\n".join(f"    {line}" for line in text.split("\n"))


class Blocks:
    """Writes the statements of one function at one difficulty."""

    def __init__(self, filler: Filler, rng: Random, level: Level) -> None:
        """Draw from the filler's templates."""
        self._filler = filler
        self._rng = rng
        self._level = level

    def required(self) -> list[Write]:
        """What no program of this difficulty goes without."""
        level = self._level
        if level.nesting == 0:
            return []
        if level.nesting == 1:
            return [self._rng.choice((self.loop, self.branch))]
        wanted: list[Write] = [self.loop]
        if level.whiles and self._rng.random() < _COUNTING:
            wanted.append(self.counting)
        return wanted

    def choose(self) -> Write:
        """Choose what else to write."""
        writes: dict[Write, int] = {self.assign: 10, self.change: 4}
        if self._level.nesting:
            writes |= {self.idiom: 5, self.branch: 3, self.loop: 2}
        if self._level.whiles:
            writes |= {self.counting: 2}
        return self._rng.choices(list(writes), list(writes.values()))[0]

    def assign(self, scope: Scope) -> str | None:
        """Give a name to the value of an expression, an old name now and then."""
        rng = self._rng
        kind = rng.choice(self._level.kinds)
        value = self._filler.expression(kind, scope, depth=self._level.depth)
        if value is None:
            return None
        old = scope.of(kind)
        name = rng.choice(old).name if old and rng.random() < 0.35 else scope.fresh_for(kind)
        scope.add(name, kind)
        return f"{name} = {value}"

    def change(self, scope: Scope) -> str | None:
        """Change a variable in its place."""
        choices = usable(CHANGES, scope.kinds())
        if self._level.nesting == 0:
            choices = tuple(text for text in choices if "\n" not in text)
        if not choices:
            return None
        return self._filler.statement(self._rng.choice(choices), scope, depth=0).text

    def idiom(self, scope: Scope) -> str | None:
        """Write a few lines that belong together."""
        return self._one_of(IDIOMS, scope)

    def counting(self, scope: Scope) -> str | None:
        """Write a `while` loop."""
        return self._one_of(WHILES, scope)

    def branch(self, scope: Scope) -> str | None:
        """Write an `if`, with one arm or more, each giving the same variable another value."""
        rng = self._rng
        condition = self._filler.condition(scope, depth=self._level.depth - 1)
        if condition is None:
            return None
        if rng.random() < 0.3:
            change = self.change(scope)
            return change and f"if {condition}:\n{indent(change)}"
        kind = rng.choice(self._level.kinds)
        old = scope.of(kind)
        if old and rng.random() < 0.5:
            kept = rng.choice(old)
            kept.is_used = True  # where the condition does not hold
            return self._arms(scope, kind, kept.name, [condition])
        conditions = [condition]
        other = self._filler.condition(scope, depth=0) if rng.random() < 0.3 else None
        if other and other != condition:
            conditions.append(other)
        return self._arms(scope, kind, scope.fresh_for(kind), [*conditions, "else"])

    def _arms(self, scope: Scope, kind: Kind, name: str, conditions: list[str]) -> str | None:
        arms = []
        for number, condition in enumerate(conditions):
            value = self._filler.expression(kind, scope, depth=self._level.depth - 1)
            if value is None:
                return None
            head = "else" if condition == "else" else f"{'elif' if number else 'if'} {condition}"
            arms.append(f"{head}:\n    {name} = {value}")
        scope.add(name, kind)
        return "\n".join(arms)

    def loop(self, scope: Scope) -> str | None:
        """Write a loop that gathers something, in a variable that it starts with."""
        nesting = self._level.nesting
        kinds = [kind for kind in STARTS if kind in self._level.kinds]
        if nesting > 2 and self._rng.random() < _DEEP:
            kinds = [kind for kind in kinds if kind in _STAYS_SHORT]
        else:
            nesting = min(nesting, 2)
        kind = self._rng.choice(kinds)
        name, start = self._rng.choice(STARTS[kind])
        name = scope.fresh(name)
        start = self._filler.statement(start, scope, depth=0).text
        text = self._nested(scope.inner(name), kind, name, nesting=nesting)
        if text is None:
            return None
        scope.add(name, kind)
        return f"{name} = {start}\n{text}"

    def _nested(self, scope: Scope, kind: Kind, name: str, *, nesting: int) -> str | None:
        """Write a loop around one body, which may be a loop again."""
        head = self._head(scope)
        if head is None:
            return None
        if nesting > 2:
            body = self._nested(scope, kind, name, nesting=nesting - 1)
        else:
            body = self._body(scope, kind, name, nesting=nesting)
        return body and f"{head}\n{indent(body)}"

    def _head(self, scope: Scope) -> str | None:
        """Write the head of a loop, and add what it binds to the scope of its body."""
        choices = usable(tuple(_BY_HEAD), scope.kinds())
        if not choices:
            return None
        loop: Loop = _BY_HEAD[self._rng.choice(choices)]
        filled = self._filler.statement(loop.head, scope, depth=0)
        for bound, kind in loop.binds:
            scope.add(filled.names[bound], kind, is_hot=True)
        return filled.text

    def _body(self, scope: Scope, kind: Kind, name: str, *, nesting: int) -> str | None:
        rng = self._rng
        update = self._update(scope, kind, name)
        if update is None or nesting < 2 or rng.random() < 0.25:
            return update
        condition = self._filler.condition(scope, depth=0)
        other = self._update(scope, kind, name)
        if condition is None or other is None or other == update:
            return update
        return rng.choice(
            (
                f"if {condition}:\n{indent(update)}",
                f"if {condition}:\n{indent(update)}\nelse:\n{indent(other)}",
                f"if {condition}:\n    continue\n{update}",
                f"if {condition}:\n    break\n{update}",
                f"{update}\nif {condition}:\n{indent(other)}",
            )
        )

    def _update(self, scope: Scope, kind: Kind, name: str) -> str | None:
        choices = usable(UPDATES[kind], scope.kinds())
        if not choices:
            return None
        text = self._rng.choice(choices)
        given = {"ACC": name}
        depth = self._level.depth - 1
        return self._filler.statement(text, scope, depth=depth, given=given).text

    def _one_of(self, idioms: tuple[Idiom, ...], scope: Scope) -> str | None:
        choices = usable(tuple(idiom.text for idiom in idioms), scope.kinds())
        allowed = [
            _BY_TEXT[text]
            for text in choices
            if all(kind in self._level.kinds for _, kind in _BY_TEXT[text].gives)
        ]
        if not allowed:
            return None
        idiom = self._rng.choice(allowed)
        filled = self._filler.statement(idiom.text, scope, depth=self._level.depth - 1)
        for name, kind in idiom.gives:
            scope.add(filled.names[name], kind)
        return filled.text
