"""Values as plain data, read back and compared as REval compares them; nothing is evaluated here.

`inside/encode.py` writes what this reads. What the sandbox tells of a model's answer is read here
too, so nothing that is read may run code or take more memory than its text does.
"""

import ast
import builtins
import datetime
import decimal
import re
import warnings
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from stepcode.evaluate.benchmarks.reval.inside.encode import show
from stepcode.evaluate.benchmarks.reval.labels import Value

CLOSE = 1e-6
"""Floats that differ by less are equal."""
_ARRAY = "numpy.ndarray"
_NUMBERS = re.compile(r"(bool|u?int|float|complex)\d*")

_READERS: dict[str, Callable[[Any], object]] = {  # Any: JSON
    "decimal.Decimal": decimal.Decimal,
    "datetime.datetime": datetime.datetime.fromisoformat,
    "datetime.date": datetime.date.fromisoformat,
    "datetime.time": datetime.time.fromisoformat,
    "datetime.timedelta": lambda parts: datetime.timedelta(*parts),
    "bytes": bytes.fromhex,
    "bytearray": bytearray.fromhex,
    "complex": complex,
    "range": lambda text: range(*ast.literal_eval(f"({text[len('range(') : -1]},)")),
}
_CONTAINERS: dict[str, Callable[[Any], object]] = {  # Any: an iterable of anything
    "list": list,
    "tuple": tuple,
    "set": set,
    "frozenset": frozenset,
    "collections.deque": deque,
}


def decode(data: Any) -> object:  # Any: JSON
    """Read a value; what only equals itself becomes something that does.

    Raises ValueError, TypeError or the like if the data was not written by `encode`.
    """
    if not isinstance(data, dict):
        return data
    [(kind, held)] = data.items()
    if kind in _CONTAINERS:
        return _CONTAINERS[kind](decode(item) for item in held)
    if kind == "dict":
        return {decode(key): decode(item) for key, item in held}
    if kind in _READERS:
        return _READERS[kind](held)
    return _array(*held) if kind == _ARRAY else object()


def _array(dtype: str, shape: Sequence[int], items: Any) -> object:  # Any: JSON
    import numpy as np  # few programs have arrays

    flat = decode(items)
    made = np.array(flat, dtype=dtype if _NUMBERS.fullmatch(dtype) else None)
    return made.reshape([int(size) for size in shape])


def matches(kind: str | None, answer: Value, observed: Sequence[Value]) -> bool:
    """Whether an answer of a stated kind is one of the values that were observed.

    The kind has to be that of the answer and of some observed value, not of the same one.
    """
    if kind != answer.type or all(one.type != kind for one in observed):
        return False
    value, truths = decode(answer.data), [decode(data) for data in _different(observed)]
    if kind == "float":
        return any(_is_close(value, truth) for truth in truths)
    return any(_equal(value, truth) for truth in truths)


def _different(observed: Sequence[Value]) -> list[Any]:  # Any: JSON
    """A loop shows the same value often, as the same object then; read it once."""
    return [one.data for one in {id(one): one for one in observed}.values()]


def _is_close(value: Any, truth: Any) -> bool:  # Any: numbers, if they can be subtracted
    try:
        return bool(abs(value - truth) < CLOSE)
    except (TypeError, ValueError, ArithmeticError):
        return False


def _equal(value: object, truth: object) -> bool:
    """Compare exactly, and arrays, whose equality is itself an array, almost."""
    try:
        return bool(value == truth)
    except ValueError:
        return _all_close(value, truth)
    except RecursionError:
        return False


def _all_close(value: object, truth: object) -> bool:
    import numpy as np

    if not (isinstance(value, np.ndarray) and isinstance(truth, np.ndarray)):
        return False
    try:
        return bool(np.allclose(value, truth))
    except (TypeError, ValueError):
        return False


def literal_value(text: str, kind: str) -> Value | None:
    """Read a literal that is said to be of one of Python's own types; None if it is not that.

    Python's parser says of a literal what evaluating it would say, so this changes no verdict.
    """
    if not isinstance(getattr(builtins, kind, None), type):
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return Value(**show(ast.literal_eval(text)))
    except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
        return None
