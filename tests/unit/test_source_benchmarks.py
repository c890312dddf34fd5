"""The public benchmarks: small files of our own in their formats, and the real ones if present."""

import gzip
import json
import os
from pathlib import Path

import pytest

from stepcode.errors import SourceError
from stepcode.source import EVALUATION_ONLY, SOURCES, SourceSettings, read_cases
from stepcode.source.imports import free_names, prepend_imports
from stepcode.source.livecodebench import harness_imports
from stepcode.types import Case, Reason

DATA = Path(os.environ.get("STEPCODE_DATA") or Path(__file__).parents[3] / "shared" / "data")
IDENTITY = "def same(x):\n    return x\n"


def write(folder: Path, *rows: object) -> Path:
    path = folder / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def read(source: str, path: Path) -> list[Case]:
    return list(read_cases(SourceSettings(name=source, path=str(path))))


def read_real(source: str, name: str) -> list[Case]:
    path = DATA / name
    if not path.is_file():
        pytest.skip(f"{path} is absent; set STEPCODE_DATA to the folder of benchmark files")
    return read(source, path)


def pairs(cases: list[Case]) -> list[tuple[str, str | None]]:
    return [(case.call, case.declared) for case in cases]


def task(**changed: object) -> dict[str, object]:
    """Give a task in the form of HumanEval's."""
    row = {
        "task_id": "Own/1",
        "prompt": "def same(x):\n",
        "canonical_solution": "    return x\n",
        "entry_point": "same",
        "test": "def check(candidate):\n    assert candidate(1) == 1\n",
    }
    return row | changed


def program(**changed: object) -> dict[str, object]:
    """Give a program in the form of REval's."""
    row = {
        "task_id": "Own/0",
        "entry_point": "same",
        "code": IDENTITY,
        "inputs": ["([1.0, 2],)", "('a',)", "()"],
        "outputs": ["[1.0, 2]", "'a'", "None"],
        "test": None,
    }
    return row | changed


def test_benchmarks_are_for_evaluation_only() -> None:
    assert set(SOURCES) >= EVALUATION_ONLY
    assert set(SOURCES) - EVALUATION_ONLY == {
        "bundled",
        "folder",
        "hub",
        "jsonl",
        "parquet",
        "synthetic",
    }


def test_cruxeval_rows_are_input_rows(tmp_path: Path) -> None:
    row = {"code": "def f(a, b):\n    return b\n", "input": "1, 'x'", "output": "'x'", "id": "s_0"}
    (case,) = read("cruxeval", write(tmp_path, row))
    assert (case.call, case.declared, case.program.license) == ("f(1, 'x')", "'x'", "MIT")


def test_livecodebench_code_gets_the_imports_that_it_uses(tmp_path: Path) -> None:
    code = "def g(s: str) -> List[int]:\n    sqrt = len\n    return [sqrt(s), inf, heapq, deque]\n"
    row = {"id": "s_1", "function_name": "g", "code": code, "input": "g(s = 'a')", "output": "[]"}
    (case,) = read("livecodebench", write(tmp_path, row))
    assert case.program.code.removesuffix(code).splitlines() == [
        "import heapq",
        "from collections import deque",
        "from math import inf",
        "from typing import List",
    ]
    assert (case.call, case.program.entry) == ("g(s = 'a')", "g")


def test_imports_come_below_those_from_the_future() -> None:
    code = '"""Note."""\nfrom __future__ import annotations\nx = 1\n'
    expected = '"""Note."""\nfrom __future__ import annotations\nimport re\nx = 1\n'
    assert prepend_imports(code, ["import re"]) == expected
    assert prepend_imports("x = 1", ["import re"]) == "import re\nx = 1"
    assert prepend_imports("x = 1", []) == "x = 1"


def test_numpy_is_imported_only_where_it_is_used() -> None:
    assert harness_imports(free_names("def f(x):\n    return np.array(x)")) == [
        "import numpy as np"
    ]
    assert harness_imports(free_names("np = 1\ndef f():\n    return np + len('')")) == []


