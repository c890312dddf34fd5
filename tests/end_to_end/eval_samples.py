"""Rows for `stepcode eval`, and what its tests do with them."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.build_samples import write_jsonl

Stepcode = Callable[..., subprocess.CompletedProcess[bytes]]

DEFINITION = "def f(x):\n    return x"
ROWS = [
    {
        "id": f"sample_{n}",
        "code": f"def f(x):\n    return x + {n}",
        "input": "1",
        "output": str(1 + n),
    }
    for n in range(4)
]
ASKED = ("--benchmark", "cruxeval-output", "--data", "rows.jsonl")
# Which needs no torch; nobody is asked.
SERVED = ("--model", "m", "--base-url", "http://127.0.0.1:9/v1")


@pytest.fixture(autouse=True)
def rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    write_jsonl(tmp_path / "rows.jsonl", ROWS)


def write(path: Path, content: object) -> Path:
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def result(path: Path) -> dict[str, Any]:
    record: dict[str, Any] = json.loads(path.read_bytes())
    return record


def right_answers(number: int, prompt: str) -> str:
    """Work out the last assertion of a prompt, which adds a number to 1."""
    asked = int(prompt.rpartition("return x + ")[2].split()[0])
    return f"assert f(1) == {1 + asked}\n[/ANSWER] and so on"
