"""Messages between the caller and the zygote: a length, then bytes.

What comes from the zygote's side is JSON and never pickle, so it cannot run code here. Standard
library only and little of it, for zygote.py: each module there makes every fork dearer.
"""

import os
import struct

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
