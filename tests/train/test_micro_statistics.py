"""Intervals, checked by hand, and what is written from the numbers."""

import math
import re
from xml.etree import ElementTree

import pytest

pytest.importorskip("trl", reason="needs the extra `train`")

from stepcode.train.micro.findings import tell_findings
from stepcode.train.micro.plot import draw
from stepcode.train.micro.report import render
from stepcode.train.micro.results import Arm
from stepcode.train.micro.statistics import accuracies, difference, estimate, t_quantile
from stepcode.train.micro.summary import TaskSummary, summarize
from stepcode.train.micro.table import arms_table, differences_table
from stepcode.train.micro.tasks import Task
from tests.train.micro_samples import invented, tiny_settings

PROGRAMS = 40


def summary(
    *, gain: int, seeds: int = 3, task: Task = Task.FULL, of: Arm = Arm.STEP
) -> TaskSummary:
    """All arms alike but one, which has `gain` more steps right in every program."""
    results = []
    for seed in range(seeds):
        right = [(program + seed) % 4 + 2 for program in range(PROGRAMS)]
        for arm in Arm:
            moved = [n + gain for n in right] if arm is of else right
            results.append(invented(arm, seed, moved, task=task))
    return summarize(task, results)


@pytest.mark.parametrize(
    ("freedom", "expected"), [(1, 12.7062), (2, 4.3027), (3, 3.1824), (5, 2.5706), (30, 2.0423)]
)
def test_students_t_is_that_of_the_tables(freedom: int, expected: float) -> None:
    assert t_quantile(freedom) == pytest.approx(expected, abs=5e-5)


def test_interval_over_seeds_is_the_one_worked_out_by_hand() -> None:
    # Differences .1, .2, .6: mean .3, squares .04 + .01 + .09 = .14, variance .07.
    found = difference([[0.3], [0.5], [0.9]], [[0.2], [0.3], [0.3]]).over_seeds
    assert found.mean == pytest.approx(0.3)
    assert found.half == pytest.approx(4.30265 * math.sqrt(0.07 / 3), abs=1e-5)


def test_what_both_arms_have_in_common_does_not_widen_a_paired_interval() -> None:
    luck = [0.1, 0.5, 0.9]
    found = difference([[one + 0.05] for one in luck], [[one] for one in luck]).over_seeds
    assert found.mean == pytest.approx(0.05)
    assert found.half == pytest.approx(0, abs=1e-12)


def test_one_seed_has_no_interval_and_nothing_is_clear() -> None:
    found = difference([[0.9, 0.8]], [[0.1, 0.2]])
    assert found.over_seeds.half is None
    assert not found.is_clear


def test_interval_over_programs_resamples_programs_and_not_seeds() -> None:
    """Seeds that differ leave it at nothing; programs that differ widen it as the theory says."""
    seeds_differ = difference([[0.2] * 50, [0.4] * 50], [[0.0] * 50] * 2).over_programs
    assert seeds_differ.low == seeds_differ.high == pytest.approx(0.3)
    gains = [0.0, 1.0] * 200
    programs_differ = difference([gains] * 2, [[0.0] * 400] * 2).over_programs
    half = 1.96 * 0.5 / math.sqrt(400)
    assert programs_differ.low == pytest.approx(0.5 - half, abs=0.01)
    assert programs_differ.high == pytest.approx(0.5 + half, abs=0.01)


def test_a_difference_is_clear_only_if_both_intervals_say_so() -> None:
    steady = [[0.3 + 0.001 * seed] * 40 for seed in range(3)]
    erratic = [[0.9] * 40, [0.0] * 40, [0.0] * 40]
    few_programs = [[3.0] + [0.0] * 39] * 3
    nothing = [[0.0] * 40] * 3
    assert difference(steady, nothing).is_clear
    assert not difference(erratic, nothing).is_clear
    assert not difference(few_programs, nothing).is_clear


def test_accuracies_are_shares_of_all_that_was_asked() -> None:
    found = accuracies(invented(Arm.STEP, 0, [8, 4, 0, 0], task=Task.SPARSE).sampled)
    assert found.step == 12 / 32
    assert found.informative == 3 / 8
    assert found.final == 1 / 4
    assert found.gap == 1 / 4 - 12 / 32
    assert found.path_consistency == 1.0


def test_path_consistency_of_no_right_answer_is_unknown() -> None:
    assert math.isnan(accuracies(invented(Arm.STEP, 0, [4, 4]).sampled).path_consistency)
    assert math.isnan(estimate([0.5, math.nan]).mean)


@pytest.mark.parametrize(
    ("gain", "verdict"),
    [(2, "step +0.250 ± 0.000 (clearly better)"), (-2, "step -0.250 ± 0.000 (clearly worse)"),
     (0, "step +0.000 ± 0.000 (not told from chance)")],
)  # fmt: skip
def test_verdicts_follow_the_numbers(gain: int, verdict: str) -> None:
    assert verdict in tell_findings(summary(gain=gain))


def test_a_gap_that_narrows_because_steps_got_worse_is_called_that() -> None:
    told = tell_findings(summary(gain=-2, of=Arm.TERMINAL))
    assert "The gap of terminal is narrower only because steps got worse." in told


def test_findings_of_one_seed_say_that_there_is_no_interval() -> None:
    one = summary(gain=2, seeds=1)
    assert "step +0.250 (no interval)" in tell_findings(one)
    text = render([one], tiny_settings(tasks=["full"], seeds=1))
    assert "One seed gives no interval over seeds" in text
    assert "±" not in arms_table(one)


def test_tables_have_a_line_for_each_arm_and_pair() -> None:
    one = summary(gain=2)
    arms, differences = arms_table(one).splitlines(), differences_table(one).splitlines()
    assert [line.split("|")[1].strip() for line in arms[2:]] == list(Arm)
    assert len({len(line) for line in arms}) == 1
    found = next(line for line in differences if "step - terminal" in line)
    assert "+0.250 ± 0.000 [+0.250, +0.250] *" in found


@pytest.mark.parametrize("seeds", [1, 3])
def test_plot_is_one_file_with_a_curve_of_each_arm(seeds: int) -> None:
    drawn = draw([summary(gain=2, seeds=seeds), summary(gain=1, seeds=seeds, task=Task.SPARSE)])
    root = ElementTree.fromstring(drawn)
    assert len(root.findall(".//{*}polyline")) == 2 * 5
    assert "href" not in drawn
    numbers = [float(n) for n in re.findall(r' (?:x|y|x1|x2|y1|y2|cx|cy)="([^"]+)"', drawn)]
    assert all(math.isfinite(number) and 0 <= number <= 960 for number in numbers)
