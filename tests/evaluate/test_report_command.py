"""`stepcode report`: what it writes, and what it refuses in one line before any work."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from stepcode.evaluate.evaluation import write_evaluation
from tests.conftest import Completed
from tests.evaluate.report_samples import RIGHT, WRONG, evaluation, row
from tests.evaluate.training_run_samples import steady, write_run
from tests.unit.dataset_samples import build_sample, open_sample, write_sample_block


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


def test_a_folder_of_runs_has_a_report(
    folder: Path, stepcode_here: Callable[..., Completed]
) -> None:
    for seed in range(2):
        write_run(folder / "runs" / str(seed), steady(3, loss=1.0), grpo={"seed": seed})
    done = stepcode_here("report", "runs")
    assert done.stdout.startswith(b"# Training runs in runs\n\n2 runs of 1 recipe")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda out: (out / "manifest.json").unlink(), "is a folder of something else; expected"),
        (lambda out: next((out / "data").iterdir()).unlink(), "missing or damaged"),
        (lambda out: edit(out, policies=None), "manifest.json: has no policies; build the dataset"),
        (lambda out: edit(out, colour="red"), "manifest.json: has colour, unknown here; upgrade"),
        (lambda out: edit(out, steps=[1]), "manifest.json: steps are no counts; build the dataset"),
        (lambda out: edit(out, rows={"in": 3}), "manifest.json: rows has to count in, kept and"),
        (lambda out: (out / "manifest.json").write_text("{"), "manifest.json: broken JSON"),
    ],
)
def test_a_damaged_dataset_is_refused_in_one_line(
    spoil: Callable[[Path], object],
    message: str,
    folder: Path,
    stepcode_here: Callable[..., Completed],
) -> None:
    build_sample(folder / "set")
    spoil(folder / "set")
    done = stepcode_here("report", "set", "-o", "page.html")
    assert (done.returncode, done.stderr.count(b"\n")) == (2, 1)
    assert message in done.stderr.decode()
    assert not (folder / "page.html").exists()


def edit(out: Path, **changes: object) -> None:
    """Change what a manifest says; None takes it out."""
    record = json.loads((out / "manifest.json").read_text()) | changes
    kept = {name: value for name, value in record.items() if value is not None}
    (out / "manifest.json").write_text(json.dumps(kept))


def test_a_dataset_that_is_not_finished_or_a_part_says_what_to_do(
    folder: Path, stepcode_here: Callable[..., Completed]
) -> None:
    with open_sample(folder / "set") as build:
        write_sample_block(build, 0)
    assert b"run build-dataset again to resume it" in stepcode_here("report", "set").stderr
    assert stepcode_here("build-dataset", "--limit", "2", "--shard", "0/2", "--out", "part")
    done = stepcode_here("report", "part")
    assert done.returncode == 2
    assert b"`stepcode merge` makes a dataset of the parts" in done.stderr


@pytest.mark.parametrize(
    ("output", "message"),
    [
        ("a.json/page.html", "is no folder to write to"),
        ("set/manifest.json", "is in the folder that is reported; choose another name"),
        ("folder.html", "is a folder; name a file for the report"),
    ],
)
def test_a_report_that_has_no_place_is_refused_before_work(
    output: str, message: str, folder: Path, stepcode_here: Callable[..., Completed]
) -> None:
    build_sample(folder / "set")
    before = (folder / "set" / "manifest.json").read_bytes()
    (folder / "folder.html").mkdir()
    done = stepcode_here("report", "set", "-o", output)
    assert (done.returncode, done.stderr.count(b"\n")) == (2, 1)
    assert message in done.stderr.decode()
    assert (folder / "set" / "manifest.json").read_bytes() == before


def test_a_page_may_lie_in_the_dataset_and_be_written_again(
    folder: Path, stepcode_here: Callable[..., Completed]
) -> None:
    build_sample(folder / "set")
    pages = []
    for _ in range(2):
        assert stepcode_here("report", "set", "-o", "set/page.html").returncode == 0
        pages.append((folder / "set" / "page.html").read_bytes())
    assert pages[0] == pages[1]


def test_the_help_says_what_a_path_may_be(stepcode_here: Callable[..., Completed]) -> None:
    said = stepcode_here("report", "--help").stdout.decode()
    for one in ("eval.json", "out/mine", "out/run", "out/runs", "out/micro", "--compare"):
        assert f"stepcode report {one}" in said


def test_two_evaluations_are_compared(
    folder: Path, stepcode_here: Callable[..., Completed]
) -> None:
    done = stepcode_here("report", "--compare", "a.json", "b.json")
    assert done.returncode == 0
    assert b"| B - A | +100.00 |" in done.stdout


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
