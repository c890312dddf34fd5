"""What the numbers say, in sentences that follow from them, and what they cannot say."""

from collections.abc import Sequence

from stepcode.train.micro.results import Arm
from stepcode.train.micro.settings import MicroSettings
from stepcode.train.micro.statistics import Difference
from stepcode.train.micro.summary import TaskSummary
from stepcode.train.micro.table import show_difference
from stepcode.train.micro.tasks import MODULUS

_STEP, _INFORMATIVE = "sampled step", "sampled informative"
_STEP_ARMS = (Arm.STEP, Arm.BILEVEL, Arm.BILEVEL_NORMALIZED)


def tell_findings(summary: TaskSummary) -> str:
    """Say how the arms of a task compare, each verdict by both intervals."""
    second = (Arm.BILEVEL, Arm.BILEVEL_NORMALIZED)
    return " ".join(
        (
            f"Task {summary.task}. Step rewards against terminal-only, in {_STEP} accuracy:",
            _each(summary, _STEP_ARMS, Arm.TERMINAL, _STEP),
            "In the informative steps alone:",
            _each(summary, _STEP_ARMS, Arm.TERMINAL, _INFORMATIVE),
            "The second level against lambda 0, in the informative steps:",
            _each(summary, second, Arm.STEP, _INFORMATIVE),
            "Continued SFT against step rewards, in the informative steps:",
            _each(summary, (Arm.CONTINUED_SFT,), Arm.STEP, _INFORMATIVE),
            _about_gap(summary),
        )
    )


def tell_limits(summaries: Sequence[TaskSummary], settings: MicroSettings) -> str:
    """Say what the numbers cover, and what nobody may conclude from them."""
    warm_ups = [result for one in summaries for result in one.arms[Arm.WARM_UP].results]
    sizes = sorted({result.parameters for result in warm_ups})
    words = max(result.words for result in warm_ups)
    held_out = ", ".join(f"{one.held_out} of {one.task}" for one in summaries)
    updates = sorted(result.updates for result in warm_ups)
    return (
        f"What this cannot say. The models have {sizes[0]:,} to {sizes[-1]:,} parameters and "
        f"know {words} words; the programs are chains of arithmetic modulo {MODULUS} from one "
        f"generator, held out by their text ({held_out}), so nothing is said about other programs, "
        "about input prediction, or about what a pretrained model brings along. Warm-ups end on "
        f"purpose where about {settings.warm_up_until:.0%} of informative steps are right "
        f"({updates[0]} to {updates[-1]} updates), so that there is something left to learn. All "
        "arms that learn from rewards share one learning rate "
        f"({settings.learning_rate:g}) and lambda ({settings.lam:g}), neither tuned for each; at "
        "other rates the order may be another. "
        "Continued SFT is shown whole right completions, hidden values included, which the other "
        "arms never see; a language of so few words may be easier to imitate than to explore. "
        f"{_about_intervals(settings)} None of this measures a model of 7 billion parameters: "
        "whether an order of arms holds there takes a run there."
    )


def _about_intervals(settings: MicroSettings) -> str:
    if settings.seeds == 1:
        return (
            "One seed gives no interval over seeds, so no difference is called clear; "
            "run with --set micro.seeds=3 or more."
        )
    return (
        f"Behind ± is half a 95 % interval (Student's t) over {settings.seeds} seeds: another "
        "warm-up, order of data and sampling, the held-out programs being these. In brackets is a "
        "95 % bootstrap interval over the held-out programs, the trained models being these. A * "
        "marks what both keep away from zero, each by itself: with this many comparisons, one or "
        "two may be chance."
    )


def _each(summary: TaskSummary, arms: Sequence[Arm], against: Arm, measure: str) -> str:
    found = ((arm, summary.compared(arm, against, measure)) for arm in arms)
    told = (f"{arm} {show_difference(one)} ({_verdict(one)})" for arm, one in found)
    return f"{'; '.join(told)}."


def _verdict(difference: Difference) -> str:
    if difference.over_seeds.half is None:
        return "no interval"
    if not difference.is_clear:
        return "not told from chance"
    return "clearly better" if difference.over_seeds.mean > 0 else "clearly worse"


def _about_gap(summary: TaskSummary) -> str:
    """A gap can shrink because steps got worse: say it where it happened."""
    before = summary.arms[Arm.WARM_UP]
    shrunk = [
        arm
        for arm, one in summary.arms.items()
        if abs(one.mean("gap").mean) < abs(before.mean("gap").mean)
        and one.mean(_STEP).mean < before.mean(_STEP).mean
    ]
    if not shrunk:
        return "No arm narrowed the gap by losing step accuracy."
    return f"The gap of {', '.join(shrunk)} is narrower only because steps got worse."
