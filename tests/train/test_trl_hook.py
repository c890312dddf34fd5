"""What is relied on in TRL; if a test here fails, TRL has changed and grpo.py has to be read anew.

The hook is `GRPOTrainer._generate_and_score_completions`: what it returns, (B,) advantages among
it, is shuffled and split along its first dimension and reaches `_compute_loss` with whatever shape
it has. Generation goes through `rollout_func`, before any log-probability is computed, and rewards
come last.
"""

import inspect
import re
from collections.abc import Callable, Sequence
from threading import Event
from typing import Any

import pytest

pytest.importorskip("trl")

import torch
from trl import GRPOConfig, GRPOTrainer

from stepcode.train.grpo import BiLevelGRPOTrainer
from stepcode.train.rewards import Judged, Row
from stepcode.train.supported import LOSS_TYPES, REFUSED_ARGUMENTS, REFUSED_LOSSES
from tests.train import given, tiny
from tests.train.judging import judge_by_rows

SIGNATURES = {
    "_generate_and_score_completions": ["self", "inputs"],
    "_tokenize_prompts": ["self", "prompts"],
    "_generate_single_turn": [
        "self", "prompt_ids", "images", "multimodal_fields", "num_generations", "has_tool_images",
    ],
    "_compute_loss": ["self", "model", "inputs"],
}  # fmt: skip
PROMPT = torch.tensor([[4, 5, 6]] * 3)
COMPLETION = torch.randint(4, 100, (3, 5), generator=torch.Generator().manual_seed(0))
MASK = torch.tensor([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0], [1, 1, 0, 0, 0]])


@pytest.mark.parametrize("name", SIGNATURES)
def test_the_methods_that_are_called_have_their_parameters(name: str) -> None:
    assert list(inspect.signature(getattr(GRPOTrainer, name)).parameters) == SIGNATURES[name]


def test_one_method_is_overridden() -> None:
    ours = {name for name, value in vars(BiLevelGRPOTrainer).items() if inspect.isfunction(value)}
    assert ours & set(dir(GRPOTrainer)) == {"__init__", "_generate_and_score_completions"}


def test_every_argument_of_trl_is_taken_or_refused_with_a_reason() -> None:
    theirs = set(inspect.signature(GRPOTrainer.__init__).parameters)
    ours = set(inspect.signature(BiLevelGRPOTrainer.__init__).parameters)
    assert theirs == (ours - {"mode", "lam", "scorer", "others"}) | set(REFUSED_ARGUMENTS)


def test_trl_has_no_loss_that_was_not_looked_at() -> None:
    source = inspect.getsource(GRPOTrainer._compute_loss)
    known = {*LOSS_TYPES, *REFUSED_LOSSES}
    assert all(f'"{name}"' in source for name in known)
    text = GRPOConfig.__dataclass_fields__["loss_type"].metadata["help"]
    supported = re.search(r"Supported values are (.*?)\. ", text)
    assert supported is not None
    assert set(re.findall(r"'(\w+)'", supported[1])) == known


def batch(advantages: torch.Tensor) -> dict[str, torch.Tensor]:
    return {
        "prompt_ids": PROMPT,
        "prompt_mask": torch.ones_like(PROMPT),
        "completion_ids": COMPLETION,
        "completion_mask": MASK,
        "advantages": advantages,
        "num_items_in_batch": MASK.sum(),
    }


@pytest.fixture
def make_trainer(model: Any, tokenizer: Any, out: str) -> Callable[..., Any]:
    def make(**changes: Any) -> Any:
        trainer = BiLevelGRPOTrainer(
            model,
            args=tiny.settings(out, **changes),
            train_dataset=tiny.output_rows(),
            processing_class=tokenizer,
        )
        trainer.current_gradient_accumulation_steps = 1
        return trainer

    return make


