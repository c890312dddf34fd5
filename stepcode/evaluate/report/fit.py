"""Rows fitted into a page: the longest texts that leave it small enough to be mailed and opened."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stepcode.evaluate.evaluation import cut
from stepcode.evaluate.report.document import Shown

MOST_BYTES = 2_800_000
"""Of the rows, so that the page stays under 3 MB."""
_LENGTHS = (8000, 2000, 1000, 500, 250, 120, 60)
"""Characters of what a model wrote and of each value, tried one after another."""
_MOST_STEPS = 200


@dataclass(frozen=True, slots=True)
class Fitted:
    """Rows that fit, and what a reader has to know of that."""

    rows: Sequence[Shown]
    note: str


def fit(rows: Sequence[Shown], *, most_bytes: int = MOST_BYTES) -> Fitted:
    """Shorten rows as little as possible to fit; if that is not enough, leave out the last ones."""
    for length in _LENGTHS:
        shortened = [_shorten(row, length) for row in rows]
        sizes = [_bytes_of(row) for row in shortened]
        if sum(sizes) <= most_bytes:
            break
    kept = list(_within(shortened, sizes, most_bytes))
    if not rows:
        return Fitted(kept, "There are none to show.")
    note = f"Texts are shown up to {length} characters."
    if len(kept) < len(rows):
        note += f" Only the first {len(kept)} of {len(rows)} rows are shown, to keep this small."
    return Fitted(kept, note)


def embed(data: object) -> str:
    """Write JSON that cannot end the script it stands in, whatever is in it."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _bytes_of(row: Shown) -> int:
    return len(embed(row).encode("utf-8", "backslashreplace")) + 1


def _within(rows: Sequence[Shown], sizes: Sequence[int], most_bytes: int) -> Iterator[Shown]:
    for row, size in zip(rows, sizes, strict=True):
        most_bytes -= size
        if most_bytes < 0:
            return
        yield row


def _shorten(row: Shown, length: int) -> Shown:
    answers = _counted([_shorten_answer(answer, length) for answer in row["answers"]])
    facts = [[label, cut(value, length)] for label, value in row["facts"]]
    code = cut(row["code"], max(length, 500))
    shortened = dict(row) | {"facts": facts, "code": code, "answers": answers}
    if "trace" in row:
        shortened["trace"] = [_shorten_step(step, length) for step in row["trace"][:_MOST_STEPS]]
    return shortened


def _shorten_answer(answer: Shown, length: int) -> dict[str, Any]:  # Any: JSON
    says = answer["says"]
    return dict(answer) | {
        "says": None if says is None else cut(says, length),
        "text": cut(answer["text"], length),
        "steps": [_shorten_step(step, length) for step in answer["steps"][:_MOST_STEPS]],
        "more_steps": max(0, len(answer["steps"]) - _MOST_STEPS),
    }


def _shorten_step(step: Sequence[Any], length: int) -> list[Any]:  # Any: JSON
    return [cut(value, length) if isinstance(value, str) else value for value in step]


def _counted(answers: Sequence[Mapping[str, Any]]) -> list[Shown]:  # Any: JSON
    """Show answers once that look the same, with their number."""
    counted: dict[str, dict[str, Any]] = {}
    for answer in answers:
        key = json.dumps(answer, sort_keys=True)
        same = counted.setdefault(key, dict(answer) | {"count": 0})
        same["count"] += 1
    return list(counted.values())
