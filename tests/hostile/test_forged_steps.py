"""Programs that want a step in their trace that did not happen, or one less than did."""

import pytest

from stepcode.execute import Sandbox
from stepcode.types import Outcome
from tests.hostile.attacks import ENDED, assert_honest, attack, texts

FIND = """
def found(code):
    'The recorders among the constants of a code object, and of those inside it.'
    for one in code.co_consts:
        if isinstance(one, type(code)): yield from found(one)
        elif callable(one): yield one
class Forged:
    def __repr__(self): return 'FORGED'
def honest():
    x = 1
    print(f'x: {x!r}')
    return 2
def shown(thing):
    print(f'thing.x: {thing.x!r}')
    return 2
"""


def forge(sandbox: Sandbox, code: str, *, steps: str = "1") -> Outcome:
    """Attack with the helpers above at hand; the run may end, but show nothing but the truth.

    The honest trace is `steps`, one a word, and the honest result 2. Where the code takes one of
    an anchor's two recorders, `[*found(...)][RECORDER]`, it is tried with each.
    """
    for recorder in (1, 0) if "RECORDER" in code else (0,):
        execution = attack(sandbox, f"{FIND}\nRECORDER = {recorder}\n{code}", anchors=True)
        assert_honest(execution, steps=steps.split(), output="2")
        assert execution.outcome in ENDED | {Outcome.OK}
    return execution.outcome


def test_printing_what_an_anchor_prints_is_no_step(sandbox: Sandbox) -> None:
    code = """
def f():
    print('x: 0')
    print('x: 1', flush=True)
    return honest()
"""
    assert forge(sandbox, code) is Outcome.OK


def test_recorder_that_the_program_calls_ends_the_run(sandbox: Sandbox) -> None:
    code = "def f():\n    [*found(honest.__code__)][RECORDER]('FORGED')\n    return honest()"
    assert forge(sandbox, code) in ENDED


def test_recorder_called_by_a_function_of_another_line_ends_the_run(sandbox: Sandbox) -> None:
    code = """
def f():
    for recorder in found(f.__code__): recorder('FORGED')
    x = 1
    print(f'x: {x!r}')
    return 2
"""
    assert forge(sandbox, code) in ENDED


def test_variables_of_the_frames_below_lead_to_no_recorder(sandbox: Sandbox) -> None:
    line = FIND.split("\n").index("    print(f'x: {x!r}')")
    code = f"""
import sys
def codes(value):
    if isinstance(value, (list, tuple)):
        for one in value: yield from codes(one)
    elif hasattr(value, 'co_consts'): yield value
def f():
    global recorder
    frame = sys._getframe()
    while frame:
        for code in codes(list(frame.f_locals.values())):
            for recorder in found(code):
                exec(compile('\\n' * {line - 1} + 'recorder(Forged())', '', 'exec'), globals())
        frame = frame.f_back
    return honest()
"""
    assert forge(sandbox, code) is Outcome.OK


def test_variables_that_a_signal_handler_writes_change_no_step(sandbox: Sandbox) -> None:
    code = """
import signal
def strike(number, frame):
    while frame:
        if frame.f_globals is not globals():
            for name in list(frame.f_locals):
                try: frame.f_locals[name] = Forged()
                except Exception: pass
        frame = frame.f_back
def f():
    signal.signal(signal.SIGALRM, strike)
    signal.setitimer(signal.ITIMER_REAL, 0.0001, 0.0001)
    for _ in range(90): honest()
    signal.setitimer(signal.ITIMER_REAL, 0)
    return 2
"""
    execution = attack(sandbox, f"{FIND}\n{code}")
    assert set(texts(execution)) <= {"1", None}
    assert execution.output in ("2", None)


@pytest.mark.parametrize(
    "way",
    [
        "list(map(recorder, [Forged()]))",
        "sorted([Forged()], key=recorder)",
        "import functools; functools.reduce(lambda a, b: a(b), [recorder, Forged()])",
        "import operator; operator.call(recorder, Forged())",
        "import threading; t = threading.Thread(target=recorder, args=(Forged(),)); t.start(); t.join()",
        "import _thread, time; _thread.start_new_thread(recorder, (Forged(),)); time.sleep(0.05)",
        "import atexit; atexit.register(recorder, Forged()); atexit._run_exitfuncs()",
        "import weakref; v = Forged(); weakref.finalize(v, recorder, 'FORGED'); del v",
        "import sys; sys.displayhook = recorder; exec(compile('Forged()', '', 'single'))",
        "import sys; sys.excepthook = recorder; sys.unraisablehook = recorder; Forged.__del__ = 3",
        "import contextvars; contextvars.copy_context().run(recorder, Forged())",
        "exec('recorder(Forged())', {'recorder': recorder, 'Forged': Forged})",
        "eval(compile('\\n' * 200 + 'recorder(Forged())', '<program>', 'eval'))",
        "import codecs; codecs.register_error('forged', recorder); '\\ud800'.encode('utf8', 'forged')",
        "import re; re.sub('x', recorder, 'x')",
        "import gc; gc.callbacks.append(recorder); gc.collect()",
        "import json; json.dumps(Forged(), default=recorder)",
        "import builtins; builtins.__import__ = recorder; import os",
    ],
)
def test_recorder_called_by_others_shows_nothing(sandbox: Sandbox, way: str) -> None:
    code = f"""
def f():
    recorder = [*found(honest.__code__)][RECORDER]
    try: exec({way!r}, globals(), {{'recorder': recorder}})
    except Exception: pass
    return honest()
"""
    forge(sandbox, code)


