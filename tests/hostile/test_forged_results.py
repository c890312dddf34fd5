"""Programs that want another result or another end than theirs."""

import pytest

from stepcode.execute import Sandbox
from stepcode.execute.isolate import Isolation
from stepcode.types import Outcome
from tests.hostile.attacks import ENDED, assert_honest, attack, texts

_FRAMES = """
import functools, sys
def frames():
    frame = sys._getframe(1)
    while frame:
        yield frame
        frame = frame.f_back
def objects(frame):
    'Everything that the attributes of a frame lead to, but its code.'
    for names in (frame.f_locals, frame.f_globals, frame.f_builtins):
        if names is not globals(): yield from list(names.values())
def constants(frame):
    queue = list(frame.f_code.co_consts)
    while queue:
        one = queue.pop()
        if isinstance(one, (tuple, frozenset)): queue.extend(one)
        elif type(one) is type(frame.f_code): queue.extend(one.co_consts)
        else: yield one
"""


def attack_frames(sandbox: Sandbox, code: str) -> tuple[Outcome, str | None, list[str | None]]:
    """Attack with the helpers above at hand."""
    execution = attack(sandbox, f"{_FRAMES}\n{code}")
    return execution.outcome, execution.output, texts(execution)


def test_code_of_every_frame_below_is_out_of_reach(sandbox: Sandbox) -> None:
    code = """
def f():
    for frame in list(frames()):
        for one in constants(frame):
            if callable(one) and one is not f:
                for arguments in ((), (b'forged',), (-1, b'forged'), (0, 6, b'forged')):
                    try: one(*arguments)
                    except Exception: pass
    return 2
"""
    outcome, output, steps = attack_frames(sandbox, code)
    assert (outcome in ENDED, output, steps) == (True, None, [])


def test_what_the_frames_below_name_writes_nothing(sandbox: Sandbox) -> None:
    code = """
def f():
    skipped = ('input', 'breakpoint', 'exit', 'quit', 'help', 'license', 'copyright', 'credits')
    for frame in list(frames()):
        for one in objects(frame):
            if callable(one) and getattr(one, '__name__', '') not in skipped:
                for arguments in ((b'forged',), (-1, b'forged'), (1, 6, b'forged')):
                    try: one(*arguments)
                    except Exception: pass
    return 2
"""
    outcome, output, steps = attack_frames(sandbox, code)
    assert (outcome in {*ENDED, Outcome.OK, Outcome.TIMED_OUT}, steps) == (True, [])
    assert output in {None, "2"}


def test_locals_of_the_frames_below_are_not_written(sandbox: Sandbox) -> None:
    code = """
class Value:
    def __repr__(self):
        for frame in list(frames())[1:]:
            for name in list(frame.f_locals):
                if name in ('text', 'shown', 'kind', 'value', 'size'):
                    try: frame.f_locals[name] = b'forged'
                    except Exception: pass
        return 'true'
def f():
    x = Value()
    print(f'x: {x!r}')
    return Value()
"""
    outcome, output, steps = attack_frames(sandbox, code)
    assert (outcome, output, steps) == (Outcome.OK, "true", ["true"])


def test_globals_of_the_frames_below_are_no_way_in(sandbox: Sandbox) -> None:
    code = """
def f():
    for frame in list(frames())[1:]:
        if frame.f_globals is globals(): continue
        for name in ('repr', 'len', 'type', 'append', 'finish', 'leave', 'STATE', 'REPR'):
            frame.f_globals[name] = lambda *anything: 'forged'
    x = 1
    print(f'x: {x!r}')
    return 2
"""
    assert attack_frames(sandbox, code) == (Outcome.OK, "2", ["1"])


def test_builtins_of_the_frames_below_are_no_way_in(sandbox: Sandbox) -> None:
    code = """
def f():
    real = dict(vars(__builtins__))
    for frame in list(frames())[1:]:
        for name in ('repr', 'len', 'type', 'str', 'format', 'print'):
            frame.f_builtins[name] = lambda *anything: 'forged'
    x = 1
    print(f'x: {x!r}')
    return 2
"""
    assert attack_frames(sandbox, code) == (Outcome.OK, "2", ["1"])


@pytest.mark.parametrize("place", range(-4, 4))
def test_each_constant_called_when_an_exception_dies_is_no_result(
    sandbox: Sandbox, place: int
) -> None:
    code = f"""
def f():
    job = [frame for frame in frames() if frame.f_code.co_name == 'run_job'][0]
    ends = [one for one in constants(job) if 'lru_cache' in type(one).__name__]
    class Error(Exception):
        __del__ = functools.partial(ends[{place}], -1, b'forged')
    raise Error
"""
    outcome, output, steps = attack_frames(sandbox, code)
    assert (outcome in ENDED, output, steps) == (True, None, [])


