"""The trainer is TRL's with an advantage for each token, from the judged steps."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("trl")

import torch
from trl import GRPOTrainer

from stepcode.errors import MisuseError
from stepcode.reason import render_completion
from stepcode.train.advantage import AdvantageMode, bilevel_advantages, mode_advantages
from stepcode.train.grpo import BiLevelGRPOTrainer
from stepcode.train.rewards import Judged, Row
from stepcode.types import TaskKind
from tests.train import given, tiny
from tests.train.judging import judge_by_rows
from tests.unit.reason_samples import example

ONE = example(TaskKind.OUTPUT)
RIGHT = render_completion(ONE)
TEXTS = [
    RIGHT,
    RIGHT.replace("_ret: 3", "_ret: 4"),
    RIGHT.replace("<answer>\n3", "<answer>\n4"),
    "<reason>\nno idea\n</reason>",
]
REWARDS = torch.tensor([[1.0, 1, 1], [1, 0, 1], [1, 1, 0], [0, 0, 0]])
TASK = given.Task([ONE], TEXTS)
OURS = {
    "step_accuracy", "final_accuracy", "gap", "path_consistency", "zero_variance_final",
    "zero_variance_steps", "unscored", "reward_seconds", "reward_wait_seconds", "credit_seconds",
}  # fmt: skip


@pytest.fixture
def train(tokenizer: Any, out: str) -> Callable[..., Any]:
    def run(task: given.Task = TASK, **changes: Any) -> Any:
        return given.trained(out, tokenizer, task, **({"scorer": judge_by_rows} | changes))

    return run


def judge_all_but_one(completions: Sequence[str], rows: Sequence[Row]) -> list[Judged | None]:
    judged = judge_by_rows(completions, rows)
    judged[1] = None
    return judged


def at_steps(tokenizer: Any, trainer: Any, number: int) -> list[float]:
    """The advantages of the tokens in which the two steps and the answer of a text begin."""
    ids = trainer.output["completion_ids"][number].tolist()
    starts = [tokenizer.decode(ids[:end]) for end in range(len(ids))]
    found = []
    for wanted in ("ys:", "_ret:", "<answer>"):
        before = TEXTS[number].index(wanted)
        token = max(n for n, text in enumerate(starts) if len(text) <= before)
        found.append(trainer.output["advantages"][number, token].item())
    return found


def test_each_token_carries_the_advantage_of_its_step(
    train: Callable[..., Any], tokenizer: Any
) -> None:
    trainer = train()
    expected = bilevel_advantages(REWARDS, torch.ones_like(REWARDS), group_size=4)
    for number in range(3):
        assert at_steps(tokenizer, trainer, number) == pytest.approx(expected[number].tolist())
    length = trainer.output["completion_mask"][3].sum()
    rambling = trainer.output["advantages"][3]
    assert rambling[:length].tolist() == pytest.approx([expected[3, 2].item()] * int(length))
    assert not rambling[length:].any()


@pytest.mark.parametrize("mode", ["step", "bilevel-normalized"])
def test_the_mode_chooses_the_advantages(
    train: Callable[..., Any], tokenizer: Any, mode: AdvantageMode
) -> None:
    found = at_steps(tokenizer, train(mode=mode), 1)
    expected = mode_advantages(AdvantageMode(mode), REWARDS, REWARDS >= 0, group_size=4)
    assert found == pytest.approx(expected[1].tolist())


class _Plain(GRPOTrainer):  # type: ignore[misc]  # trl has no types
    """TRL's own trainer on the same completions."""

    texts: Sequence[str] = ()
    output: Any = None
    _generate_single_turn = given.Given._generate_single_turn

    def _generate_and_score_completions(self, inputs: list[Any]) -> Any:
        self.output = super()._generate_and_score_completions(inputs)
        return self.output


def plain(out: str, tokenizer: Any, rewards: list[float | None]) -> Any:
    """Train a step with TRL's own trainer and given rewards."""
    changes = {"max_steps": 1, "shuffle_dataset": False, "max_completion_length": 128}
    trainer = _Plain(
        tiny.make_model(tokenizer),
        reward_funcs=[lambda **_: rewards],
        args=tiny.settings(out, **changes),
        train_dataset=tiny.make_rows([ONE]),
        processing_class=tokenizer,
    )
    trainer.texts = TEXTS
    trainer.train()
    return trainer


@pytest.mark.parametrize(
    ("scorer", "rewards"),
    [(judge_by_rows, [1.0, 1.0, 0.0, 0.0]), (judge_all_but_one, [1.0, None, 0.0, 0.0])],
)
def test_terminal_is_what_trl_makes_of_the_final_answers(
    train: Callable[..., Any], tokenizer: Any, out: str, scorer: Any, rewards: list[float | None]
) -> None:
    ours, theirs = train(mode="terminal", scorer=scorer), plain(out, tokenizer, rewards)
    mask = ours.output["completion_mask"]
    expected = theirs.output["advantages"].unsqueeze(1) * mask
    torch.testing.assert_close(ours.output["advantages"], expected)
    for name in ("loss", "grad_norm", "reward"):
        one, other = (trainer.state.log_history[0][name] for trainer in (ours, theirs))
        assert one == pytest.approx(other, rel=1e-5)


