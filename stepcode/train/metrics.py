"""What to watch while training: how true the steps are, the answers, and whether there is a signal.

All are shares of what could be scored, over the whole batch of all processes.
"""

import math

import torch

from stepcode.train.advantage import final_column


def training_metrics(
    rewards: torch.Tensor, mask: torch.Tensor, *, group_size: int
) -> dict[str, float]:
    """Sum up the rewards (B, S) of a batch; NaN for what it has nothing of.

    - `step_accuracy`: right steps among the truth's steps, the final answers aside
    - `final_accuracy`: right final answers
    - `gap`: final_accuracy - step_accuracy
    - `path_consistency`: right steps among completions whose final answer is right; a low value
      means that answers are right for wrong reasons
    - `zero_variance_final`: groups whose final answers are all right or all wrong, so that they
      teach nothing
    - `zero_variance_steps`: the same of each step of each group
    - `unscored`: completions that could not be scored, of all
    """
    present = mask.bool()
    final = final_column(present)
    steps = present & ~final
    right = torch.where(present, rewards, 0).double()
    is_right = (right * final).sum(1, keepdim=True) > 0
    step_accuracy = _mean(right, steps)
    final_accuracy = _mean(right, final)
    answers, has_answer = (right * final).sum(1, keepdim=True), present.any(1, keepdim=True)
    return {
        "step_accuracy": step_accuracy,
        "final_accuracy": final_accuracy,
        "gap": final_accuracy - step_accuracy,
        "path_consistency": _mean(right, steps & is_right),
        "zero_variance_final": _without_variance(answers, has_answer, group_size),
        "zero_variance_steps": _without_variance(right, steps, group_size),
        "unscored": 1 - present.any(1).double().mean().item(),
    }


def _mean(values: torch.Tensor, chosen: torch.Tensor) -> float:
    return values[chosen].mean().item() if chosen.any() else math.nan


def _without_variance(values: torch.Tensor, present: torch.Tensor, group_size: int) -> float:
    """Share of a group's columns, present in any of its rows, in which all rows agree."""
    grouped = values.unflatten(0, (-1, group_size))
    has = present.unflatten(0, (-1, group_size))
    lowest = torch.where(has, grouped, math.inf).amin(1)
    highest = torch.where(has, grouped, -math.inf).amax(1)
    return _mean((lowest == highest).double(), has.any(1))
