"""Bi-Level GRPO on TRL: the trainer of TRL with an advantage for each step.

trainer = BiLevelGRPOTrainer(model, args=GRPOConfig(...), train_dataset=rows)
trainer.train()
"""

import math
import time
from collections.abc import Sequence
from typing import Any

import torch
from trl import GRPOTrainer

from stepcode.train.advantage import AdvantageMode, mode_advantages
from stepcode.train.metrics import training_metrics
from stepcode.train.rewards import Judged, Scorer, Scores
from stepcode.train.spans import NOBODY, Sampled, spread, token_owners, token_reader


class BiLevelGRPOTrainer(GRPOTrainer):  # type: ignore[misc]  # trl has no types
    """A GRPOTrainer that credits each step of a completion with its own advantage, (B, T)."""

    def __init__(
        self,
        model: Any,
        args: Any = None,
        train_dataset: Any = None,
        eval_dataset: Any = None,
        processing_class: Any = None,
        peft_config: Any = None,
        callbacks: Any = None,
        optimizers: Any = (None, None),
        *,
        mode: AdvantageMode | str = AdvantageMode.BILEVEL,
        lam: float = 0.3,
        scorer: Scores | None = None,
    ) -> None:
        self.mode = AdvantageMode(mode)
        self.lam = lam
        self.scorer = scorer or Scorer()
        super().__init__(
            model,
            reward_funcs=[self.final_answer],
            args=args,
            train_dataset=train_dataset,
            eval_dataset=eval_dataset,
            processing_class=processing_class,
            peft_config=peft_config,
            callbacks=callbacks,
            optimizers=optimizers,
        )
        self._read = token_reader(self._tokenizer)
        self._judged: list[Judged | None] = []
        self._sampled: list[Sampled] = []

    def final_answer(self, completion_ids, **columns):  # type: ignore[no-untyped-def]
        self._sampled = [self._read(ids) for ids in completion_ids]
        keys = [k for k, v in columns.items() if isinstance(v, list)]
        rows = [{k: columns[k][i] for k in keys} for i in range(len(completion_ids))]
        started = time.perf_counter()
        self._judged = list(self.scorer([s.text for s in self._sampled], rows))
        self._reward_seconds = time.perf_counter() - started
        return [None if j is None else float(j.score.final) for j in self._judged]

    def _generate_and_score_completions(self, inputs: list[dict[str, Any]]) -> dict[str, Any]:
        output: dict[str, Any] = super()._generate_and_score_completions(inputs)
        mode = "train" if self.model.training else "eval"
        group_size = self.num_generations if mode == "train" else self.num_generations_eval
        device = output["completion_ids"].device
        local = _rewards(self._judged).to(device)
        padded = self.accelerator.pad_across_processes(local, dim=1, pad_index=math.nan)
        rewards = self.accelerator.gather(padded).cpu()
        mask = ~rewards.isnan()
        advantages = mode_advantages(self.mode, rewards, mask, group_size=group_size, lam=self.lam)
        first = self.accelerator.process_index * len(inputs)
        own = advantages[first : first + len(inputs)]
        owners = torch.full(output["completion_ids"].shape, NOBODY)
        for row, (sampled, judged) in enumerate(zip(self._sampled, self._judged, strict=True)):
            if judged is not None:
                found = token_owners(sampled, judged.answer, judged.score)
                owners[row, : len(found)] = torch.tensor(found)
        output["advantages"] = spread(own, owners).to(device)
        for name, value in training_metrics(rewards, mask, group_size=group_size).items():
            self._metrics[mode][name].append(value)
        self._metrics[mode]["reward_seconds"].append(self._reward_seconds)
        return output


def _rewards(judged: Sequence[Judged | None]) -> torch.Tensor:
    """Write scores as (B, S), a completion's final answer behind its steps, NaN behind that."""
    rows = [
        []
        if one is None
        else [float(s.correct) for s in one.score.steps] + [float(one.score.final)]
        for one in judged
    ]
    width = max(map(len, rows))
    return torch.tensor([row + [math.nan] * (width - len(row)) for row in rows])
