"""Close the doors, then become the zygote.

Run as a script by launch.py (`python -I -S stage.py SETTINGS`). A level that does not work is told
to the caller in one frame, {"missing": why}, and nothing is run.

    namespaces   caller -- stage -- (clone) --> process 1 of its namespaces -- (exec) --> zygote
    landlock     caller -- stage -- (exec) --> zygote
    none         the same, with nothing closed
"""

import ctypes
import json
import os
import signal
import struct
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stepcode.execute.jail import kernel, landlock, namespaces, seccomp
else:
    sys.path.insert(0, os.path.dirname(__file__))
    import kernel
    import landlock
    import namespaces
    import seccomp

PR_SET_PDEATHSIG = 1
PR_SET_KEEPCAPS, PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT = 8, 36, 38, 47
CAP_DAC_READ_SEARCH = 2
DEVICES = ["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"]


def main() -> None:
    """Read the settings, isolate, and execute the zygote."""
    settings = json.loads(sys.argv[1])
    os.closerange(settings["trace"] + 1, 1 << 16)  # what the caller's own children may inherit
    try:
        die_first()
        adopt_orphans()
        if settings["isolation"] != "none":
            isolate(settings)
        else:
            outlive_no_stop()
    except OSError as error:
        why = error.strerror if error.filename is None else f"{error.strerror}: {error.filename}"
        _tell(settings["control"], {"missing": why})
        os._exit(1)
    os.execve(settings["command"][0], settings["command"], settings["environment"])


def die_first() -> None:
    """Let the kernel, where memory is out, end programs before whoever runs them."""
    with open("/proc/self/oom_score_adj", "w", encoding="ascii") as stream:
        stream.write("1000")


def adopt_orphans() -> None:
    """Become the parent of every orphan below, so that nothing a program starts gets away."""
    libc = ctypes.CDLL(None)
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def outlive_no_stop() -> None:
    """Let a zygote that its caller has stopped go on when the caller is killed, and so end itself.

    A running one does not notice. A change of the user would undo this, so it comes after it.
    """
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGCONT, 0, 0, 0)


def isolate(settings: dict[str, Any]) -> None:
    """Bring this process to the level asked for, or end it in favour of another that is there."""
    if kernel.MACHINE not in kernel.AUDIT_ARCHITECTURES:
        raise OSError(0, f"the system calls of {kernel.MACHINE} are not known here")
    version = min(landlock.abi(), settings["landlock_at_most"])
    if not version:
        raise OSError(0, "this kernel has no Landlock (Linux 5.13, and enabled in its LSM list)")
    if settings["isolation"] == "namespaces":
        pid = namespaces.enter()
        if pid:
            _tell(settings["control"], {"pid": pid})
            os._exit(0)
        home, size = settings["scratch"], settings["scratch_mb"]
        namespaces.build_tree(settings["readable"], DEVICES, home=home, scratch_mb=size)
        kernel.call("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        landlock.restrict(version, ["/"], [home, *DEVICES])
        outlive_no_stop()
        seccomp.install(seccomp.REFUSED, zygote=os.getpid())
        return
    if namespaces.is_privileged():
        drop_root(settings["scratch"])
    os.chdir(settings["scratch"])
    kernel.call("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    landlock.restrict(version, settings["readable"], [settings["scratch"], *DEVICES])
    outlive_no_stop()
    refused: tuple[str, ...] = seccomp.REFUSED + seccomp.ATTRIBUTES
    if version < landlock.SCOPES_SIGNALS:
        refused += seccomp.SIGNALS
        settings["command"].append("--killed-by-caller")
    sees_truncation = version >= landlock.SEES_TRUNCATION
    seccomp.install(refused, zygote=os.getpid(), may_truncate=sees_truncation)


def drop_root(scratch: str) -> None:
    """Become a user that nothing belongs to, who can still read a Python in a closed home.

    Landlock is what then decides which files those are.
    """
    user = namespaces.unused_user(os.getpid())
    os.chown(scratch, user, user)
    os.setgroups([])
    kernel.call("prctl", PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    bit = 1 << CAP_DAC_READ_SEARCH
    header, sets = struct.pack("@Ii", 0x20080522, 0), struct.pack("@6I", bit, bit, bit, 0, 0, 0)
    kernel.call("capset", header, sets)
    kernel.call("prctl", PR_CAP_AMBIENT, 2, CAP_DAC_READ_SEARCH, 0, 0)


def _tell(control: int, message: dict[str, Any]) -> None:
    data = json.dumps(message).encode("ascii")
    os.write(control, struct.pack("<I", len(data)) + data)


if __name__ == "__main__":
    main()
