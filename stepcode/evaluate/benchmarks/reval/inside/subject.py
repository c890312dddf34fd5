"""Run one of REval's programs on its inputs, and tell the labels of its probes.

A program is defined once and its inputs run one after the other, as the benchmark does it: what
one leaves behind in a class or a module the next one finds.
"""

import contextlib
import io
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from types import CodeType, ModuleType
from typing import Any
from unittest import TestCase

from stepcode.evaluate.benchmarks.reval.inside.encode import show
from stepcode.evaluate.benchmarks.reval.inside.observe import names_in, next_lines, values_after
from stepcode.evaluate.benchmarks.reval.inside.recorder import Recorder, follow

FILE = "<subject>"
"""Only frames of this file are followed: the program's, never its tests'."""
Names = dict[str, Any]  # Any: whatever a program defines
Pair = tuple[int, str, Sequence[tuple[int, str]]]
"""The number of an input, its text, and the probes, each a 1-based line and an expression."""


def label_subject(code: str, entry: str, test: str | None, pairs: Sequence[Pair]) -> str:
    """Label the probes of each pair; JSON: for each {"probes": [...]} or {"error": text}.

    A probe's label has `covered`, `next` (lines) and `values` (null for Nil), see `encode.show`.
    """
    module = ModuleType("subject")
    sys.modules["subject"] = module
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        try:
            compiled = compile(code, FILE, "exec", dont_inherit=True)
            exec(compiled, module.__dict__)
            if test is not None:
                exec(compile(test, "<test>", "exec", dont_inherit=True), module.__dict__)
        except BaseException as error:
            return json.dumps([{"error": describe(error)} for _ in pairs])
        tests = None if test is None else test_classes(module.__dict__, entry)
        labels = [_label(compiled, module.__dict__, entry, tests, pair) for pair in pairs]
    return json.dumps(labels)


def test_classes(names: Names, entry: str) -> list[type[TestCase]]:
    """Find the test classes of a class, in the order in which they were defined."""
    found = [value for name, value in names.items() if name.startswith(f"{entry}Test")]
    return [one for one in found if isinstance(one, type) and issubclass(one, TestCase)]


def first_test(kind: type[TestCase]) -> str:
    """Name the only method of a test class that the benchmark runs."""
    return next(name for name in vars(kind) if name.startswith("test"))


def describe(error: BaseException) -> str:
    """Write an exception in one line."""
    return f"{type(error).__name__}: {error}".partition("\n")[0][:300]


def _label(
    compiled: CodeType,
    names: Names,
    entry: str,
    tests: Sequence[type[TestCase]] | None,
    pair: Pair,
) -> dict[str, Any]:  # Any: JSON
    number, text, probes = pair
    recorder = Recorder(_names_after(probes))
    try:
        run = _call(names, entry, text) if tests is None else _method(tests[number])
        follow(run, code=compiled, recorder=recorder)
    except BaseException as error:
        return {"error": describe(error)}
    return {"probes": [_probe_label(recorder, line, text) for line, text in probes]}


def _names_after(probes: Sequence[tuple[int, str]]) -> Mapping[int, frozenset[str]]:
    lines: dict[int, frozenset[str]] = {}
    for line, expression in probes:
        lines[line] = lines.get(line, frozenset()) | names_in(expression)
    return lines


def _call(names: Names, entry: str, text: str) -> Callable[[], object]:
    function, arguments = names[entry], eval(text, names)
    return lambda: function(*arguments)


def _method(kind: type[TestCase]) -> Callable[[], object]:
    """Set a test up, which is not followed."""
    test = kind(first_test(kind))
    test.setUp()
    return getattr(test, first_test(kind))  # type: ignore[no-any-return]  # it is a method


def _probe_label(recorder: Recorder, line: int, expression: str) -> dict[str, Any]:  # Any: JSON
    entries = recorder.entries
    covered = any(entry.line == line for entry in entries)
    values = values_after(entries, line, expression) if covered else None
    return {
        "covered": covered,
        "next": next_lines(entries, line),
        "values": None if values is None else [show(value) for value in values],
    }