def test_recorder_that_is_the_getter_of_the_shown_attribute_shows_nothing(sandbox: Sandbox) -> None:
    code = """
class Thing(Forged): pass
def f():
    Thing.x = property([*found(shown.__code__)][RECORDER])
    return shown(Thing())
"""
    forge(sandbox, code, steps="None")


def test_recorder_that_finds_missing_attributes_shows_nothing(sandbox: Sandbox) -> None:
    code = """
class Thing: pass
def f():
    Thing.__getattr__ = staticmethod([*found(shown.__code__)][RECORDER])
    return shown(Thing())
"""
    forge(sandbox, code, steps="None")


def test_recorder_called_when_a_shown_value_dies_shows_nothing(sandbox: Sandbox) -> None:
    code = """
import functools
class Value:
    def __repr__(self): return 'true'
class Thing: x = property(lambda self: Value())
def f():
    Value.__del__ = functools.partial([*found(shown.__code__)][RECORDER], Forged())
    return shown(Thing())
"""
    forge(sandbox, code, steps="true")


def test_recorder_called_by_a_weak_reference_shows_nothing(sandbox: Sandbox) -> None:
    code = """
import weakref
class Reference(weakref.ref):
    def __repr__(self): return 'FORGED'
class Value:
    def __repr__(self): return 'true'
class Thing:
    @property
    def x(self):
        value = Value()
        kept.append(Reference(value, recorder))
        return value
kept = []
def f():
    global recorder
    recorder = [*found(shown.__code__)][RECORDER]
    return shown(Thing())
"""
    forge(sandbox, code, steps="true")


def test_recorder_called_when_garbage_is_collected_shows_nothing(sandbox: Sandbox) -> None:
    code = """
import functools, gc
class Garbage: pass
def f():
    Garbage.__del__ = functools.partial([*found(honest.__code__)][RECORDER], Forged())
    for n in range(1, 60):
        gc.set_threshold(0)
        garbage = Garbage()
        garbage.self = garbage
        del garbage
        gc.set_threshold(n)
        honest()
    return 2
"""
    forge(sandbox, code, steps="1 " * 59)


def test_recorder_called_by_a_signal_shows_nothing(sandbox: Sandbox) -> None:
    code = """
import functools, signal
def f():
    recorder = [*found(honest.__code__)][RECORDER]
    signal.signal(signal.SIGALRM, functools.partial(max, Forged(), key=recorder))
    signal.setitimer(signal.ITIMER_REAL, 0.00005, 0.00005)
    for _ in range(90):
        try: honest()
        except TypeError: pass
    signal.setitimer(signal.ITIMER_REAL, 0)
    return 2
"""
    for recorder in (0, 1):
        execution = attack(sandbox, f"{FIND}\nRECORDER = {recorder}\n{code}", anchors=True)
        assert set(texts(execution)) <= {"1"}


def test_recorder_called_by_the_truth_of_a_comparison_shows_nothing(sandbox: Sandbox) -> None:
    code = """
class Meta(type):
    pass
class Thing: pass
def f():
    recorder = [*found(shown.__code__)][RECORDER]
    Meta.__getattribute__ = lambda cls, name: recorder(Forged())
    Thing.x = Meta('V', (), {})
    return shown(Thing())
"""
    for recorder in (0, 1):
        execution = attack(sandbox, f"{FIND}\nRECORDER = {recorder}\n{code}")
        assert "FORGED" not in texts(execution)


def test_repr_of_a_value_that_calls_its_recorder_shows_nothing(sandbox: Sandbox) -> None:
    code = """
import functools
class Thing: pass
class Value: pass
def f():
    recorder = [*found(shown.__code__)][RECORDER]
    Value.__repr__ = functools.partial(recorder, Forged())
    Thing.x = Value()
    return shown(Thing())
"""
    for recorder in (0, 1):
        execution = attack(sandbox, f"{FIND}\nRECORDER = {recorder}\n{code}")
        assert "FORGED" not in texts(execution)


