"""The command line on a machine that offers less than this one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

_NO_MORE_NAMESPACES = """
import ctypes, os, pathlib, sys

NEW_USER_NAMESPACE = 0x10000000
KINDS = ("user", "pid", "mnt", "net", "ipc", "uts")
user, group, process = os.geteuid(), os.getegid(), pathlib.Path(f"/proc/{os.getpid()}")

entered, enter = os.pipe()
if not (helper := os.fork()):  # outside, where users are mapped from
    os.close(enter)
    os.read(entered, 1)
    if user:
        (process / "setgroups").write_text("deny")
    (process / "gid_map").write_text(f"{group} {group} 1" if user else "0 0 65536")
    (process / "uid_map").write_text(f"{user} {user} 1" if user else "0 0 65536")
    os._exit(0)
if ctypes.CDLL(None).unshare(NEW_USER_NAMESPACE):
    os.close(enter)
    sys.exit("no user namespaces")
os.close(enter)
if os.waitpid(helper, 0)[1]:
    sys.exit("no user namespaces")
for kind in KINDS:
    pathlib.Path(f"/proc/sys/user/max_{kind}_namespaces").write_text("0")
os.execv(sys.executable, [sys.executable, "-m", "stepcode_cli.main", *sys.argv[1:]])
"""


def without_namespaces(*arguments: str, folder: Path) -> subprocess.CompletedProcess[bytes]:
    """Run stepcode, as the same user, where no process can have a namespace of its own.

    The kernel counts namespaces in the user namespace that they are made from, so the limits are
    those of one that is made for the test: nothing outside it changes.
    """
    done = subprocess.run(
        [sys.executable, "-c", _NO_MORE_NAMESPACES, *arguments],
        capture_output=True,
        cwd=folder,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        timeout=120,
        check=False,
    )
    if b"no user namespaces" in done.stderr:
        pytest.skip("this machine has no user namespaces to take away")
    return done
