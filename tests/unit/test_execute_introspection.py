"""Honest programs that look at themselves: being recorded must not make them suspects."""

from collections.abc import Iterator

import pytest

from stepcode.execute import Sandbox
from stepcode.types import Outcome
from tests.unit.execute_samples import SHORT, anchored

_PRELUDE = """
import asyncio, contextlib, copy, dataclasses, dis, functools, inspect, io, logging, pickle
import sys, traceback, types, typing, unittest, unittest.mock
def g(a, b=2):
    c = a + b
    print(f'c: {c!r}')
    return c
class Point:
    def __init__(self, x: int):
        y = x + 1
        print(f'y: {y!r}')
        self.y = y
async def later(x):
    await asyncio.sleep(0)
    z = x + 1
    print(f'z: {z!r}')
    return z
def fails():
    try:
        w = 0
        print(f'w: {w!r}')
        return 1 / w
    except ZeroDivisionError:
        logging.getLogger('here').exception('caught')
        return traceback.format_exc().splitlines()[-1]
"""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(limits=SHORT) as sandbox:
        yield sandbox


@pytest.mark.parametrize(
    ("expression", "output", "steps"),
    [
        ("str(inspect.signature(g))", "'(a, b=2)'", []),
        ("str(inspect.signature(Point))", "'(x: int)'", []),
        ("inspect.isgeneratorfunction(g), inspect.iscoroutinefunction(later)", "(False, True)", []),
        ("g.__code__.co_argcount, g.__code__.co_varnames", "(2, ('a', 'b', 'c'))", []),
        ("functools.partial(g, 1)()", "3", ["3"]),
        ("fails()", "'ZeroDivisionError: division by zero'", ["0"]),
        ("asyncio.run(later(1))", "2", ["2"]),
        ("asyncio.iscoroutinefunction(later)", "True", []),
        ("sum(asyncio.run(gather()))", "5", ["2", "3"]),
        ("Point(1).y, pickle.loads(pickle.dumps(Point(2))).y", "(2, 3)", ["2", "3"]),
        ("copy.copy(g) is g, [*typing.get_type_hints(Point.__init__)]", "(True, ['x'])", []),
        ("types.FunctionType(g.__code__, globals(), 'h', (2,))(3)", "5", ["5"]),
        ("unittest.mock.create_autospec(g, return_value=7)(1)", "7", []),
        ("asyncio.run(old(1))", "1", []),
        ("sys._getframe().f_code.co_filename", "'<call>'", []),
        ("whoami()", "'whoami'", ["1"]),
        ("len([*dis.get_instructions(g)]) > 5", "True", []),
    ],
)  # fmt: skip
def test_program_that_inspects_itself_is_recorded_like_any_other(
    sandbox: Sandbox, expression: str, output: str, steps: list[str]
) -> None:
    code = f"""{_PRELUDE}
async def gather(): return await asyncio.gather(later(1), later(2))
@types.coroutine
def old(x):
    yield
    return x
def whoami():
    n = 1
    print(f'n: {{n!r}}')
    return sys._getframe().f_code.co_name
"""
    execution = sandbox.run(anchored(code), expression)
    assert (execution.outcome, execution.output, execution.error) == (Outcome.OK, output, None)
    assert [step.text for step in execution.steps] == steps
