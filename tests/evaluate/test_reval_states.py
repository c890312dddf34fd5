"""What a model says of an expression, evaluated in the sandbox and compared with what was seen."""

from pathlib import Path

import pytest

from stepcode.evaluate.benchmarks.reval.answers import Said, StatedValue
from stepcode.evaluate.benchmarks.reval.inside.encode import encode, show
from stepcode.evaluate.benchmarks.reval.labels import Label, Value
from stepcode.evaluate.benchmarks.reval.states import judge_states
from stepcode.evaluate.benchmarks.reval.values import decode
from stepcode.evaluate.programs import Verdict

PASSED, FAILED = Verdict.PASSED, Verdict.FAILED


def seen(*values: object) -> Label:
    return Label(True, (-1,), tuple(Value(**show(value)) for value in values))


NIL = Label(False, (-1,), None)


def judged(text: str, kind: str, label: Label) -> Verdict:
    return judge_states([StatedValue(text, kind)], [label])[0]


def is_right(text: str, kind: str, *values: object) -> bool:
    return judged(text, kind, seen(*values)) is PASSED


def test_nil_is_right_of_nil_alone() -> None:
    said: list[StatedValue | Said | None] = [
        Said.NIL,
        Said.NIL,
        StatedValue("None", "nonetype"),
        None,
    ]
    assert judge_states(said, [NIL, seen(None), NIL, NIL]) == [PASSED, FAILED, FAILED, FAILED]


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("1", "int", 1),
        ("-2.0", "float", -2.0),
        ("0.30000001", "float", 0.3),
        ("'a'", "str", "a"),
        ("a b", "str", "a b"),
        ("True", "bool", True),
        ("None", "nonetype", None),
        ("None", "whatever", None),
        ("[1, 2.0]", "list", [1, 2]),
        ("{2, 1}", "set", {1, 2}),
        ("set()", "set", set()),
        ("{'b': 1, 'a': [None]}", "dict", {"a": [None], "b": 1}),
        ("(1,)", "tuple", (1,)),
        ("b'x'", "bytes", b"x"),
        ("1+2j", "complex", 1 + 2j),
        ("[1] * 3", "list", [1, 1, 1]),
        ("float('inf')", "float", float("inf")),
        ("bytearray(b'h')", "bytearray", bytearray(b"h")),
        ("[1, 2]", "collections.deque", __import__("collections").deque([1, 2])),
    ],
)
def test_a_value_of_the_stated_type_is_right(text: str, kind: str, value: object) -> None:
    # An infinite float differs from itself by no number, as in the benchmark.
    expected = text != "float('inf')"
    assert is_right(text, kind, value) is expected


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("1", "float", 1.0),
        ("1.0", "int", 1),
        ("True", "int", 1),
        ("1", "str", "1"),
        ("0.3001", "float", 0.3),
        ("[1]", "tuple", [1]),
        ("x", "int", 1),
        ("1 +", "int", 1),
        ("1", "no_such_type", 1),
        ("1", "os.path", 1),
        ("nan", "float", float("nan")),
        ("1/0", "float", 1.0),
    ],
)
def test_a_value_that_is_not_of_the_stated_type_or_differs_is_wrong(
    text: str, kind: str, value: object
) -> None:
    assert not is_right(text, kind, value)


def test_a_value_may_be_any_that_was_seen_and_the_type_that_of_another() -> None:
    assert is_right("2", "int", 1, 2, 3)
    assert is_right("1", "int", 2, True)
    assert not is_right("1", "int", True)


def test_a_date_is_read_as_people_write_it() -> None:
    pytest.importorskip("dateutil")
    import datetime

    day = datetime.datetime(2023, 6, 7, 10, 30)
    assert is_right("2023-06-07 10:30", "datetime.datetime", day)
    assert is_right("June 7 2023, 10:30am", "datetime.datetime", day)
    assert not is_right("datetime.datetime(2023, 6, 7, 10, 30)", "datetime.datetime", day)
    assert not is_right("2023-06-07 10:30", "datetime", day), "that names the module"


def test_an_array_is_compared_almost() -> None:
    import numpy as np

    assert is_right("[1, 2]", "numpy.ndarray", np.array([1.0, 2.0 + 1e-9]))
    assert is_right("np.array([1, 2])", "numpy.ndarray", np.array([1, 2]))
    assert not is_right("[1, 3]", "numpy.ndarray", np.array([1, 2]))
    assert not is_right("[1, 2]", "np.ndarray", np.array([1, 2])), "pydoc finds no np"
    assert is_right("1.5", "numpy.float64", np.float64(1.5))


def test_an_object_that_only_equals_itself_is_never_right() -> None:
    assert not is_right("object()", "object", object())
    assert not is_right("[object()]", "list", [object()])


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os')._exit(0)",
        "exit()",
        "[].append(1) or __import__('sys').settrace(lambda *_: None)",
        "(lambda f: f(f))(lambda f: f(f))",
        "'a' * 10**12",
        "type('bytearray', (bytearray,), {'__repr__': lambda s: 'bytearray(9999999999)'})()",
    ],
)
def test_text_that_harms_is_wrong_and_harms_the_sandbox_only(text: str) -> None:
    assert judged(text, "int", seen(1)) is FAILED


def test_text_that_never_ends_is_told_apart() -> None:
    assert judged("[i for i in iter(int, 1)]", "list", seen([1])) is not PASSED
    assert judged("max(iter(int, 1))", "int", seen(1)) is Verdict.TIMED_OUT


def test_text_is_never_evaluated_in_this_process(tmp_path: Path) -> None:
    file = tmp_path / "touched"
    judged(f"open({str(file)!r}, 'w').write('x')", "int", seen(1))
    assert not file.exists()


@pytest.mark.parametrize(
    "value",
    [
        None, True, 2**70, 1.5, "a\ud800", b"\0", 1j, [1, (2, {3})], {1: {"a": None}, (1,): []},
        frozenset({1}), range(1, 9, 2), __import__("decimal").Decimal("1.50"),
        __import__("datetime").timedelta(1, 2), __import__("datetime").date(2020, 1, 2),
        __import__("collections").Counter("aab"), __import__("collections").OrderedDict(a=1),
        float("-inf"),
    ],
)  # fmt: skip
def test_reading_plain_data_undoes_writing(value: object) -> None:
    import json

    assert decode(json.loads(json.dumps(encode(value)))) == value


def test_a_subclass_is_what_it_compares_as() -> None:
    from collections import namedtuple
    from enum import IntEnum

    point = namedtuple("point", "x y")
    colour = IntEnum("colour", "RED")
    assert decode(encode([point(1, 2)])) == [(1, 2)]
    assert decode(encode(colour(1))) == 1


def test_a_value_in_itself_ends_somewhere() -> None:
    endless: list[object] = []
    endless.append(endless)
    assert encode(endless)
