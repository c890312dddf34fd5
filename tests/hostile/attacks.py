"""What the hostile programs share: how one is let loose, and how to tell that it gained nothing.

    execution = attack(sandbox, "def f(): ...")     runs it, and then an honest one behind it
    assert_honest(execution, steps=["1"], output="2")

They run in our own sandbox only, within its limits, and attack files, processes and sockets that
the test itself made.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stepcode.errors import MisuseError
from stepcode.execute import Sandbox
from stepcode.execute.isolate import Isolation, choose_isolation
from stepcode.types import Execution, Limits, Outcome
from tests.unit.execute_samples import anchored, program

LIMITS = Limits(
    cpu_seconds=0.4, wall_seconds=3.0, memory_mb=256, max_output_bytes=20_000, max_steps=100
)
ENDED = {Outcome.TAMPERED, Outcome.RAISED, Outcome.CRASHED}
"""How a run may end that was stopped on its way to a forgery."""

_HONEST = anchored("""
    import os
    def f(n):
        total = 0
        for i in range(n):
            total += i
            print(f'total: {total!r}')
        print(len(str(total)), repr('x'), sorted({3, 1, 2}))
        return total, os.listdir(), os.getcwd() == os.environ['HOME'], isinstance(True, int)
""")


_HONEST_WITHOUT_IMPORTS = anchored("""
    def f(n):
        total = 0
        for i in range(n):
            total += i
            print(f'total: {total!r}')
        print(len(str(total)), repr('x'), sorted({3, 1, 2}))
        return total, [], True, isinstance(True, int)
""")


def attack(sandbox: Sandbox, code: str, call: str = "f()", *, anchors: bool = True) -> Execution:
    """Run a hostile program, and check that the next one in the same sandbox notices nothing.

    Without `anchors` the code is sent as it stands, indentation and all.
    """
    execution = sandbox.run(anchored(code) if anchors else program(code), call)
    assert_next_is_unharmed(sandbox)
    return execution


def assert_next_is_unharmed(sandbox: Sandbox) -> None:
    """Run an honest program in each zygote that the last may have had; check all that it shows."""
    for honest in (_HONEST, _HONEST_WITHOUT_IMPORTS):
        execution = sandbox.run(honest, "f(4)")
        assert (execution.outcome, execution.error) == (Outcome.OK, None)
        assert execution.output == "(6, [], True, True)"
        assert texts(execution) == ["0", "1", "3", "6"]
        assert execution.stdout == "1 'x' [1, 2, 3]\n"


def assert_honest(execution: Execution, *, steps: list[str], output: str) -> None:
    """Check that what is shown did happen: all of it, or a first part and no result."""
    shown = texts(execution)
    if execution.outcome is Outcome.OK:
        assert (shown, execution.output) == (steps, output)
    else:
        assert (shown, execution.output) == (steps[: len(shown)], None)


def texts(execution: Execution) -> list[str | None]:
    """List the texts of the steps."""
    return [step.text for step in execution.steps]


def level_or_none(asked: str) -> Isolation | None:
    """Find a level by name, `default` being this machine's own; None if it does not work here."""
    try:
        return choose_isolation(None if asked == "default" else Isolation(asked))
    except MisuseError:
        return None


@contextmanager
def unchanged(*paths: Path) -> Iterator[None]:
    """Check that files and folders have the same names, contents and modes afterwards."""
    before = [_look(path) for path in paths]
    yield
    assert [_look(path) for path in paths] == before


def _look(path: Path) -> tuple[object, ...]:
    mode = path.lstat().st_mode
    if path.is_dir():
        return mode, sorted(entry.name for entry in path.iterdir())
    return mode, path.read_bytes()