@pytest.mark.parametrize("module", ["heapq", "math", "itertools", "collections", "typing", "re"])
def test_every_name_of_the_harness_imports(module: str) -> None:
    from stepcode.source.livecodebench import NAMES

    exec(f"from {module} import {', '.join(NAMES[module].split())}", {})


def test_humaneval_calls_are_those_written_out_in_the_check(tmp_path: Path) -> None:
    test = """
METADATA = {}
def check(candidate):
    assert candidate([1, 2], x=3) == [1, 2], "note"
    assert candidate(2 * 3) is True
    assert abs(candidate(1.5) - 0.5) < 1e-6
    assert candidate("a")
    assert not candidate("b")
    assert candidate("a") == 'z'
    assert candidate(7) == (1 + 2, 3)
    for i in range(3):
        assert candidate(i) == i
    assert candidate(same(4)) == 4
    assert candidate(*[5]) == 5
"""
    path = tmp_path / "tasks.jsonl.gz"
    path.write_bytes(gzip.compress(json.dumps(task(test=test)).encode()))
    cases = read("humaneval", path)
    assert pairs(cases) == [
        ("same([1, 2], x=3)", "[1, 2]"),
        ("same(2 * 3)", "True"),
        ("same(1.5)", None),
        ('same("a")', "'z'"),
        ('same("b")', None),
        ("same(7)", None),
    ]
    assert {case.program.code for case in cases} == {IDENTITY}
    assert {case.program.source_row for case in cases} == {"Own/1"}


def test_a_humaneval_task_without_a_written_call_is_one_case(tmp_path: Path) -> None:
    computed = "def check(candidate):\n    for i in range(9):\n        assert candidate(i) == i\n"
    rows = [task(test=computed), task(test="pass"), task(prompt=1), task(entry_point="other")]
    cases = read("humaneval", write(tmp_path, task(), *rows))
    reasons = [case.rejection.reason if case.rejection else None for case in cases]
    assert reasons == [None, Reason.NO_CALL, Reason.BAD_ROW, Reason.BAD_ROW, Reason.NO_CALL]


def test_mbpp_calls_are_those_inside_the_asserts(tmp_path: Path) -> None:
    rows = [
        {
            "task_id": 5,
            "code": "def helper(x): return x\ndef same(x):\n    return helper(x)\n",
            "test_imports": ["import math", "import re"],
            "test_list": [
                "assert same((1, 2)) == (1, 2)",
                "assert set(same([3])) == {3}",
                "assert math.isclose(same(2.5), 2.5)",
                "assert same(math.pi)",
                "assert same((1, 2)) == (1, 2)",
            ],
        },
        {"task_id": 6, "code": IDENTITY, "test_list": ["assert other(1)", "assert ("]},
        {"task_id": 7, "code": IDENTITY, "test_list": "assert same(1) == 1"},
    ]
    path = tmp_path / "sanitized.json"
    path.write_text(json.dumps(rows))
    cases = read("mbpp", path)
    assert pairs(cases[:4]) == [
        ("same((1, 2))", "(1, 2)"),
        ("same([3])", None),
        ("same(2.5)", None),
        ("same(math.pi)", None),
    ]
    assert cases[0].program.code.startswith("import math\ndef helper")
    assert (cases[0].program.entry, cases[0].program.source_row) == ("same", "5")
    reasons = [case.rejection.reason for case in cases if case.rejection]
    assert reasons == [Reason.NO_CALL, Reason.BAD_ROW]


def test_mbpp_is_read_as_json_lines_too(tmp_path: Path) -> None:
    row = {
        "text": "Give it back.",
        "task_id": 9,
        "code": IDENTITY,
        "test_list": ["assert same(root) == 3"],
        "test_setup_code": "root = 3",
    }
    (case,) = read("mbpp", write(tmp_path, row))
    assert (case.call, case.declared) == ("same(root)", "3")
    assert case.program.code.endswith("root = 3")


