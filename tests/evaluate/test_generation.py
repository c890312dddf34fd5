"""HumanEval and MBPP: what is written has to pass the tests, in the sandbox."""

import gzip
import json
from pathlib import Path

import pytest

from stepcode.evaluate.benchmarks.generation import (
    Generation,
    Task,
    humaneval_task,
    mbpp_task,
    program_of,
    score,
)
from stepcode.evaluate.extract import Extractor
from stepcode.types import Limits

TASK = humaneval_task(
    {
        "task_id": "t/0",
        "prompt": "from typing import List\n\n"
        'def double(xs: List[int]) -> List[int]:\n    """Twice."""\n',
        "entry_point": "double",
        "test": "def check(candidate):\n    assert candidate([1]) == [2]\n",
    }
)
BODY = "    return [x * 2 for x in xs]\n"
WHOLE = f"def double(xs: List[int]) -> List[int]:\n{BODY}"
LIMITS = Limits(cpu_seconds=0.5, wall_seconds=5.0)


def passes(text: str, extractor: Extractor) -> bool:
    program = program_of(TASK, text, extractor)
    scored = score({"t/0": TASK}, {"t/0": [program]}, limits=LIMITS)
    return scored.scores["t/0"][0]


@pytest.mark.parametrize(
    ("text", "official", "lenient"),
    [
        (BODY, True, True),
        ("    return xs\n", False, False),
        (f"{BODY}\nprint(1\n", False, True),
        (f"```python\n{WHOLE}```\nThis doubles.", False, True),
        (f"Here:\n```\n{BODY}```", False, True),
        (f"<think>\n```\nno\n```\n</think>\n{WHOLE}", False, True),
        (f"```python\n{WHOLE}", False, True),
        (f"{BODY}\n\ndef main():\n    pass\n", True, True),
        ("I cannot.", False, False),
        ("", False, False),
        ("    exit()\n", False, False),
    ],
)
def test_text_passes_if_its_program_does(text: str, official: bool, lenient: bool) -> None:
    assert passes(text, Extractor.OFFICIAL) == official
    assert passes(text, Extractor.LENIENT) == lenient


def test_program_that_does_not_end_is_told_apart() -> None:
    loop = "    while True: pass\n"
    programs = [program_of(TASK, text, Extractor.OFFICIAL) for text in (BODY, loop)]
    scored = score({"t/0": TASK}, {"t/0": programs}, limits=LIMITS)
    assert scored.scores == {"t/0": [True, False]}
    assert scored.counts == {"passed": 1, "timed_out": 1}


def test_every_canonical_solution_of_humaneval_passes(data_dir: Path) -> None:
    with gzip.open(data_dir / "humaneval" / "HumanEval.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    tasks = {row["task_id"]: humaneval_task(row) for row in rows}
    solutions = {row["task_id"]: row["canonical_solution"] for row in rows}
    for extractor in Extractor:
        programs = {
            name: [program_of(task, solutions[name], extractor)] for name, task in tasks.items()
        }
        scored = score(tasks, programs)
        assert [row for row, right in scored.scores.items() if not all(right)] == []


def test_every_solution_of_mbpp_passes(data_dir: Path) -> None:
    rows = json.loads((data_dir / "mbpp" / "sanitized-mbpp.json").read_text(encoding="utf-8"))
    tasks = {
        str(row["task_id"]): mbpp_task(str(row["task_id"]), row["test_imports"], row["test_list"])
        for row in rows
    }
    answers = {str(row["task_id"]): [row["code"]] for row in rows}
    scored = score(tasks, answers)
    assert [row for row, right in scored.scores.items() if not all(right)] == []


def test_rambling_text_is_cut_in_little_time() -> None:
    text = BODY + "and so on, without end (\n" * 20_000
    task = Task("t", TASK.prompt, "double", "")
    assert program_of(task, text, Extractor.LENIENT) == TASK.prompt + BODY.rstrip("\n")


@pytest.mark.parametrize(
    ("text", "found"),
    [(BODY, True), ("    return xs\n", True), ("", False), (f"```python\n{WHOLE}```", False)],
)
def test_text_that_makes_no_program_counts_as_no_answer(text: str, found: bool) -> None:
    benchmark = Generation({"t/0": TASK}, rows_published=1)
    assert benchmark.judge({"t/0": [text]}, None).details["t/0"][0].found == found
