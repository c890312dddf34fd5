"""Which system calls are refused: a filter that programs and the zygote that forks them share.

A refused call fails with EPERM, so a program that tries one gets Python's PermissionError. What the
zygote needs is allowed to programs as well, so the rules for those calls look at their arguments.
"""

import ctypes
import errno
import os
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stepcode.execute.jail import kernel
else:
    import kernel

REFUSED = (
    # other processes, their memory and their files
    *("ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "process_mrelease"),
    *("pidfd_getfd", "pidfd_send_signal", "kcmp", "rt_sigqueueinfo", "rt_tgsigqueueinfo"),
    *("setpriority", "sched_setparam", "sched_setscheduler", "sched_setattr"),
    *("sched_setaffinity", "ioprio_set", "migrate_pages", "move_pages", "mbind", "set_mempolicy"),
    # the network, and memory or queues that outlive a process
    *("socket", "shmget", "shmat", "semget", "msgget", "mq_open", "memfd_create", "memfd_secret"),
    # mounts, namespaces and roots
    *("mount", "umount2", "pivot_root", "chroot", "unshare", "setns", "open_tree", "move_mount"),
    *("fsopen", "fsconfig", "fsmount", "fspick", "mount_setattr"),
    *("open_by_handle_at", "name_to_handle_at"),
    # what shows or keeps something where no program should: the kernel's memory has no limit there
    *("inotify_init", "inotify_init1", "inotify_add_watch", "setxattr", "lsetxattr", "fsetxattr"),
    *("removexattr", "lremovexattr", "fremovexattr"),
    # the machine itself
    *("reboot", "kexec_load", "kexec_file_load", "init_module", "finit_module", "delete_module"),
    *("swapon", "swapoff", "acct", "settimeofday", "clock_settime", "clock_adjtime", "adjtimex"),
    *("sethostname", "setdomainname", "syslog", "quotactl", "quotactl_fd", "vhangup"),
    *("iopl", "ioperm", "lookup_dcookie", "fanotify_init", "sync", "syncfs"),
    # parts of the kernel with a history of holes
    *("bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "io_uring_enter"),
    *("io_uring_register", "add_key", "request_key", "keyctl", "personality"),
)
ATTRIBUTES = (
    *("chmod", "fchmod", "fchmodat", "fchmodat2", "chown", "fchown", "lchown", "fchownat"),
    *("utime", "utimes", "futimesat", "utimensat", "truncate"),
)
"""What can be done to a file without opening it, which Landlock lets pass."""
SIGNALS = ("kill", "tkill", "tgkill")
"""Refused where Landlock cannot tell processes inside from others; the caller then kills."""
_NEW_NAMESPACES_OR_PARENT = 0x7E020000 | 0x8000
_HARMLESS_COMMANDS = [*range(5), 6, 7, 9, 37, 38, *range(1030, 1035)]
"""Of fcntl: copies, flags, locks, pipes' sizes and seals.

Others write to an address that the caller names, or tell whom to send a signal.
"""
_HARMLESS_CONTROLS = [0x5401, 0x5413, 0x5421, 0x5450, 0x5451]
"""TCGETS, TIOCGWINSZ, FIONBIO, FIONCLEX and FIOCLEX: the first two fail, as no terminal is open."""
_TRUNCATE, _ACCESS_MODE = os.O_TRUNC, os.O_RDONLY | os.O_WRONLY | os.O_RDWR

_LOAD, _JUMP_EQUAL, _JUMP_ANY_BIT, _JUMP_ABOVE, _JUMP_GREATER = 0x20, 0x15, 0x45, 0x25, 0x35
_AND, _RETURN = 0x54, 0x06
_ALLOW, _FAIL, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16
_X32 = 0x40000000

Instruction = tuple[int, int, int, int]


def install(refused: tuple[str, ...], *, zygote: int, may_truncate: bool = True) -> None:
    """Refuse these calls from now on, here and in everything forked or executed from here.

    `zygote` is the number of the process that must not be hit; needs no_new_privs. Without
    `may_truncate` no file is opened to be read and emptied.
    """
    rules = instructions(refused, zygote, may_truncate)
    program = b"".join(struct.pack("@HBBI", *one) for one in rules)
    buffer = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("@HP", len(program) // 8, ctypes.addressof(buffer))
    kernel.call("seccomp", 1, 0, header)


def instructions(refused: tuple[str, ...], zygote: int, may_truncate: bool) -> list[Instruction]:
    """Write the filter: architecture, then call by call, then everything else is allowed."""
    program: list[Instruction] = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_JUMP_EQUAL, 1, 0, kernel.AUDIT_ARCHITECTURES[kernel.MACHINE]),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
        (_JUMP_GREATER, 0, 1, _X32),
        (_RETURN, 0, 0, _KILL),
        (_JUMP_ABOVE, 0, 1, kernel.NEWEST),
        (_RETURN, 0, 0, _FAIL | errno.ENOSYS),
    ]
    for name in refused:
        program += _when(name, [(_RETURN, 0, 0, _FAIL | errno.EPERM)])
    # Without clone3, whose flags are out of a filter's sight, libraries use clone.
    program += _when("clone3", [(_RETURN, 0, 0, _FAIL | errno.ENOSYS)])
    program += _when("clone", _unless(0, _JUMP_ANY_BIT, [_NEW_NAMESPACES_OR_PARENT]))
    everyone = 0xFFFFFFFF
    for name in SIGNALS:
        program += _when(name, _unless(0, _JUMP_EQUAL, [zygote, -zygote & everyone, everyone]))
    program += _when("setpgid", _unless(1, _JUMP_EQUAL, [zygote]))
    program += _when("fcntl", _only(1, _HARMLESS_COMMANDS))
    program += _when("ioctl", _only(1, _HARMLESS_CONTROLS))
    if not may_truncate:
        program += _when("openat2", [(_RETURN, 0, 0, _FAIL | errno.ENOSYS)])
        for name, flags in (("open", 1), ("openat", 2)):
            program += _when(name, _unless_truncating(flags))
    own_limits = [(_LOAD, 0, 0, _ARGUMENTS), (_JUMP_EQUAL, 0, 1, 0), (_RETURN, 0, 0, _ALLOW)]
    program += _when("prlimit64", [*own_limits, (_RETURN, 0, 0, _FAIL | errno.EPERM)])
    return [*program, (_RETURN, 0, 0, _ALLOW)]


def _when(name: str, then: list[Instruction]) -> list[Instruction]:
    """Do `then`, which must end in a decision, for one call; the number is loaded."""
    if name not in kernel.NUMBERS:
        return []
    return [(_JUMP_EQUAL, 0, len(then), kernel.NUMBERS[name]), *then]


def _unless(argument: int, test: int, values: list[int]) -> list[Instruction]:
    """Allow the call unless the low half of an argument passes the test with any of the values."""
    tests = [(test, len(values) - i, 0, value) for i, value in enumerate(values)]
    load = (_LOAD, 0, 0, _ARGUMENTS + 8 * argument)
    return [load, *tests, (_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _FAIL | errno.EPERM)]


def _only(argument: int, values: list[int]) -> list[Instruction]:
    """Refuse the call unless the low half of an argument is one of the values."""
    tests = [(_JUMP_EQUAL, len(values) - i, 0, value) for i, value in enumerate(values)]
    load = (_LOAD, 0, 0, _ARGUMENTS + 8 * argument)
    return [load, *tests, (_RETURN, 0, 0, _FAIL | errno.EPERM), (_RETURN, 0, 0, _ALLOW)]


def _unless_truncating(flags: int) -> list[Instruction]:
    """Allow to open a file unless these flags empty it without asking to write."""
    mask = (_AND, 0, 0, _TRUNCATE | _ACCESS_MODE)
    load, *tests = _unless(flags, _JUMP_EQUAL, [_TRUNCATE, _TRUNCATE | _ACCESS_MODE])
    return [load, mask, *tests]
