"""Programs that hold both recorders of an anchor, and look for the moment when they would work."""

import pytest

from stepcode.execute import Sandbox
from stepcode.execute.job import prepare
from stepcode.types import Outcome
from tests.hostile.attacks import ENDED, assert_next_is_unharmed, attack, texts
from tests.hostile.test_forged_steps import FIND, forge
from tests.unit.execute_samples import anchored

_BOTH = """
import functools, gc, signal, sys, types
class Value:
    def __repr__(self): return 'true'
class Thing: pass
def both(): return [*found(shown.__code__)]
def forging(*more):
    commit, show = both()
    return functools.partial(list, map(commit, map(show, [Forged()])), *more)
"""


@pytest.mark.parametrize(
    "way",
    [
        "Value.__del__ = forging(); Thing.x = property(lambda self: Value())",
        "Value.__del__ = functools.partial(both()[1], Forged()); Thing.x = property(lambda self: Value())",
        "Value.__del__ = functools.partial(both()[0], Forged()); Thing.x = property(lambda self: Value())",
        "Value.__repr__ = forging(); Thing.x = Value()",
        "Thing.x = property(both()[1])",
        "Thing.x = property(both()[0])",
        "Thing.x = Value(); both()[0](both()[1](Forged()))",
        "Thing.x = Value(); exec('both()[0](both()[1](Forged()))')",
        "Thing.x = Value(); both()[1].__call__(Forged())",
        "Thing.x = Value(); types.MethodType(both()[1], Forged())()",
        "shown.__code__ = shown.__code__.replace(co_name='other'); Thing.x = Value()",
        "Thing.x = Value(); sys.unraisablehook = both()[0]; sys.excepthook = both()[1]",
    ],
)
def test_recorders_called_elsewhere_show_nothing(sandbox: Sandbox, way: str) -> None:
    forge(sandbox, f"{_BOTH}\ndef f():\n    {way}\n    return shown(Thing())", steps="true")


def test_recorders_called_by_signals_show_nothing(sandbox: Sandbox) -> None:
    code = f"""
{_BOTH}
def f():
    Thing.x = Value()
    for kind in (functools.partial(max, Forged(), key=both()[1]), functools.partial(max, Forged(), key=both()[0])):
        signal.signal(signal.SIGALRM, kind)
        for n in range(40):
            signal.setitimer(signal.ITIMER_REAL, 4e-6 + n * 2.5e-7)
            try: shown(Thing())
            except TypeError: pass
    return 2
"""
    forge(sandbox, code, steps="true " * 80)


def test_recorders_called_by_the_garbage_collector_show_nothing(sandbox: Sandbox) -> None:
    code = f"""
{_BOTH}
def f():
    Thing.x = Value()
    class Garbage: __del__ = functools.partial(both()[1], Forged())
    keep = [(n,) for n in range(3000)]
    for n in range(1, 40):
        gc.set_threshold(0)
        garbage = Garbage()
        garbage.me = garbage
        del garbage
        gc.set_threshold(n)
        shown(Thing())
    gc.set_threshold(0)
    return 2
"""
    forge(sandbox, code, steps="true " * 39)


def test_value_that_was_not_shown_to_its_end_is_no_step(sandbox: Sandbox) -> None:
    code = f"""
{_BOTH}
class Interrupts:
    def __repr__(self): raise KeyboardInterrupt
def f():
    Thing.x = Interrupts()
    try: shown(Thing())
    except KeyboardInterrupt: pass
    Thing.x = Value()
    return shown(Thing())
"""
    assert forge(sandbox, code, steps="true") is Outcome.OK


def test_no_depth_of_recursion_opens_the_harness(sandbox: Sandbox) -> None:
    code = f"""
{_BOTH}
found_out = []
def dive():
    try: dive()
    except RecursionError: pass
    try: found_out.append(job.f_code)
    except RecursionError: pass
def f():
    global job
    Thing.x = Value()
    for _ in range(30): shown(Thing())
    job = sys._getframe(3)
    sys.setrecursionlimit(60)
    try: dive()
    except RecursionError: pass
    sys.setrecursionlimit(1000)
    ends = [one for code in found_out for one in code.co_consts if callable(one)]
    class Text(str): __del__ = functools.partial(ends[-2], -1, b'FORGED', True)
    return Text('2')
"""
    assert forge(sandbox, code, steps="true " * 30) in ENDED


def test_recursion_at_its_limit_leaves_no_anchor_behind_that_stops_working(
    sandbox: Sandbox,
) -> None:
    code = f"""
{_BOTH}
def dive():
    try: dive()
    except RecursionError: pass
    try: shown(Thing())
    except RecursionError: pass
def f():
    Thing.x = Value()
    sys.setrecursionlimit(60)
    dive()
    sys.setrecursionlimit(1000)
    return shown(Thing())
"""
    execution = attack(sandbox, f"{FIND}\n{code}")
    assert (execution.outcome, execution.output) == (Outcome.OK, "2")
    assert set(texts(execution)) <= {"true", None}


