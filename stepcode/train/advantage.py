"""How much better each step was than expected: the advantages of Bi-Level GRPO.

    advantages = bilevel_advantages(rewards, mask, group_size=8)      # (B, S) from (B, S)

A row is one completion; a column is a step of the truth, and a row's last true column is its final
answer, which is the last step of the sequence. Rows of one prompt follow each other, `group_size`
of them. A row without a true column (it could not be scored) takes no part.

The equations are those of StepCodeReasoner (arXiv 2605.11922), 8 to 15.
"""

from enum import StrEnum
from typing import assert_never

import torch

from stepcode.errors import MisuseError

EPSILON = 1e-4
"""What TRL adds to a standard deviation."""


class AdvantageMode(StrEnum):
    """What the tokens of a step are credited with."""

    TERMINAL = "terminal"
    """Terminal-GRPO: every step carries the group advantage of the final answer, as in plain GRPO.
    The paper's baseline."""
    STEP = "step"
    """Step-GRPO: each step carries its own group advantage; lambda is 0."""
    BILEVEL = "bilevel"
    """As published: the group advantage plus lambda times the advantage within the completion."""
    BILEVEL_NORMALIZED = "bilevel-normalized"
    """Our extension, not in the paper: the second level is centred and divided by its standard
    deviation over the group, step by step, as the first is."""


def mode_advantages(
    mode: AdvantageMode,
    rewards: torch.Tensor,
    mask: torch.Tensor,
    *,
    group_size: int,
    lam: float = 0.3,
) -> torch.Tensor:
    """Compute the (B, S) advantages of a mode; `lam` matters to the two bi-level modes only.

    A group of which fewer than two completions could be scored teaches nothing: all its advantages
    are 0, also those within the completion.
    """
    _check(rewards, mask, group_size)
    mask = _with_company(mask, group_size)
    match mode:
        case AdvantageMode.TERMINAL:
            return terminal_advantages(rewards, mask, group_size=group_size)
        case AdvantageMode.STEP:
            return bilevel_advantages(rewards, mask, group_size=group_size, lam=0.0)
        case AdvantageMode.BILEVEL:
            return bilevel_advantages(rewards, mask, group_size=group_size, lam=lam)
        case AdvantageMode.BILEVEL_NORMALIZED:
            return bilevel_advantages(
                rewards, mask, group_size=group_size, lam=lam, normalize_intra=True
            )
        case _:
            assert_never(mode)


def bilevel_advantages(
    rewards: torch.Tensor,
    mask: torch.Tensor,
    *,
    group_size: int,
    lam: float = 0.3,
    eps: float = EPSILON,
    normalize_intra: bool = False,
) -> torch.Tensor:
    """Compute A(i,g) = A_group(i,g) + lambda * A_intra(i,g); 0 where the mask is false.

    Rewards (B, S) say whether step i of completion g is right, the mask (B, S) where its truth has
    a step. Rows of one group may have different numbers of steps: final answers are compared with
    final answers, step i with the group's other steps i, and with fewer than two of them the group
    term is 0. The standard deviation is unbiased, as TRL's. Raises MisuseError if the shapes do not
    fit each other or the group size.
    """
    _check(rewards, mask, group_size)
    present = mask.bool()
    # In double precision: sums of a thousand rows stay exact, and the tensors are tiny.
    right = torch.where(present, rewards, 0).double()
    within = _within(right, present)
    if normalize_intra:
        within = _between(within, present, group_size=group_size, eps=eps)
    between = _between(right, present, group_size=group_size, eps=eps)
    return _like(rewards, torch.where(present, between + lam * within, 0.0))


def terminal_advantages(
    rewards: torch.Tensor, mask: torch.Tensor, *, group_size: int, eps: float = EPSILON
) -> torch.Tensor:
    """Give every step of a completion the group advantage of its final answer, (B, S)."""
    _check(rewards, mask, group_size)
    present = mask.bool()
    right = torch.where(present, rewards, 0).double()
    answers = (right * final_column(present)).sum(1, keepdim=True)
    between = _standardize(answers, present.any(1, keepdim=True), group_size=group_size, eps=eps)
    return _like(rewards, torch.where(present, between, 0.0))


def final_column(mask: torch.Tensor) -> torch.Tensor:
    """Mark the last true column of each row, its final answer; (B, S) of booleans."""
    later = mask.flip(1).cumsum(1).flip(1)
    return mask.bool() & (later == 1)


def _with_company(mask: torch.Tensor, group_size: int) -> torch.Tensor:
    """Take out the rows of groups in which no other row has anything."""
    scored = mask.any(1).unflatten(0, (-1, group_size)).sum(1)
    return mask.bool() & (scored > 1).repeat_interleave(group_size).unsqueeze(1)


def _check(rewards: torch.Tensor, mask: torch.Tensor, group_size: int) -> None:
    if rewards.dim() != 2 or rewards.shape != mask.shape:
        raise MisuseError(
            f"rewards {tuple(rewards.shape)} and mask {tuple(mask.shape)}: "
            "both have to be (completions, steps)"
        )
    if group_size < 1 or len(rewards) % group_size:
        raise MisuseError(
            f"{len(rewards)} completions are no whole number of groups of {group_size}"
        )


def _like(rewards: torch.Tensor, advantages: torch.Tensor) -> torch.Tensor:
    """Give advantages the type of the rewards; whole numbers and booleans become floats."""
    kind = rewards.dtype if rewards.is_floating_point() else torch.get_default_dtype()
    return advantages.to(kind)


def _within(right: torch.Tensor, present: torch.Tensor) -> torch.Tensor:
    """Equations 12 to 14: r_i * (1 + the mean of what follows); for the final answer r_n."""
    following = right.flip(1).cumsum(1).flip(1) - right
    count = present.double().flip(1).cumsum(1).flip(1) - present.double()
    return right * (1 + following / count.clamp(min=1))


def _between(
    values: torch.Tensor, present: torch.Tensor, *, group_size: int, eps: float
) -> torch.Tensor:
    """Equations 8 to 11: (value - the group's mean) / (the group's std + eps), step by step."""
    final = final_column(present)
    steps = _standardize(values, present & ~final, group_size=group_size, eps=eps)
    answers = (values * final).sum(1, keepdim=True)
    finals = _standardize(answers, present.any(1, keepdim=True), group_size=group_size, eps=eps)
    return torch.where(final, finals, steps)


def _standardize(
    values: torch.Tensor, present: torch.Tensor, *, group_size: int, eps: float
) -> torch.Tensor:
    """Centre and scale each column over the rows of each group that have it."""
    grouped = values.unflatten(0, (-1, group_size))
    has = present.unflatten(0, (-1, group_size)).to(grouped.dtype)
    count = has.sum(1, keepdim=True)
    mean = (grouped * has).sum(1, keepdim=True) / count.clamp(min=1)
    centred = (grouped - mean) * has
    deviation = (centred.square().sum(1, keepdim=True) / (count - 1).clamp(min=1)).sqrt()
    return torch.where(count > 1, centred / (deviation + eps), 0.0).flatten(0, 1)
