"""Judge answers: read them, evaluate in the sandbox what has to be, compare with the labels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from stepcode.evaluate.benchmarks.reval.answers import (
    NOTHING,
    read_coverage,
    read_output,
    read_path,
    read_state,
)
from stepcode.evaluate.benchmarks.reval.judged import Judged
from stepcode.evaluate.benchmarks.reval.labels import Labels
from stepcode.evaluate.benchmarks.reval.outputs import judge_outputs
from stepcode.evaluate.benchmarks.reval.questions import Mode, Question, Task
from stepcode.evaluate.benchmarks.reval.states import judge_states
from stepcode.evaluate.extract import Extractor
from stepcode.evaluate.programs import Verdict
from stepcode.execute.isolate import Isolation

Asked = tuple[Question, str]
"""A question and what a model said."""


@dataclass(frozen=True, slots=True)
class How:
    """How answers are read, and where what they say is run."""

    mode: Mode
    """How they were asked for."""
    extractor: Extractor = Extractor.OFFICIAL
    isolation: Isolation | None = None
    workers: int = 1


def judge(asked: Sequence[Asked], labels: Labels, how: How) -> list[Judged | None]:
    """Judge answers, in order; None where that cannot be done here.

    That is where the program could not be labelled, or where the machine failed.
    """
    judged: dict[int, Judged | None] = {}
    for task in Task:
        of_task = {
            place: (question, text)
            for place, (question, text) in enumerate(asked)
            if question.task is task and _has_label(question, labels)
        }
        judged |= zip(of_task, _judge(task, list(of_task.values()), labels, how), strict=True)
    return [judged.get(place) for place in range(len(asked))]


def _judge(task: Task, asked: Sequence[Asked], labels: Labels, how: How) -> Sequence[Judged | None]:
    match task:
        case Task.COVERAGE:
            return [_coverage(one, labels, how) for one in asked]
        case Task.PATH:
            return [_path(one, labels, how) for one in asked]
        case Task.STATE:
            return _states(asked, labels, how)
        case Task.OUTPUT:
            return _outputs(asked, how)
        case _:
            assert_never(task)


def _has_label(question: Question, labels: Labels) -> bool:
    if question.task is Task.OUTPUT:
        return question.about not in labels.failures
    return question.about in labels.probes


def _coverage(asked: Asked, labels: Labels, how: How) -> Judged:
    question, text = asked
    expected = labels.probes[question.about].covered
    found = read_coverage(text, how.mode, how.extractor)
    response = bool(found)
    return Judged(text, response is expected, response, expected, found is not None)


def _path(asked: Asked, labels: Labels, how: How) -> Judged:
    question, text = asked
    expected = labels.probes[question.about].next_lines
    found = read_path(text, how.mode, how.extractor, code=question.subject.code)
    response = found or (NOTHING,)
    is_right = not set(response).isdisjoint(expected)
    return Judged(text, is_right, response, expected, found is not None)


def _states(asked: Sequence[Asked], labels: Labels, how: How) -> list[Judged | None]:
    said = [read_state(text, how.mode, how.extractor) for _, text in asked]
    truths = [labels.probes[question.about] for question, _ in asked]
    verdicts = judge_states(said, truths, isolation=how.isolation, workers=how.workers)
    return _judged(asked, [one is not None for one in said], verdicts)


def _outputs(asked: Sequence[Asked], how: How) -> list[Judged | None]:
    answers = [
        read_output(text, how.mode, how.extractor, question=question.pair.question)
        for question, text in asked
    ]
    verdicts = judge_outputs(
        [(question.subject, question.pair) for question, _ in asked],
        answers,
        how.extractor,
        isolation=how.isolation,
        workers=how.workers,
    )
    return _judged(asked, [bool(one and one.strip()) for one in answers], verdicts)


def _judged(
    asked: Sequence[Asked], extracted: Sequence[bool], verdicts: Sequence[Verdict]
) -> list[Judged | None]:
    return [
        None
        if verdict is Verdict.UNSCORED
        else Judged(
            text,
            verdict is Verdict.PASSED,
            is_extracted=is_extracted,
            timed_out=verdict is Verdict.TIMED_OUT,
        )
        for (_, text), is_extracted, verdict in zip(asked, extracted, verdicts, strict=True)
    ]


def constant_run(questions: Sequence[Question], labels: Labels) -> Mapping[str, Judged]:
    """Judge a model that knows nothing and always says NO, Nil, -1 and a wrong output.

    Its scores are printed beside every result: much of the benchmark is about lines that never run.
    """
    known = [question for question in questions if _has_label(question, labels)]
    return {question.id: _constant(question, labels) for question in known}


def _constant(question: Question, labels: Labels) -> Judged:
    how = How(Mode.DIRECT)
    match question.task:
        case Task.COVERAGE:
            return _coverage((question, "NO"), labels, how)
        case Task.PATH:
            return _path((question, "-1"), labels, how)
        case Task.STATE:
            return Judged("Nil", labels.probes[question.about].values is None)
        case Task.OUTPUT:
            return Judged("", False)
        case _:
            assert_never(question.task)
