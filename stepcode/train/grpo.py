"""Bi-Level GRPO on TRL: its trainer, with an advantage for each step of a completion.

    trainer = BiLevelGRPOTrainer(model, args=GRPOConfig(...), train_dataset=rows)
    trainer.train()

The rows are those of the export `trl-grpo`. One method of TRL's trainer is overridden,
`_generate_and_score_completions`; what it relies on is in tests/train/test_trl_hook.py.
"""

import difflib
import math
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import torch
from trl import GRPOTrainer

from stepcode.errors import MisuseError
from stepcode.train.advantage import AdvantageMode, mode_advantages
from stepcode.train.epochs import SeededEpochs
from stepcode.train.metrics import training_metrics
from stepcode.train.rewards import AnyScorer, Judged, Row, Scorer
from stepcode.train.spans import NOBODY, Sampled, spread, token_owners, token_reader
from stepcode.train.supported import refuse_arguments, refuse_rows, refuse_settings

_OF_A_DISCARDED_ADVANTAGE = ("reward_std", "frac_reward_zero_std")
"""What TRL logs about the advantages that are replaced; ours are `zero_variance_*`."""
_CITATION = """\
@inproceedings{wang2026stepcodereasoner,
    title        = {{StepCodeReasoner: Aligning Code Reasoning with Stepwise Execution Traces via
                    Reinforcement Learning}},
    author       = {Hao Wang and Rui Li and Lei Sha and Jie M. Zhang},
    booktitle    = {International Conference on Machine Learning},
    year         = 2026,
    eprint       = {arXiv:2605.11922},
}"""


@dataclass(frozen=True, slots=True)
class Scored:
    """The completions of a batch, as sampled and as judged."""

    sampled: Sequence[Sampled]
    judged: Sequence[Judged | None]
    seconds: float
    """How long it took to judge them."""


