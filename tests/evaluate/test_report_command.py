"""`stepcode report`: what it writes, and what it refuses in one line before any work."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from stepcode.evaluate.evaluation import write_evaluation
from tests.conftest import Completed
from tests.evaluate.report_samples import RIGHT, WRONG, evaluation, row
from tests.unit.dataset_samples import build_sample


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of evaluations, in which the commands run."""
    write_evaluation(tmp_path / "a.json", evaluation(row("r", WRONG)))
    write_evaluation(tmp_path / "b.json", evaluation(row("r", RIGHT), model="other"))
    write_evaluation(tmp_path / "c.json", evaluation(benchmark="mbpp"))
    (tmp_path / "d.json").write_text("[1, 2]")
    return tmp_path


def test_the_form_is_chosen_by_the_name(
    folder: Path, stepcode_here: Callable[..., Completed]
) -> None:
    for name in ("r.html", "r.md", "r.json"):
        done = stepcode_here("report", "a.json", "-o", name)
        assert (done.returncode, done.stdout) == (0, f"{name}\n".encode())
    assert (folder / "r.html").read_text().startswith("<!doctype html>")
    assert (folder / "r.md").read_text().startswith("# steps: tiny")
    assert json.loads((folder / "r.json").read_text())["benchmark"] == "steps"


def test_without_a_file_the_report_goes_to_stdout_as_markdown(
    folder: Path, stepcode_here: Callable[..., Completed]
) -> None:
    done = stepcode_here("report", "a.json")
    assert done.returncode == 0
    assert done.stdout.startswith(b"# steps: tiny\n")


def test_a_dataset_has_a_report(folder: Path, stepcode_here: Callable[..., Completed]) -> None:
    build_sample(folder / "set")
    assert stepcode_here("report", "set", "-o", "set.html").returncode == 0
    assert '"trace":[[3,"y","assign","2"]]' in (folder / "set.html").read_text()
    done = stepcode_here("report", "set")
    assert b"# set\n\n18 rows in, 10 kept, 8 rejected." in done.stdout


def test_a_training_run_has_a_report(folder: Path, stepcode_here: Callable[..., Completed]) -> None:
    (folder / "run" / "grpo").mkdir(parents=True)
    stages = {"grpo": {"status": "running", "steps": 3}}
    run = {
        "format": 1,
        "recipe": {"lora": {"r": 16}},
        "versions": {"trl": "1.16.0"},
        "stages": stages,
    }
    (folder / "run" / "run.json").write_text(json.dumps(run))
    lines = [json.dumps({"step": n, "step_accuracy": n / 4, "loss": float("nan")}) for n in (1, 2)]
    (folder / "run" / "grpo" / "log.jsonl").write_text("\n".join([*lines, '{"step": 3, "st']))
    assert stepcode_here("report", "run", "-o", "run.html").returncode == 0
    page = (folder / "run.html").read_text()
    assert "GRPO: accuracy" in page
    assert "GRPO: loss" not in page
    assert '<section id="rows">' not in page
    assert b"| lora.r | 16 |" in stepcode_here("report", "run").stdout


def test_a_run_that_is_none_is_refused(
    folder: Path, stepcode_here: Callable[..., Completed]
) -> None:
    (folder / "run.json").write_text("[]")
    done = stepcode_here("report", ".")
    assert done.returncode == 2
    assert b"run.json: is no run of stepcode train" in done.stderr


def test_two_evaluations_are_compared(
    folder: Path, stepcode_here: Callable[..., Completed]
) -> None:
    done = stepcode_here("report", "--compare", "a.json", "b.json")
    assert done.returncode == 0
    assert b"| right answers | +100.00 |" in done.stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["a.json", "-o", "r.htm"], "r.htm: expected a name in .html, .md or .json; did you mean"),
        (["a.json", "-o", "report"], "report: expected a name in .html, .md or .json"),
        (["a.json", "-o", "a.json"], "a.json: is the evaluation itself"),
        (["x.json"], "x.json: no such file or folder"),
        (["."], ".: is a folder of something else; expected"),
        (["--compare", "a.json", "."], ".: is a folder of something else; expected a file that"),
        (
            ["d.json"],
            "d.json: is no evaluation that `stepcode eval -o` wrote: it is no JSON object",
        ),
        (["--compare", "a.json", "c.json"], "one evaluation is of steps and the other of mbpp"),
        (["--compare", "a.json", "x.json"], "x.json: no such file or folder"),
        (["a.json", "--compare", "a.json", "b.json"], "name one evaluation"),
        ([], "name one evaluation"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(
    words: list[str], message: str, folder: Path, stepcode_here: Callable[..., Completed]
) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    done = stepcode_here("report", *words)
    said = done.stderr.decode()
    assert (done.returncode, done.stdout) == (2, b"")
    assert said.startswith(f"stepcode: {message}")
    assert said.count("\n") == 1
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
