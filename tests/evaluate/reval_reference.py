"""REval's labels the slow way: copy every variable at every event, then look things up.

Written apart from the tracer, straight from the definition of the trace, to be compared with it.
"""

import ast
import contextlib
import copy
import itertools
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

SKIPPED = ("module", "function", "builtin_function_or_method")


@dataclass
class State:
    line: int
    variables: dict[str, Any] = field(default_factory=dict)


def slow_trace(run: Callable[[], object], filename: str) -> list[State]:
    states: list[State] = []

    def at(line: int) -> State:
        if not states or states[-1].line != line:
            states.append(State(line))
        return states[-1]

    def local(frame: FrameType, event: str, _: object) -> None:
        state = at(frame.f_lineno)
        if event == "line":
            state.variables = {
                name: copy.deepcopy(value)
                for name, value in frame.f_locals.items()
                if type(value).__name__ not in SKIPPED and not isinstance(value, Iterator)
            }

    def outer(frame: FrameType, event: str, _: object) -> Any:
        return local if frame.f_code.co_filename == filename else None

    sys.settrace(outer)
    try:
        run()
    finally:
        sys.settrace(None)
    return states


def slow_covered(states: list[State], line: int) -> bool:
    return line in [state.line for state in states]


def slow_next(states: list[State], line: int) -> set[int]:
    places = [place for place, state in enumerate(states) if state.line == line]
    padded = [state.line for state in states] + [-1]
    return {padded[place + 1] for place in places} or {-1}


def slow_values(states: list[State], line: int, expression: str) -> list[Any] | None:
    places = [place for place, state in enumerate(states) if state.line == line]
    after = [states[min(place + 1, len(states) - 1)] for place in places]
    if not after:
        return None
    try:
        return look(ast.parse(expression, mode="eval").body, after) or None
    except Exception:
        return None


def look(node: ast.expr, after: list[State]) -> list[Any]:
    if isinstance(node, ast.Constant):
        return [node.value]
    if isinstance(node, ast.Name):
        found = [state.variables[node.id] for state in after if node.id in state.variables]
    elif isinstance(node, ast.Attribute):
        owners = look(node.value, after)
        found = [getattr(owner, node.attr) for owner in owners if hasattr(owner, node.attr)]
    elif isinstance(node, ast.Subscript):
        found = []
        for owner, key in itertools.product(look(node.value, after), look(node.slice, after)):
            with contextlib.suppress(TypeError, KeyError, IndexError):
                found.append(owner[key])
    elif isinstance(node, ast.Tuple):
        return list(itertools.product(*[look(part, after) for part in node.elts]))
    else:
        raise TypeError(node)
    if not found:
        raise LookupError(node)
    return found