def test_reval_inputs_are_tuples_of_arguments(tmp_path: Path) -> None:
    rows = [program(), program(test="import unittest", outputs=[]), program(inputs=["1"])]
    cases = read("reval", write(tmp_path, *rows))
    assert pairs(cases[:3]) == [
        ("same([1.0, 2])", "[1.0, 2]"),
        ("same('a')", "'a'"),
        ("same()", "None"),
    ]
    reasons = [case.rejection.reason for case in cases if case.rejection]
    assert reasons == [Reason.NO_CALL, Reason.BAD_ROW]


def test_reval_keeps_the_inputs_that_the_tasks_beside_it_choose(tmp_path: Path) -> None:
    tasks = {"task_id": "Own/0", "tasks": [{"input_idx": 0}, {"input_idx": 2}]}
    (tmp_path / "DREval_tasks.jsonl").write_text(json.dumps(tasks))
    cases = read("reval", write(tmp_path, program(), program(task_id="Own/1", inputs=["(1,)"])))
    assert [case.call for case in cases] == ["same([1.0, 2])", "same()", "same(1)"]
    (tmp_path / "DREval_tasks.jsonl").write_text('{"task_id": 1, "tasks": 2}')
    with pytest.raises(SourceError, match="DREval_tasks"):
        read("reval", tmp_path / "rows.jsonl")


@pytest.mark.parametrize("source", sorted(EVALUATION_ONLY))
def test_a_file_of_another_kind_is_an_error_that_names_both_kinds(
    source: str, tmp_path: Path
) -> None:
    path = write(tmp_path, {"question": "?", "answer": "!"})
    with pytest.raises(
        SourceError, match=r"its rows have answer, question; expected .*\bcode|test"
    ):
        read(source, path)


def test_a_later_row_of_another_kind_is_a_bad_row(tmp_path: Path) -> None:
    cases = read("humaneval", write(tmp_path, task(), {"question": "?"}))
    assert [case.rejection is None for case in cases] == [True, False]


def test_the_real_cruxeval_has_800_cases() -> None:
    cases = read_real("cruxeval", "cruxeval/cruxeval.jsonl")
    assert len(cases) == 800
    assert all(case.rejection is None and case.declared is not None for case in cases)
    assert [case.program.source_row for case in cases] == [f"sample_{i}" for i in range(800)]


def test_the_real_livecodebench_rows_are_all_cases() -> None:
    cases = read_real("livecodebench", "livecodebench/lcb_exec_mini.jsonl")
    assert len(cases) == 24
    assert all(case.rejection is None for case in cases)
    assert all(free_names(case.program.code) == frozenset() for case in cases)


def test_every_real_humaneval_task_is_accounted_for() -> None:
    cases = read_real("humaneval", "humaneval/HumanEval.jsonl.gz")
    assert {case.program.source_row for case in cases} == {f"HumanEval/{i}" for i in range(164)}
    lost = [case.program.source_row for case in cases if case.rejection]
    assert lost == ["HumanEval/32", "HumanEval/38", "HumanEval/50"]
    assert len({(case.program.source_row, case.call) for case in cases}) == len(cases)


def test_every_real_mbpp_task_has_a_call() -> None:
    cases = read_real("mbpp", "mbpp/sanitized-mbpp.json")
    assert len({case.program.source_row for case in cases}) == 427
    assert all(case.rejection is None for case in cases)
    assert {case.program.license for case in cases} == {"CC-BY-4.0"}


def test_the_real_reval_has_396_calls_and_69_classes() -> None:
    cases = read_real("reval", "reval/DREval_data.jsonl")
    reasons = [case.rejection.reason for case in cases if case.rejection]
    assert len({case.program.source_row for case in cases}) == 154
    assert len(cases) - len(reasons) == 396
    assert reasons == [Reason.NO_CALL] * 69
