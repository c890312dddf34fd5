"""Whether programs run through: how all benchmarks that execute code tell right from wrong."""

from collections.abc import Sequence
from enum import StrEnum

from stepcode.evaluate.benchmark import ALONE, Sandboxing
from stepcode.execute import run_all
from stepcode.types import Execution, Limits, Outcome, Program

LIMITS = Limits(cpu_seconds=3.0, wall_seconds=20.0)
"""The benchmarks give a program 3 seconds by the clock; of processor time they do not depend on
how busy the machine is."""


class Verdict(StrEnum):
    """What came of an answer."""

    PASSED = "passed"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    """Wrong, as in the benchmarks, but told apart: a time limit says something of the machine."""
    SKIPPED = "skipped"
    """Not run, by a rule of the benchmark; most of them then count one answer less."""
    NOT_EXTRACTED = "not_extracted"
    """No answer was found in the text; wrong."""
    UNSCORED = "unscored"
    """The machine failed and not the answer: run it again."""


def run_programs(
    texts: Sequence[str],
    *,
    limits: Limits = LIMITS,
    sandboxing: Sandboxing = ALONE,
    is_guarded: bool = True,
) -> list[Verdict]:
    """Run whole programs in the sandbox, in order; what is the same is run once.

    What they may do without the guard, `Sandbox` says.
    """
    different = list(dict.fromkeys(texts))
    jobs = ((Program(code=text, entry=""), "None") for text in different)
    executions = run_all(
        jobs,
        limits=limits,
        isolation=sandboxing.isolation,
        workers=sandboxing.workers,
        is_guarded=is_guarded,
    )
    verdicts = dict(zip(different, map(_verdict, executions), strict=True))
    return [verdicts[text] for text in texts]


def _verdict(execution: Execution) -> Verdict:
    match execution.outcome:
        case Outcome.OK:
            return Verdict.PASSED
        case Outcome.TIMED_OUT:
            return Verdict.TIMED_OUT
        case Outcome.LOST:
            return Verdict.UNSCORED
        case _:
            return Verdict.FAILED
