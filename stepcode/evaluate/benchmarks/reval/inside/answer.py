"""Evaluate what a model says that an expression is: a value and its type, as REval reads them.

Runs in the sandbox and knows nothing of what is expected.
"""

import datetime
import json
from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Any

from stepcode.evaluate.benchmarks.reval.inside.encode import show, type_name

NO_ANSWER = "null"
ARRAYS = frozenset({"numpy.ndarray", "np.ndarray"})


def evaluate(text: str, kind: str) -> str:
    """Read a value as one of a kind; JSON: {"kind": name or null, "value": shown}, or null.

    `kind` is the name of a type in lower case. Values of Python's own types are evaluated, others
    are made by their type from the evaluated text, or from the text itself.
    """
    names: dict[str, Any] = {"datetime": datetime.datetime}  # Any: what a namespace holds
    try:
        if kind in ARRAYS or "np." in text:
            names["np"] = import_module("numpy")
        return _answer(_locate(kind), _value(text, kind, names))
    except Exception:
        return NO_ANSWER


def read_date(text: str, kind: str) -> str:
    """Read a date in any of the ways that people write one; JSON as of `evaluate`."""
    try:
        return _answer(_locate(kind), import_module("dateutil.parser").parse(text))
    except Exception:
        return NO_ANSWER


def _answer(kind: object, value: object) -> str:
    name = type_name(kind) if isinstance(kind, type) else None
    return json.dumps({"kind": name, "value": show(value)})


def _value(text: str, kind: str, names: dict[str, Any]) -> object:  # Any: see above
    if kind == "str":
        return _or_else(lambda: eval(text, names), text)
    if kind in ARRAYS:
        return names["np"].array(eval(text, names))
    located = _locate(kind)
    if not isinstance(located, type):
        raise TypeError(f"{kind} is no type")
    if located.__module__ == "builtins":
        return eval(text, names)
    made = _or_else(lambda: located(eval(text, names)), None)
    return located(text) if made is None else made


def _or_else(make: Callable[[], object], otherwise: object) -> object:
    try:
        return make()
    except Exception:
        return otherwise


def _locate(name: str) -> object:
    """Find what a dotted name names: in the deepest module that it begins with, or built in."""
    parts = name.split(".")
    found: object = import_module("builtins")
    for end in range(1, len(parts) + 1):
        module = _module(".".join(parts[:end]))
        if module is None:
            end -= 1
            break
        found = module
    for part in parts[end:]:
        found = getattr(found, part, None)
    return found


def _module(name: str) -> ModuleType | None:
    try:
        return import_module(name)
    except (ImportError, ValueError):
        return None
