"""Where the public benchmark files are: the folder STEPCODE_DATA, else beside the checkout."""

import json
import os
from pathlib import Path

from stepcode.source import SourceSettings
from stepcode.types import Program


def benchmark_file(name: str) -> Path | None:
    """Find one file, or say that the benchmark goes on without it."""
    beside = Path(__file__).resolve().parents[3] / "shared" / "data"
    path = Path(os.environ.get("STEPCODE_DATA", beside)) / name
    if path.is_file():
        return path
    print(f"without {path}: name the folder of the benchmark files in STEPCODE_DATA")
    return None


def find_source() -> SourceSettings:
    """Choose CRUXEval where it is there, else the bundled programs."""
    path = benchmark_file("cruxeval/cruxeval.jsonl")
    return (
        SourceSettings(name="cruxeval", path=str(path)) if path else SourceSettings(name="bundled")
    )


def read_programs(path: Path) -> list[Program]:
    """Read the programs of a JSON Lines file."""
    with path.open(encoding="utf-8") as lines:
        return [Program(code=json.loads(line)["code"]) for line in lines]