def test_a_completion_that_could_not_be_scored_is_left_out(
    train: Callable[..., Any], tokenizer: Any
) -> None:
    trainer = train(scorer=judge_all_but_one)
    assert not trainer.output["advantages"][1].any()
    rest = REWARDS[[0, 2, 3]]
    expected = bilevel_advantages(rest, torch.ones_like(rest), group_size=3)
    assert at_steps(tokenizer, trainer, 2) == pytest.approx(expected[1].tolist())
    logged = trainer.state.log_history[0]
    assert logged["unscored"] == 0.25
    assert (logged["reward"], logged["final_accuracy"]) == pytest.approx((1 / 3, 1 / 3))


def test_a_batch_of_which_nothing_could_be_scored_changes_nothing(
    train: Callable[..., Any],
) -> None:
    trainer = train(scorer=lambda completions, rows: [None] * len(completions))
    assert not trainer.output["advantages"].any()
    assert trainer.state.log_history[0]["unscored"] == 1.0


def test_our_metrics_are_logged_in_training_and_in_evaluation(train: Callable[..., Any]) -> None:
    trainer = train(
        eval_dataset=tiny.make_rows([ONE]), eval_strategy="steps", eval_steps=1,
        per_device_eval_batch_size=4,
    )  # fmt: skip
    training, evaluation, *_ = trainer.state.log_history
    assert set(training) >= OURS
    assert set(evaluation) >= {f"eval_{name}" for name in OURS}
    for logged in (training, {k.removeprefix("eval_"): v for k, v in evaluation.items()}):
        assert logged["step_accuracy"] == pytest.approx(5 / 8)
        assert logged["final_accuracy"] == logged["rewards/final_answer/mean"] == 0.5
        assert logged["gap"] == pytest.approx(-1 / 8)
        assert logged["path_consistency"] == pytest.approx(3 / 4)
        assert logged["zero_variance_final"] == logged["zero_variance_steps"] == 0.0


def test_nothing_is_logged_of_the_advantages_that_were_replaced(
    train: Callable[..., Any],
) -> None:
    trainer = train()
    assert not {"reward_std", "frac_reward_zero_std"} & set(trainer.state.log_history[0])
    expected = bilevel_advantages(REWARDS, torch.ones_like(REWARDS), group_size=4).mean(1)
    assert list(trainer._logs["advantages"]) == pytest.approx(expected.tolist())


def test_groups_of_evaluation_have_a_size_of_their_own(train: Callable[..., Any]) -> None:
    trainer = train(
        eval_dataset=tiny.make_rows([ONE, ONE]), num_generations_eval=2,
        per_device_eval_batch_size=4,
    )  # fmt: skip
    trainer.evaluate()
    expected = bilevel_advantages(REWARDS, torch.ones_like(REWARDS), group_size=2)
    assert trainer.output["advantages"][1, 0].item() == pytest.approx(expected[1, 0].item())


def test_it_trains_with_lora_on_what_a_model_samples(model: Any, tokenizer: Any, out: str) -> None:
    from peft import LoraConfig

    rows = [replace(ONE, id=f"row-{number}") for number in range(4)]
    trainer = BiLevelGRPOTrainer(
        model,
        args=tiny.settings(out, gradient_accumulation_steps=2, beta=0.1),
        train_dataset=tiny.make_rows(rows),
        processing_class=tokenizer,
        peft_config=LoraConfig(r=2, target_modules=["q_proj"]),
    )
    trainer.train()
    assert trainer.state.global_step == 2
    assert set(trainer.state.log_history[0]) >= OURS


def test_one_seed_samples_what_trl_samples(tokenizer: Any, out: str) -> None:
    def sampled(kind: Any, **options: Any) -> list[list[int]]:
        trainer = kind(
            tiny.make_model(tokenizer), args=tiny.settings(out, max_steps=1),
            train_dataset=tiny.output_rows(), processing_class=tokenizer, **options,
        )  # fmt: skip
        trainer.train()
        ids: list[list[int]] = trainer._buffered_inputs[0]["completion_ids"].tolist()
        return sorted(ids)

    theirs = sampled(GRPOTrainer, reward_funcs=[lambda completions, **_: [0.0] * len(completions)])
    assert sampled(BiLevelGRPOTrainer, scorer=judge_by_rows) == theirs


def test_a_checkpoint_names_the_method(train: Callable[..., Any], out: str) -> None:
    train(save_strategy="steps", save_steps=1)
    card = (Path(out) / "README.md").read_text()
    assert "StepCodeReasoner" in card
    assert "2605.11922" in card


def test_a_scorer_that_miscounts_is_refused(train: Callable[..., Any]) -> None:
    with pytest.raises(MisuseError, match="judged 0 completions of 4"):
        train(scorer=lambda completions, rows: [])
