"""Ways through the kernel that are open to a program with system calls of its own choice."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from stepcode.execute import Sandbox
from stepcode.types import Outcome
from tests.hostile.attacks import assert_next_is_unharmed, attack, unchanged
from tests.unit.execute_samples import program


@pytest.fixture
def victim() -> Iterator[subprocess.Popen[bytes]]:
    """A process that has nothing to do with the sandbox, and dies of any signal."""
    process = subprocess.Popen(["/bin/sleep", "60"])
    yield process
    process.kill()
    process.wait()


def call_kernel(sandbox: Sandbox, *lines: str) -> str:
    """Run lines in another Python in the program's place, which no guard watches; what it prints.

    `call(number, ...)` there is a system call: its result, or minus the error's number.
    """
    script = "\n".join(
        (
            "import ctypes, os",
            "libc = ctypes.CDLL(None, use_errno=True)",
            "def call(*words):",
            "    words = [w if isinstance(w, bytes) else ctypes.c_long(w) for w in words]",
            "    result = libc.syscall(*words)",
            "    return -ctypes.get_errno() if result < 0 else result",
            *lines,
        )
    )
    python = os.path.realpath(sys.executable)
    code = f"import os\ndef f(): os.execv({python!r}, ['python', '-S', '-c', {script!r}])"
    execution = sandbox.run(program(code), "f()")
    assert execution.outcome is Outcome.CRASHED
    assert_next_is_unharmed(sandbox)
    return execution.stdout


@pytest.mark.parametrize("number", ["SIGKILL", "SIGSTOP", "SIGTERM", "SIGINT", "SIGIO"])
@pytest.mark.parametrize("whom", ["os.getppid()", "1", "-os.getppid()", "{victim}", "-{group}"])
def test_signal_sent_by_a_file_hits_nothing(
    isolated: Sandbox, victim: subprocess.Popen[bytes], number: str, whom: str
) -> None:
    target = whom.format(victim=victim.pid, group=os.getpgid(victim.pid))
    code = f"""
        import fcntl, os, signal, time
        def f():
            read, write = os.pipe()
            try: fcntl.fcntl(read, fcntl.F_SETOWN, {target})
            except OSError: return 'refused'
            fcntl.fcntl(read, fcntl.F_SETSIG, signal.{number})
            fcntl.fcntl(read, fcntl.F_SETFL, os.O_ASYNC)
            os.write(write, b'x')
            time.sleep(0.1)
    """
    assert attack(isolated, code).output == "'refused'"
    assert victim.poll() is None


@pytest.mark.parametrize("command", [5, 8, 10, 11, 12, 15, 16, 17, 36, 1026, 1035, 1036, 1038])
def test_command_that_writes_to_an_address_is_refused(isolated: Sandbox, command: int) -> None:
    code = f"""
        import fcntl, mmap
        def f():
            try: fcntl.fcntl(0, {command}, 0)
            except OSError as error: return error.errno
    """
    assert attack(isolated, code).output == "1"


@pytest.mark.parametrize("control", ["0x8901", "0x8902", "0x40086602", "0x5412", "0x541b"])
def test_control_that_does_more_than_ask_is_refused(isolated: Sandbox, control: str) -> None:
    code = f"""
        import fcntl, os
        def f():
            read, write = os.pipe()
            try: fcntl.ioctl(read, {control}, bytes(8))
            except OSError as error: return error.errno
    """
    assert attack(isolated, code).output == "1"


def test_streams_can_be_asked_what_they_are(sandbox: Sandbox) -> None:
    code = """
        import fcntl, os
        def f():
            read, write = os.pipe()
            fcntl.lockf(os.open('mine', os.O_CREAT | os.O_RDWR), fcntl.LOCK_EX)
            return os.isatty(1), os.get_blocking(0), fcntl.fcntl(read, fcntl.F_GETFD)
    """
    assert attack(sandbox, code).output == "(False, True, 1)"


def test_nothing_is_kept_in_the_attributes_of_a_file(isolated: Sandbox) -> None:
    code = """
        import os
        def f():
            for file in (0, 1, 2, '.', os.open('mine', os.O_CREAT | os.O_RDWR)):
                try: os.setxattr(file, 'user.forged', b'x' * 65536)
                except OSError: continue
                return file
            return 'refused'
    """
    assert attack(isolated, code).output == "'refused'"


def test_system_calls_that_came_later_do_not_exist(isolated: Sandbox, outside: Path) -> None:
    path = os.fsencode(outside / "secret")
    with unchanged(outside, outside / "secret"):
        printed = call_kernel(
            isolated,
            "print({call(number, 0, 0, 0, 0, 0) for number in range(457, 600)})",
            f"print(call(469, -100, {path!r}, bytes(24), 24, 0))",
        )
    assert printed == "{-38}\n-38\n"


def test_nobody_is_watched(isolated: Sandbox, outside: Path) -> None:
    calls = {"x86_64": (294, 253), "aarch64": (26, 26)}[os.uname().machine]
    printed = call_kernel(isolated, *(f"print(call({number}, 0))" for number in calls))
    assert printed == "-1\n" * len(calls)


def test_machine_is_not_made_to_flush_its_disks(isolated: Sandbox) -> None:
    sync, syncfs = {"x86_64": (162, 306), "aarch64": (81, 267)}[os.uname().machine]
    assert call_kernel(isolated, f"print(call({sync}), call({syncfs}, 1))") == "-1 -1\n"


def test_devices_keep_their_times(isolated: Sandbox) -> None:
    devices = [Path("/dev") / name for name in ("null", "zero", "urandom")]
    before = [device.stat().st_mtime_ns for device in devices]
    code = """
        import os
        def f():
            for name in ('null', 'zero', 'urandom'):
                try: os.utime('/dev/' + name, (1, 1))
                except OSError: continue
                return name
            return 'refused', open('/dev/null', 'w').write('x'), open('/dev/zero', 'rb').read(1)
    """
    assert attack(isolated, code).output == "('refused', 1, b'\\x00')"
    # Whatever else writes to them here makes their times later, never 1970.
    assert all(
        device.stat().st_mtime_ns >= then for device, then in zip(devices, before, strict=True)
    )


def test_where_a_stream_stands_is_not_seen_by_the_next(sandbox: Sandbox) -> None:
    look = (
        "import os, sys\ndef f(): return [sys.stdout.tell(), *(os.lseek(n, 0, 1) for n in (1, 2))]"
    )
    assert attack(sandbox, "def f(): print('x' * 777)").outcome is Outcome.OK
    assert sandbox.run(program(look), "f()").output == "[0, 0, 0]"


def test_flags_of_the_standard_input_are_not_seen_by_the_next(sandbox: Sandbox) -> None:
    code = "import os\ndef f(): return os.get_blocking(0), os.set_blocking(0, False)"
    for _ in range(2):
        assert attack(sandbox, code).output == "(True, None)"


def test_program_hears_its_own_interrupt_and_the_zygote_none(isolated: Sandbox) -> None:
    code = """
        import os, signal
        def f():
            try: signal.raise_signal(signal.SIGINT)
            except KeyboardInterrupt: return 'heard'
    """
    assert attack(isolated, code).output == "'heard'"
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
