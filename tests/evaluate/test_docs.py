"""The code in docs/steps.md and the commands in docs/reports.md do what the text says."""

import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from stepcode.evaluate.evaluation import write_evaluation
from tests.conftest import Completed
from tests.end_to_end.test_readme import blocks
from tests.evaluate.report_samples import RIGHT, WRONG, evaluation, row
from tests.evaluate.training_run_samples import steady, write_run
from tests.unit.dataset_samples import build_sample

DOCS = Path(__file__).parents[2] / "docs"
DOCUMENT, REPORTS = DOCS / "steps.md", DOCS / "reports.md"
has_docs = pytest.mark.skipif(
    not DOCUMENT.is_file(), reason="this test was copied away from the documents"
)


@has_docs
def test_the_true_completions_of_a_dataset_are_right_in_every_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_sample(tmp_path / "out" / "mine")
    monkeypatch.chdir(tmp_path)
    run = [block.text for block in blocks(DOCUMENT) if block.language == "python"]
    for text in run:
        exec(text, {})
    assert len(run) == 1


@has_docs
def test_the_commands_for_reports_write_what_they_name(
    tmp_path: Path, stepcode_here: Callable[..., Completed]
) -> None:
    for block in blocks(REPORTS):
        if block.title:
            (tmp_path / block.title).write_text(block.text)
        else:
            command, _, expected = block.text.partition("\n")
            done = stepcode_here(*shlex.split(command.removeprefix("$ stepcode ")))
            assert done.stdout.decode() == expected


@has_docs
def test_there_is_a_report_of_all_that_is_named(
    tmp_path: Path, stepcode_here: Callable[..., Completed]
) -> None:
    write_run(tmp_path / "out" / "run", steady(3, loss=1.0))
    for seed in range(2):
        write_run(tmp_path / "out" / "runs" / str(seed), steady(3, loss=1.0), grpo={"seed": seed})
    (tmp_path / "out" / "micro" / "runs").mkdir(parents=True)
    (tmp_path / "out" / "micro" / "setup.json").write_text("{}")
    write_evaluation(tmp_path / "before.json", evaluation(row("r", WRONG)))
    write_evaluation(tmp_path / "after.json", evaluation(row("r", RIGHT)))
    commands = re.findall(r"^    stepcode (report .* -o (\w+\.html))$", REPORTS.read_text(), re.M)
    assert len(commands) == 5
    for command, page in commands:
        assert stepcode_here(*shlex.split(command)).returncode == 0
        assert (tmp_path / page).read_text().startswith("<!doctype html>")