class BiLevelGRPOTrainer(GRPOTrainer):  # type: ignore[misc]  # trl has no types
    """TRL's GRPOTrainer with step rewards: each token carries the advantage of its step, (B, T)."""

    # What TRL writes into the model card of a checkpoint.
    _tag_names = ("trl", "grpo", "stepcode")
    _name = "Bi-Level GRPO"
    _paper = MappingProxyType(
        {
            "title": "StepCodeReasoner: Aligning Code Reasoning with Stepwise Execution Traces "
            "via Reinforcement Learning",
            "id": "2605.11922",
            "citation": _CITATION,
        }
    )

    def __init__(
        self,
        model: Any,  # Any, here and below: trl has no types, and these are its own
        args: Any = None,
        train_dataset: Any = None,
        eval_dataset: Any = None,
        processing_class: Any = None,
        callbacks: Any = None,
        optimizers: Any = (None, None),
        quantization_config: Any = None,
        peft_config: Any = None,
        *,
        mode: AdvantageMode | str = AdvantageMode.BILEVEL,
        lam: float = 0.3,
        scorer: AnyScorer | None = None,
        **others: Any,
    ) -> None:
        """Take what a GRPOTrainer takes, but for rewards and rollouts; they are ours.

        `mode` chooses the advantages, `lam` weighs the second level of the two bi-level modes. A
        `scorer` judges completions in another way than by the rows' traces. Raises MisuseError for
        settings that do not go with an advantage for each token, see supported.py.
        """
        refuse_arguments(others)
        if not 0 <= lam < math.inf:
            raise MisuseError(f"lam={lam}: the weight of the second level is a number from 0 on")
        self.advantage_mode = _read_mode(mode)
        self.lam = lam
        self.scorer = Scorer() if scorer is None else scorer
        if args is not None:
            refuse_settings(args)
        if scorer is None:
            refuse_rows(train_dataset)
        super().__init__(
            model,
            reward_funcs=[self._final_answers],
            args=args,
            train_dataset=train_dataset,
            eval_dataset=eval_dataset,
            processing_class=processing_class,
            callbacks=callbacks,
            optimizers=optimizers,
            quantization_config=quantization_config,
            peft_config=peft_config,
        )
        self.reward_func_names = ["final_answer"]
        self.add_callback(SeededEpochs())
        # Set behind TRL's back, which warns of it as experimental; the version of TRL is pinned.
        self.rollout_func = self._roll_out
        self._read = token_reader(self._tokenizer)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="stepcode-rewards")
        self._rows: list[Row] = []
        self._scoring: Future[Scored] = Future()
        self._scored = Scored((), (), 0.0)
        self._reading_seconds = 0.0

    def _generate_and_score_completions(self, inputs: list[Row]) -> dict[str, Any]:
        """Let TRL generate and score, and replace its advantages (B,) by ours (B, T).

        TRL asks for rewards at the end, after the passes that compute log-probabilities: of the
        sampler's completions (with vLLM), of the old policy (where a batch serves several steps),
        of the reference model (with beta). Judging starts before them, in `_roll_out`, and goes on
        beside them; only what is left of it then is waited for.
        """
        self._rows = inputs
        output: dict[str, Any] = super()._generate_and_score_completions(inputs)
        started = time.perf_counter()
        output["advantages"] = self._credit(output["completion_ids"])
        self._log_own("credit_seconds", time.perf_counter() - started + self._reading_seconds)
        return output

    def _roll_out(self, prompts: Any, _: Any) -> dict[str, Any]:
        """Generate as TRL does, and start to judge; TRL calls this for its generation."""
        prompt_ids, images, fields = self._tokenize_prompts(prompts)
        completion_ids, logprobs = self._generate_single_turn(
            prompt_ids, images, fields, self._group_size
        )
        started = time.perf_counter()
        sampled = [self._read(ids) for ids in completion_ids]
        self._scoring = self._thread.submit(_score, self.scorer, sampled, self._rows)
        self._reading_seconds = time.perf_counter() - started
        return {"prompt_ids": prompt_ids, "completion_ids": completion_ids, "logprobs": logprobs}

    def _final_answers(self, **_: Any) -> list[float | None]:
        """The reward that TRL knows of: whether the final answer is right; None if unscored."""
        started = time.perf_counter()
        self._scored = self._scoring.result()
        self._log_own("reward_seconds", self._scored.seconds)
        self._log_own("reward_wait_seconds", time.perf_counter() - started)
        return [None if one is None else float(one.score.final) for one in self._scored.judged]

    def _credit(self, completion_ids: torch.Tensor) -> torch.Tensor:
        """Compute the advantage of every token here, (B, T), by the groups of all processes."""
        own = _rewards(self._scored.judged).to(completion_ids.device)
        padded = self.accelerator.pad_across_processes(own, dim=1, pad_index=math.nan)
        rewards = self.accelerator.gather(padded).cpu()
        mask = ~rewards.isnan()
        advantages = mode_advantages(
            self.advantage_mode, rewards, mask, group_size=self._group_size, lam=self.lam
        )
        self._log_batch(rewards, mask, advantages)
        first = self.accelerator.process_index * len(own)
        owners = _owners(self._scored, self.advantage_mode, length=completion_ids.size(1))
        return spread(advantages[first : first + len(own)], owners).to(completion_ids.device)

    @property
    def _group_size(self) -> int:
        size: int = self.num_generations if self.model.training else self.num_generations_eval
        return size

    def _log_batch(
        self, rewards: torch.Tensor, mask: torch.Tensor, advantages: torch.Tensor
    ) -> None:
        """Log our metrics, and correct what TRL has logged of the advantages it computed."""
        for name, value in training_metrics(rewards, mask, group_size=self._group_size).items():
            self._log_own(name, value)
        metrics = self._metrics["train" if self.model.training else "eval"]
        for name in _OF_A_DISCARDED_ADVANTAGE:
            metrics.pop(name, None)
        means = (advantages.sum(1) / mask.sum(1).clamp(min=1)).tolist()
        logged = self._logs["advantages"]
        for _ in range(min(len(means), len(logged))):
            logged.pop()
        logged.extend(means)

    def _log_own(self, name: str, value: float) -> None:
        """Log a metric the way TRL does its own: averaged over a logging step, to any reporter."""
        self._metrics["train" if self.model.training else "eval"][name].append(value)


def _read_mode(mode: AdvantageMode | str) -> AdvantageMode:
    if mode not in list(AdvantageMode):
        close = difflib.get_close_matches(mode, list(AdvantageMode), n=1, cutoff=0)
        raise MisuseError(f"no advantages are called '{mode}'; did you mean '{close[0]}'?")
    return AdvantageMode(mode)


def _score(scorer: AnyScorer, sampled: Sequence[Sampled], rows: Sequence[Row]) -> Scored:
    started = time.perf_counter()
    judged = scorer([one.text for one in sampled], rows)
    if len(judged) != len(sampled):
        raise MisuseError(f"the scorer judged {len(judged)} completions of {len(sampled)}")
    return Scored(sampled, judged, time.perf_counter() - started)


def _rewards(judged: Sequence[Judged | None]) -> torch.Tensor:
    """Write scores as (B, S): the steps, the final answer behind them, and NaN for what is not."""
    rows = [
        []
        if one is None
        else [*(float(s.correct) for s in one.score.steps), float(one.score.final)]
        for one in judged
    ]
    width = max(1, *map(len, rows))
    return torch.tensor([row + [math.nan] * (width - len(row)) for row in rows])


def _owners(scored: Scored, mode: AdvantageMode, *, length: int) -> torch.Tensor:
    """Name the owner of each token, (B, T); in Terminal-GRPO all are the answer's."""
    rows = []
    for sampled, judged in zip(scored.sampled, scored.judged, strict=True):
        owned: list[int] = []
        if judged is not None and mode is AdvantageMode.TERMINAL:
            owned = [len(judged.score.steps)] * len(sampled.starts)
        elif judged is not None:
            owned = token_owners(sampled, judged.answer, judged.score)
        rows.append(owned + [NOBODY] * (length - len(owned)))
    return torch.tensor(rows)
