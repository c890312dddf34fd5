"""Examples of the bundled programs with what a good model answers, for benchmarks of training."""

from dataclasses import replace
from functools import partial
from itertools import cycle, islice

from stepcode.anchor import insert_anchors
from stepcode.execute import run_all
from stepcode.reason import narrate, render_completion
from stepcode.source import SourceSettings, read_cases
from stepcode.types import AnchoredProgram, Example, Execution, Outcome, TaskKind

MOST_STEPS = 10
"""As the paper's training data."""


def read_examples(kind: TaskKind, count: int) -> list[Example]:
    """Anchor and run the bundled programs; so many examples, some twice if need be."""
    cases = [case for case in read_cases(SourceSettings(name="bundled")) if case.call]
    jobs = [(insert_anchors(case.program), case.call) for case in cases]
    pairs = zip(jobs, run_all(jobs), strict=True)
    good = [(program, run) for (program, _), run in pairs if _is_trained_on(run)]
    chosen = islice(cycle(good), count)
    return [_example(number, program, run, kind) for number, (program, run) in enumerate(chosen)]


def answer(example: Example, *, variant: int) -> str:
    """Answer rightly with a reason for each step; a variant of an input is a call of its own."""
    if example.kind is TaskKind.INPUT:
        call = example.target.replace("(", f"({' ' * variant}", 1)
        example = replace(example, target=call)
    return render_completion(example, reasons=narrate(example))


def _is_trained_on(run: Execution) -> bool:
    texts = [step.text for step in run.steps]
    return run.outcome is Outcome.OK and 0 < len(texts) <= MOST_STEPS and None not in texts


def _example(number: int, program: AnchoredProgram, run: Execution, kind: TaskKind) -> Example:
    make = partial(
        Example,
        id=f"{number}-{kind}",
        kind=kind,
        anchored_code=program.code,
        anchors=program.anchors,
        steps=run.steps,
    )
    output = run.output or ""
    if kind is TaskKind.OUTPUT:
        return make(given=run.call, target=output)
    return make(given=output, target=run.call)
