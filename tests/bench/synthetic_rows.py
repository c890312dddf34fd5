"""Input rows by the thousand: small programs that all differ, each with one call."""

import json
from pathlib import Path

_CODE = """\
def f(values):
    total = {number}
    for value in values:
        total += value * {factor}
        if total % 2:
            total -= 1
    text = str(total)
    return text[::-1]
"""


def write_rows(path: Path, count: int) -> None:
    """Write rows for `--source jsonl`."""
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            code = _CODE.format(number=number, factor=number % 97)
            values = [number % 7, number % 11, number % 13]
            file.write(json.dumps({"id": number, "code": code, "input": f"{values}"}) + "\n")
