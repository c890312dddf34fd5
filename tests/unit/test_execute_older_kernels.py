"""Landlock of older kernels: what it cannot refuse, the filter of system calls does."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from stepcode.execute import Sandbox, launch
from stepcode.execute.isolate import Isolation, missing_for
from stepcode.types import Outcome
from tests.unit.execute_samples import SHORT, program

pytestmark = pytest.mark.skipif(
    bool(missing_for(Isolation.LANDLOCK)), reason="this machine has no level landlock"
)


@pytest.fixture(params=[1, 2, 3, 4, 5])
def sandbox(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    monkeypatch.setattr(launch, "_LANDLOCK_AT_MOST", request.param)
    with Sandbox(limits=SHORT, isolation=Isolation.LANDLOCK) as sandbox:
        yield sandbox


def test_caller_ends_what_the_zygote_may_not(sandbox: Sandbox) -> None:
    before = time.monotonic()
    endless = program("import time\ndef f(): time.sleep(60)")
    assert sandbox.run(endless, "f()").outcome is Outcome.TIMED_OUT
    assert sandbox.run(program("while True: pass"), "1").outcome is Outcome.TIMED_OUT
    assert sandbox.run(program("x = 1"), "x").output == "1"
    assert time.monotonic() - before < 10


def test_no_signal_leaves_a_program(sandbox: Sandbox) -> None:
    for target in (os.getpid(), -1, 0):
        execution = sandbox.run(program("import os"), f"os.kill({target}, 0)")
        assert (execution.outcome, execution.error) == (
            Outcome.RAISED,
            "PermissionError: [Errno 1] Operation not permitted",
        )


def test_file_that_may_be_read_is_not_emptied_by_opening_it(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    readable = tmp_path / "readable"
    readable.mkdir()
    (readable / "file").write_text("kept")
    for path in (tmp_path.parent.parent, tmp_path.parent, tmp_path, readable):
        path.chmod(0o755)
    (readable / "file").chmod(0o666)
    monkeypatch.setattr(launch, "_TIME_ZONES", str(readable))
    code = program("""
        import os
        def f(path):
            done = [os.read(os.open(path, os.O_RDONLY), 9)]
            for mode in (os.O_RDONLY, os.O_WRONLY, os.O_RDWR, 3):
                try: done.append(os.open(path, mode | os.O_TRUNC))
                except OSError: pass
            with open('mine', 'w') as stream: stream.write('x')
            return done
    """)
    assert sandbox.run(code, f"f({str(readable / 'file')!r})").output == "[b'kept']"
    assert (readable / "file").read_text() == "kept"