@pytest.mark.usefixtures("company")
def test_fork_in_the_middle_of_recording_overwrites_no_step(sandbox: Sandbox) -> None:
    code = """
import os, signal
class Value:
    def __init__(self, text): self.text = text
    def __repr__(self): return self.text
def strike(number, frame):
    global child
    if child or frame.f_globals is globals() or frame.f_back.f_globals is globals(): return
    child = os.fork()
    if child == 0:
        os.read(gate[0], 1)  # until the true step is there
        return  # and then go on with the stale one
    raise RecursionError
child = 0
def f():
    global gate
    gate, me = os.pipe(), os.getpid()
    signal.signal(signal.SIGALRM, strike)
    for n in range(80):
        x = Value('STALE')
        signal.setitimer(signal.ITIMER_REAL, 6e-6 + n % 40 * 2.5e-7)
        try:
            print(f'x: {x!r}')
        except RecursionError: break
        finally:
            if os.getpid() != me: os._exit(0)
    signal.setitimer(signal.ITIMER_REAL, 0)
    y = Value('TRUTH')
    print(f'y: {y!r}')
    if child: os.write(gate[1], b'x'); os.waitpid(child, 0)
    return n
"""
    for _ in range(5):
        execution = attack(sandbox, code)
        shown = texts(execution)
        if execution.outcome is Outcome.OK:
            assert shown == ["STALE"] * (len(shown) - 1) + ["TRUTH"]
            assert len(shown) - 1 in {int(execution.output or 0), 80}


def test_what_is_left_of_an_earlier_run_shows_nothing_in_the_next(sandbox: Sandbox) -> None:
    code = anchored("""
        import builtins
        def steps():
            for x in range(5):
                print(f'x: {x!r}')
                yield x
        def f():
            left = getattr(builtins, 'left', None)
            builtins.left = steps()
            next(left or builtins.left)
            return 2
    """)
    sandbox.start_job(prepare(code, "f()"), twin=prepare(code, "f()"))
    runs = sandbox.finish_both()
    assert runs.twin is not None
    assert (texts(runs.first), runs.twin.outcome, texts(runs.twin)) == (["0"], Outcome.OK, [])
    assert_next_is_unharmed(sandbox)


@pytest.mark.parametrize("left", ["a signal", "a thread"])
@pytest.mark.usefixtures("company")
def test_nothing_left_of_a_run_gets_between_it_and_the_next(sandbox: Sandbox, left: str) -> None:
    start = {
        "a signal": "signal.signal(signal.SIGALRM, extra); sys.stderr = Late()",
        "a thread": "threading.Thread(target=lambda: [extra() for _ in range(10 ** 5)]).start()",
    }
    code = anchored(f"""
        import random, signal, sys, threading
        class Late:
            def write(self, text): pass
            def flush(self): signal.setitimer(signal.ITIMER_REAL, random.randint(1, 240) * 1e-6)
        def extra(*arguments):
            y = 'EXTRA'
            print(f'y: {{y!r}}')
        def f(first):
            x = 1
            print(f'x: {{x!r}}')
            if first: {start[left]}
            return 2
    """)
    for _ in range(40):
        sandbox.start_job(prepare(code, "f(True)"), twin=prepare(code, "f(False)"))
        runs = sandbox.finish_both()
        if runs.first.outcome is Outcome.OK:
            assert [text for text in texts(runs.first) if text != "'EXTRA'"] == ["1"]
            assert runs.first.output == "2"
        if runs.twin is not None and runs.twin.outcome is Outcome.OK:
            assert (texts(runs.twin), runs.twin.output) == (["1"], "2")
    assert_next_is_unharmed(sandbox)


@pytest.mark.parametrize(
    "name",
    [
        *("_testcapi", "_testinternalcapi", "_testlimitedcapi", "_testbuffer", "_testsinglephase"),
        *("_xxtestfuzz", "_xxsubinterpreters", "xxlimited", "xxsubtype", "_interpreters"),
        *("_interpchannels", "_ctypes_test", "_testexternalinspection", "_sqlite3"),
    ],
)
def test_module_that_pokes_in_memory_is_not_imported(sandbox: Sandbox, name: str) -> None:
    code = f"import importlib\ndef f(): return importlib.import_module({name!r})"
    execution = attack(sandbox, code)
    assert execution.outcome is Outcome.RAISED
    assert (execution.error or "").startswith(("ImportError", "ModuleNotFoundError"))


@pytest.mark.parametrize(
    "changes", ["co_consts=(None, 'FORGED', 'OTHER')", "co_consts=()", "co_flags=0", "co_code=b''"]
)
def test_code_made_inside_the_library_ends_the_run(sandbox: Sandbox, changes: str) -> None:
    code = f"""
import functools, operator, types
def generator(): yield 1
class Code:
    def __get__(self, one, kind=None): return generator.__code__
    __set__ = staticmethod(operator.call)
changed = functools.lru_cache(None)(operator.methodcaller('replace', {changes}))
class Fake:
    __class__, __code__, __call__ = types.FunctionType, Code(), staticmethod(changed)
def f():
    try: types.coroutine(Fake())
    except TypeError: pass
    return changed(generator.__code__).co_consts
"""
    execution = attack(sandbox, code)
    assert (execution.outcome, execution.output) == (Outcome.TAMPERED, None)


@pytest.mark.parametrize(
    "name", ["OPENSSL_CONF", "OPENSSL_MODULES", "GCONV_PATH", "TCL_LIBRARY", "LD_PRELOAD"]
)
def test_no_library_is_told_to_load_other_code(sandbox: Sandbox, name: str) -> None:
    code = f"import os\ndef f():\n    os.environ[{name!r}] = os.getcwd()\n    return 1"
    execution = attack(sandbox, code)
    assert (execution.outcome, execution.output) == (Outcome.RAISED, None)


def test_machine_code_beside_pythons_own_is_not_loaded(sandbox: Sandbox) -> None:
    code = """
import importlib.machinery, importlib.util, os
def f(name):
    path = os.path.join(os.path.dirname(os.__file__), 'site-packages', name + '.so')
    loader = importlib.machinery.ExtensionFileLoader(name, path)
    return importlib.util.module_from_spec(importlib.util.spec_from_loader(name, loader))
"""
    for name in ("_cffi_backend", "other"):
        execution = attack(sandbox, code, f"f({name!r})")
        assert execution.outcome is Outcome.RAISED
        assert "ImportError" in (execution.error or "")