def test_code_with_other_constants_ends_the_run(sandbox: Sandbox) -> None:
    code = """
def f():
    code = honest.__code__
    honest.__code__ = code.replace(co_consts=tuple(9 if c == 1 else c for c in code.co_consts))
    return honest()
"""
    assert forge(sandbox, code) in ENDED


def test_code_with_other_line_numbers_ends_the_run(sandbox: Sandbox) -> None:
    code = """
def other(recorder): recorder(Forged())
def f():
    old = honest.__code__
    other.__code__ = other.__code__.replace(co_linetable=old.co_linetable, co_firstlineno=1)
    other([*found(old)][0])
    return honest()
"""
    assert forge(sandbox, code) in ENDED


@pytest.mark.parametrize(
    "way",
    [
        "type(f.__code__)(*[0] * 18)",
        "__import__('marshal').loads(__import__('marshal').dumps(compile('1', '', 'eval')))",
        "__import__('importlib.util')._bootstrap_external._compile_bytecode(b'c')",
        "__import__('copy').replace(f.__code__, co_code=b'')",
    ],
)
def test_bytecode_of_its_own_ends_the_run(sandbox: Sandbox, way: str) -> None:
    execution = attack(sandbox, f"def f():\n    {way}\n    return 'forged'")
    assert (execution.outcome in ENDED, execution.output) == (True, None)


def test_bytecode_made_inside_the_one_function_that_may_ends_the_run(sandbox: Sandbox) -> None:
    code = """
import functools, operator, types
def generator(): yield 1
def payload(): return 'forged'
class Code:
    def __get__(self, one, kind=None): return generator.__code__
    __set__ = staticmethod(operator.call)
changes = {name: getattr(payload.__code__, name) for name in ('co_code', 'co_consts', 'co_flags')}
changed = functools.lru_cache(None)(operator.methodcaller('replace', **changes))
class Fake:
    __class__, __code__, __call__ = types.FunctionType, Code(), staticmethod(changed)
def f():
    try: types.coroutine(Fake())
    except TypeError: pass
    real = types.FunctionType(generator.__code__, {})
    types.coroutine(real)
    return types.FunctionType(changed(real.__code__), {})()
"""
    execution = attack(sandbox, code)
    assert (execution.outcome in ENDED, execution.output) == (True, None)


def test_closing_and_opening_every_descriptor_hides_no_step(sandbox: Sandbox) -> None:
    code = """
import os
def f():
    os.closerange(0, 1000)
    for number in range(20): os.open('file%d' % number, os.O_RDWR | os.O_CREAT)
    return honest()
"""
    assert forge(sandbox, code) is Outcome.OK


def test_recursion_at_its_limit_hides_no_step_that_happened(sandbox: Sandbox) -> None:
    code = """
def deep(n):
    try: return deep(n + 1)
    except RecursionError: pass
    x = n
    print(f'x: {x!r}')
    raise ZeroDivisionError
def f():
    try: deep(0)
    except ZeroDivisionError: pass
    return 2
"""
    execution = attack(sandbox, code)
    # Struck while it was being shown, a value is one that could not be.
    numbers = [int(text) for text in texts(execution) if text is not None]
    assert len(numbers) in {0, 1}


def test_exception_in_the_middle_of_recording_leaves_no_hole(sandbox: Sandbox) -> None:
    code = """
import signal
def strike(number, frame): raise OSError
def f():
    signal.signal(signal.SIGALRM, strike)
    signal.setitimer(signal.ITIMER_REAL, 0.0001, 0.0001)
    done = 0
    while done < 90:
        try:
            x = done
            print(f'x: {x!r}')
            done += 1
        except OSError: pass
    signal.setitimer(signal.ITIMER_REAL, 0)
    return done
"""
    execution = attack(sandbox, code)
    # Struck while it was being shown, a value is one that could not be.
    numbers = [int(text) for text in texts(execution) if text is not None]
    assert numbers == sorted(numbers)
    assert set(numbers) <= set(range(90))


@pytest.mark.usefixtures("company")
def test_steps_of_threads_are_whole(sandbox: Sandbox) -> None:
    code = """
import sys, threading
def work():
    for _ in range(20):
        x = 'x' * 50
        print(f'x: {x!r}')
def f():
    sys.setswitchinterval(1e-6)
    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    return 2
"""
    execution = attack(sandbox, code)
    assert texts(execution) == [repr("x" * 50)] * 80
