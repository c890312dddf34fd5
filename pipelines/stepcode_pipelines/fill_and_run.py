"""A case under policy `fill`: recorded, anchored and verified in no more processes than `strict`.

    here     the program as it is, then with all candidates      chooses the anchors
    there    the program with those, then with all candidates    verifies them, and the choice

What is verified comes first in its process; a recording comes second, sees what the first left
behind, and counts only where it tells the same. Where anything differs, all of it is run again,
each recording in a process of its own.
"""

from collections.abc import Sequence
from typing import NamedTuple

from stepcode.execute.alone import is_doubtful
from stepcode.execute.determinism import agree
from stepcode.execute.job import Job, prepare
from stepcode.execute.sandbox import Runs
from stepcode.types import AnchoredProgram, Execution, Outcome
from stepcode_pipelines.fill import FillPlan, Recorded, fill, foresee, write_chosen
from stepcode_pipelines.runner import Executions, Runner


class Verifiable(NamedTuple):
    """An anchored program, and what became of it."""

    anchored: AnchoredProgram
    executions: Executions


def run_anchored(anchored: AnchoredProgram, call: str, runner: Runner) -> Verifiable:
    """Run a program whose anchors are known."""
    executions = runner.run(prepare(anchored.program, call), prepare(anchored, call))
    return Verifiable(anchored, executions)


def fill_and_run(plan: FillPlan, call: str, runner: Runner) -> Verifiable:
    """Choose the anchors of a program for one call, and run it with them."""
    recorded = plan.job(call)
    if recorded is None:
        return run_anchored(plan.plain(), call, runner)
    quick = _at_once(plan, recorded, runner)
    return quick or run_anchored(fill_for(plan, [call], runner), call, runner)


def fill_for(plan: FillPlan, calls: Sequence[str], runner: Runner) -> AnchoredProgram:
    """Choose the anchors that serve all these calls, by recordings in processes of their own."""
    jobs = [(call, plan.job(call)) for call in calls]
    runs = [Recorded(call, *runner.record(job)) for call, job in jobs if job is not None]
    return fill(plan, runs)


def _at_once(plan: FillPlan, recorded: Job, runner: Runner) -> Verifiable | None:
    """Do it in two processes; None where that settles nothing."""
    call = recorded.call
    original = prepare(plan.program, call)
    here = runner.run_both(runner.here, original, recorded)
    if here.first.outcome is not Outcome.OK:
        return _ended_badly(plan, original, here.first, runner)
    first = _same_twin(here)
    written = write_chosen(plan, [Recorded(call, first, first)]) if first else None
    if first is None or written is None:
        return None
    there = runner.run_both(runner.there, prepare(written.anchored, call), recorded)
    second = _same_twin(there)
    if second is None or not agree(there.first, foresee(plan, written, first)):
        return None
    runs = [Recorded(call, first, second)]
    if first.steps != second.steps and written != write_chosen(plan, runs):
        return None  # what differs under another hash seed may not be chosen
    return Verifiable(written.anchored, Executions(here.first, there.first, there.first))


def _ended_badly(
    plan: FillPlan, original: Job, execution: Execution, runner: Runner
) -> Verifiable | None:
    """Let the program as it is decide, alone if the machine may have ended it."""
    if is_doubtful(execution):
        execution = runner.run_alone(original)
        if execution.outcome is Outcome.OK:
            return None
    return Verifiable(plan.plain(), Executions(execution, execution, execution))


def _same_twin(runs: Runs) -> Execution | None:
    """Take the recording behind a run if both returned and printed the same."""
    first, twin = runs.first, runs.twin
    if twin is None or (first.outcome, twin.outcome) != (Outcome.OK, Outcome.OK):
        return None
    return twin if (first.output, first.stdout) == (twin.output, twin.stdout) else None
