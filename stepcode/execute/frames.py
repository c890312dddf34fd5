"""Messages between the caller and the zygote: a length, then bytes.

What comes from the zygote's side is JSON when it starts, then numbers, and never pickle, so it
cannot run code here. Standard library only and little of it, for zygote.py: each module there, and
each page that it writes between two forks, makes every fork dearer.
"""

import os
import struct

ANSWER = struct.Struct("<IBB")
"""A wait status (or the number of a process), why it was stopped, and whether to retire."""
ENDED, OVER_CPU, OVER_WALL, KILL = range(4)
"""Why a program was stopped, if it was; the last asks the caller to kill a process first."""
_LENGTH = struct.Struct("<I")
_PART_BYTES = 1 << 20


def send(file: int, data: bytes) -> None:
    """Send one message."""
    view = memoryview(_LENGTH.pack(len(data)) + data)
    while view:
        view = view[os.write(file, view) :]


def receive(file: int) -> bytes | None:
    """Receive one message; None when the other side is gone."""
    head = _receive(file, _LENGTH.size)
    return None if head is None else _receive(file, _LENGTH.unpack(head)[0])


def _receive(file: int, size: int) -> bytes | None:
    data = bytearray()
    while len(data) < size:
        part = os.read(file, min(size - len(data), _PART_BYTES))
        if not part:
            return None
        data += part
    return bytes(data)
