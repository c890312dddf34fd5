"""Values as plain data, so that they can leave the sandbox: JSON, never pickle.

    encode([1, (2.0,)])     # {"list": [1, {"tuple": [2.0]}]}

None, booleans, numbers and texts are themselves; anything else is an object of one key, its type.
What is of a kind that only compares equal to itself is {"object": its type}. `values.py` reads it.
"""

import collections
import datetime
import decimal
import re
from typing import Any

MAX_DEPTH = 100
MAX_TEXT = 2000
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")  # another one in every run
_PLAIN = (type(None), bool, int, float, str)
_ITEMS = (list, tuple, collections.deque)
_SETS = (set, frozenset)
_COMPARE_AS_DICT = {kind.__eq__ for kind in (dict, collections.OrderedDict, collections.Counter)}


def show(value: object) -> dict[str, Any]:
    """Tell the type of a value, its beginning as text for people, and the value as plain data."""
    return {"type": type_name(type(value)), "text": _text(value), "data": encode(value)}


def type_name(kind: type) -> str:
    """Name a type as REval's answers do: `int`, `datetime.datetime`."""
    module = kind.__module__
    return kind.__qualname__ if module == "builtins" else f"{module}.{kind.__qualname__}"


def encode(value: object, depth: int = 0) -> Any:  # Any: JSON
    """Write a value as plain data."""
    if depth > MAX_DEPTH:
        return _opaque(value)
    if type(value) in _PLAIN:
        return value
    if isinstance(value, dict) and type(value).__eq__ in _COMPARE_AS_DICT:
        pairs = [[encode(one, depth + 1) for one in pair] for pair in value.items()]
        return {"dict": pairs}
    base = _base_of(value)
    if base in _PLAIN:  # of a subclass that compares as its base does
        return encode(base(value), depth)
    if base is None:
        return _encode_rare(value, depth)
    items = [encode(item, depth + 1) for item in iter(value)]  # type: ignore[call-overload]
    return {type_name(base): sorted(items, key=repr) if base in _SETS else items}


def _base_of(value: object) -> Any:  # Any: a type, or None
    """Find the type, among those written as what they hold, as which a value compares."""
    bases = (*_PLAIN, *_ITEMS, *_SETS)
    return next((kind for kind in bases if _compares_as(value, kind)), None)


def _compares_as(value: object, kind: type) -> bool:
    own: object = type(value).__eq__
    return isinstance(value, kind) and own is kind.__eq__


def _encode_rare(value: object, depth: int) -> Any:  # Any: JSON
    match value:
        case bytes() | bytearray():
            return {type(value).__name__: value.hex()}
        case complex() | range():
            return {type(value).__name__: repr(value)}
        case decimal.Decimal():
            return {"decimal.Decimal": str(value)}
        case datetime.datetime() | datetime.date() | datetime.time():
            return {type_name(type(value)): value.isoformat()}
        case datetime.timedelta():
            return {"datetime.timedelta": [value.days, value.seconds, value.microseconds]}
        case _:
            return _encode_numpy(value, depth)


def _encode_numpy(value: Any, depth: int) -> Any:  # Any: numpy may not be here
    """Write numpy's arrays and scalars without importing it."""
    if type(value).__module__ != "numpy" or not hasattr(value, "tolist"):
        return _opaque(value)
    if not _is_array(value):
        return encode(value.item(), depth + 1)  # a scalar compares as the number that it holds
    return {"numpy.ndarray": [str(value.dtype), list(value.shape), encode(value.ravel().tolist())]}


def _is_array(value: object) -> bool:
    return any(kind.__name__ == "ndarray" for kind in type(value).__mro__)


def _opaque(value: object) -> dict[str, str]:
    return {"object": type_name(type(value))}


def _text(value: object) -> str:
    try:
        text = _ADDRESS.sub("", repr(value))
    except Exception:  # the program's own `__repr__`
        return f"<{type_name(type(value))}>"
    return text if len(text) <= MAX_TEXT else f"{text[:MAX_TEXT]}\u2026"
