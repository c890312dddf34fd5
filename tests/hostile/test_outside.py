"""Programs that read, write or delete what is not theirs; all of it was made by the tests."""

import os
from pathlib import Path

import pytest

from stepcode.execute import Sandbox
from stepcode.execute.isolate import Isolation
from tests.hostile.attacks import attack, unchanged

_TRY = """
import os, shutil, sys
def attempt(action, *arguments):
    try: return action(*arguments)
    except (OSError, ValueError, ImportError) as error: return 'refused'
def read(path):
    with open(path, 'rb') as stream: return stream.read(10 ** 6)
def write(path):
    with open(path, 'r+b') as stream: return stream.write(b'forged')
def append(path):
    with open(path, 'ab') as stream: return stream.write(b'forged')
def create(path):
    with open(path, 'xb') as stream: return stream.write(b'forged')
"""


def tried(sandbox: Sandbox, code: str, call: str) -> str | None:
    """Attack with the helpers above at hand; the result says what could be done."""
    return attack(sandbox, f"{_TRY}\n{code}", call, anchors=False).output


@pytest.mark.parametrize(
    "action", ["read", "write", "append", "os.remove", "os.listdir", "os.unlink", "os.truncate"]
)
def test_file_outside_is_out_of_reach(isolated: Sandbox, outside: Path, action: str) -> None:
    path, more = outside / "secret", ", 0" if action == "os.truncate" else ""
    path = outside if action == "os.listdir" else path
    with unchanged(outside, outside / "secret"):
        assert tried(isolated, "", f"attempt({action}, {str(path)!r}{more})") == "'refused'"


@pytest.mark.parametrize("action", ["create", "os.mkdir", "os.mkfifo", "os.mknod"])
def test_nothing_new_appears_outside(isolated: Sandbox, outside: Path, action: str) -> None:
    with unchanged(outside):
        assert tried(isolated, "", f"attempt({action}, {str(outside / 'new')!r})") == "'refused'"


@pytest.mark.parametrize("action", ["os.rename", "os.link", "os.replace", "shutil.move"])
def test_file_outside_is_not_moved_in(isolated: Sandbox, outside: Path, action: str) -> None:
    with unchanged(outside, outside / "secret"):
        call = f"attempt({action}, {str(outside / 'secret')!r}, 'mine')"
        assert tried(isolated, "", call) == "'refused'"


@pytest.mark.parametrize("mode", ["os.chmod, {}, 0", "os.utime, {}, (0, 0)", "os.chown, {}, 0, 0"])
def test_mode_owner_and_times_outside_stay(isolated: Sandbox, outside: Path, mode: str) -> None:
    before = (outside / "secret").stat()
    call = mode.format(repr(str(outside / "secret")))
    tried(isolated, "", f"attempt({call})")
    assert (outside / "secret").stat() == before


def test_folder_outside_is_not_removed(isolated: Sandbox, outside: Path) -> None:
    with unchanged(outside, outside / "secret"):
        tried(isolated, "", f"attempt(shutil.rmtree, {str(outside)!r}, True)")


def test_symbolic_link_leads_nowhere(isolated: Sandbox, outside: Path) -> None:
    code = """
def f(path):
    os.symlink(path, 'link')
    return attempt(read, 'link/secret'), attempt(create, 'link/new'), attempt(os.listdir, 'link/')
"""
    with unchanged(outside):
        shown = tried(isolated, code, f"f({str(outside)!r})")
    assert shown == "('refused', 'refused', 'refused')"


def test_link_left_in_the_folder_is_removed_and_not_followed(
    sandbox: Sandbox, outside: Path
) -> None:
    code = """
def f(path):
    os.symlink(path, 'link')
    os.mkdir('locked')
    os.symlink(path, 'locked/link')
    attempt(os.chmod, 'locked', 0)
    return 1
"""
    with unchanged(outside, outside / "secret"):
        assert tried(sandbox, code, f"f({str(outside)!r})") == "1"


def test_working_folder_swapped_for_a_link_harms_nothing(isolated: Sandbox, outside: Path) -> None:
    code = """
def f(path):
    here = os.getcwd()
    attempt(os.rmdir, here)
    attempt(os.rename, here, here + '-away')
    attempt(os.symlink, path, here)
    return 1
"""
    with unchanged(outside, outside / "secret"):
        assert tried(isolated, code, f"f({str(outside)!r})") == "1"


def test_path_upwards_leads_nowhere(isolated: Sandbox, outside: Path) -> None:
    path = "../" * 30 + str(outside / "secret")[1:]
    assert tried(isolated, "", f"attempt(read, {path!r})") == "'refused'"


