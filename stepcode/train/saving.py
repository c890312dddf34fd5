"""What a trainer does when it saves: mark the checkpoint, and drop the oldest."""

from pathlib import Path
from typing import Any

from transformers import TrainerCallback

from stepcode.dataset.durable import remove
from stepcode.train.checkpoints import PREFIX, list_checkpoints, mark_checkpoint, wait_for_all


class Checkpoints(TrainerCallback):  # type: ignore[misc]  # transformers has no types here
    """Marks each checkpoint of a run, and drops the oldest when there are more than `keep`."""

    def __init__(self, run: str, *, keep: int | None) -> None:
        """Mark them as of `run`; without `keep`, drop none."""
        self._run = run
        self._keep = keep

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Mark what was saved, once all processes have saved theirs. Any: transformers' own."""
        wait_for_all()
        if not state.is_world_process_zero:
            return
        folder = Path(args.output_dir)
        mark_checkpoint(folder / f"{PREFIX}{state.global_step}", self._run)
        if self._keep is not None:
            for old in list_checkpoints(folder)[self._keep :]:
                remove(old)
