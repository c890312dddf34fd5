"""The page of the proof in small has the numbers of its own report."""

import json
from pathlib import Path
from typing import Any

import pytest

from stepcode.dataset.durable import to_json
from stepcode.errors import DatasetError
from stepcode.evaluate.report import Form, render_document
from stepcode.evaluate.report.folders import folder_document
from stepcode.train.micro.report import write_report
from stepcode.train.micro.results import Arm, Job, write_result
from stepcode.train.micro.tasks import Task
from tests.evaluate.html_check import problems_of
from tests.train.micro_samples import invented, tiny_settings


def write_micro(folder: Path, *, seeds: int, finished: bool = True) -> Path:
    """The proof in small with invented results, one better a seed; unfinished, without summary."""
    settings = tiny_settings(seeds=seeds, tasks=["full"])
    results = [invented(arm, seed, [4, 2 + seed, 8]) for seed in range(seeds) for arm in Arm]
    for result in results:
        write_result(Job(Task.FULL, result.seed, result.arm).path(folder), result)
    (folder / "setup.json").write_bytes(to_json({"micro": settings.identity(), "versions": {}}))
    if finished:
        write_report(folder, results, settings)
    return folder


def summary_of(folder: Path) -> dict[str, Any]:  # Any: JSON
    document = folder_document(folder)
    assert document is not None
    assert problems_of(render_document(document, Form.PAGE)) == []
    found: dict[str, Any] = json.loads(render_document(document, Form.JSON))
    return found


def test_its_curves_have_the_means_and_intervals_of_its_summary(tmp_path: Path) -> None:
    folder = write_micro(tmp_path / "micro", seeds=3)
    curves = summary_of(folder)["curves"]["full: accuracy of informative steps"]
    arms = json.loads((folder / "micro.json").read_text())["tasks"]["full"]["arms"]
    assert list(curves) == [name for name in arms if name != "warm-up"]
    for name, points in curves.items():
        [truth], [point] = arms[name]["curve"], points
        assert (point["step"], point["value"]) == (truth["update"], pytest.approx(truth["mean"]))
        assert point["high"] - point["value"] == pytest.approx(truth["half"])


def test_its_tables_have_the_text_of_its_own(tmp_path: Path) -> None:
    folder = write_micro(tmp_path / "micro", seeds=3)
    own = (folder / "micro.md").read_text()
    tables = summary_of(folder)["tables"]
    for title in ("full: arms", "full: differences"):
        for row in tables[title]:
            for cell in row.values():
                assert cell in own


def test_one_that_is_not_finished_shows_what_is_there(tmp_path: Path) -> None:
    found = summary_of(write_micro(tmp_path / "micro", seeds=1, finished=False))
    assert found["about"].startswith("6 results of 1 seed. It is not finished")
    assert found["curves"]["full: gap"]["step"][0]["low"] is None


def test_a_damaged_result_is_named(tmp_path: Path) -> None:
    folder = write_micro(tmp_path / "micro", seeds=1)
    (folder / "runs" / "full-0" / "step.json").write_text("{")
    with pytest.raises(DatasetError, match=r"step\.json: is broken JSON"):
        folder_document(folder)
