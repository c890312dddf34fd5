"""The trainer is TRL's with an advantage for each token."""

from typing import Any

import pytest

pytest.importorskip("trl")

from stepcode.train.grpo import BiLevelGRPOTrainer
from tests.train import tiny


def test_it_trains_and_logs(model: Any, tokenizer: Any, out: str) -> None:
    trainer = BiLevelGRPOTrainer(
        model,
        args=tiny.settings(out),
        train_dataset=tiny.output_rows(),
        processing_class=tokenizer,
    )
    trainer.train()
    assert {"step_accuracy", "final_accuracy", "gap"} <= set(trainer.state.log_history[0])
