"""The advantages are those of the equations, computed slowly and separately, on random cases."""

import math
import random
from collections.abc import Sequence

import pytest

pytest.importorskip("torch")

import torch

from stepcode.errors import MisuseError
from stepcode.train.advantage import (
    AdvantageMode,
    bilevel_advantages,
    mode_advantages,
    terminal_advantages,
)

Row = list[float | None]
"""The rewards of a completion's steps and final answer; None behind them."""


def slow_bilevel(
    rows: Sequence[Row], *, group_size: int, lam: float, eps: float = 1e-4, normalize: bool = False
) -> list[list[float]]:
    """The equations, one number at a time."""
    steps = [[r for r in row if r is not None] for row in rows]
    intra = [[slow_intra(one, i) for i in range(len(one))] for one in steps]
    result = []
    for number, row in enumerate(rows):
        first = number // group_size * group_size
        group = range(first, first + group_size)
        own = []
        for i in range(len(steps[number])):
            second = intra[number][i]
            if normalize:
                second = slow_group(intra, steps, group, number, i, eps)
            own.append(slow_group(steps, steps, group, number, i, eps) + lam * second)
        result.append(own + [0.0] * (len(row) - len(own)))
    return result


def slow_intra(rewards: Sequence[float], i: int) -> float:
    later = rewards[i + 1 :]
    return rewards[i] * (1 + sum(later) / len(later)) if later else rewards[i]


def slow_group(
    values: Sequence[Sequence[float]],
    steps: Sequence[Sequence[float]],
    group: Sequence[int],
    number: int,
    i: int,
    eps: float,
) -> float:
    is_final = i == len(steps[number]) - 1
    peers = []
    for other in group:
        if is_final and steps[other]:
            peers.append(values[other][-1])
        if not is_final and i < len(steps[other]) - 1:
            peers.append(values[other][i])
    if len(peers) < 2:
        return 0.0
    mean = math.fsum(peers) / len(peers)
    variance = math.fsum((p - mean) ** 2 for p in peers) / (len(peers) - 1)
    return (values[number][i] - mean) / (math.sqrt(variance) + eps)


def random_rows(rng: random.Random, *, rows: int, width: int) -> list[Row]:
    """Rows of 0 to `width` steps, of which some could not be scored."""
    made: list[Row] = []
    for _ in range(rows):
        length = 0 if rng.random() < 0.1 else rng.randint(1, width)
        share = rng.choice([0.0, 0.3, 0.7, 1.0])
        right: Row = [float(rng.random() < share) for _ in range(length)]
        made.append(right + [None] * (width - length))
    return made


def tensors(rows: Sequence[Row]) -> tuple[torch.Tensor, torch.Tensor]:
    # What stands behind the last step must not matter, whatever it is.
    rewards = torch.tensor([[math.nan if r is None else r for r in row] for row in rows])
    return rewards, ~rewards.isnan()


CASES = range(200)


@pytest.mark.parametrize("normalize", [False, True])
def test_it_is_what_the_equations_say(normalize: bool) -> None:
    rng = random.Random(5)
    for _ in CASES:
        group_size = rng.randint(1, 9)
        rows = random_rows(rng, rows=group_size * rng.randint(1, 4), width=rng.randint(1, 11))
        lam = rng.choice([0.0, 0.3, 1.0])
        expected = slow_bilevel(rows, group_size=group_size, lam=lam, normalize=normalize)
        found = bilevel_advantages(
            *tensors(rows), group_size=group_size, lam=lam, normalize_intra=normalize
        )
        torch.testing.assert_close(found, torch.tensor(expected), rtol=0, atol=1e-6)


def test_it_takes_whole_numbers_and_keeps_the_type_of_floats() -> None:
    rewards, mask = torch.tensor([[1, 0], [0, 1]]), torch.ones(2, 2, dtype=torch.bool)
    assert bilevel_advantages(rewards, mask, group_size=2).dtype == torch.float32
    double = bilevel_advantages(rewards.double(), mask.long(), group_size=2)
    assert double.dtype == torch.float64


