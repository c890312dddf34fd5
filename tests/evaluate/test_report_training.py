"""The report of training says what was logged, with intervals that are what they are said to be."""

import json
import math
import re
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

import pytest

from stepcode.errors import DatasetError
from stepcode.evaluate.report import Form, render_document
from stepcode.evaluate.report.document import Point
from stepcode.evaluate.report.folders import folder_document
from stepcode.evaluate.report.series import (
    MOST_POINTS,
    estimate,
    mean_of_neighbours,
    mean_of_runs,
    thin,
)
from tests.evaluate.html_check import problems_of
from tests.evaluate.training_run_samples import steady, write_run

T_OF_3, T_OF_2 = 3.182446, 4.302653
"""Student's t at 97.5 % of three and of two degrees of freedom, from a table."""


def render(folder: Path, form: Form = Form.PAGE) -> str:
    document = folder_document(folder)
    assert document is not None
    return render_document(document, form)


def summary_of(folder: Path) -> dict[str, Any]:  # Any: JSON
    found: dict[str, Any] = json.loads(render(folder, Form.JSON))
    return found


def dots(page: str) -> list[str]:
    return re.findall(r"<title>(.*?, step .*?)</title>", page)


def test_an_interval_is_students() -> None:
    values = [0.1, 0.4, 0.35, 0.6]
    found = estimate(7, values)
    half = T_OF_3 * stdev(values) / math.sqrt(4)
    assert found.step == 7
    assert found.value == pytest.approx(fmean(values))
    assert (found.low, found.high) == pytest.approx((found.value - half, found.value + half))


def test_one_run_has_no_interval_over_runs() -> None:
    assert mean_of_runs([[Point(1, 0.5)]]) == [Point(1, 0.5)]


def test_runs_are_averaged_where_all_of_them_are() -> None:
    lines = [[Point(1, 0.2), Point(2, 0.4), Point(3, 0.9)], [Point(1, 0.4), Point(2, 0.4)]]
    found = mean_of_runs(lines)
    assert [(one.step, one.value) for one in found] == [(1, pytest.approx(0.3)), (2, 0.4)]
    assert (found[1].low, found[1].high) == (0.4, 0.4)


def test_neighbours_are_averaged_without_what_is_no_number() -> None:
    line = [Point(step, math.nan if step == 3 else float(step)) for step in range(1, 6)]
    found = mean_of_neighbours(line)[2]
    assert found.value == 3
    assert found.high == pytest.approx(3 + T_OF_3 * stdev([1, 2, 4, 5]) / 2)


def test_a_long_line_is_thinned_to_its_last_point() -> None:
    line = [Point(step, 0.0) for step in range(1, 10_001)]
    thinned = thin(line)
    assert len(thinned) <= MOST_POINTS
    assert thinned[-1] == line[-1]
    assert thin(line[:MOST_POINTS]) == line[:MOST_POINTS]


def test_each_stage_has_its_curves(tmp_path: Path) -> None:
    names = {
        "step_accuracy": 0.5, "final_accuracy": 0.25, "gap": -0.25, "reward": 0.25, "loss": 0.1,
        "completions/mean_length": 40.0, "kl": 0.01, "entropy": 1.0,
    }  # fmt: skip
    folder = write_run(tmp_path / "run", steady(5, **names))
    (folder / "sft").mkdir()
    (folder / "sft" / "log.jsonl").write_text('{"step": 1, "loss": 2.0}\n')
    record = json.loads((folder / "run.json").read_text())
    record["stages"] = {"sft": {"status": "done", "steps": 1}} | record["stages"]
    (folder / "run.json").write_text(json.dumps(record))
    assert list(summary_of(folder)["curves"]) == [
        "SFT: loss", "GRPO: accuracy", "GRPO: gap", "GRPO: reward", "GRPO: loss",
        "GRPO: completion length in tokens", "GRPO: KL", "GRPO: entropy",
    ]  # fmt: skip


def test_a_run_of_three_steps_is_drawn_as_it_was_logged(tmp_path: Path) -> None:
    page = render(write_run(tmp_path / "run", steady(3, loss=0.5)))
    assert dots(page) == ["loss, step 1: 0.5", "loss, step 2: 0.5", "loss, step 3: 0.5"]
    assert "has no interval" in page
    assert 'class="band' not in page


def test_a_longer_run_has_an_interval_over_neighbouring_steps(tmp_path: Path) -> None:
    lines = [{"step": step, "loss": float(step % 2)} for step in range(1, 41)]
    folder = write_run(tmp_path / "run", lines)
    found = summary_of(folder)["curves"]["GRPO: loss"]["loss"][20]
    assert found["low"] < found["value"] < found["high"]
    assert "nothing about other seeds" in render(folder)


def test_what_is_no_number_breaks_the_line_and_is_counted(tmp_path: Path) -> None:
    lines = [{"step": n, "loss": math.nan if n == 3 else 1.0, "kl": math.inf} for n in range(1, 6)]
    folder = write_run(tmp_path / "run", lines)
    page = render(folder)
    assert page.count("<polyline") == 2
    assert "GRPO: KL" not in page
    metrics = {one["metric"]: one for one in summary_of(folder)["tables"]["GRPO: metrics"]}
    assert (metrics["loss"]["values"], metrics["loss"]["no number"]) == ("4", "1")
    assert (metrics["kl"]["last"], metrics["kl"]["no number"]) == ("-", "5")


