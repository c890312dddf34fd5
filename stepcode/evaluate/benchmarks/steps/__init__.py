"""Steps: our own benchmark, made of any trace dataset; how true is what a model says on the way.

    questions = read_questions(Path("out/mine"))               # two a row, each with its prompt
    found = evaluate(questions, {questions[0].id: ["<print>..."]}, workers=2)
    found.metrics                                              # {"step_accuracy": 51.2, ...}

What is asked, and what is read from the answers, is `stepcode.reason`, as in training. In input
prediction the call that a model proposes is run in the sandbox, and its steps are judged by that
very run.
"""

from collections.abc import Sequence

from stepcode.evaluate.benchmarks.steps.judging import (
    LIMITS,
    Completions,
    Judged,
    Question,
    judge,
    read_questions,
)
from stepcode.evaluate.benchmarks.steps.metrics import (
    Scored,
    constant_answers,
    step_groups,
    step_intervals,
    step_metrics,
)
from stepcode.evaluate.benchmarks.steps.rows import count_answers, to_row
from stepcode.evaluate.evaluation import Parts
from stepcode.execute.isolate import Isolation
from stepcode.types import Limits

__all__ = ["Completions", "Judged", "Question", "evaluate", "judge", "read_questions"]


def evaluate(
    questions: Sequence[Question],
    completions: Completions,
    *,
    limits: Limits = LIMITS,
    isolation: Isolation | None = None,
    workers: int = 1,
) -> Parts:
    """Judge what a model said to questions, by id, and sum it up.

    Completions whose run the machine lost are in `counts` and `rows`, and nowhere else. Raises
    MisuseError if a question has no completion, or a completion no question.
    """
    judged = judge(questions, completions, limits=limits, isolation=isolation, workers=workers)
    scored = [
        Scored(question.example, question.program_id, one.truth, one.score)
        for question in questions
        for one in judged[question.id]
        if one.score is not None
    ]
    finals = {
        row: [one.score.final for one in ones if one.score is not None]
        for row, ones in judged.items()
    }
    constant = constant_answers(question.example for question in questions)
    return Parts(
        metrics=step_metrics(scored),
        intervals=step_intervals(scored),
        baselines={"constant answers": constant} if constant else {},
        scores={row: right for row, right in finals.items() if right},
        counts=count_answers(judged, completions),
        groups=step_groups(scored),
        rows=[to_row(q, judged[q.id], completions[q.id]) for q in questions],
    )
