"""What a statement shows: the names that it gives a value to, or whose value it changes."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from stepcode.anchor.facts import Function
from stepcode.anchor.policy import Policy
from stepcode.anchor.statements import all_statements
from stepcode.anchor.values import (
    Showable,
    Shown,
    distinct,
    is_trivial,
    mutated_name,
    pair_elements,
    target_names,
)
from stepcode.types import AnchorKind

Loop = ast.For | ast.AsyncFor | ast.While


@dataclass(frozen=True, slots=True)
class Showing:
    """What the statements of one program show under a policy; `owner` is the function around."""

    policy: Policy
    showable: Showable

    def by(self, statement: ast.stmt, owner: Function | None) -> list[Shown]:
        """List what a simple statement shows, in source order."""
        match statement:
            case ast.Assign(targets=targets, value=value):
                return self._assigned(targets, value, owner)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                return self._assigned([target], value, owner)
            case ast.Expr(value=ast.NamedExpr(target=target, value=value)):
                return self._assigned([target], value, owner)
            case ast.AugAssign(target=target):
                found = list(target_names(target, AnchorKind.AUGMENT))
            case ast.Delete(targets=targets):
                gone = {t.id for t in targets if isinstance(t, ast.Name)}
                elements = [t for t in targets if isinstance(t, ast.Subscript)]
                found = [s for t in elements for s in target_names(t, AnchorKind.DELETE)]
                found = [s for s in found if s.name not in gone]
            case ast.Expr(value=value) if name := mutated_name(value):
                found = [Shown(name, AnchorKind.MUTATE)]
            case _:
                return []
        return [s for s in distinct(found) if self.showable.allows(s.name, owner)]

    def _assigned(
        self, targets: list[ast.expr], value: ast.expr, owner: Function | None
    ) -> list[Shown]:
        shown = []
        dull = is_trivial(value) and not self.policy.constants
        for target in targets:
            for part, part_value in pair_elements(target, value):
                if self.showable.is_opaque(part_value, owner):
                    continue
                # A trivial value put into a container still changes the container.
                shown += [s for s in target_names(part) if s.kind is AnchorKind.MUTATE or not dull]
        return [s for s in distinct(shown) if self.showable.allows(s.name, owner)]

    def changed_in(self, loop: Loop, owner: Function | None) -> Iterator[Shown]:
        """Yield the names that a loop changes, in source order."""
        if not isinstance(loop, ast.While):
            yield from self._loop_names(target_names(loop.target), owner)
        for statement in all_statements(loop.body):
            match statement:
                case ast.Assign(targets=targets):
                    found = [s for t in targets for s in target_names(t)]
                case ast.AnnAssign(target=target, value=ast.expr()) | ast.AugAssign(target=target):
                    found = list(target_names(target))
                case ast.For(target=target) | ast.AsyncFor(target=target):
                    found = list(target_names(target))
                case _:
                    found = self.by(statement, owner)
            yield from self._loop_names(found, owner)

    def _loop_names(self, found: Iterable[Shown], owner: Function | None) -> Iterator[Shown]:
        for shown in found:
            if self.showable.allows(shown.name, owner):
                yield Shown(shown.name, AnchorKind.LOOP)

    def anchored_name(self, statement: ast.stmt) -> str | None:
        """Name what a statement shows if it is an anchor of this policy, whoever wrote it."""
        match statement:
            case ast.Expr(
                value=ast.Call(
                    func=ast.Name(id="print"),
                    args=[
                        ast.JoinedStr(
                            values=[
                                ast.Constant(value=str() as label),
                                ast.FormattedValue(
                                    value=value, conversion=conversion, format_spec=None
                                ),
                            ]
                        )
                    ],
                    keywords=[],
                )
            ) if conversion == (ord("r") if self.policy.conversion else -1):
                name = ast.unparse(value)
                return name if label == f"{name}: " else None
            case _:
                return None
