"""What models said before: files of generations, in the forms that harnesses write them.

    {"sample_0": ["...", ...], ...}                       CRUXEval and its like: answers
    {"raw_generations": {...}, ...}                       the same in a file with its scores
    [{"id": "sample_0", "pred_list": ["...", ...]}, ...]  LiveCodeBench: answers
    {"task_id": "HumanEval/0", "completion": "..."}       HumanEval, MBPP: JSON lines of texts
    *.completions.jsonl                                   of `stepcode eval`: completions

Answers are scored as they are, completions after an extractor has looked for the answer in them.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stepcode.errors import DatasetError
from stepcode.evaluate.benchmark import Texts
from stepcode.evaluate.completions import Completion, is_head, read_completions

_WHOLE = "raw_generations"
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Generations:
    """What a file holds."""

    texts: Texts
    """As many of each row, in the benchmark's order."""
    completions: Mapping[str, Sequence[Completion]] | None = None
    """Where `stepcode eval` wrote them: the same, with what is known of them; else None."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """How those were asked for. Any, here and below: JSON."""


def read_generations(path: Path, ids: Sequence[str], *, limit: int | None = None) -> Generations:
    """Read the generations of the first `limit` of these rows, or of all.

    Raises DatasetError for a file that lacks rows, has others, has not as many generations of one
    as of another, or something else than texts.
    """
    data = _decoded(path)
    if is_head(data.partition("\n")[0]):
        settings, said = read_completions(path, data.encode())
        texts = {row: [one.text for one in ones] for row, ones in said.items()}
        checked = _checked(path, texts, ids, limit)
        return Generations(checked, {row: said[row] for row in checked}, settings)
    return Generations(_checked(path, _read(path, data), ids, limit))


def _checked(
    path: Path, found: Mapping[str, Any], ids: Sequence[str], limit: int | None
) -> dict[str, Sequence[str]]:
    asked = ids[:limit]
    missing = [row for row in asked if row not in found]
    if missing:
        raise DatasetError(f"{path}: has no generations of {_some(missing)}; expected all rows")
    unknown = sorted(set(found) - set(ids))
    if unknown:
        raise DatasetError(
            f"{path}: has generations of {_some(unknown)}: no rows of this benchmark"
        )
    texts = {row: _texts(path, row, found[row]) for row in asked}
    counts = {len(said) for said in texts.values()}
    if len(counts) > 1:
        most = max(counts)
        few = next(row for row, said in texts.items() if len(said) < most)
        raise DatasetError(
            f"{path}: has {most} generations of most rows and {len(texts[few])} of {few}; "
            "expected as many of each"
        )
    return texts


def _decoded(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise DatasetError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise DatasetError(f"{path}: is not UTF-8 at byte {error.start}") from error


def _read(path: Path, data: str) -> Mapping[str, Any]:
    try:
        whole = json.loads(data, object_pairs_hook=_without_doubles)
    except _TwiceError as error:
        raise DatasetError(f"{path}: has {error} twice") from error
    except (ValueError, RecursionError):
        return _read_lines(path, data)
    if isinstance(whole, list) and whole:
        return _read_list(path, whole)
    if not isinstance(whole, dict) or not whole:
        raise DatasetError(f"{path}: expected an object of rows, each with a list of generations")
    if "task_id" in whole:
        return _read_lines(path, data)
    inner = whole.get(_WHOLE, whole)
    if not isinstance(inner, dict):
        raise DatasetError(f"{path}: {_WHOLE} is no object of rows")
    return inner


class _TwiceError(Exception):
    pass


def _without_doubles(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse what JSON lets pass: of a key that is there twice, the first would be lost."""
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _TwiceError(key)
        found[key] = value
    return found


def _read_list(path: Path, rows: Sequence[Any]) -> Mapping[str, Any]:
    """Read what LiveCodeBench's runner writes, also with its own scores."""
    found: dict[str, Any] = {}
    for number, row in enumerate(rows):
        if not isinstance(row, dict) or not isinstance(row.get("id"), str):
            raise DatasetError(
                f"{path}: expected an object of rows, or a list of objects with id and pred_list; "
                f"item {number} is none"
            )
        if row["id"] in found:
            raise DatasetError(f"{path}: has {row['id']} twice")
        found[row["id"]] = row.get("pred_list")
    return found


def _read_lines(path: Path, data: str) -> Mapping[str, Any]:
    found: dict[str, list[Any]] = {}
    for number, line in enumerate(data.split("\n"), start=1):
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
