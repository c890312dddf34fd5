"""The benchmark's own files of results: written and read here.

One file for each task, JSON Lines: a row for each program, `{task_id, generation: [{input_idx,
results: [...]}]}`, then one with the metrics. A result has `generated`, all that the model said,
and for coverage and path `response` and `expected`, for state `eq`, for output `pass`; the output
has one result for each input, the others one for each probe.

    write_log(Path("state.jsonl"), Task.STATE, questions, run, metrics)
    run = read_log(Path("state.jsonl"), Task.STATE, questions)
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from stepcode.errors import MisuseError
from stepcode.evaluate.benchmarks.reval.judged import Judged, Run
from stepcode.evaluate.benchmarks.reval.questions import Question, Task

_VERDICTS = {Task.STATE: "eq", Task.OUTPUT: "pass"}
Json = dict[str, Any]  # Any: JSON


def write_log(
    path: Path, task: Task, questions: Sequence[Question], run: Run, metrics: Mapping[str, float]
) -> None:
    """Write the answers to one task.

    Raises MisuseError if one could not be judged: the format has no place for that.
    """
    rows: list[Json] = [
        {"task_id": program, "generation": list(_generations(asked, run))}
        for program, asked in _by_program(_of_task(questions, task))
    ]
    lines = [json.dumps(row) + "\n" for row in [*rows, dict(metrics)]]
    path.write_text("".join(lines), encoding="utf-8")


def read_log(path: Path, task: Task, questions: Sequence[Question]) -> dict[str, Judged]:
    """Read the answers to one task, by the questions' ids.

    Raises MisuseError, naming the line, if the file does not answer just these questions.
    """
    rows = _read_lines(path)
    programs = list(_by_program(_of_task(questions, task)))
    if len(rows) != len(programs) + 1:
        raise MisuseError(
            f"{path}: has {len(rows)} lines; expected {len(programs)}, one for each program, and "
            "one with the metrics"
        )
    run: dict[str, Judged] = {}
    for number, ((program, asked), row) in enumerate(zip(programs, rows, strict=False), start=1):
        try:
            run |= _read_row(program, asked, row, task)
        except (KeyError, TypeError, ValueError) as error:
            raise MisuseError(
                f"{path}: line {number} is no log of {task} for {program}: {error!r}"
            ) from error
    return run


def _of_task(questions: Sequence[Question], task: Task) -> list[Question]:
    return [question for question in questions if question.task is task]


def _by_program(questions: Iterable[Question]) -> Iterator[tuple[str, list[Question]]]:
    for program, asked in groupby(questions, key=lambda question: question.subject.id):
        yield program, list(asked)


def _by_input(questions: Iterable[Question]) -> Iterator[tuple[int, list[Question]]]:
    for number, asked in groupby(questions, key=lambda question: question.pair.number):
        yield number, list(asked)


def _generations(questions: Sequence[Question], run: Run) -> Iterator[Json]:
    for number, asked in _by_input(questions):
        yield {"input_idx": number, "results": [_result(question, run) for question in asked]}


def _result(question: Question, run: Run) -> Json:
    judged = run.get(question.id)
    if judged is None:
        raise MisuseError(f"{question.id}: was not judged, so it cannot be written to a log")
    if question.task in _VERDICTS:
        return {"generated": judged.generated, _VERDICTS[question.task]: judged.right}
    response, expected = (_as_json(one) for one in (judged.response, judged.expected))
    return {"generated": judged.generated, "response": response, "expected": expected}


def _as_json(response: object) -> object:
    return list(response) if isinstance(response, tuple) else response


def _read_row(
    program: str, questions: Sequence[Question], row: Json, task: Task
) -> dict[str, Judged]:
    if row["task_id"] != program:
        raise ValueError(f"it is about {row['task_id']}")
    inputs = list(_by_input(questions))
    if [one["input_idx"] for one in row["generation"]] != [number for number, _ in inputs]:
        raise ValueError("it has other inputs")
    return {
        question.id: _read_result(result, task)
        for (_, asked), one in zip(inputs, row["generation"], strict=True)
        for question, result in zip(asked, one["results"], strict=True)
    }


def _read_result(result: Json, task: Task) -> Judged:
    generated = str(result["generated"])
    match task:
        case Task.COVERAGE:
            response, expected = bool(result["response"]), bool(result["expected"])
            return Judged(generated, response == expected, response, expected)
        case Task.PATH:
            lines, following = tuple(result["response"]), tuple(result["expected"])
            return Judged(generated, not set(lines).isdisjoint(following), lines, following)
        case _:
            return Judged(generated, bool(result[_VERDICTS[task]]))


def _read_lines(path: Path) -> list[Json]:
    try:
        lines = path.read_text("utf-8").splitlines()
        rows = [json.loads(line) for line in lines if line.strip()]
    except OSError as error:
        raise MisuseError(f"{path}: cannot be read: {error.strerror or error}") from error
    except ValueError as error:
        raise MisuseError(f"{path}: is no JSON Lines: {error}") from error
    if not all(isinstance(row, dict) for row in rows):
        raise MisuseError(f"{path}: expected one JSON object on each line")
    return rows
