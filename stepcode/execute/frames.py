"""Messages between the caller and the zygote: a length, then JSON.

Never pickle: what comes from the zygote's side is data and cannot run code here. The JSON is ASCII,
so texts that UTF-8 cannot encode travel like any other. Standard library only, for zygote.py.
"""

import json
import socket
import struct
from typing import Any

_LENGTH = struct.Struct("<I")
_PART_BYTES = 1 << 20


def send(connection: socket.socket, message: dict[str, Any]) -> None:  # Any: JSON
    """Send one message."""
    data = json.dumps(message).encode("ascii")
    connection.sendall(_LENGTH.pack(len(data)) + data)


def receive(connection: socket.socket) -> bytes | None:
    """Receive the JSON of one message; None when the other side is gone."""
    head = _receive(connection, _LENGTH.size)
    return None if head is None else _receive(connection, _LENGTH.unpack(head)[0])


def _receive(connection: socket.socket, size: int) -> bytes | None:
    data = b""
    while len(data) < size:
        part = connection.recv(min(size - len(data), _PART_BYTES))
        if not part:
            return None
        data += part
    return data
