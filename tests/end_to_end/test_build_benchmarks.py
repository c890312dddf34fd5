"""The public benchmarks as sources: every task is accounted for, and outputs are the published."""

import ast
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.build_samples import kept, manifest, reasons, rejected

Stepcode = Callable[..., subprocess.CompletedProcess[bytes]]

pytestmark = pytest.mark.slow


def build(stepcode: Stepcode, source: str, path: Path, out: Path) -> None:
    done = stepcode("build-dataset", "--source", source, "--input", path, "--out", out)
    assert (done.returncode, done.stderr) == (0, b"")
    rows = manifest(out)["rows"]
    assert (rows["kept"], rows["rejected"]) == (len(kept(out)), len(rejected(out)))
    assert rows["in"] == rows["kept"] + rows["rejected"]
    assert manifest(out)["evaluation_only"]


def tasks_of(out: Path) -> set[str]:
    """The benchmark's ids; a task with several calls has its rows numbered behind its id."""
    return {row["source_row"] for row in kept(out) + rejected(out)}


def read_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def test_cruxeval_is_nearly_all_kept_with_the_published_outputs(
    stepcode: Stepcode, tmp_path: Path, data_dir: Path
) -> None:
    path = data_dir / "cruxeval" / "cruxeval.jsonl"
    build(stepcode, "cruxeval", path, tmp_path / "out")
    published = {row["id"]: row["output"] for row in read_lines(path)}
    rows = kept(tmp_path / "out")
    wrong = [
        row["source_row"]
        for row in rows
        if ast.literal_eval(row["output"]) != ast.literal_eval(published[row["source_row"]])
    ]
    assert len(rows) >= 775
    assert wrong == []
    assert tasks_of(tmp_path / "out") == set(published)


def test_livecodebench_rows_are_accounted_for(
    stepcode: Stepcode, tmp_path: Path, data_dir: Path
) -> None:
    path = data_dir / "livecodebench" / "lcb_exec_mini.jsonl"
    build(stepcode, "livecodebench", path, tmp_path / "out")
    assert manifest(tmp_path / "out")["rows"]["in"] == 24
    # None is refused or has another output than the published one.
    of_its_values = {"too_many_steps", "unstable", "value_too_long"}
    assert set(reasons(tmp_path / "out").values()) <= of_its_values


@pytest.mark.parametrize(
    ("source", "path", "tasks"),
    [
        ("humaneval", "humaneval/HumanEval.jsonl.gz", 164),
        ("mbpp", "mbpp/sanitized-mbpp.json", 427),
        ("reval", "reval/DREval_data.jsonl", 154),
    ],
)
def test_every_task_is_accounted_for(
    stepcode: Stepcode, tmp_path: Path, data_dir: Path, source: str, path: str, tasks: int
) -> None:
    build(stepcode, source, data_dir / path, tmp_path / "out")
    assert len(tasks_of(tmp_path / "out")) == tasks
