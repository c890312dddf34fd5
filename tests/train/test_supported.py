"""What does not go with an advantage for each token is refused before any work, with the reason."""

from typing import Any

import pytest

pytest.importorskip("trl")

from stepcode.errors import MisuseError
from stepcode.train.grpo import BiLevelGRPOTrainer
from stepcode.train.supported import LOSS_TYPES, refuse_settings
from tests.train import tiny

REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"importance_sampling_level": "sequence"}, "one ratio for a whole sequence"),
    ({"loss_type": "vespo"}, "sign of the sequence's advantage"),
    ({"loss_type": "sapo"}, "sign of the sequence's advantage"),
    ({"loss_type": "luspo"}, "one importance ratio"),
    ({"loss_type": "dappo"}, "did you mean 'dapo'"),
    ({"off_policy_mask_threshold": 0.5}, "sign of its advantage"),
    ({"num_generations_eval": 1}, "nobody to compare a completion with"),
    ({"scale_rewards": "none"}, "no effect"),
    ({"multi_objective_aggregation": "normalize_then_sum"}, "no effect"),
    ({"reward_weights": [1.0]}, "`lam` weighs the two levels"),
    ({"remove_unused_columns": True}, "columns that completions are judged by"),
]


@pytest.mark.parametrize(("changes", "reason"), REFUSED)
def test_settings_are_refused_with_the_reason(
    out: str, changes: dict[str, Any], reason: str
) -> None:
    with pytest.raises(MisuseError, match=reason) as refusal:
        refuse_settings(tiny.settings(out, **changes))
    assert next(iter(changes)) in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("loss_type", LOSS_TYPES)
def test_losses_that_weigh_each_token_are_taken(out: str, loss_type: str) -> None:
    refuse_settings(tiny.settings(out, loss_type=loss_type, beta=0.04, delta=2.0, epsilon_high=0.3))


def refuse(out: str, **changes: Any) -> str:
    """Make a trainer that cannot be; the model is never looked at."""
    arguments = {"args": tiny.settings(out), "train_dataset": tiny.output_rows()} | changes
    with pytest.raises(MisuseError) as refusal:
        BiLevelGRPOTrainer("no such model", **arguments)
    return str(refusal.value)


def test_a_trainer_refuses_settings_before_it_loads_a_model(out: str) -> None:
    assert "off_policy" in refuse(out, args=tiny.settings(out, off_policy_mask_threshold=1.0))


@pytest.mark.parametrize("name", ["tools", "environment_factory", "rollout_func", "reward_funcs"])
def test_rollouts_and_rewards_of_others_are_refused(out: str, name: str) -> None:
    assert refuse(out, **{name: [len]}).startswith(f"BiLevelGRPOTrainer takes no {name}: ")


def test_an_unknown_argument_is_answered_with_the_nearest(out: str) -> None:
    assert "did you mean scorer?" in refuse(out, scorrer=None)


def test_an_unknown_mode_is_answered_with_the_nearest(out: str) -> None:
    assert "'bilevl'; did you mean 'bilevel'?" in refuse(out, mode="bilevl")


@pytest.mark.parametrize("lam", [-0.1, float("nan"), float("inf")])
def test_a_weight_that_is_none_is_refused(out: str, lam: float) -> None:
    assert refuse(out, lam=lam).startswith(f"lam={lam}: ")


def test_rows_without_a_trace_are_refused(out: str) -> None:
    rows = tiny.output_rows().remove_columns(["steps", "anchors"])
    assert "have no anchors, steps: write them with `stepcode export" in refuse(
        out, train_dataset=rows
    )
