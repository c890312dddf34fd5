"""Sandboxes at every level of isolation that this machine offers, one for the tests of a file."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from stepcode.execute import Sandbox
from stepcode.execute.isolate import Isolation
from tests.hostile.attacks import LIMITS, level_or_none

LEVELS = [
    "default",
    pytest.param(Isolation.LANDLOCK.value, marks=pytest.mark.slow),
    pytest.param(Isolation.NONE.value, marks=pytest.mark.slow),
]


@pytest.fixture(scope="module", params=LEVELS)
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """A sandbox whose programs share a zygote, as those of a build do."""
    level = level_or_none(request.param)
    if level is None:
        pytest.skip(f"this machine does not offer the isolation {request.param}")
    with Sandbox(limits=LIMITS, isolation=level) as sandbox:
        yield sandbox


@pytest.fixture
def isolated(sandbox: Sandbox) -> Sandbox:
    """A sandbox that keeps programs from the machine, which level `none` does not promise."""
    if sandbox.isolation is Isolation.NONE:
        pytest.skip("level none contains accidents only")
    return sandbox


@pytest.fixture
def company(sandbox: Sandbox) -> None:
    """Programs that may start processes and threads of their own."""
    if sandbox.isolation is Isolation.LANDLOCK and os.geteuid() != 0:
        pytest.skip("an ordinary user's programs run by themselves at level landlock")


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder of this test's own, such as a home, with a file that everyone may read and write."""
    for folder in (tmp_path, tmp_path.parent, tmp_path.parent.parent):
        folder.chmod(0o755)  # else the folder's mode would protect it, not the sandbox
    home = tmp_path / "home"
    home.mkdir()
    home.chmod(0o777)
    (home / "secret").write_text("hunter2")
    (home / "secret").chmod(0o666)
    return home
