"""Whether the weights of a model are whole, told without loading them."""

import json
import struct
from pathlib import Path

from stepcode.errors import StepcodeError

_LENGTH = struct.Struct("<Q")
_INDEX = "model.safetensors.index.json"


def check_weights(folder: Path) -> None:
    """Raise StepcodeError for a file of weights that is missing or cut off."""
    index = folder / _INDEX
    names = {path.name for path in folder.glob("*.safetensors")}
    if index.is_file():
        names |= set(json.loads(index.read_bytes())["weight_map"].values())
    for name in sorted(names):
        if not _is_whole(folder / name):
            raise StepcodeError(f"{folder / name}: is missing or damaged; train it again")


def _is_whole(path: Path) -> bool:
    """A safetensors file says in its header where its last tensor ends."""
    try:
        with path.open("rb") as file:
            (length,) = _LENGTH.unpack(file.read(_LENGTH.size))
            header = json.loads(file.read(length))
        ends = [one["data_offsets"][1] for name, one in header.items() if name != "__metadata__"]
    except (OSError, ValueError, struct.error, KeyError, TypeError, AttributeError):
        return False
    return bool(path.stat().st_size == _LENGTH.size + length + max(ends, default=0))
