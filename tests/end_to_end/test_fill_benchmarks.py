"""Policy `fill` on the public benchmarks: the figures it is for, and what no row may break."""

import ast
import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from stepcode.anchor.fill import find_places, write_program
from stepcode.anchor.parse import plan_program
from stepcode.anchor.policy import STRICT
from stepcode.anchor.strip import strip_anchors
from stepcode.execute import Sandbox
from stepcode.types import Program
from stepcode.wire import render_step
from tests.end_to_end.build_samples import kept, rejected

Stepcode = Callable[..., subprocess.CompletedProcess[bytes]]
Rows = list[dict[str, Any]]

pytestmark = pytest.mark.slow


def build(stepcode: Stepcode, out: Path, source: str, path: Path, *options: str) -> Rows:
    arguments = ("--source", source, "--input", path, "--out", out, *options)
    assert stepcode("build-dataset", *arguments).returncode == 0
    return kept(out)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


def share(rows: Rows, is_so: Callable[[dict[str, Any]], bool], of: int) -> float:
    return sum(map(is_so, rows)) / of


def is_filled(row: dict[str, Any]) -> bool:
    steps: list[object] = row["steps"]
    return 3 <= len(steps) <= 10


def informs(row: dict[str, Any]) -> bool:
    classes = [step["novelty"] for step in row["steps"]]
    return classes.count("informative") >= 3


def gives_a_branch_away(row: dict[str, Any]) -> bool:
    """Whether of an `if` with two arms just one is anchored."""
    lines = {anchor["line"] for anchor in row["anchors"]}

    def has_anchors(block: list[ast.stmt]) -> bool:
        return any(s.lineno <= line <= (s.end_lineno or 0) for s in block for line in lines)

    return any(
        has_anchors(node.body) != has_anchors(node.orelse)
        for node in ast.walk(ast.parse(str(row["anchored_code"])))
        if isinstance(node, ast.If) and node.orelse
    )


def check_row(sandbox: Sandbox, row: dict[str, Any]) -> None:
    """The program with plain prints gives the result, and prints the steps."""
    execution = sandbox.run(Program(code=row["anchored_code"]), row["call"])
    assert execution.output == row["output"]
    lines = [render_step(step["name"], step["text"]) for step in row["steps"]]
    printed = execution.stdout.split("\n")[:-1]
    for line in lines:
        printed.remove(line)
    assert printed == row["stdout"].split("\n")[:-1]
    if not row["stdout"]:
        assert execution.stdout == "".join(line + "\n" for line in lines)


def test_cruxeval_is_filled(
    stepcode: Stepcode, tmp_path: Path, data_dir: Path, sandbox: Sandbox
) -> None:
    path = data_dir / "cruxeval" / "cruxeval.jsonl"
    rows = build(stepcode, tmp_path / "out", "cruxeval", path)
    total = len(rows) + len(rejected(tmp_path / "out"))
    assert total == 800
    assert share(rows, is_filled, total) >= 0.75
    assert 1 - share(rows, lambda row: len(row["steps"]) > 1, total) <= 0.10
    assert max(len(row["steps"]) for row in rows) <= 10
    assert share(rows, informs, total) >= 0.65
    assert share(rows, gives_a_branch_away, total) <= 0.005
    for row in rows:
        check_row(sandbox, row)


def test_humaneval_calls_are_filled_one_by_one_and_together(
    stepcode: Stepcode, tmp_path: Path, data_dir: Path
) -> None:
    path = data_dir / "humaneval" / "HumanEval.jsonl.gz"
    rows = build(stepcode, tmp_path / "out", "humaneval", path)
    total = len(rows) + len(rejected(tmp_path / "out"))
    assert share(rows, is_filled, total) >= 0.80
    options = ("--one-program-one-text", "--limit", "250")
    shared = build(stepcode, tmp_path / "one", "humaneval", path, *options)
    assert share(shared, is_filled, 250) >= 0.70
    texts: dict[str, set[str]] = {}
    for row in shared:
        texts.setdefault(row["program_id"], set()).add(row["anchored_code"])
    assert {len(found) for found in texts.values()} == {1}


def test_edits_of_every_cruxeval_program_give_it_back(data_dir: Path) -> None:
    for line in (data_dir / "cruxeval" / "cruxeval.jsonl").read_text().splitlines():
        code = json.loads(line)["code"]
        places = find_places(plan_program(code, STRICT), code)
        everything = range(len(places.candidates))
        anchored = write_program(Program(code=code), places, everything).anchored
        assert strip_anchors(anchored.code, anchored.edits) == code
