"""The flow of policy `fill`: plan, record one run under two hash seeds, choose, write.

    plan = plan_fill(program)
    anchored = fill(plan, [(call, first, second)])

`first` and `second` are what two sandboxes made of `plan.job(call)`. A program whose recording does
not end well, or that cannot be written, gets the anchors of `strict`: they say what is wrong.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from stepcode.anchor.doubt import may_be_refused
from stepcode.anchor.fill import (
    MAX_STEPS,
    Places,
    Recording,
    Visit,
    Written,
    choose,
    find_places,
    write_program,
)
from stepcode.anchor.novelty import Form, anchor_forms, input_texts
from stepcode.anchor.parse import plan_program
from stepcode.anchor.plan import Planned
from stepcode.anchor.policy import FILL, STRICT
from stepcode.anchor.strip import strip_anchors
from stepcode.dataset.filters import MAX_VALUE_CHARS, shows_address
from stepcode.errors import AnchorError
from stepcode.execute.determinism import HASH_SEEDS, has_unordered_set
from stepcode.execute.isolate import Isolation
from stepcode.execute.job import Job, prepare
from stepcode.execute.sandbox import Sandbox
from stepcode.types import AnchoredProgram, Execution, Limits, Outcome, Program, Step

_MOST_VISITS = MAX_STEPS + 1
"""Enough to tell that an anchor fires too often."""


@dataclass(frozen=True, slots=True)
class FillPlan:
    """Everything of a program that does not depend on a call."""

    program: Program
    strict: Planned
    """What `strict` anchors."""
    places: Places | None = None
    """None where nothing can be chosen."""
    full: Written | None = None
    """With all candidates, to be recorded."""
    forms: dict[int, Form] = field(default_factory=dict)

    def plain(self) -> AnchoredProgram:
        """Anchor the program as `strict` does; raises AnchorError where that cannot be done."""
        from stepcode.anchor.insert import insert_planned  # brings LibCST, which few programs need

        return replace(insert_planned(self.program, self.strict, STRICT), policy=FILL.name)

    def job(self, call: str) -> Job | None:
        """Make the job that records a call; None where there is nothing to choose from."""
        if self.full is None:
            return None
        return prepare(self.full.anchored, call, most_visits=_MOST_VISITS)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A call, and its recording under two hash seeds."""

    call: str
    first: Execution
    second: Execution

    @property
    def is_usable(self) -> bool:
        """Whether both runs returned."""
        return self.first.outcome is self.second.outcome is Outcome.OK


def plan_fill(program: Program, *, max_steps: int) -> FillPlan:
    """Find all that could be shown; raises AnchorError for a program that `strict` refuses too.

    `max_steps` is how many steps a run may record, so that one run can record all candidates.
    """
    plan = _plan(program, max_steps)
    if plan.places is None or may_be_refused(program.code, depth=plan.places.depth):
        plan.plain()
    return plan


def _plan(program: Program, max_steps: int) -> FillPlan:
    strict = plan_program(program.code, STRICT)
    try:
        places = find_places(strict, program.code)
        most = max_steps // _MOST_VISITS
        all_of_it = _first_candidates(places, most)
        full = _checked(write_program(program, places, all_of_it, to_record=True))
        forms = anchor_forms(full.anchored)
    except (AnchorError, SyntaxError, RecursionError):
        return FillPlan(program, strict)
    by_candidate = {full.candidates[anchor]: form for anchor, form in forms.items()}
    return FillPlan(program, strict, places, full, by_candidate)


def _first_candidates(places: Places, most: int) -> list[int]:
    """Take as many as one run can record, by tiers; a group whole or not at all."""
    ranked = sorted(places.candidates, key=lambda one: (one.tier, one.group, one.index))
    taken = {one.index for one in ranked[:most]}
    cut = {one.group for one in ranked[most:] if one.group >= 0}
    candidates = places.candidates
    return [index for index in sorted(taken) if candidates[index].group not in cut]


def _checked(written: Written) -> Written:
    anchored = written.anchored
    if strip_anchors(anchored.code, anchored.edits) != anchored.program.code:
        raise AnchorError("the edits do not give the program back")
    return written


def fill(plan: FillPlan, runs: Sequence[Recorded]) -> AnchoredProgram:
    """Choose the anchors of a program by its recorded calls, and write it with them."""
    written = write_chosen(plan, runs)
    return plan.plain() if written is None else written.anchored


def write_chosen(plan: FillPlan, runs: Sequence[Recorded]) -> Written | None:
    """Do what `fill` does; None where only the anchors of `strict` are left."""
    places, full = plan.places, plan.full
    usable = [run for run in runs if run.is_usable]
    if places is None or full is None or not usable:
        return None
    unrecorded = frozenset(range(len(places.candidates))) - frozenset(full.candidates)
    recordings = [_recording(full, run, unrecorded) for run in usable]
    try:
        chosen = choose(places, plan.forms, recordings)
        return _checked(write_program(plan.program, places, chosen))
    except AnchorError:
        return None


def foresee(plan: FillPlan, written: Written, recorded: Execution) -> Execution:
    """Tell what a run of the program as written shows, if it does what the recorded run did."""
    assert plan.full is not None
    index_of = {candidate: index for index, candidate in enumerate(written.candidates)}
    steps = []
    for step in recorded.steps:
        index = index_of.get(plan.full.candidates[step.anchor])
        if index is not None:
            name = written.anchored.anchors[index].name
            steps.append(Step(index, step.visit, name, step.text))
    return replace(recorded, steps=tuple(steps))


def fill_one(
    program: Program, call: str, *, limits: Limits, isolation: Isolation
) -> AnchoredProgram:
    """Anchor a program for one call, in sandboxes of its own."""
    plan = plan_fill(program, max_steps=limits.max_steps)
    job = plan.job(call)
    if job is None:
        return plan.plain()
    runs = []
    for seed in HASH_SEEDS:
        with Sandbox(limits=limits, isolation=isolation, hash_seed=seed) as sandbox:
            sandbox.start_job(job)
            runs.append(sandbox.finish())
    return fill(plan, [Recorded(call, *runs)])


def _recording(full: Written, run: Recorded, unrecorded: frozenset[int]) -> Recording:
    first, second = _texts(run.first), _texts(run.second)
    anchors = range(len(full.anchored.anchors))
    refused = {
        anchor
        for anchor in anchors
        if first.get(anchor) != second.get(anchor) or not _may_be_shown(first.get(anchor, ()))
    }
    visits = tuple(
        Visit(full.candidates[step.anchor], step.text or "")
        for step in run.first.steps
        if step.anchor not in refused
    )
    ruled_out = frozenset(full.candidates[anchor] for anchor in refused)
    inputs = tuple(input_texts(run.call, FILL.name))
    return Recording(visits, ruled_out | unrecorded, inputs)


def _texts(execution: Execution) -> dict[int, list[str | None]]:
    texts: dict[int, list[str | None]] = {}
    for step in execution.steps:
        texts.setdefault(step.anchor, []).append(step.text)
    return texts


def _may_be_shown(texts: Iterable[str | None]) -> bool:
    shown = list(texts)
    return len(shown) <= MAX_STEPS and all(map(_is_fit, shown))


def _is_fit(text: str | None) -> bool:
    return (
        text is not None
        and len(text) <= MAX_VALUE_CHARS
        and not shows_address(text)
        and not has_unordered_set(text)
    )
