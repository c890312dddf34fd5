"""Running something as a user who is not root, for tests and measurements that root starts."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

USER = 60_123
"""Nobody's number, so that nothing else counts against its limits."""
_LIBRARIES = [path for path in sys.path if path and not path.startswith(sys.base_prefix + "/")]
"""All but Python's own, which differs from one Python to the next."""


@dataclass(frozen=True, slots=True)
class OrdinaryUser:
    """A user with a home that lasts as long as a test, and a Python that both can run."""

    home: Path
    python: str

    def run(self, *arguments: str, seconds: int) -> subprocess.CompletedProcess[bytes]:
        """Run this user's Python with the libraries that are installed for ours."""
        return _run([self.python, *arguments], self.home, seconds=seconds)


@contextmanager
def ordinary_user() -> Iterator[OrdinaryUser | None]:
    """Make the user a home; None where no Python that both users can run has our libraries."""
    # No folder below pytest's own can be reached by others.
    home = Path(tempfile.mkdtemp(prefix="ordinary-", dir="/tmp"))
    os.chown(home, USER, USER)
    try:
        python = _python_for_user(home)
        yield OrdinaryUser(home, python) if python else None
    finally:
        shutil.rmtree(home)


def environment(home: Path) -> dict[str, str]:
    """Name only what a test needs; nothing of root's leads an ordinary user anywhere."""
    data = {name: value for name, value in os.environ.items() if name == "STEPCODE_DATA"}
    return data | {
        "HOME": str(home),
        "TMPDIR": str(home),
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": os.pathsep.join(_LIBRARIES),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def _run(command: list[str], home: Path, *, seconds: int) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        command,
        cwd=home,
        env=environment(home),
        user=USER,
        group=USER,
        extra_groups=[],
        capture_output=True,
        timeout=seconds,
        check=False,
    )


def _python_for_user(home: Path) -> str | None:
    same = f"import sys, pytest, stepcode; sys.exit(sys.version_info[:2] != {sys.version_info[:2]})"
    for python in (sys.executable, "/usr/bin/python3"):
        try:
            loaded = _run([python, "-c", same], home, seconds=60)
        except OSError:  # it lies in somebody's closed home, or is not there
            continue
        if loaded.returncode == 0:
            return python
    return None
