"""Follow a run line by line: what REval's labels are made of.

    recorder = Recorder({3: frozenset({"total"})})
    follow(lambda: function(4), code=code, recorder=recorder)
    recorder.entries                                 # the lines in the order they were reached

The trace is one flat list over all frames of the code, callees included. A visit of a line, a
return and an exception each belong to a line; what belongs to the line of the last entry changes
that entry, anything else begins one. So what happens on one line in a row is one entry.

Up to CPython 3.11 `sys.settrace` tells of these, from 3.12 on `sys.monitoring`; what they tell is
the same, but programs are not: from 3.12 on a list, set or dict comprehension has no frame of its
own, so its variables are among the function's, and no longer all that the line's entry shows.
"""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from threading import get_ident
from types import CodeType, FrameType
from typing import Any

_LEFT_OUT = frozenset({"module", "function", "builtin_function_or_method"})
"""Names of the types whose values are not kept; neither are iterators."""
_TOOL = 4
"""A number for `sys.monitoring` that no tool has by convention."""


@dataclass(slots=True)
class Entry:
    """A line, and what some variables were before it ran; 1-based."""

    line: int
    before: dict[str, object] = field(default_factory=dict)


class Recorder:
    """The trace of one run, with copies of those variables only that are asked for."""

    def __init__(self, names_after: Mapping[int, frozenset[str]]) -> None:
        """Keep for each line the names whose values after it are asked for."""
        self.entries: list[Entry] = []
        self._names_after = names_after

    def visit(self, line: int, variables: Mapping[str, object]) -> None:
        """Enter a line that is about to run."""
        entry = self.happen(line)
        entry.before = {
            name: deepcopy(value)
            for name in self._names_asked(line)
            if name in variables and not _is_left_out(value := variables[name])
        }

    def happen(self, line: int) -> Entry:
        """Enter a line on which a frame returns or raises; its variables are not looked at."""
        if not self.entries or self.entries[-1].line != line:
            self.entries.append(Entry(line))
        return self.entries[-1]

    def _names_asked(self, line: int) -> frozenset[str]:
        """What an entry shows is asked for after the line before it, or after itself if last."""
        names = self._names_after.get(line, frozenset())
        if len(self.entries) > 1:
            names |= self._names_after.get(self.entries[-2].line, frozenset())
        return names


def _is_left_out(value: object) -> bool:
    return value.__class__.__name__ in _LEFT_OUT or isinstance(value, Iterator)


def follow(run: Callable[[], object], *, code: CodeType, recorder: Recorder) -> None:
    """Run something and record the frames of the code, which is a module's, and of all in it."""
    if sys.version_info >= (3, 12):
        follow_by_monitoring(run, code=code, recorder=recorder)
    else:
        follow_by_settrace(run, code=code, recorder=recorder)


def follow_by_settrace(run: Callable[[], object], *, code: CodeType, recorder: Recorder) -> None:
    """Do what `follow` does, on any version."""

    def trace(frame: FrameType, event: str, _: object) -> Any:  # Any: itself, which has no type
        if event == "call":
            return trace if frame.f_code.co_filename == code.co_filename else None
        if event == "line":
            recorder.visit(frame.f_lineno, frame.f_locals)
        else:  # a return or an exception
            recorder.happen(frame.f_lineno)
        return trace

    sys.settrace(trace)
    try:
        run()
    finally:
        sys.settrace(None)


def follow_by_monitoring(run: Callable[[], object], *, code: CodeType, recorder: Recorder) -> None:
    """Do what `follow` does, from CPython 3.12 on, at a fraction of the price."""
    monitoring: Any = sys.monitoring  # type: ignore[attr-defined]  # Any: typed as of 3.12 only
    monitoring.use_tool_id(_TOOL, "stepcode")
    try:
        of_all = _register(monitoring, code.co_filename, recorder)
        for own in _codes_of(code):
            monitoring.set_local_events(_TOOL, own, of_all.local)
        monitoring.set_events(_TOOL, of_all.everywhere)
        run()
    finally:
        monitoring.set_events(_TOOL, 0)
        monitoring.free_tool_id(_TOOL)


@dataclass(frozen=True, slots=True)
class _Events:
    local: int
    """What can be asked of single code objects."""
    everywhere: int


def _register(monitoring: Any, filename: str, recorder: Recorder) -> _Events:  # Any: see above
    """Tell the interpreter what to call; whatever another thread does is not of this run."""
    thread = get_ident()

    def visit(code: CodeType, line: int) -> None:
        if get_ident() == thread:
            recorder.visit(line, sys._getframe(1).f_locals)

    def happen(code: CodeType, *_: object) -> None:
        if code.co_filename == filename and get_ident() == thread:
            recorder.happen(sys._getframe(1).f_lineno)

    def jump(code: CodeType, start: int, target: int) -> None:
        """A loop within one line visits it again, as `sys.settrace` has it."""
        frame = sys._getframe(1)
        if target < start and frame.f_lineno == _line_at(code, target) and get_ident() == thread:
            recorder.visit(frame.f_lineno, frame.f_locals)

    def begin(*_: object) -> None:
        """Do nothing: CPython 3.13 hides the first line of a call unless it tells of the call."""

    events = monitoring.events
    local = {
        events.PY_START: begin,
        events.PY_RESUME: begin,
        events.LINE: visit,
        events.JUMP: jump,
        events.PY_RETURN: happen,
        events.PY_YIELD: happen,
        events.STOP_ITERATION: happen,
    }
    everywhere = {events.RAISE: happen, events.PY_UNWIND: happen}
    for event, callback in (local | everywhere).items():
        monitoring.register_callback(_TOOL, event, callback)
    return _Events(sum(local), sum(everywhere))


def _codes_of(code: CodeType) -> Iterable[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes_of(constant)


def _line_at(code: CodeType, offset: int) -> int | None:
    lines = (line for start, end, line in code.co_lines() if start <= offset < end)
    return next(lines, None)
