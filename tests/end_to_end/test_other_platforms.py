"""What stepcode does where programs cannot be run: it says so in one line, and still anchors.

A child Python plays the other machine: it is told that its platform is macOS, and loses what only
Linux has, before it imports the command line.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

MACOS = """
import fcntl, os, resource, select, signal, socket, sys, sysconfig

LINUX_ONLY = {
    os: "memfd_create sched_getaffinity sched_setaffinity pidfd_open unshare setns eventfd "
    "getrandom posix_fadvise splice setresuid setresgid copy_file_range",
    resource: "prlimit RLIMIT_RTTIME RLIMIT_SIGPENDING",
    select: "epoll",
    signal: "pidfd_send_signal sigtimedwait sigwaitinfo",
    socket: "AF_NETLINK AF_PACKET",
    fcntl: "F_ADD_SEALS F_GET_SEALS F_NOTIFY",
}
for module, names in LINUX_ONLY.items():
    for name in names.split():
        if hasattr(module, name):
            delattr(module, name)


def without_proc(event, arguments):
    if event in ("open", "os.listdir", "os.scandir") and str(arguments[0]).startswith("/proc"):
        raise FileNotFoundError(2, "No such file or directory", arguments[0])


sysconfig.get_config_vars()  # from a file that is named after the platform
sys.platform = "darwin"
sys.addaudithook(without_proc)
from stepcode_cli.main import main

sys.argv[0] = "stepcode"
main()
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path) -> Path:
    (tmp_path / "f.py").write_text("def f(x):\n    y = x + 1\n    return y\n", encoding="utf-8")
    return tmp_path


def on_macos(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", MACOS, *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("level", [(), ("--isolation", "none"), ("--isolation", "landlock")])
@pytest.mark.parametrize(
    "command",
    [("trace", "f.py", "f(1)"), ("build-dataset", "--out", "out")],
    ids=["trace", "build"],
)
def test_programs_are_refused_in_one_line(
    folder: Path, command: tuple[str, ...], level: tuple[str, ...]
) -> None:
    done = on_macos(*command, *level, folder=folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("stepcode: ")
    assert done.stderr.count("\n") == 1
    assert "Linux" in done.stderr
    assert not (folder / "out").exists()


def test_doctor_reports_what_is_missing(folder: Path) -> None:
    done = on_macos("doctor", "--json", folder=folder)
    record = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (1, "")
    assert record["isolation"] is None
    assert all("Linux" in level["missing"] for level in record["levels"].values())
    assert record["commands"]["trace"]["missing"] == ["isolation"]
    assert record["commands"]["anchor"]["ready"]


def test_doctor_prints_a_report(folder: Path) -> None:
    done = on_macos("doctor", folder=folder)
    assert (done.returncode, done.stderr) == (1, "")
    assert "programs cannot be run isolated here" in done.stdout


def test_anchoring_needs_no_sandbox(folder: Path) -> None:
    done = on_macos("anchor", "f.py", folder=folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert "print(f'y: {y!r}')" in done.stdout
