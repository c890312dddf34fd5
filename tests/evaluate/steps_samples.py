"""Questions of one small program, and what models may say to them."""

from stepcode.evaluate.benchmarks.steps import Question
from stepcode.reason import render_answer, render_completion
from stepcode.types import PredictedStep, TaskKind
from tests.unit.reason_samples import example

OUTPUT = Question(example(TaskKind.OUTPUT), "p1")
INPUT = Question(example(TaskKind.INPUT), "p1")
RIGHT = render_completion(OUTPUT.example)


def says(final: str, *shown: str) -> str:
    """Write a completion with these steps, `ys: [1]`, and this final answer."""
    steps = [PredictedStep(*line.split(": ", 1)) for line in shown]
    return render_answer(steps, final)


WRONG_LOGIC = says("3", "ys: [3, 2, 1]", "_ret: 3")
