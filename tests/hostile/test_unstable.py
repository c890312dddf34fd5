"""Programs that show another thing each time: none of them may become a row."""

import time
from collections.abc import Callable, Iterator

import pytest

from stepcode.execute.isolate import Isolation
from stepcode.source import SourceSettings
from stepcode.types import Case, Program, Reason
from stepcode_pipelines.batches import Batch, Verified
from stepcode_pipelines.recipe import Recipe
from stepcode_pipelines.verify import verifier
from tests.hostile.attacks import LIMITS, level_or_none

Verify = Callable[[str], list[str]]


@pytest.fixture(scope="module")
def verify() -> Iterator[Verify]:
    """Verify one program as a build does; the reasons for which it is rejected."""
    level = level_or_none("default") or Isolation.NONE
    # Under `fill` a value that differs is not shown, and the rest of the program is kept.
    recipe = Recipe(source=SourceSettings(name="bundled"), policy="strict", limits=LIMITS)
    with verifier(recipe, level, gate=None) as batch:

        def reasons(code: str) -> list[str]:
            case = Case(Program(code=code), "f()")
            verified: Verified = batch(Batch(0, (case,), is_last=True, number=0))
            return [row.reason for row in verified.rejected]

        yield reasons


def test_stable_program_is_kept(verify: Verify) -> None:
    assert verify("def f():\n    x = [1]\n    return x") == []


@pytest.mark.parametrize(
    "value",
    [
        "object()",
        "[object()]",
        "lambda: 0",
        "f",
        "iter([])",
        "(n for n in ())",
        "type('A', (), {})()",
        "[].append",
        "open('file', 'w').__enter__",
        "memoryview(b'')",
        "sys._getframe()",
        "weakref.ref(f)",
        "threading.Lock()",
    ],
)
def test_address_is_no_value(verify: Verify, value: str) -> None:
    code = f"import sys, threading, weakref\ndef f():\n    x = {value}\n    return x"
    assert verify(code) == [Reason.ADDRESS]


@pytest.mark.parametrize(
    "value",
    [
        "id(object())",
        "hash('text')",
        "hash(object())",
        "{'a', 'b', 'c'}",
        "list({'apple', 'banana'})",
        "frozenset({'yes', 'no'})",
        "dict.fromkeys({'left', 'right'})",
        "''.join({'cat', 'dog', 'bird'})",
        "time.time()",
        "time.perf_counter_ns()",
        "time.process_time_ns()",
        "datetime.datetime.now().isoformat()",
        "random.random()",
        "random.sample(range(10 ** 6), 3)",
        "random.SystemRandom().random()",
        "os.urandom(8)",
        "secrets.token_hex(8)",
        "uuid.uuid4().hex",
        "uuid.uuid1().hex",
        "os.environ['PYTHONHASHSEED']",
        "sys.flags.hash_randomization and sys.hash_info and hash('x')",
        "os.times().user + time.monotonic()",
        "tempfile.mkdtemp()",
        "time.thread_time_ns()",
        "os.stat('.').st_mtime_ns",
        "threading.get_ident()",
    ],
)
def test_value_that_differs_between_runs_is_rejected(verify: Verify, value: str) -> None:
    imports = "datetime, os, random, secrets, sys, tempfile, threading, time, uuid"
    code = f"import {imports}\ndef f():\n    x = {value}\n    return 1"
    reasons = verify(code)
    assert reasons in ([Reason.UNSTABLE], [Reason.RAISED], [Reason.VALUE_TOO_LONG])


@pytest.mark.parametrize(
    "value",
    [
        "random.random() < 2",
        "random.choice('aa')",
        "datetime.date.today().year > 2000",
        "time.strftime('%Y') > '2000'",
        "time.time() > 0",
        "hash('a') % 2 < 2",
        "id([]) > 0",
        "os.getpid() > 0",
        "uuid.uuid4().version",
        "len(secrets.token_hex(4))",
    ],
)
def test_value_that_agrees_only_by_chance_is_rejected(verify: Verify, value: str) -> None:
    imports = "datetime, os, random, secrets, time, uuid"
    code = f"import {imports}\ndef f():\n    x = {value}\n    return 1"
    assert verify(code) == [Reason.UNSTABLE]


def test_process_number_is_no_value_unless_it_is_always_the_same(verify: Verify) -> None:
    code = "import os\ndef f():\n    x = os.getpid()\n    return 1"
    assert verify(code) == [Reason.UNSTABLE]


def test_result_alone_that_differs_is_rejected(verify: Verify) -> None:
    code = "import time\ndef f():\n    x = 1\n    return time.time_ns()"
    assert verify(code) == [Reason.UNSTABLE]


def test_printed_text_alone_that_differs_is_rejected(verify: Verify) -> None:
    code = "import time\ndef f():\n    x = 1\n    print(time.time_ns())\n    return x"
    assert verify(code) == [Reason.UNSTABLE]


def test_number_of_steps_that_differs_is_rejected(verify: Verify) -> None:
    code = """
def f():
    x = 0
    while hash(str(x)) % 2:
        x += 1
    for n in range(hash('a') % 5):
        x += n
    return 1
"""
    assert verify(code) == [Reason.UNSTABLE]


def test_outcome_that_differs_is_rejected(verify: Verify) -> None:
    code = """
def f():
    x = min({'apple', 'banana'}, key=lambda text: hash(text) & 1)
    if list({'a b', 'x y'})[0] == 'x y': raise ValueError
    return 1
"""
    assert verify(code) in ([Reason.UNSTABLE], [Reason.RAISED])


def test_program_that_counts_its_runs_in_a_file_is_rejected(verify: Verify) -> None:
    code = """
import os
def f():
    x = os.path.exists('seen')
    open('seen', 'w').close()
    y = len(os.listdir('/tmp')) if os.path.exists('/tmp') else 0
    return x
"""
    assert verify(code) == []  # the folder is new each time, so there is nothing to count


def test_program_that_counts_its_runs_in_its_modules_is_rejected_or_sees_one(
    verify: Verify,
) -> None:
    code = """
import math
def f():
    math.runs = getattr(math, 'runs', 0) + 1
    x = math.runs
    return x
"""
    assert verify(code) == []  # one run does not see what another did to a module


def test_program_that_behaves_when_its_anchors_are_away_is_rejected(verify: Verify) -> None:
    code = """
def f():
    x = 1
    y = len([c for c in f.__code__.co_consts if callable(c)])
    return y
"""
    refused = {Reason.RESULT_CHANGED, Reason.TAMPERED, Reason.REFUSED, Reason.NO_STEPS}
    assert verify(code)[0] in refused


@pytest.mark.parametrize("value", ["1", "{1, 2}", "'text'", "{'a': 1}", "[None, (True,)]"])
def test_what_is_the_same_each_time_is_kept(verify: Verify, value: str) -> None:
    assert verify(f"def f():\n    x = {value}\n    return x") == []


def test_source_that_no_limit_would_hold_is_refused_unread(verify: Verify) -> None:
    before = time.monotonic()
    assert verify("def f(): return 1\n" + "c = 1\n" * 1_000_000) == [Reason.REFUSED]
    assert verify("import numpy\nx = [" + "1, " * 500_000 + "]\ndef f(): return 1") == [
        Reason.REFUSED
    ]
    assert time.monotonic() - before < 5
