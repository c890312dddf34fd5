"""What must hold for every program under `fill`, whatever is chosen and whatever it does."""

import ast
from random import Random

import pytest
from hypothesis import assume, given, reject
from hypothesis import strategies as st

from stepcode.anchor.fill import MAX_STEPS, Places, find_places, write_program
from stepcode.anchor.novelty import Novelty, label_steps
from stepcode.anchor.parse import plan_program
from stepcode.anchor.policy import STRICT
from stepcode.anchor.strip import strip_anchors
from stepcode.errors import AnchorError
from stepcode.execute import Sandbox
from stepcode.types import AnchoredProgram, Limits, Program
from stepcode.wire import render_step
from stepcode_pipelines.fill import Recorded, fill, plan_fill
from tests.property.programs import programs

_CALL = "f([3, 1, 2], [5])"
_LIMITS = Limits(cpu_seconds=2, wall_seconds=8)


@pytest.fixture(scope="module")
def sandbox():  # type: ignore[no-untyped-def]  # a generator fixture
    with Sandbox(limits=_LIMITS) as sandbox:
        yield sandbox


def find(code: str) -> Places:
    """Plan a drawn program; Hypothesis fails the test if too many of them are refused."""
    try:
        return find_places(plan_program(code, STRICT), code)
    except AnchorError:
        reject()


def choose_for(sandbox: Sandbox, code: str) -> AnchoredProgram:
    """Do what a build does; one seed will do here."""
    try:
        plan = plan_fill(Program(code=code), max_steps=_LIMITS.max_steps)
    except AnchorError:
        reject()
    job = plan.job(_CALL)
    assert job is not None
    sandbox.start_job(job)
    recorded = sandbox.finish()
    return fill(plan, [Recorded(_CALL, recorded, recorded)])


@given(programs(), st.randoms(use_true_random=False))
def test_any_choice_compiles_and_strip_undoes_it(code: str, random: Random) -> None:
    places = find(code)
    everything = range(len(places.candidates))
    chosen = [i for i in everything if random.random() < 0.5]
    for some in (everything, chosen):
        written = write_program(Program(code=code), places, some)
        ast.parse(written.anchored.code)
        assert strip_anchors(written.anchored.code, written.anchored.edits) == code
        assert set(written.candidates) <= set(some)


@given(code=programs())
def test_all_candidates_at_once_change_nothing(sandbox: Sandbox, code: str) -> None:
    places = find(code)
    everything = range(len(places.candidates))
    anchored = write_program(Program(code=code), places, everything, to_record=True).anchored
    original, recorded = sandbox.run(Program(code=code), _CALL), sandbox.run(anchored, _CALL)
    assert (original.outcome, original.output, original.error, original.stdout) == (
        recorded.outcome,
        recorded.output,
        recorded.error,
        recorded.stdout,
    )


@given(code=programs())
def test_chosen_anchors_change_nothing_and_print_what_is_recorded(
    sandbox: Sandbox, code: str
) -> None:
    anchored = choose_for(sandbox, code)
    original, recorded = sandbox.run(Program(code=code), _CALL), sandbox.run(anchored, _CALL)
    assert (original.outcome, original.output, original.stdout) == (
        recorded.outcome,
        recorded.output,
        recorded.stdout,
    )
    assume(original.output is not None)
    assert len(recorded.steps) <= MAX_STEPS
    labelled = label_steps(anchored, _CALL, recorded.steps)
    assert all(Novelty(step.novelty) for step in labelled if step.novelty)
    assume(not recorded.stdout)
    printed = sandbox.run(Program(code=anchored.code), _CALL).stdout
    lines = [render_step(step.name, step.text or "") for step in recorded.steps]
    assert printed.splitlines() == lines