@pytest.mark.parametrize("loss_type", LOSS_TYPES)
def test_equal_advantages_of_all_tokens_lose_what_one_for_the_sequence_does(
    make_trainer: Callable[..., Any], loss_type: str
) -> None:
    trainer = make_trainer(loss_type=loss_type, delta=1.5, top_entropy_quantile=0.8)
    one = torch.tensor([1.0, -0.5, 2.0])
    whole = trainer._compute_loss(trainer.model, batch(one))
    each = trainer._compute_loss(trainer.model, batch(one.unsqueeze(1).expand(3, 5)))
    torch.testing.assert_close(each, whole)


def expected_loss(loss_type: str, terms: torch.Tensor, *, max_length: int) -> torch.Tensor:
    """The mean that a loss takes of its tokens' terms (B, T)."""
    terms = terms * MASK
    match loss_type:
        case "grpo":
            return (terms.sum(1) / MASK.sum(1)).mean()
        case "dr_grpo":
            return terms.sum() / (len(MASK) * max_length)
        case _:
            return terms.sum() / MASK.sum()


@pytest.mark.parametrize("loss_type", LOSS_TYPES)
def test_each_token_is_weighed_by_its_own_advantage(
    make_trainer: Callable[..., Any], loss_type: str
) -> None:
    trainer = make_trainer(loss_type=loss_type, epsilon_high=5.0)  # above every ratio
    advantages = torch.randn(3, 5, generator=torch.Generator().manual_seed(1))
    loss = trainer._compute_loss(trainer.model, batch(advantages))
    logps, _, _ = trainer._get_per_token_logps_and_entropies(
        trainer.model, torch.cat([PROMPT, COMPLETION], 1),
        torch.cat([torch.ones_like(PROMPT), MASK], 1), 5,
    )  # fmt: skip
    # On policy the ratio is 1, and its gradient that of the log-probability.
    terms = -advantages * (logps if loss_type == "cispo" else torch.exp(logps - logps.detach()))
    expected = expected_loss(loss_type, terms, max_length=trainer.max_completion_length)
    torch.testing.assert_close(loss, expected)
    weights = list(trainer.model.parameters())
    for found, known in zip(
        torch.autograd.grad(loss, weights), torch.autograd.grad(expected, weights), strict=True
    ):
        torch.testing.assert_close(found, known, atol=1e-6, rtol=1e-4)


def test_advantages_stay_with_their_completions_when_a_batch_is_shuffled_and_split(
    tokenizer: Any, out: str
) -> None:
    trainer = given.trained(
        out, tokenizer, given.counting_task(),
        per_device_train_batch_size=2, steps_per_generation=6, gradient_accumulation_steps=2,
    )  # fmt: skip
    by_completion = {
        tuple(ids): advantages
        for ids, advantages in zip(
            trainer.output["completion_ids"].tolist(),
            trainer.output["advantages"].tolist(),
            strict=True,
        )
    }
    parts = trainer._buffered_inputs
    assert len(parts) == 6
    for part in parts:
        for ids, advantages in zip(
            part["completion_ids"].tolist(), part["advantages"].tolist(), strict=True
        ):
            assert by_completion[tuple(ids)] == advantages


class _Watched(given.Given):
    """Tells when log-probabilities are computed."""

    computing = Event()

    def _get_per_token_logps_and_entropies(self, *args: Any, **kwargs: Any) -> Any:
        self.computing.set()
        return super()._get_per_token_logps_and_entropies(*args, **kwargs)


def test_completions_are_judged_while_log_probabilities_are_computed(
    tokenizer: Any, out: str
) -> None:
    task = given.counting_task()

    def judge(completions: Sequence[str], rows: Sequence[Row]) -> Sequence[Judged | None]:
        assert _Watched.computing.wait(60), "nothing was computed beside the judging"
        return judge_by_rows(completions, rows)

    trainer = given.trained(
        out, tokenizer, task, kind=_Watched, scorer=judge, per_device_train_batch_size=12,
        num_iterations=2,
    )  # fmt: skip
    assert trainer.state.log_history[0]["reward_seconds"] > 0
