"""What the programs of REval do, line by line: runs inside the sandbox, as text, alone.

    examine(request)  ->  {"probes": [...], "outputs": [...]}

The trace is one flat list over all frames of the program under test, in the order of events: an
entry for each line that differs from the one before, with its local variables as they were when
its last event came. `sys.settrace` follows the program; from Python 3.12 on the interpreter does it
by `sys.monitoring`, so that there is one tracer for all versions.

Standard library only. It works with values that a model wrote, so it never runs outside a sandbox.
"""

# What programs under test hold has no types.
# mypy: ignore-errors

import ast
import builtins
import copy
import importlib
import itertools
import sys
import types
import unittest
from datetime import datetime
from functools import partial

NAME = "<program under test>"
_LONGEST = 500
_MOST = 200
_NOT_SHOWN = (
    *(types.ModuleType, types.FunctionType, types.BuiltinFunctionType, types.GeneratorType),
    *(types.MethodType, types.CoroutineType),
)


class Nil(Exception):
    """An expression that has no value where it is asked for."""


def examine(request):
    """Run one input of a program, and tell of each probe what is true, and of answers if they are.

    `request` has the program's `code`, `entry` and `test`, the text of its `input` or the `number`
    of its test, `probes` with `lineno` and `var`, and perhaps `states` and `outputs` to be judged.
    """
    wanted = {name for probe in request["probes"] for name in _names(probe["var"])}
    entries = run(request, wanted)
    answers = request.get("states") or [[] for _ in request["probes"]]
    return [
        examine_probe(entries, probe, said)
        for probe, said in zip(request["probes"], answers, strict=True)
    ]


def run(request, wanted):
    """Run the input and return its trace: lists of a line from 0 and the wanted variables."""
    names = {"__name__": "program"}
    exec(compile(request["code"], NAME, "exec"), names)
    entries = []

    def follow(frame, event, argument):
        # Not by the file of its code: the sandbox lets nobody ask for the code of its own frames.
        if frame.f_globals is not names:
            return None
        if event != "call":
            record(entries, frame.f_lineno - 1, snapshot(frame.f_locals, wanted))
        return follow

    if request["test"] is None:
        function, arguments = names[request["entry"]], eval(request["input"], names)
        start = partial(function, *arguments)
    else:
        start = test_method(request, names)
    sys.settrace(follow)
    try:
        start()
    finally:
        sys.settrace(None)
    return entries


def test_method(request, names):
    """Set a test up, and return the first method of the class that is asked for."""
    tests = {**names}
    exec(compile(request["test"], "<test>", "exec"), tests)
    kinds = [
        value
        for name, value in tests.items()
        if name not in names
        and isinstance(value, type)
        and issubclass(value, unittest.TestCase)
        and name.startswith(f"{request['entry']}Test")
    ]
    kind = kinds[request["number"]]
    method = next(name for name in vars(kind) if name.startswith("test"))
    case = kind(method)
    case.setUp()
    return getattr(case, method)


def record(entries, line, values):
    """Add an entry, or bring the last one up to date if it is of the same line."""
    if entries and entries[-1][0] == line:
        entries[-1][1] = values
    else:
        entries.append([line, values])


def snapshot(variables, wanted):
    """Copy the wanted variables, but for what is no value."""
    found = {}
    for name in wanted & variables.keys():
        value = variables[name]
        if isinstance(value, _NOT_SHOWN) or (
            hasattr(type(value), "__next__") and hasattr(type(value), "__iter__")
        ):
            continue
        try:
            found[name] = copy.deepcopy(value)
        except Exception:
            continue
    return found


def examine_probe(entries, probe, said):
    """Tell what is true of a line and an expression, and which of the given states are."""
    line = probe["lineno"] - 1
    places = [place for place, entry in enumerate(entries) if entry[0] == line]
    following = [entries[place + 1][0] + 1 for place in places if place + 1 < len(entries)]
    is_last = bool(places) and places[-1] == len(entries) - 1
    lines = sorted(set(following) | ({-1} if is_last or not places else set()))
    after = [entries[min(place + 1, len(entries) - 1)][1] for place in places]
    values = values_of(probe["var"], after)
    return {
        "covered": bool(places),
        "next": lines,
        "values": None if values is None else different(map(shown, values)),
        "states": [is_right_state(value, kind, values) for value, kind in said],
    }


def values_of(expression, states):
    """Evaluate a name, attribute, subscript, constant or tuple in all states; None for Nil."""
    try:
        return _evaluate(ast.parse(expression.strip(), mode="eval").body, states) or None
    except Exception:
        return None


def _evaluate(node, states):
    match node:
        case ast.Name(id=name):
            found = [state[name] for state in states if name in state]
            if not found:
                raise Nil
            return found
        case ast.Attribute(value=owner, attr=name):
            values = [one for one in _evaluate(owner, states) if hasattr(one, name)]
            if not values:
                raise Nil
            return [getattr(value, name) for value in values]
        case ast.Subscript(value=owner, slice=place):
            pairs = itertools.product(_evaluate(owner, states), _evaluate(place, states))
            return [value[at] for value, at in pairs]
        case ast.Constant(value=value):
            return [value]
        case ast.Tuple(elts=elements):
            return list(itertools.product(*(_evaluate(one, states) for one in elements)))
        case _:
            raise Nil


def _names(expression):
    try:
        tree = ast.parse(expression.strip(), mode="eval")
    except SyntaxError:
        return set()
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def different(values):
    """Drop what is there already, and what is too much."""
    return [list(one) for one in dict.fromkeys(map(tuple, values))][:_MOST]


def shown(value):
    """Show a value and its type, shortened."""
    try:
        text = repr(value)
    except Exception:
        text = "?"
    return [text[:_LONGEST], type(value).__name__]


def is_right_state(text, kind, values):
    """Say whether a value that a model wrote, with the type it said, is one of the true ones."""
    if kind is None:
        return values is None
    if values is None:
        return False
    try:
        value, expected = parse_state(text, kind)
        return any(type(true) is type(value) is expected and _equal(value, true) for true in values)
    except (Exception, SystemExit):
        return False


def parse_state(text, kind):
    """Make the value that a model wrote, and the type that it named, as REval's harness does."""
    match kind:
        case "str":
            return _string(text), str
        case "nonetype":
            return None, type(None)
        case "datetime":
            return _moment(text), datetime
        case "ndarray" | "numpy.ndarray":
            numpy = sys.modules["numpy"]  # without it no true value can be one
            return numpy.array(eval(text)), numpy.ndarray
        case _:
            return eval(text), getattr(builtins, kind)


def _moment(text):
    try:
        return importlib.import_module("dateutil.parser").parse(text)
    except ImportError:
        return datetime.fromisoformat(text.strip("'\""))


def _string(text):
    try:
        return eval(text)
    except Exception:
        return text


def _equal(value, true):
    if isinstance(true, float):
        return abs(value - true) < 1e-6
    found = value == true
    return bool(found.all()) if hasattr(found, "all") else bool(found)
