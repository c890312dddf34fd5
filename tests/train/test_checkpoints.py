"""Checkpoints: only whole ones count, and only those of the same run."""

from pathlib import Path

import pytest

pytest.importorskip("transformers", reason="needs the extra `train`")

from stepcode.errors import DatasetError
from stepcode.train.checkpoints import drop_unfinished, mark_checkpoint, newest_checkpoint, step_of
from stepcode.train.steplog import ExampleLog, StepLog, read_log


def write(folder: Path, step: int, *, run: str = "mine") -> Path:
    checkpoint = folder / f"checkpoint-{step}"
    (checkpoint / "inner").mkdir(parents=True)
    (checkpoint / "model.safetensors").write_bytes(b"weights")
    (checkpoint / "inner" / "optimizer.pt").write_bytes(b"states")
    if run:
        mark_checkpoint(checkpoint, run)
    return checkpoint


def test_newest_is_the_one_of_most_steps(tmp_path: Path) -> None:
    for step in (9, 10, 2):
        write(tmp_path, step)
    (tmp_path / "checkpoint-x").mkdir()
    found = newest_checkpoint(tmp_path, "mine")
    assert found is not None
    assert step_of(found) == 10
    assert newest_checkpoint(tmp_path / "nowhere", "mine") is None


def test_half_written_ones_are_passed_over_and_dropped(tmp_path: Path) -> None:
    whole = write(tmp_path, 1)
    write(tmp_path, 2, run="")
    (write(tmp_path, 3) / "inner" / "optimizer.pt").write_bytes(b"sta")
    (write(tmp_path, 4) / "model.safetensors").unlink()
    (write(tmp_path, 5) / "stepcode.json").write_bytes(b'{"ru')
    assert newest_checkpoint(tmp_path, "mine") == whole
    drop_unfinished(tmp_path)
    assert list(tmp_path.iterdir()) == [whole]


def test_checkpoint_of_another_run_is_refused(tmp_path: Path) -> None:
    write(tmp_path, 1)
    write(tmp_path, 2, run="another")
    with pytest.raises(DatasetError, match="checkpoint-2: is of another recipe"):
        newest_checkpoint(tmp_path, "mine")


def test_log_is_rewound_to_a_step_and_loses_what_a_kill_cut_off(tmp_path: Path) -> None:
    log = StepLog(tmp_path / "log.jsonl")
    log.rewind(3)
    for step in range(1, 5):
        log.write(step, {"loss": step / 2})
    with log.path.open("a") as file:
        file.write('{"step": 2, "lo')
    log.rewind(2)
    assert read_log(log.path) == [{"step": 1, "loss": 0.5}, {"step": 2, "loss": 1.0}]


def test_examples_are_logged_when_their_step_is_done(tmp_path: Path) -> None:
    examples = ExampleLog(tmp_path, rank=1)
    examples.add(["a", "b"])
    examples.add(["c"])
    examples.finish_step(1)
    examples.finish_step(2)
    assert read_log(tmp_path / "examples-1.jsonl") == [{"step": 1, "examples": ["a", "b", "c"]}]
