"""Two real processes make of given completions what one does."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("trl")

from tests.train import given

SAME = ["loss", "grad_norm", "step_accuracy", "final_accuracy", "gap", "path_consistency"]
SAME += ["zero_variance_final", "zero_variance_steps", "unscored", "reward"]


def run_two(folder: Path) -> list[dict[str, Any]]:
    command = ["torch.distributed.run", "--standalone", "--nproc_per_node", "2", given.__file__]
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(sys.path), "OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", *command, str(folder)],
        env=environment, capture_output=True, text=True, timeout=110, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return [json.loads((folder / f"{rank}.json").read_text()) for rank in range(2)]


@pytest.mark.slow
def test_two_processes_give_the_advantages_and_the_loss_of_one(
    tokenizer: Any, tmp_path: Path
) -> None:
    task = given.counting_task()
    alone = given.record(
        given.trained(str(tmp_path / "one"), tokenizer, task, per_device_train_batch_size=12)
    )
    halves = run_two(tmp_path)  # 6 completions each, so that the second of 3 groups is torn apart
    lengths = [length for half in halves for length in half["lengths"]]
    assert lengths == alone["lengths"]
    rows = [row for half in halves for row in half["advantages"]]
    for row, expected, length in zip(rows, alone["advantages"], lengths, strict=True):
        assert row[:length] == pytest.approx(expected[:length], abs=1e-5)
        assert not any(row[length:])
    for half in halves[:1]:  # the main process is the one that logs
        assert {name: half["logged"][name] for name in SAME} == pytest.approx(
            {name: alone["logged"][name] for name in SAME}, abs=1e-5
        )


def test_the_torn_group_has_a_signal_and_rows_of_different_lengths(
    tokenizer: Any, tmp_path: Path
) -> None:
    trainer = given.trained(
        str(tmp_path), tokenizer, given.counting_task(), per_device_train_batch_size=12
    )
    assert trainer.output["advantages"].abs().sum(1).gt(0).sum() >= 8
    lengths = {len(one.score.steps) for one in trainer._scored.judged if one is not None}
    assert len(lengths) >= 4