def test_a_step_changes_its_column_of_the_group_and_its_own_row_before_it() -> None:
    rng = random.Random(6)
    for _ in CASES:
        rows = random_rows(rng, rows=12, width=6)
        number = rng.choice([n for n, row in enumerate(rows) if row[0] is not None])
        length = sum(r is not None for r in rows[number])
        i = rng.randrange(length)
        before = bilevel_advantages(*tensors(rows), group_size=4)
        rows[number][i] = 1.0 - float(rows[number][i] or 0)
        after = bilevel_advantages(*tensors(rows), group_size=4)
        may_change = peers_of(rows, number, i, group_size=4)
        may_change[number, : i + 1] = True
        assert torch.equal(before[~may_change], after[~may_change])


def peers_of(rows: Sequence[Row], number: int, i: int, *, group_size: int) -> torch.Tensor:
    """Where the group's other steps i are, or its other final answers."""
    lengths = [sum(r is not None for r in row) for row in rows]
    peers = torch.zeros(len(rows), len(rows[0]), dtype=torch.bool)
    first = number // group_size * group_size
    for other in range(first, first + group_size):
        if i == lengths[number] - 1 and lengths[other]:
            peers[other, lengths[other] - 1] = True
        elif i < min(lengths[number], lengths[other]) - 1:
            peers[other, i] = True
    return peers


def test_a_right_step_earns_more_where_right_steps_follow() -> None:
    rewards = torch.tensor([[1.0, 1.0, 1.0], [1.0, 0.0, 0.0]])
    within = bilevel_advantages(rewards, torch.ones_like(rewards), group_size=1, lam=1.0)
    assert within.tolist() == [[2.0, 2.0, 1.0], [1.0, 0.0, 0.0]]


def test_a_completion_that_could_not_be_scored_changes_nothing_for_the_others() -> None:
    rows: list[Row] = [[1.0, 0.0], [0.0, 0.0], [1.0, 1.0]]
    alone = bilevel_advantages(*tensors(rows), group_size=3)
    beside = bilevel_advantages(*tensors([*rows, [None, None]]), group_size=4)
    assert torch.equal(beside, torch.cat([alone, torch.zeros(1, 2)]))


@pytest.mark.parametrize("mode", AdvantageMode)
def test_a_group_of_one_scored_completion_learns_nothing(mode: AdvantageMode) -> None:
    rewards, mask = tensors([[1.0, 1.0], [None, None]])
    assert not mode_advantages(mode, rewards, mask, group_size=2).any()


def test_terminal_gives_every_step_the_advantage_of_the_final_answer() -> None:
    rewards, mask = tensors([[0.0, 1.0, None], [1.0, 1.0, 0.0], [None, None, None], [1.0, 0, 0]])
    found = terminal_advantages(rewards, mask, group_size=4)
    right, wrong = (1 - 1 / 3) / (3**-0.5 + 1e-4), (0 - 1 / 3) / (3**-0.5 + 1e-4)
    expected = [[right, right, 0], [wrong] * 3, [0] * 3, [wrong] * 3]
    torch.testing.assert_close(found, torch.tensor(expected, dtype=torch.float32))


def test_the_modes_differ_by_lambda_and_by_the_second_level_alone() -> None:
    rewards, mask = tensors(random_rows(random.Random(7), rows=16, width=5))
    plain = bilevel_advantages(rewards, mask, group_size=8, lam=0.0)
    modes = {
        mode: mode_advantages(mode, rewards, mask, group_size=8, lam=0.5) for mode in AdvantageMode
    }
    published = bilevel_advantages(rewards, mask, group_size=8, lam=0.5)
    ours = bilevel_advantages(rewards, mask, group_size=8, lam=0.5, normalize_intra=True)
    assert torch.equal(modes[AdvantageMode.STEP], plain)
    assert torch.equal(modes[AdvantageMode.BILEVEL], published)
    assert torch.equal(modes[AdvantageMode.BILEVEL_NORMALIZED], ours)


@pytest.mark.parametrize(
    ("rewards", "mask", "group_size"), [((4, 2), (4, 3), 2), ((4,), (4,), 2), ((5, 2), (5, 2), 2)]
)
def test_shapes_that_do_not_fit_are_refused(
    rewards: tuple[int, ...], mask: tuple[int, ...], group_size: int
) -> None:
    with pytest.raises(MisuseError, match=r"\d"):
        bilevel_advantages(torch.zeros(rewards), torch.ones(mask), group_size=group_size)
