"""Landlock of older kernels: what it cannot refuse, the filter of system calls does."""

import os
import time
from collections.abc import Iterator

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