def test_closed_file_of_another_user_is_out_of_reach(isolated: Sandbox, outside: Path) -> None:
    (outside / "secret").chmod(0o600)
    assert tried(isolated, "", f"attempt(read, {str(outside / 'secret')!r})") == "'refused'"


def test_dataset_being_written_is_out_of_reach(isolated: Sandbox, tmp_path: Path) -> None:
    shard = tmp_path / "dataset" / "data" / "train-00000-of-00001.parquet"
    shard.parent.mkdir(parents=True)
    shard.write_bytes(b"PAR1")
    shard.chmod(0o666)
    with unchanged(shard, shard.parent):
        tried(isolated, "", f"attempt(append, {str(shard)!r}), attempt(os.remove, {str(shard)!r})")


@pytest.mark.parametrize("name", ["environ", "mem", "maps", "fd", "root", "cwd"])
@pytest.mark.parametrize("whose", ["1", "{os.getppid()}", "CALLER"])
def test_process_files_of_others_are_out_of_reach(isolated: Sandbox, whose: str, name: str) -> None:
    whose = whose.replace("CALLER", str(os.getpid()))
    action = "os.listdir" if name in ("fd", "root", "cwd") else "read"
    shown = tried(isolated, "", f"attempt({action}, f'/proc/{whose}/{name}')")
    allowed = {"'refused'"}
    if name == "cwd" and whose != str(os.getpid()) and whose != "1":
        allowed.add("[]")  # the zygote's folder is the program's own
    assert shown in allowed


def test_memory_of_its_own_process_is_not_a_file(isolated: Sandbox) -> None:
    assert tried(isolated, "", "attempt(open, '/proc/self/mem', 'r+b')") == "'refused'"


def test_environment_of_the_caller_is_nowhere(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "hunter2")
    with Sandbox(isolation=sandbox.isolation) as fresh:
        assert tried(fresh, "", "'hunter2' in str(dict(os.environ))") == "False"


def test_passwords_and_homes_are_out_of_sight(isolated: Sandbox) -> None:
    paths = ["/etc/shadow", "/root/.ssh", "/root/.bashrc", "/home", "/var/lib", "/run"]
    shown = tried(isolated, "", f"[bool(attempt(os.listdir, p)) and p for p in {paths}]")
    tested = tried(isolated, "", f"[attempt(read, p) for p in {paths[:1]}]")
    assert tested == "['refused']"
    assert shown is not None
    if isolated.isolation is Isolation.NAMESPACES:
        assert tried(isolated, "", f"[os.path.exists(p) for p in {paths}]") == str([False] * 6)


def test_python_itself_is_not_changed(isolated: Sandbox) -> None:
    code = """
def f():
    places = [os.__file__, os.path.dirname(os.__file__) + '/new.py', sys.executable, '/usr/new']
    return [attempt(append, place) for place in places] + [attempt(os.remove, os.__file__)]
"""
    with unchanged(Path(os.__file__)):
        assert tried(isolated, code, "f()") == str(["refused"] * 5)


def test_shared_memory_is_not_left_for_others(isolated: Sandbox) -> None:
    code = """
def f():
    try:
        from multiprocessing.shared_memory import SharedMemory
        return SharedMemory('stepcode-forged', create=True, size=4096).name
    except (OSError, ImportError): return 'refused'
"""
    assert tried(isolated, code, "f()") == "'refused'"
    assert not Path("/dev/shm/stepcode-forged").exists()


def test_devices_and_kernel_settings_are_out_of_reach(isolated: Sandbox) -> None:
    places = ["/dev/mem", "/dev/kmsg", "/dev/fuse", "/dev/tty", "/proc/sys/kernel/hostname"]
    places += ["/proc/sysrq-trigger", "/sys/kernel/mm/ksm/run", "/proc/self/oom_score_adj"]
    assert tried(isolated, "", f"{{attempt(append, p) for p in {places}}}") == "{'refused'}"


def test_root_and_mounts_and_names_stay(isolated: Sandbox) -> None:
    code = """
def f(): return [
    attempt(os.chroot, '.'), attempt(os.setuid, 0), attempt(os.setgid, 0),
    attempt(os.setgroups, [0]), attempt(os.open, '/', os.O_RDWR | os.O_TMPFILE),
    attempt(__import__('socket').sethostname, 'forged'),
]
"""
    shown = tried(isolated, code, "f()")
    assert shown in (
        str(["refused"] * 6),
        "['refused', None, None, 'refused', 'refused', 'refused']",
    )
    assert os.uname().nodename != "forged"
