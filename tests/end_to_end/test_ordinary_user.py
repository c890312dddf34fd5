"""What root is promised, ordinary users are too: the hostile programs once more, as one of them."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

USER = 60_123
"""Nobody's number, so that nothing else counts against its limits."""
ROOT = Path(__file__).parents[2]
_LIBRARIES = [path for path in sys.path if path and Path(path).is_dir()]


@pytest.fixture
def home() -> Iterator[Path]:
    """A home that the user can reach, which no folder below pytest's own is."""
    folder = Path(tempfile.mkdtemp(prefix="ordinary-", dir="/tmp"))
    os.chown(folder, USER, USER)
    yield folder
    shutil.rmtree(folder)


def run_as_user(
    command: list[str], home: Path, *, seconds: int
) -> subprocess.CompletedProcess[bytes]:
    names = {"HOME": str(home), "TMPDIR": str(home), "PATH": "/usr/bin:/bin"}
    names |= {"PYTHONPATH": os.pathsep.join(_LIBRARIES), "PYTHONDONTWRITEBYTECODE": "1"}
    names |= {"STEPCODE_DATA": os.environ.get("STEPCODE_DATA", "")}
    return subprocess.run(
        command,
        cwd=home,
        env=names,
        user=USER,
        group=USER,
        extra_groups=[],
        capture_output=True,
        timeout=seconds,
        check=False,
    )


def python_for_user(home: Path) -> str:
    """Find a Python that the user can run and that can load what is installed for this one."""
    version = f"import sys; sys.exit(sys.version_info[:2] != {sys.version_info[:2]})"
    for python in (sys.executable, "/usr/bin/python3"):
        try:
            loaded = run_as_user(
                [python, "-c", f"import pytest, stepcode; {version}"], home, seconds=60
            )
        except PermissionError:  # it lies in somebody's closed home
            continue
        if loaded.returncode == 0:
            return python
    pytest.skip("no Python here that another user can run with these libraries")


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_hostile_programs_of_an_ordinary_user_are_contained_as_well(home: Path) -> None:
    command = [python_for_user(home), "-m", "pytest", "-q", str(ROOT / "tests" / "hostile")]
    command += ["-p", "no:cacheprovider", "--basetemp", str(home / "tests")]
    command += ["-m", "not network and not gpu", "-c", str(ROOT / "pyproject.toml")]
    done = run_as_user(command, home, seconds=500)
    assert done.returncode == 0, done.stdout.decode()[-8000:]
