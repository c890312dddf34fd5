"""A machine that loses every program stops a run; programs that lose themselves do not."""

import shutil
from pathlib import Path

import pytest

from stepcode.errors import SandboxError
from stepcode.execute import Sandbox, launch
from stepcode.execute.isolate import Isolation
from stepcode.types import Limits, Outcome, Program
from tests.unit.execute_samples import program

LIMITS = Limits(cpu_seconds=0.3, wall_seconds=2)
KILLS_ITS_ZYGOTE = program("import os\ndef f(): os.kill(os.getppid(), 9)")
ADDS = Program(code="def f(x): return x + 1")


def break_zygotes(folder: Path) -> None:
    """Let every zygote end as soon as a program comes, as on a machine that is out of memory."""
    script = folder / "zygote.py"
    text = script.read_text()
    assert text.count("pid = os.fork()") == 1
    script.write_text(text.replace("pid = os.fork()", "os._exit(1)"))


@pytest.fixture
def broken_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "execute"
    shutil.copytree(Path(launch.__file__).parent, folder)
    monkeypatch.setattr(launch, "_HERE", folder)
    break_zygotes(folder)
    return folder


@pytest.mark.usefixtures("broken_machine")
def test_machine_that_loses_every_program_stops_the_run_after_a_few() -> None:
    with Sandbox(limits=LIMITS, isolation=Isolation.NONE) as sandbox:
        for _ in range(4):
            assert sandbox.run(ADDS, "f(1)").outcome is Outcome.LOST
        with pytest.raises(SandboxError, match="5 runs in a row and then a harmless program") as e:
            sandbox.run(ADDS, "f(1)")
    assert "\n" not in str(e.value)


def test_machine_that_recovers_goes_on(broken_machine: Path) -> None:
    with Sandbox(limits=LIMITS, isolation=Isolation.NONE) as sandbox:
        assert sandbox.run(ADDS, "f(1)").outcome is Outcome.LOST
        shutil.copy(Path(launch.__file__).with_name("zygote.py"), broken_machine)
        assert sandbox.run(ADDS, "f(1)").output == "2"


def test_programs_that_end_their_zygotes_in_a_row_do_not_stop_the_others() -> None:
    with Sandbox(limits=LIMITS, isolation=Isolation.NONE) as sandbox:
        for _ in range(6):
            assert sandbox.run(KILLS_ITS_ZYGOTE, "f()").outcome is Outcome.LOST
        assert sandbox.run(ADDS, "f(1)").output == "2"