@pytest.mark.parametrize(
    "path",
    [
        "sys._getframe().f_back.f_back.f_back.f_code",
        "error.__traceback__.tb_frame.f_back.f_back.f_back.f_code",
        "generator.gi_frame.f_back.f_back.f_back.f_code",
        "sys._current_frames()[__import__('threading').get_ident()].f_back.f_back.f_back.f_code",
        "__import__('inspect').stack()[-1].frame.f_code",
        "__import__('traceback').extract_stack()",
        "next(iter(__import__('traceback').walk_stack(None)))[0].f_back.f_back.f_back.f_code",
    ],
)
def test_way_down_the_frames_leads_to_no_recorder(sandbox: Sandbox, path: str) -> None:
    code = f"""
import sys
def shows(): yield sys._getframe()
class Value:
    def __repr__(self):
        generator = shows()
        try: 1 / 0
        except ZeroDivisionError as caught: error = caught
        try: found = {path}
        except AttributeError: found = None
        for one in getattr(found, 'co_consts', ()):
            try: one(1, 6, b'forged')
            except Exception: pass
        return 'true'
def f():
    x = Value()
    print(f'x: {{x!r}}')
    return 2
"""
    execution = attack(sandbox, code)
    assert_honest(execution, steps=["true"], output="2")


def test_frame_that_a_signal_brings_leads_to_no_recorder(sandbox: Sandbox) -> None:
    code = """
import signal
def strike(number, frame):
    while frame:
        for one in getattr(frame.f_code, 'co_consts', ()):
            if callable(one) and hasattr(one, '__code__'): one(1, 6, b'forged')
        frame = frame.f_back
def f():
    signal.signal(signal.SIGALRM, strike)
    signal.setitimer(signal.ITIMER_REAL, 0.0001, 0.0001)
    for _ in range(50):
        x = 1
        print(f'x: {x!r}')
    signal.setitimer(signal.ITIMER_REAL, 0)
    return 2
"""
    execution = attack(sandbox, code)
    assert execution.output in ("2", None)
    # Struck while it was being shown, a value is one that could not be.
    assert {step.text for step in execution.steps} <= {"1", None}


@pytest.mark.parametrize(
    "way",
    [
        "gc.get_objects()",
        "gc.get_referrers(f)",
        "gc.get_referents(f)",
        "sys.settrace(print)",
        "sys.setprofile(print)",
        "sys.addaudithook(print)",
        "threading.settrace(print), threading.Thread(target=f).start()",
        "__import__('cProfile').Profile().enable()",
        "__import__('bdb').Bdb().set_trace()",
        "__import__('trace').Trace(count=1, trace=0).runfunc(len, [])",
        "__import__('pdb').Pdb().set_trace()",
    ],
)
def test_following_or_listing_everything_ends_the_run(sandbox: Sandbox, way: str) -> None:
    code = f"import gc, sys, threading\ndef f():\n    found = {way}\n    return 'forged'"
    execution = attack(sandbox, code)
    assert execution.output is None
    if execution.error != "RuntimeError: can't start new thread":
        assert execution.outcome is Outcome.TAMPERED


@pytest.mark.parametrize(
    "name",
    ["ctypes", "_ctypes", "_testcapi", "_testinternalcapi", "_xxsubinterpreters", "_testbuffer"],
)
def test_modules_that_write_memory_are_not_to_be_had(sandbox: Sandbox, name: str) -> None:
    code = f"""
import importlib, sys
def f():
    sys.modules.pop('{name}', None)
    return importlib.import_module('{name}').__name__
"""
    assert attack(sandbox, code).outcome in {Outcome.RAISED, Outcome.TAMPERED}


def test_machine_code_of_its_own_is_not_loaded(sandbox: Sandbox) -> None:
    code = """
import importlib.machinery, importlib.util
def f():
    with open('forged.so', 'wb') as stream: stream.write(b'no machine code')
    loader = importlib.machinery.ExtensionFileLoader('forged', './forged.so')
    return importlib.util.module_from_spec(importlib.util.spec_from_loader('forged', loader))
"""
    execution = attack(sandbox, code)
    assert execution.outcome is Outcome.RAISED
    assert "Python's own folders" in (execution.error or "")


def test_objects_kept_from_collection_hold_no_recorder(sandbox: Sandbox) -> None:
    code = """
import gc
def f():
    gc.set_debug(gc.DEBUG_SAVEALL)
    gc.collect()
    for one in gc.garbage:
        if type(one).__name__ == 'cell':
            for constant in getattr(one.cell_contents, 'co_consts', ()):
                if getattr(constant, '__name__', '') == 'append': constant(1, 6, b'FORGED')
    x = 1
    print(f'x: {x!r}')
    return 2
"""
    assert_honest(attack(sandbox, code), steps=["1"], output="2")


