"""What happened at which step: files of JSON lines that a resumed run rewinds and goes on with.

log.jsonl        what the trainer logged, a line each time: loss, reward, step accuracy, ...
examples.jsonl   the ids of the examples of each step, those of other processes in files apart
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from transformers import TrainerCallback

LOG = "log.jsonl"


class StepLog:
    """One file of JSON lines, each with its step."""

    def __init__(self, path: Path) -> None:
        """Name the file; it is made by the first line."""
        self.path = path

    def rewind(self, step: int) -> None:
        """Drop the lines behind a step, which will happen again."""
        if not self.path.exists():
            return
        lines = self.path.read_text(encoding="utf-8").splitlines(keepends=True)
        kept = "".join(line for line in lines if _is_until(line, step))
        temporary = self.path.with_name(f"{self.path.name}.tmp")
        temporary.write_text(kept, encoding="utf-8")
        temporary.replace(self.path)

    def write(self, step: int, record: Mapping[str, Any]) -> None:  # Any: JSON
        """Add a line."""
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"step": step, **record}) + "\n")


def read_log(path: Path) -> list[dict[str, Any]]:  # Any: JSON
    """Read the lines of a log."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


class ExampleLog:
    """Collects the examples of a step until the step is done; one for each process."""

    def __init__(self, folder: Path, rank: int) -> None:
        """Write below a stage's folder."""
        self.log = StepLog(folder / (f"examples-{rank}.jsonl" if rank else "examples.jsonl"))
        self._ids: list[str] = []

    def add(self, ids: Iterable[str]) -> None:
        """Tell of examples that the step under way is made of."""
        self._ids += ids

    def finish_step(self, step: int) -> None:
        """Write the examples of a step; none if it trained on what an earlier one had generated."""
        if self._ids:
            self.log.write(step, {"examples": self._ids})
        self._ids = []


class StepLogs(TrainerCallback):  # type: ignore[misc]  # transformers has no types here
    """Writes both logs while a trainer runs."""

    def __init__(self, folder: Path, examples: ExampleLog) -> None:
        """Write to a stage's folder."""
        self._log = StepLog(folder / LOG)
        self._examples = examples

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Rewind to where the run goes on. Any, here and below: transformers' own."""
        self._examples.log.rewind(state.global_step)
        if state.is_world_process_zero:
            self._log.rewind(state.global_step)

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Write the examples of the step."""
        self._examples.finish_step(state.global_step)

    def on_log(
        self, args: Any, state: Any, control: Any, logs: Mapping[str, Any], **_: Any
    ) -> None:
        """Write what the trainer logs, but for the summary at its end, which is no step's."""
        if state.is_world_process_zero and "train_runtime" not in logs:
            self._log.write(state.global_step, logs)


def _is_until(line: str, step: int) -> bool:
    try:
        return int(json.loads(line)["step"]) <= step
    except ValueError:
        return False  # cut off by a kill
