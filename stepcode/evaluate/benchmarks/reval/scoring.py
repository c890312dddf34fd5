"""Score what a model said to REval's questions.

questions = read_questions(data, tasks)
scored = score(questions, {questions[0].id: ["[ANSWER]YES[/ANSWER]"], ...}, mode=Mode.DIRECT)
scored.metrics["ic"]
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from stepcode.errors import MisuseError, nearest
from stepcode.evaluate.benchmarks.reval.data import Subject
from stepcode.evaluate.benchmarks.reval.judge import How, constant_run, judge
from stepcode.evaluate.benchmarks.reval.judged import Judged, Run
from stepcode.evaluate.benchmarks.reval.labels import Labels, compute_labels
from stepcode.evaluate.benchmarks.reval.metrics import intervals_of, mean_metrics, metrics_of
from stepcode.evaluate.benchmarks.reval.questions import Mode, Question, Task
from stepcode.evaluate.extract import Extractor
from stepcode.evaluate.passk import Interval
from stepcode.execute.isolate import Isolation

CONSTANT = "constant NO, Nil, -1"
_OF_GROUPS = ("_accuracy", "ic", "score")
Answers = Mapping[str, Sequence[str]]
"""For each question, by its id, what a model said: as often as it was asked."""


@dataclass(frozen=True, slots=True)
class Scored:
    """A model's scores on REval, with what they do not tell."""

    metrics: Mapping[str, float]
    """In percent; the mean of the runs where questions were asked several times. See metrics.py."""
    intervals: Mapping[str, Interval]
    """95 %, over programs."""
    baselines: Mapping[str, Mapping[str, float]]
    """The metrics of constant answers."""
    scores: Mapping[str, Sequence[bool]]
    """For each question whether each answer is right; none of those that could not be judged."""
    counts: Mapping[str, int]
    """How many answers passed, failed, timed_out, were unscored or not_extracted."""
    groups: Mapping[str, Mapping[str, Mapping[str, float]]]
    """The metrics of the parts of the benchmark, and of lines that run and that do not."""
    failures: Mapping[str, str]
    """Why a program could not be run on an input, by the pair's id: its answers are unscored."""
    python: str
    """The interpreter that the labels are true of."""
    runs: Sequence[Run]
    """Every judged answer."""


def score(
    questions: Sequence[Question],
    answers: Answers,
    *,
    mode: Mode,
    extractor: Extractor = Extractor.OFFICIAL,
    labels: Labels | None = None,
    isolation: Isolation | None = None,
    workers: int = 1,
) -> Scored:
    """Score answers, computing the labels of the programs if they are not given.

    The aggregate `score` is the unweighted mean of the accuracies of coverage, path, state and
    output, where all four were asked for; `ic` is the incremental consistency, which is no part of
    it. Answers that could not be judged are in no metric, but counted.

    Raises MisuseError if a question has no answer, or an answer no question, or if not all have as
    many.
    """
    asked_times = _check(questions, answers)
    if labels is None:
        labels = compute_labels(_subjects(questions), isolation=isolation, workers=workers)
    judged = judge(
        [(question, text) for question in questions for text in answers[question.id]],
        labels,
        How(mode, extractor, isolation, workers),
    )
    runs = [
        {q.id: one for q, one in zip(questions, judged[run::asked_times], strict=True) if one}
        for run in range(asked_times)
    ]
    constant = metrics_of(questions, constant_run(questions, labels))
    return Scored(
        metrics=mean_metrics([metrics_of(questions, run) for run in runs]),
        intervals=intervals_of(questions, runs),
        baselines={CONSTANT: constant},
        scores={q.id: [run[q.id].right for run in runs if q.id in run] for q in questions},
        counts=_counts(judged),
        groups=_groups(questions, runs, labels),
        failures=labels.failures,
        python=labels.python,
        runs=runs,
    )


def _check(questions: Sequence[Question], answers: Answers) -> int:
    """Tell how often every question was answered."""
    known = {question.id for question in questions}
    for extra in answers.keys() - known:
        raise MisuseError(f"{extra}: is no question of REval{nearest(extra, known)}")
    for question in questions:
        if not answers.get(question.id):
            raise MisuseError(f"{question.id}: has no answer; every question needs one")
    times = {len(answers[question.id]) for question in questions}
    if len(times) != 1:
        raise MisuseError(
            f"questions have from {min(times, default=0)} to {max(times, default=0)} answers: "
            "expected as many for each, and at least one question"
        )
    return times.pop()


def _subjects(questions: Sequence[Question]) -> list[Subject]:
    return list({question.subject.id: question.subject for question in questions}.values())


def _counts(judged: Iterable[Judged | None]) -> dict[str, int]:
    counts = Counter(dict.fromkeys(("passed", "failed", "timed_out", "unscored"), 0))
    for one in judged:
        counts[_outcome(one)] += 1
        counts["not_extracted"] += one is not None and not one.is_extracted
    return dict(counts)


def _outcome(judged: Judged | None) -> str:
    if judged is None:
        return "unscored"
    if judged.timed_out:
        return "timed_out"
    return "passed" if judged.right else "failed"


def _groups(
    questions: Sequence[Question], runs: Sequence[Run], labels: Labels
) -> dict[str, dict[str, dict[str, float]]]:
    """Compute the metrics by part of the benchmark, and by whether the line runs."""
    parts = {"functions": [q for q in questions if q.subject.test is None]}
    parts["classes"] = [q for q in questions if q.subject.test is not None]
    probes = [q for q in questions if q.task is not Task.OUTPUT and q.about in labels.probes]
    lines = {"line runs": [q for q in probes if labels.probes[q.about].covered]}
    lines["line never runs"] = [q for q in probes if not labels.probes[q.about].covered]
    return {
        name: {key: _group(ones, runs) for key, ones in groups.items() if ones}
        for name, groups in (("program", parts), ("line", lines))
    }


def _group(questions: Sequence[Question], runs: Sequence[Run]) -> dict[str, float]:
    metrics = mean_metrics([metrics_of(questions, run) for run in runs])
    kept = {name: value for name, value in metrics.items() if name.endswith(_OF_GROUPS)}
    return {"n": len(questions), **kept}
