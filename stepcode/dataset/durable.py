"""Writing so that a power cut or `kill -9` leaves the old file or the new one, never a half."""

import errno
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from stepcode.errors import MisuseError, StepcodeError

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_CLOSED = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.ENAMETOOLONG, errno.ELOOP}


def to_json(value: Mapping[str, Any]) -> bytes:  # Any: JSON
    """Write JSON the one way our files have it."""
    return (json.dumps(value, indent=2) + "\n").encode()


def write_durably(path: Path, data: bytes) -> None:
    """Put a file in place at once, and on the disk before returning."""
    temporary = path.with_name(f"{path.name}.tmp")
    with temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    sync_folder(path.parent)


def write_folder_durably(folder: Path, files: dict[str, bytes]) -> None:
    """Put a folder of files in place by one rename; a failure leaves nothing behind."""
    temporary = folder.with_name(f"{folder.name}.tmp")
    remove(temporary)
    try:
        temporary.mkdir()
        for name, data in files.items():
            write_durably(temporary / name, data)
        temporary.rename(folder)
    except OSError:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Make renames in a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove(path: Path) -> None:
    """Remove a file or a folder, or nothing if there is none."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


@contextmanager
def plain_disk_errors(out: Path) -> Iterator[None]:
    """Turn a full or closed disk into one line that says what to do."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            hint = "what was finished is kept; make room and run the same command again to resume"
            raise StepcodeError(f"{out}: {error.strerror}; {hint}") from error
        if error.errno in _CLOSED:
            raise MisuseError(f"{out}: cannot be written: {error.strerror}") from error
        raise
