"""What of the file tree can be read, and the one folder that can be written, by Landlock.

Landlock needs no privileges and nothing mounted. What its version in this kernel can restrict is
restricted; what it cannot, seccomp.py refuses altogether.
"""

import ctypes
import os
import stat
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stepcode.execute.jail import kernel
else:
    import kernel

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
TRUNCATE = 1 << 14
_SPECIAL = 1 << 6 | 1 << 9 | 1 << 11  # character devices, sockets, block devices
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
SEES_TRUNCATION = 3
"""From this version on, emptying a file is told from reading it."""
SCOPES_SIGNALS = 6
"""From this version on, signals to processes outside can be refused."""
READ = EXECUTE | READ_FILE | READ_DIR
_ONLY_DIRECTORIES = ~(EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE)
_NETWORK, _SCOPE = 0b11, 0b11  # bind and connect; abstract sockets and signals
_CREATE_VERSION, _PATH_BENEATH = 1, 1


def abi() -> int:
    """Say which version of Landlock this kernel has; 0 for none."""
    try:
        return kernel.call("landlock_create_ruleset", 0, 0, _CREATE_VERSION)
    except OSError:
        return 0


def restrict(version: int, readable: list[str], writable: list[str]) -> None:
    """Close the file tree but for what is named here and lies below; needs no_new_privs.

    Also refuses TCP, and signals and abstract sockets to processes outside, where the version can.
    """
    rights = (1 << _FILE_RIGHTS.get(version, 16)) - 1
    network = _NETWORK if version >= 4 else 0
    scope = _SCOPE if version >= SCOPES_SIGNALS else 0
    size = 8 if version < 4 else 16 if version < 6 else 24
    ruleset = kernel.call(
        "landlock_create_ruleset", struct.pack("@QQQ", rights, network, scope), size, 0
    )
    for path in readable:
        _allow(ruleset, path, READ & rights)
    for path in writable:
        _allow(ruleset, path, rights & ~_SPECIAL & ~EXECUTE)
    kernel.call("landlock_restrict_self", ruleset, 0)
    os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        file = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    if not stat.S_ISDIR(os.fstat(file).st_mode):
        rights &= ~_ONLY_DIRECTORIES
    rule = struct.pack("=Qi", rights, file)
    buffer = ctypes.create_string_buffer(rule, len(rule))
    kernel.call("landlock_add_rule", ruleset, _PATH_BENEATH, buffer, 0)
    os.close(file)
