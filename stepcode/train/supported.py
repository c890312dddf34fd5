"""Which of TRL's settings go with an advantage for each token, and why the others do not.

Checked against `GRPOTrainer._compute_loss` of TRL 1.16: what is refused here either takes the sign
of a sequence's advantage, which has many here, or has no effect any more.
"""

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from stepcode.errors import MisuseError

LOSS_TYPES = ("grpo", "bnpo", "dr_grpo", "dapo", "cispo")
"""Losses that weigh each token by its own advantage."""

REFUSED_LOSSES = {
    "luspo": "it is made for one importance ratio and one advantage a sequence",
    "sapo": "its temperature is chosen by the sign of the sequence's advantage",
    "vespo": "its weight of a sequence is chosen by the sign of the sequence's advantage",
}
REFUSED_ARGUMENTS = {
    "environment_factory": "its turns are not the model's, and no step of a trace owns them",
    "reward_funcs": "rewards come from the judged steps; give a `scorer` to judge in another way",
    "reward_processing_classes": "there are no reward models; give a `scorer` to judge otherwise",
    "rollout_func": "the trainer's own starts to judge completions as soon as they are sampled",
    "tools": "what a tool answers is not the model's, and no step of a trace owns it",
}
_ROW_COLUMNS = frozenset({"id", "kind", "anchored_code", "anchors", "given", "target", "steps"})


def refuse_settings(args: Any) -> None:  # Any: trl has no types
    """Raise MisuseError for the first setting of a GRPOConfig that does not go with step credit."""
    for reason in _objections(args):
        raise MisuseError(f"advantages per step do not go with {reason}")


def refuse_arguments(arguments: Mapping[str, object]) -> None:
    """Raise MisuseError for arguments that a GRPOTrainer takes and ours does not."""
    for name in arguments:
        reason = REFUSED_ARGUMENTS.get(name)
        if reason is not None:
            raise MisuseError(f"BiLevelGRPOTrainer takes no {name}: {reason}")
        raise MisuseError(f"BiLevelGRPOTrainer has no argument {name}{_hint(name)}")


def refuse_rows(dataset: Any) -> None:  # Any: datasets has no types
    """Raise MisuseError for a dataset that lacks what a row is judged by."""
    columns = getattr(dataset, "column_names", None)  # a stream may not know
    missing = sorted(_ROW_COLUMNS - set(columns or _ROW_COLUMNS))
    if missing:
        raise MisuseError(
            f"the training rows have no {', '.join(missing)}: "
            "write them with `stepcode export --format trl-grpo`, or give a `scorer` of your own"
        )


def _objections(args: Any) -> Iterator[str]:  # Any: trl has no types
    if args.loss_type in REFUSED_LOSSES:
        yield f"loss_type='{args.loss_type}': {REFUSED_LOSSES[args.loss_type]}"
    elif args.loss_type not in LOSS_TYPES:
        close = difflib.get_close_matches(args.loss_type, LOSS_TYPES, n=1, cutoff=0)
        yield f"loss_type='{args.loss_type}', which TRL does not know; did you mean '{close[0]}'?"
    if args.importance_sampling_level != "token":
        yield (
            f"importance_sampling_level='{args.importance_sampling_level}': one ratio for a whole "
            "sequence is clipped by one advantage; use 'token'"
        )
    if args.off_policy_mask_threshold is not None:
        yield (
            "off_policy_mask_threshold: a sequence is dropped by the sign of its advantage; "
            "leave it out"
        )
    if args.num_generations_eval == 1:
        yield (
            "num_generations_eval=1: there is nobody to compare a completion with; "
            "use 2 or more, or leave it out"
        )
    yield from _without_effect(args)
    if args.remove_unused_columns:
        yield "remove_unused_columns=True: it removes the columns that completions are judged by"


def _without_effect(args: Any) -> Iterator[str]:  # Any: trl has no types
    why = "it shapes an advantage that is replaced here, so it would have no effect"
    if args.scale_rewards != "group":
        yield f"scale_rewards={args.scale_rewards!r}: {why}; leave it out"
    if args.multi_objective_aggregation != "sum_then_normalize":
        yield f"multi_objective_aggregation='{args.multi_objective_aggregation}': {why}"
    if args.reward_weights is not None:
        yield f"reward_weights: {why}; `lam` weighs the two levels"


def _hint(name: str) -> str:
    known = (
        "model", "args", "train_dataset", "eval_dataset", "processing_class", "callbacks",
        "optimizers", "quantization_config", "peft_config", "mode", "lam", "scorer",
    )  # fmt: skip
    close = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {close[0]}?" if close else ""