def test_subclasses_of_everything_lead_to_no_harness(sandbox: Sandbox) -> None:
    code = """
def f():
    queue, names = [object], set()
    while queue:
        for one in type.__subclasses__(queue.pop()):
            if one in names: continue
            names.add(one)
            queue.append(one)
            for method in list(vars(one).values()):
                for value in getattr(method, '__globals__', {}).values():
                    if type(value) is memoryview: value[:6] = b'forged'
    return 2
"""
    assert_honest(attack(sandbox, code), steps=[], output="2")


def test_modules_lead_to_no_harness(sandbox: Sandbox) -> None:
    code = """
import sys
def f():
    for module in [*sys.modules.values(), sys.modules['__main__']]:
        for value in list(vars(module).values()):
            if type(value).__name__ in ('memoryview', 'mmap'): value[:6] = b'forged'
    return [name for name in sys.modules if 'stepcode' in name or name in ('child', 'zygote')]
"""
    assert_honest(attack(sandbox, code), steps=[], output="[]")


def test_running_the_next_job_itself_is_no_result(sandbox: Sandbox) -> None:
    code = f"""
{_FRAMES}
def f():
    for frame in list(frames()):
        job = frame.f_locals.get('run_job')
        if job: job(frame.f_locals.get('frame', b''))
    return 2
"""
    execution = attack(sandbox, code)
    assert (execution.outcome in ENDED, execution.output) == (True, None)


def test_zygote_that_is_served_by_its_child_answers_nothing(sandbox: Sandbox) -> None:
    code = f"""
{_FRAMES}
import os
def f():
    for frame in list(frames()):
        zygote = frame.f_locals.get('self')
        if hasattr(zygote, 'control'):
            for file in range(256):
                try: os.write(file, (40).to_bytes(4, 'little') + b'{{"status": 0, "stopped": "", "strays": 0}}')
                except OSError: pass
    return 2
"""
    execution = attack(sandbox, code)
    assert (execution.outcome, execution.output) == (Outcome.OK, "2")


def test_coming_back_to_life_in_the_zygotes_loop_is_a_crash(sandbox: Sandbox) -> None:
    code = """
import os, sys
def f():
    os._exit = os.kill = os.abort = sys.exit = lambda *arguments: None
    raise SystemExit(0)
"""
    assert attack(sandbox, code).outcome is Outcome.RAISED


def test_records_written_into_every_descriptor_are_no_steps(sandbox: Sandbox) -> None:
    code = """
import os, struct
def f():
    record = struct.pack('<iI', 1, 6) + b'FORGED' + struct.pack('<iI', -1, 6) + b'FORGED'
    for file in range(1, 300):
        for action in (os.write, lambda f, r: os.pwrite(f, r, 0)):
            try: action(file, record)
            except OSError: pass
    x = 1
    print(f'x: {x!r}')
    os._exit(0)
"""
    execution = attack(sandbox, code)
    assert (execution.outcome, texts(execution)) == (Outcome.CRASHED, ["1"])
    assert execution.output is None


@pytest.mark.parametrize("action", ["os.ftruncate({}, 0)", "os.lseek({}, 0, 0)", "os.close({})"])
def test_descriptors_cut_or_closed_lose_no_step(sandbox: Sandbox, action: str) -> None:
    code = f"""
import os
def f():
    x = 1
    print(f'x: {{x!r}}')
    for file in range(300):
        try: {action.format("file")}
        except OSError: pass
    x = 2
    print(f'x: {{x!r}}')
    return 2
"""
    assert_honest(attack(sandbox, code), steps=["1", "2"], output="2")


def test_mapped_descriptors_change_no_step(sandbox: Sandbox) -> None:
    code = """
import mmap, os
def f():
    x = 1
    print(f'x: {x!r}')
    for file in range(300):
        try: mmap.mmap(file, 4096)[:] = b'F' * 4096
        except (OSError, ValueError): pass
    return 2
"""
    assert_honest(attack(sandbox, code), steps=["1"], output="2")


def test_reopened_descriptors_change_no_step(sandbox: Sandbox) -> None:
    code = """
import os
def f():
    x = 1
    print(f'x: {x!r}')
    for number in range(300):
        for whose in ('self', os.getppid(), 1):
            try: os.write(os.open(f'/proc/{whose}/fd/{number}', os.O_RDWR), b'F' * 4096)
            except OSError: pass
    return 2
"""
    if sandbox.isolation is Isolation.NONE:
        pytest.skip("at level none a program may write what its zygote prints")
    assert_honest(attack(sandbox, code), steps=["1"], output="2")