def test_the_axis_reaches_to_the_end_of_a_run_that_ends_in_no_number(tmp_path: Path) -> None:
    lines = [{"step": n, "loss": 1.0 if n < 3 else math.nan} for n in range(1, 6)]
    assert ">5</text>" in render(write_run(tmp_path / "run", lines))


@pytest.mark.parametrize("values", [[5.7791, 5.7804], [0.5, 0.5], [-3e5, 2e6], [0.0, 1e-7]])
def test_marks_of_an_axis_are_told_apart(values: list[float], tmp_path: Path) -> None:
    lines = [{"step": n, "loss": value} for n, value in enumerate(values, start=1)]
    page = render(write_run(tmp_path / "run", lines))
    marks = re.findall(r'text-anchor="end">([^<]+)</text>', page)[:-1]  # the last is of steps
    assert len(marks) == len(set(marks)) >= 2
    assert float(marks[0]) <= min(values)
    assert float(marks[-1]) >= max(values)


def test_a_step_that_was_done_again_counts_once_and_as_it_was_then(tmp_path: Path) -> None:
    lines = [*steady(4, loss=1.0), {"step": 3, "loss": 2.0}, {"step": 4, "loss": 3.0}]
    points = summary_of(write_run(tmp_path / "run", lines))["curves"]["GRPO: loss"]["loss"]
    assert [(one["step"], one["value"]) for one in points] == [(1, 1), (2, 1), (3, 2), (4, 3)]


def test_a_run_that_is_going_on_has_what_it_logged_so_far(tmp_path: Path) -> None:
    folder = write_run(
        tmp_path / "run", steady(7, loss=1.0), status="running", end='{"step": 8, "lo'
    )
    assert "GRPO is not finished, logged up to step 7." in render(folder, Form.MARKDOWN)


def test_a_run_that_has_logged_nothing_has_a_report(tmp_path: Path) -> None:
    page = render(write_run(tmp_path / "run", [], status="running"))
    assert problems_of(page) == []
    assert "<svg" not in page


def test_a_damaged_log_is_named_with_its_line(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "run", steady(2, loss=1.0), end='{"st\n{"step": 4}\n')
    with pytest.raises(DatasetError, match=r"log\.jsonl: line 3 is broken JSON"):
        folder_document(folder)


def test_a_long_run_has_a_small_page(tmp_path: Path) -> None:
    values = {"step_accuracy": 0.5, "final_accuracy": 0.25, "loss": 0.1, "reward": 0.5, "kl": 0.1}
    page = render(write_run(tmp_path / "run", steady(20_000, **values)))
    assert len(page) < 1_000_000


def write_seeds(folder: Path) -> Path:
    """Two arms of three seeds."""
    for mode, gain in (("bilevel", 0.25), ("terminal", 0.0)):
        for seed in range(3):
            write_run(
                folder / f"{mode}-{seed}",
                steady(4, step_accuracy=0.25 * seed + gain, loss=1.0),
                grpo={"seed": seed},
                advantage={"mode": mode, "lam": 0.3},
            )
    return folder


def test_runs_of_other_seeds_are_one_line_with_an_interval(tmp_path: Path) -> None:
    curves = summary_of(write_seeds(tmp_path / "runs"))["curves"]["GRPO: step accuracy"]
    assert list(curves) == ["advantage.mode bilevel", "advantage.mode terminal"]
    last = curves["advantage.mode terminal"][-1]
    half = T_OF_2 * 0.25 / math.sqrt(3)
    assert (last["step"], last["value"]) == (4, 0.25)
    assert (last["low"], last["high"]) == pytest.approx((0.25 - half, 0.25 + half))


def test_a_seed_that_is_there_twice_counts_once(tmp_path: Path) -> None:
    folder = write_seeds(tmp_path / "runs")
    write_run(
        folder / "terminal-again",
        steady(4, step_accuracy=0.9),
        grpo={"seed": 2},
        advantage={"mode": "terminal", "lam": 0.3},
    )
    found = summary_of(folder)
    assert found["curves"]["GRPO: step accuracy"]["advantage.mode terminal"][-1]["value"] == 0.25
    told = {one["run"]: one["seeds"] for one in found["tables"]["Runs"]}
    assert told["terminal-again"] == "left out, these seeds are there already"


def test_runs_that_differ_in_their_seeds_alone_have_the_pictures_of_one(tmp_path: Path) -> None:
    for seed in range(2):
        lines = steady(3, step_accuracy=0.5, final_accuracy=0.1 * seed)
        write_run(tmp_path / "runs" / str(seed), lines, grpo={"seed": seed})
    found = summary_of(tmp_path / "runs")
    assert found["about"] == "2 runs of 1 recipe, seeds aside."
    assert list(found["curves"]["GRPO: accuracy"]) == ["step accuracy", "final accuracy"]


def test_markdown_has_the_intervals_of_what_was_logged_last(tmp_path: Path) -> None:
    text = render(write_seeds(tmp_path / "runs"), Form.MARKDOWN)
    assert "| step\\_accuracy | 0.5 (-0.121 to 1.121) | 0.25 (-0.371 to 0.871) |" in text


def test_the_same_runs_give_the_same_bytes_of_sound_html(tmp_path: Path) -> None:
    folder = write_seeds(tmp_path / "runs")
    assert render(folder) == render(folder)
    assert problems_of(render(folder)) == []


def test_a_folder_of_something_else_has_no_report(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    assert folder_document(tmp_path) is None
