"""Folders as `stepcode train` leaves them, with logs written by hand."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from stepcode.dataset.durable import to_json

Line = Mapping[str, float]


def write_run(
    folder: Path,
    lines: Iterable[Line],
    *,
    stage: str = "grpo",
    status: str = "done",
    end: str = "",
    **recipe: Mapping[str, object],
) -> Path:
    """A run of one stage that logged these lines, and then perhaps a part of one."""
    logged = [json.dumps(line) + "\n" for line in lines]
    record = {
        "format": 1,
        "recipe": {"name": folder.name, "lora": None} | recipe,
        "versions": {"trl": "1.16.0"},
        "stages": {stage: {"status": status, "steps": len(logged) if status == "done" else 0}},
    }
    (folder / stage).mkdir(parents=True)
    (folder / "run.json").write_bytes(to_json(record))
    (folder / stage / "log.jsonl").write_text("".join(logged) + end)
    return folder


def steady(steps: int, **values: float) -> list[Line]:
    """The same values at every step."""
    return [{"step": step, **values} for step in range(1, steps + 1)]
