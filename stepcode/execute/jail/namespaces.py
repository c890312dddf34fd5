"""A file tree of the program's own, in mount, process, network, IPC, host name and user namespaces.

Everything is read-only but one folder. Works for root, who maps to a user that nothing else belongs
to, and for ordinary users, who map to themselves.
"""

import ctypes
import os
import signal
import stat
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stepcode.execute.jail import kernel
else:
    import kernel

INSIDE = 1000
"""User and group inside."""
_NEW_NS, _NEW_UTS, _NEW_IPC, _NEW_USER = 0x20000, 0x4000000, 0x8000000, 0x10000000
_NEW_PID, _NEW_NET, _CLONE_PARENT = 0x20000000, 0x40000000, 0x8000
_NAMESPACES = _NEW_NS | _NEW_UTS | _NEW_IPC | _NEW_USER | _NEW_PID | _NEW_NET
_AT_FDCWD, _AT_EMPTY_PATH, _AT_RECURSIVE = -100, 0x1000, 0x8000
_CLONE_TREE = 1
_MOVE_FROM_EMPTY_PATH = 4
_MS_NOSUID, _MS_NODEV, _MS_NOEXEC, _MS_REC, _MS_PRIVATE = 2, 4, 8, 1 << 14, 1 << 18
_ATTR_RDONLY, _ATTR_NOSUID, _ATTR_NODEV = 1, 2, 4
_DETACH = 2
_UNUSED_USERS = 0x60000000
"""Far above the users that machines have; the process number is added, so no two zygotes share."""


def enter() -> int:
    """Start a process in namespaces of its own; returns its number here, and 0 in it.

    It is a child of this process's parent, so this one can end.
    """
    ready, go = os.pipe()
    privileged = is_privileged()
    if privileged:
        os.setgroups([])
    pid = kernel.call("clone", _NAMESPACES | _CLONE_PARENT | signal.SIGCHLD, 0, 0, 0, 0)
    if pid == 0:
        os.close(go)
        if not os.read(ready, 1):  # the parent could not map the users
            os._exit(70)
        os.close(ready)
        return 0
    _map_users(pid, privileged)
    os.write(go, b"!")
    return pid


def is_privileged() -> bool:
    """Whether this is root with other users to become; in a rootless container it is not."""
    return os.geteuid() == 0 and _end_of_users() > 1


def _map_users(pid: int, privileged: bool) -> None:
    user, group = os.geteuid(), os.getegid()
    if privileged:
        user = group = unused_user(pid)
    else:
        _write(f"/proc/{pid}/setgroups", "deny")
    _write(f"/proc/{pid}/gid_map", f"{INSIDE} {group} 1")
    _write(f"/proc/{pid}/uid_map", f"{INSIDE} {user} 1")


def unused_user(number: int) -> int:
    """Choose a user that nothing belongs to, among those that this machine or container has."""
    end = _end_of_users()
    if end > _UNUSED_USERS + 2**22:
        return _UNUSED_USERS + number
    return end - 2 - number % max(end // 2, 1)


def _end_of_users() -> int:
    with open("/proc/self/uid_map", encoding="ascii") as stream:
        return max(int(start) + int(count) for start, _, count in map(str.split, stream))


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="ascii") as stream:
        stream.write(text)


def build_tree(readable: list[str], devices: list[str], *, home: str, scratch_mb: int) -> None:
    """Make a new root of these folders and files, at the paths they have, and leave the old one.

    `home` is a folder in the root, of the program alone; /tmp leads there if nothing else is in it.
    """
    # Cloned as the caller, who may read below a closed home; placed as the user inside.
    trees = {path: _open_tree(path) for path in [*_outermost(readable), *devices]}
    if os.geteuid() != INSIDE:
        os.setresgid(INSIDE, INSIDE, INSIDE)
        os.setresuid(INSIDE, INSIDE, INSIDE)
    kernel.call("mount", None, b"/", None, _MS_REC | _MS_PRIVATE, None)
    _mount_memory("/tmp", megabytes=1, files=2000)
    os.chdir("/tmp")
    for path, tree in trees.items():
        _place(path, tree, is_device=path in devices)
    os.makedirs(f".{home}", mode=0o755, exist_ok=True)
    _link_lib_folders()
    if not os.path.lexists("./tmp"):
        os.symlink(home, "./tmp")
    kernel.call("pivot_root", b".", b".")
    kernel.call("umount2", b".", _DETACH)
    os.chdir("/")
    _mount_memory(home, megabytes=scratch_mb, files=10_000)
    _set_attributes(_AT_FDCWD, b"/", _ATTR_RDONLY | _ATTR_NOSUID, flags=0)
    os.chdir(home)
    kernel.call("sethostname", b"stepcode", 8)


def _outermost(paths: list[str]) -> list[str]:
    """Leave out what does not exist and what lies in another, as real paths."""
    real = sorted({os.path.realpath(path) for path in paths if os.path.exists(path)})
    kept: list[str] = []
    for path in real:
        if not (kept and path.startswith(kept[-1] + "/")):
            kept.append(path)
    return kept


def _open_tree(path: str) -> int:
    flags = _CLONE_TREE | os.O_CLOEXEC | _AT_RECURSIVE
    return kernel.call("open_tree", _AT_FDCWD, os.fsencode(path), flags)


def _place(path: str, tree: int, *, is_device: bool) -> None:
    target = f".{path}"
    os.makedirs(os.path.dirname(target), mode=0o755, exist_ok=True)
    if stat.S_ISDIR(os.fstat(tree).st_mode):
        os.makedirs(target, mode=0o755, exist_ok=True)
    else:
        os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o644))
    kernel.call("move_mount", tree, b"", _AT_FDCWD, os.fsencode(target), _MOVE_FROM_EMPTY_PATH)
    # A device can be written to all the same; its times and mode, which are the machine's, cannot.
    attributes = _ATTR_RDONLY | _ATTR_NOSUID | (0 if is_device else _ATTR_NODEV)
    _set_attributes(tree, b"", attributes, flags=_AT_EMPTY_PATH | _AT_RECURSIVE)
    os.close(tree)


def _link_lib_folders() -> None:
    """Where /lib64 is a link, the loader is looked for through it."""
    for name in ("lib", "lib64", "bin"):
        path = f"/{name}"
        if os.path.islink(path) and not os.path.lexists(f".{path}"):
            os.symlink(os.readlink(path), f".{path}")


def _mount_memory(path: str, *, megabytes: int, files: int) -> None:
    options = f"mode=755,size={megabytes}m,nr_inodes={files},uid={INSIDE},gid={INSIDE}"
    flags = _MS_NOSUID | _MS_NODEV | _MS_NOEXEC
    kernel.call("mount", b"stepcode", os.fsencode(path), b"tmpfs", flags, options.encode())


def _set_attributes(folder: int, path: bytes, attributes: int, *, flags: int) -> None:
    settings = struct.pack("@QQQQ", attributes, 0, 0, 0)
    buffer = ctypes.create_string_buffer(settings, len(settings))
    kernel.call("mount_setattr", folder, path, flags, buffer, len(settings))
