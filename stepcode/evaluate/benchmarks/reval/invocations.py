"""How a program is run, in words that a model is shown."""

import ast
import textwrap

from stepcode.evaluate.benchmarks.reval.data import Pair, Subject

SETUP = "# setup code that has run before"
THE_TEST = "the test code above"


def invocation(subject: Subject, pair: Pair) -> str:
    """Write the call of a function, or a test's body below what sets it up."""
    if subject.test is None:
        return f"{subject.entry}{pair.input.removesuffix(')').removesuffix(',')})"
    return f"{setup_of(subject, pair)}{pair.input.rstrip()}"


def short_invocation(subject: Subject, pair: Pair) -> str:
    """Name the run where its text stands elsewhere already."""
    return invocation(subject, pair) if subject.test is None else THE_TEST


def setup_of(subject: Subject, pair: Pair) -> str:
    """Write what sets a test up, as comments; empty where nothing does."""
    lines = _setup_lines(subject, pair.number)
    return "".join(f"{line}\n" for line in (SETUP, *(f"# {line}" for line in lines))) * bool(lines)


def _setup_lines(subject: Subject, number: int) -> list[str]:
    source = subject.test or ""
    kinds = [node for node in ast.parse(source).body if isinstance(node, ast.ClassDef)]
    tests = [kind for kind in kinds if kind.name.startswith(f"{subject.entry}Test")]
    methods = tests[number].body if number < len(tests) else []
    for method in methods:
        if isinstance(method, ast.FunctionDef) and method.name == "setUp":
            first, last = method.body[0].lineno, method.end_lineno
            lines = source.splitlines()[first - 1 : last]
            return textwrap.dedent("\n".join(lines)).splitlines()
    return []
