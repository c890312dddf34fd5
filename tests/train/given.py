"""Trainers that sample given completions, so that what becomes of them can be compared.

Run by torchrun it trains one step in each process and writes what each made of its completions:

    torchrun --nproc_per_node 2 given.py FOLDER
"""

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from stepcode.train.grpo import BiLevelGRPOTrainer
from stepcode.types import Anchor, AnchorKind, Example, TaskKind
from tests.train import tiny
from tests.unit.reason_samples import example, steps

COUNTING = """\
def f(n):
    t = 0
    while t < n:
        t += 1
        print(f't: {t!r}')
    return 'done'
"""


class Given(BiLevelGRPOTrainer):
    """Samples the texts that it is given, one for each completion of the batch of all processes."""

    texts: Sequence[str] = ()

    def _generate_single_turn(self, prompt_ids: list[Any], *_: Any) -> tuple[list[Any], None]:
        first = self.accelerator.process_index * len(prompt_ids)
        mine = self.texts[first : first + len(prompt_ids)]
        return [
            [*self._tokenizer.encode(text), self._tokenizer.eos_token_id] for text in mine
        ], None

    def _generate_and_score_completions(self, inputs: list[Any]) -> dict[str, Any]:
        self.output: dict[str, Any] = super()._generate_and_score_completions(inputs)
        return self.output


@dataclass(frozen=True, slots=True)
class Task:
    """Examples, and the completions of each in their order."""

    examples: list[Example]
    texts: list[str]


def counting_task() -> Task:
    """Three groups of four: every input returns the value that was given, in steps of its own."""
    anchor = Anchor(0, AnchorKind.ASSIGN, "t", 5, 4, "f")
    asked = replace(
        example(TaskKind.INPUT),
        anchored_code=COUNTING,
        anchors=(anchor,),
        given="'done'",
        target="f(2)",
        steps=steps("t: 1", "t: 2"),
    )
    told = example(TaskKind.OUTPUT)
    examples = [replace(asked, id="a"), replace(told, id="b"), replace(asked, id="c")]
    right = "<print>\nys: [1, 2, 3]\n_ret: 3\n</print>\n<answer>\n3\n</answer>"
    texts = [
        count(1), count(3), count(2, wrong=True), "<answer>\nf(2",
        right, right.replace("_ret: 3", "_ret: 4"), right.replace("\n3\n<", "\n5\n<"), "<reason>\n",
        count(0), count(4, wrong=True), count(4), count(5),
    ]  # fmt: skip
    return Task(examples, texts)


def count(n: int, *, wrong: bool = False) -> str:
    """Propose `f(n)` and tell its steps; the first one wrong if so asked."""
    lines = [f"t: {number}" for number in range(1, n + 1)]
    if wrong:
        lines[0] = "t: 7"
    shown = "\n".join(lines)
    return f"<reason>\nn = {n}\n</reason>\n<print>\n{shown}\n</print>\n<answer>\nf({n})\n</answer>"


def trained(
    out: str, tokenizer: Any, task: Task, *, kind: type[Given] = Given, **changes: Any
) -> Given:
    """Train one step on the completions of a task, all in one batch."""
    plain = {"max_steps": 1, "shuffle_dataset": False, "max_completion_length": 128}
    options = {
        name: changes.pop(name) for name in ("mode", "scorer", "eval_dataset") if name in changes
    }
    trainer = kind(
        tiny.make_model(tokenizer),
        args=tiny.settings(out, **(plain | changes)),
        train_dataset=tiny.make_rows(task.examples),
        processing_class=tokenizer,
        **options,
    )
    trainer.texts = task.texts
    trainer.train()
    return trainer


def record(trainer: Given) -> dict[str, Any]:
    """Write down what became of the completions, and of the step."""
    return {
        "advantages": trainer.output["advantages"].tolist(),
        "lengths": trainer.output["completion_mask"].sum(1).tolist(),
        "logged": trainer.state.log_history[0],
    }


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    rank = os.environ["RANK"]
    half = trained(
        str(folder / "out"), tiny.make_tokenizer(), counting_task(), per_device_train_batch_size=6
    )
    (folder / f"{rank}.json").write_text(json.dumps(record(half)))
