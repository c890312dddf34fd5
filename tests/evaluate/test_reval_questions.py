"""Reading REval's two files, and the prompts that are written of them."""

from pathlib import Path

import pytest

from stepcode.errors import SourceError
from stepcode.evaluate.benchmarks.reval import (
    Mode,
    Question,
    Subject,
    Task,
    compute_labels,
    read_questions,
)
from stepcode.evaluate.benchmarks.reval.data import Pair
from stepcode.evaluate.benchmarks.reval.judge import How, judge
from stepcode.evaluate.benchmarks.reval.shots import SHOTS, Shot
from tests.evaluate.reval_samples import data_rows, task_rows, write_benchmark, write_jsonl


@pytest.fixture
def questions(tmp_path: Path) -> dict[str, Question]:
    return {question.id: question for question in read_questions(*write_benchmark(tmp_path))}


def test_each_probe_is_asked_three_times_and_each_pair_once(
    questions: dict[str, Question],
) -> None:
    assert len(questions) == 3 * 9 + 5
    assert list(questions)[:4] == [
        "DREval/0/0/0/coverage",
        "DREval/0/0/1/coverage",
        "DREval/0/0/2/coverage",
        "DREval/0/0/0/state",
    ]


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("task", Task)
def test_a_prompt_ends_where_the_model_goes_on(
    questions: dict[str, Question], task: Task, mode: Mode
) -> None:
    about = "DREval/0/0" if task is Task.OUTPUT else "DREval/0/0/0"
    prompt = questions[f"{about}/{task}"].prompt(mode)
    assert prompt.endswith("[THOUGHT]\n" if mode is Mode.COT else "[ANSWER]\n")
    assert prompt.count("[/ANSWER]") == len(SHOTS)
    assert prompt.count("[/THOUGHT]") == (len(SHOTS) if mode is Mode.COT else 0)
    assert "halve(9)" in prompt
    assert "steps.append(n)" in prompt


def test_only_the_path_through_a_function_is_asked_with_line_numbers(
    questions: dict[str, Question],
) -> None:
    def last_program(key: str) -> str:
        return questions[key].prompt(Mode.DIRECT).rpartition("[PROGRAM]")[2]

    assert "\n4\t        n = n // 2\n" in last_program("DREval/0/0/0/path")
    assert "\n        n = n // 2\n" in last_program("DREval/0/0/0/state")
    assert "\n    made = 0\n" in last_program("DREval/1/0/0/path")


def test_a_test_is_shown_below_the_code_that_sets_it_up(questions: dict[str, Question]) -> None:
    prompt = questions["DREval/1/0/0/state"].prompt(Mode.DIRECT)
    assert "# self.counter = Counter()\nself.counter.add" in prompt
    assert "in the test code above?" in prompt
    without = questions["DREval/1/1/0/coverage"].prompt(Mode.DIRECT)
    assert "[TEST]\nmade = Counter.made\n" in without


@pytest.mark.parametrize("shot", SHOTS, ids=["function", "class"])
@pytest.mark.parametrize("task", Task)
def test_what_the_examples_answer_is_true(shot: Shot, task: Task) -> None:
    body = shot.invocation.rpartition("()\n")[2]
    test = (
        "import unittest\nclass ShelfTestAdd(unittest.TestCase):\n    def setUp(self):\n"
        "        self.shelf = Shelf()\n    def test_add(self):\n"
        + "".join(f"        {line}\n" for line in body.replace("assert", "self.assert").split("\n"))
    )
    pair = Pair(0, "([4, 2, 7],)", shot.question, (shot.probes[task],))
    entry = "Shelf" if shot.is_class else "first_gap"
    subject = Subject("DREval/0", entry, shot.code, test if shot.is_class else None, (pair,))
    probe = None if task is Task.OUTPUT else pair.probes[0]
    about = "DREval/0/0" if probe is None else "DREval/0/0/0"
    question = Question(f"{about}/{task}", task, subject, pair, probe, about)
    [judged] = judge(
        [(question, shot.answers[task].text)], compute_labels([subject]), How(Mode.DIRECT)
    )
    assert judged is not None
    assert judged.right


Fields = dict[str, object]


def spoiled(folder: Path, *, data: Fields, tasks: Fields) -> tuple[Path, Path]:
    rows, asked = data_rows(), task_rows()
    rows[1] |= data
    asked[1] |= tasks
    return write_jsonl(folder / "d.jsonl", rows), write_jsonl(folder / "t.jsonl", asked)


@pytest.mark.parametrize(
    ("data", "tasks", "message"),
    [
        ({"code": 3}, {}, "d.jsonl: line 2 has a 'code' that is no text"),
        ({"inputs": "x"}, {}, "d.jsonl: line 2 has 'inputs' that are no list"),
        ({"test": []}, {}, "d.jsonl: line 2 has a 'test'"),
        ({"task_id": "DREval/8"}, {}, "t.jsonl: line 2 asks about DREval/1, which .* has not"),
        ({}, {"tasks": None}, "t.jsonl: line 2 .* no good 'tasks'"),
        ({}, {"tasks": [{"input_idx": 9, "task": [], "output_pred": ""}]}, "input 9 of 2"),
        (
            {},
            {"tasks": [{"input_idx": 0, "task": [{"lineno": 99, "var": "x"}], "output_pred": ""}]},
            "asks about line 99 of 1",
        ),
        (
            {},
            {"tasks": [{"input_idx": 0, "task": [{"lineno": 1, "var": "x y"}], "output_pred": ""}]},
            "SyntaxError",
        ),
    ],
)
def test_files_that_are_not_of_the_benchmark_are_refused_by_line(
    tmp_path: Path, data: Fields, tasks: Fields, message: str
) -> None:
    with pytest.raises(SourceError, match=message):
        read_questions(*spoiled(tmp_path, data=data, tasks=tasks))


def test_the_two_files_the_other_way_round_are_refused(tmp_path: Path) -> None:
    data, tasks = write_benchmark(tmp_path)
    with pytest.raises(SourceError, match="no entry_point"):
        read_questions(tasks, data)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"nowhere\.jsonl: no such file"):
        read_questions(tmp_path / "nowhere.jsonl", tmp_path / "nowhere.jsonl")


def test_the_whole_benchmark_is_10146_questions(data_dir: Path) -> None:
    folder = data_dir / "reval"
    questions = read_questions(folder / "DREval_data.jsonl", folder / "DREval_tasks.jsonl")
    counts = {task: sum(question.task is task for question in questions) for task in Task}
    assert counts == {Task.COVERAGE: 3152, Task.STATE: 3152, Task.PATH: 3152, Task.OUTPUT: 690}
    assert all(question.prompt(mode) for question in questions[::50] for mode in Mode)
