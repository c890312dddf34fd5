"""What models said elsewhere: files of generations, as the benchmarks' own harnesses write them.

{"sample_0": ["...", ...], ...}                       CRUXEval and LiveCodeBench: answers
{"raw_generations": {...}, ...}                       the same in a file with its scores
{"task_id": "HumanEval/0", "completion": "..."}       HumanEval, MBPP: JSON lines of texts
"""

import json
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from stepcode.errors import DatasetError
from stepcode.evaluate.benchmark import Texts

_WHOLE = "raw_generations"
_SHOWN = 3


def read_generations(path: Path, ids: Sequence[str], *, is_part: bool = False) -> Texts:
    """Read the generations of these rows, as many of each, in the benchmark's order.

    `is_part` lets the file have more rows. Raises DatasetError for a file that lacks rows, has
    others, has not as many generations of one as of another, or something else than texts.
    """
    found = _read(path)
    missing = [row for row in ids if row not in found]
    if missing:
        raise DatasetError(f"{path}: has no generations of {_some(missing)}; expected all rows")
    unknown = [] if is_part else sorted(set(found) - set(ids))
    if unknown:
        raise DatasetError(
            f"{path}: has generations of {_some(unknown)}: no rows of this benchmark"
        )
    texts = {row: _texts(path, row, found[row]) for row in ids}
    counts = {len(said) for said in texts.values()}
    if len(counts) > 1:
        most = max(counts)
        few = next(row for row, said in texts.items() if len(said) < most)
        raise DatasetError(
            f"{path}: has {most} generations of most rows and {len(texts[few])} of {few}; "
            "expected as many of each"
        )
    return texts


def _read(path: Path) -> Mapping[str, Any]:  # Any, here and below: JSON
    try:
        data = path.read_bytes().decode()
    except OSError as error:
        raise DatasetError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise DatasetError(f"{path}: is not UTF-8 at byte {error.start}") from error
    try:
        whole = json.loads(data)
    except ValueError:
        return _read_lines(path, data)
    if not isinstance(whole, dict) or not whole:
        raise DatasetError(f"{path}: expected an object of rows, each with a list of generations")
    if "task_id" in whole:
        return _read_lines(path, data)
    inner = whole.get(_WHOLE, whole)
    if not isinstance(inner, dict):
        raise DatasetError(f"{path}: {_WHOLE} is no object of rows")
    return inner


def _read_lines(path: Path, data: str) -> Mapping[str, Any]:
    found: dict[str, list[Any]] = {}
    for number, line in enumerate(data.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            found.setdefault(str(row["task_id"]), []).append(row["completion"])
        except (ValueError, KeyError, TypeError) as error:
            raise DatasetError(
                f"{path}: line {number} is no JSON object with task_id and completion ({error})"
            ) from error
    return found


def _texts(path: Path, row: str, said: Any) -> Sequence[str]:
    if not isinstance(said, list) or not said:
        raise DatasetError(f"{path}: {row}: expected a list of at least one text")
    for number, text in enumerate(said):
        if not isinstance(text, str):
            kind = type(text).__name__
            raise DatasetError(f"{path}: {row}: generation {number} is {kind}: expected text")
    return said


def _some(rows: Collection[str]) -> str:
    shown = ", ".join(list(rows)[:_SHOWN])
    return shown if len(rows) <= _SHOWN else f"{shown} and {len(rows) - _SHOWN} others"
