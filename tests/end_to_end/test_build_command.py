"""`stepcode build-dataset` as a user meets it: what comes out, and that it comes out the same."""

import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stepcode.dataset.frames import REJECTED_SCHEMA, SCHEMA
from stepcode.execute import Sandbox
from stepcode.types import Program
from stepcode.wire import render_step
from tests.end_to_end.build_samples import (
    GOOD,
    digests,
    kept,
    manifest,
    reasons,
    rejected,
    row,
    write_jsonl,
)

Stepcode = Callable[..., subprocess.CompletedProcess[bytes]]


@pytest.fixture(scope="module")
def bundled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The dataset that a first user builds."""
    from stepcode_pipelines.build import build_dataset
    from stepcode_pipelines.recipe import load_recipe

    out = tmp_path_factory.mktemp("bundled") / "out"
    build_dataset(load_recipe("bundled"), out, workers=1)
    return out


def test_bundled_programs_are_nearly_all_kept(bundled: Path) -> None:
    rows = manifest(bundled)["rows"]
    assert rows["in"] == 354
    assert rows["kept"] >= 330


def test_every_input_row_is_kept_or_rejected_once(bundled: Path) -> None:
    rows = [(row["source_row"], row["call"]) for row in kept(bundled) + rejected(bundled)]
    assert len(rows) == len(set(rows)) == manifest(bundled)["rows"]["in"]


def test_datasets_loads_what_was_built(bundled: Path, tmp_path: Path) -> None:
    import datasets

    parts = [("default", SCHEMA, kept(bundled)), ("rejected", REJECTED_SCHEMA, rejected(bundled))]
    for name, schema, rows in parts:
        if not rows:
            continue  # then there is no such folder
        loaded = datasets.load_dataset(str(bundled), name, cache_dir=str(tmp_path))
        assert loaded["train"].column_names == list(schema)
        assert loaded["train"].to_list() == rows


def test_plain_prints_of_anchored_code_are_exactly_the_steps(bundled: Path) -> None:
    with Sandbox() as sandbox:
        wrong = [row["source_row"] for row in kept(bundled) if not prints_its_steps(row, sandbox)]
    assert wrong == []


def prints_its_steps(row: dict[str, Any], sandbox: Sandbox) -> bool:
    """Whether the steps appear among the program's own prints, in order, and nothing else does."""
    run = sandbox.run(Program(code=row["anchored_code"]), row["call"])
    steps = [f"{render_step(step['name'], step['text'])}\n" for step in row["steps"]]
    if not row["stdout"]:
        return (run.output, run.stdout) == (row["output"], "".join(steps))
    for step in steps:
        assert step in run.stdout
        run_before, _, run_after = run.stdout.partition(step)
        run = type(run)(**_fields(run) | {"stdout": run_before + run_after})
    return (run.output, run.stdout) == (row["output"], row["stdout"])


def _fields(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__dataclass_fields__}


def test_building_again_says_so_and_changes_nothing(stepcode: Stepcode, bundled: Path) -> None:
    before = digests(bundled)
    done = stepcode("build-dataset", "--out", bundled)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.endswith(b", built before\n")
    assert digests(bundled) == before


@pytest.mark.slow
def test_number_of_workers_changes_no_byte(
    stepcode: Stepcode, bundled: Path, tmp_path: Path
) -> None:
    done = stepcode("build-dataset", "--out", "out", "--workers", "2")
    assert (done.returncode, done.stderr) == (0, b"")
    assert digests(tmp_path / "out") == digests(bundled)


REPR_RAISES = """
class A:
    def __repr__(self):
        raise ValueError
def f(x):
    a = A()
    return x if a else 0
"""
REPR_IS_COUNTED = """
class A:
    shown = 0
    def __repr__(self):
        A.shown += 1
        return 'A'
def f(x):
    a = [A(), x]
    return A.shown if a else 0
"""
LONG = "def f(x):\n" + "    x = x + 1\n" * 11 + "    return x\n"
SLEEPS_FOREVER = "def f(x):\n    y = x\n    while True:\n        x += 1\n"


def showing(value: str, *, first: str = "") -> dict[str, object]:
    """A program with a step that shows the value of an expression."""
    return {"code": f"{first}\ndef f(x):\n    y = {value}\n    return x if y else 0\n"}


REJECTED: dict[str, dict[str, object]] = {
    "no_call": {"input": None},
    "no_call: entry": {"code": "def g(x):\n    y = x\n    return y\n"},
    "bad_row: no code": {"code": None},
    "bad_row: call": {"input": "1 +"},
    "refused": {"code": "def f(x:\n    return x\n"},
    "raised": {"code": "def f(x):\n    y = x\n    return y / 0\n"},
    "timed_out": {"code": SLEEPS_FOREVER},
    "out_of_memory": {"code": "def f(x):\n    y = bytearray(500_000_000)\n    return len(y)\n"},
    "output_too_long": {"code": "def f(x):\n    while True:\n        print('x' * 10_000)\n"},
    "crashed": {"code": "import os\ndef f(x):\n    y = x\n    os._exit(0)\n"},
    "crashed: signal": {"code": "import os\ndef f(x):\n    os.kill(os.getpid(), 11)\n"},
    "result_changed": {"code": REPR_IS_COUNTED},
    "result_changed: repr": {"code": REPR_RAISES},
    "output_differs": {"output": "5"},
    "unstable: id": showing("id([])"),
    "unstable: clock": showing("time.time_ns()", first="import time"),
    "unstable: random": showing("random.random()", first="import random"),
    "unstable: order": showing("list({'a', 'b', 'c'})"),
    "unstable: set": showing("{'a', 'b'}"),
    "no_steps": {"code": "def f(x):\n    pass\n"},
    "too_many_steps": {"code": LONG},
    "address": showing("[object()] * x"),
    "value_too_long": showing("'a' * 300"),
    "not_literal": {"code": "def f(x):\n    y = x\n    return range(y + 1)\n"},
    "duplicate": {"input": "0"},
}  # fmt: skip


def test_every_reason_for_a_rejection_comes_out(stepcode_here: Stepcode, tmp_path: Path) -> None:
    rows = [row(0)] + [row(1, id=name, **fields) for name, fields in REJECTED.items()]
    write_jsonl(tmp_path / "in.jsonl", rows)
    source = ("--source", "jsonl", "--input", "in.jsonl", "--out", "out")
    # `fill` would leave out what cannot be shown, and keep some of these rows.
    limits = ("--cpu-seconds", "0.5", "--memory-mb", "256", "--policy", "strict")
    done = stepcode_here("build-dataset", *source, *limits)
    found = reasons(tmp_path / "out")
    assert (done.returncode, done.stderr) == (0, b"")
    assert [row["source_row"] for row in kept(tmp_path / "out")] == ["row-0"]
    assert found == {name: name.partition(":")[0] for name in REJECTED}
    assert all(row["detail"] for row in rejected(tmp_path / "out"))


def test_broken_line_is_named_and_the_others_go_on(stepcode_here: Stepcode, tmp_path: Path) -> None:
    write_jsonl(tmp_path / "in.jsonl", [row(0), "", '{"code": ', "[1]", row(1)])
    done = stepcode_here(
        "build-dataset", "--source", "jsonl", "--input", "in.jsonl", "--out", "out"
    )
    details = {row["source_row"]: row["detail"] for row in rejected(tmp_path / "out")}
    assert done.returncode == 0
    assert done.stdout == b"out: 4 rows in, 2 kept, 2 rejected (bad_row 2)\n"
    assert details["1"].startswith("line 3: not JSON")
    assert details["2"].startswith("line 4: expected an object")


def test_no_row_kept_is_a_failure_that_says_where_to_look(
    stepcode_here: Stepcode, tmp_path: Path
) -> None:
    write_jsonl(tmp_path / "in.jsonl", [row(0, input=None)])
    done = stepcode_here(
        "build-dataset", "--source", "jsonl", "--input", "in.jsonl", "--out", "out"
    )
    assert done.returncode == 1
    assert done.stderr.startswith(b"stepcode: out: no row was kept")
    assert reasons(tmp_path / "out") == {"row-0": "no_call"}


def test_own_prints_stay_apart_from_the_steps(stepcode_here: Stepcode, tmp_path: Path) -> None:
    code = "def f(x):\n    print('y: 0')\n    y = x + 1\n    return y\n"
    write_jsonl(tmp_path / "in.jsonl", [row(1, code=code, output="2")])
    stepcode_here("build-dataset", "--source", "jsonl", "--input", "in.jsonl", "--out", "out")
    (only,) = kept(tmp_path / "out")
    assert only["stdout"] == "y: 0\n"
    assert [(step["name"], step["text"]) for step in only["steps"]] == [("y", "2")]


def test_recipe_in_a_file_is_followed_and_options_go_over_it(
    stepcode_here: Stepcode, tmp_path: Path
) -> None:
    write_jsonl(tmp_path / "in.jsonl", [row(number, program=GOOD) for number in range(5)])
    recipe = '[source]\nname = "jsonl"\npath = "in.jsonl"\nfields = { code = "program" }\n'
    recipe += '[anchor]\npolicy = "paper"\n[build]\nlimit = 4\n'
    (tmp_path / "mine.toml").write_text(recipe, encoding="utf-8")
    done = stepcode_here("build-dataset", "mine.toml", "--out", "out", "--limit", "3")
    assert done.stdout == b"out: 3 rows in, 3 kept, 0 rejected\n"
    assert {row["policy"] for row in kept(tmp_path / "out")} == {"paper"}
    assert manifest(tmp_path / "out")["recipe"]["limit"] == 3


def test_more_processor_time_raises_the_wall_time_with_it(
    stepcode_here: Stepcode, tmp_path: Path
) -> None:
    stepcode_here("build-dataset", "--out", "out", "--cpu-seconds", "100", "--limit", "1")
    assert manifest(tmp_path / "out")["recipe"]["execute"]["wall_seconds"] == 400


def test_input_counts_by_content_not_by_where_it_lies(
    stepcode_here: Stepcode, tmp_path: Path
) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        path = write_jsonl(tmp_path / folder / "in.jsonl", [row(0), row(1)])
        source = ("--source", "jsonl", "--input", str(path))
        stepcode_here("build-dataset", *source, "--out", f"{folder}/out")
    assert digests(tmp_path / "a" / "out") == digests(tmp_path / "b" / "out")


def test_folder_with_a_pattern_for_a_name_is_only_a_name(
    stepcode_here: Stepcode, tmp_path: Path
) -> None:
    done = stepcode_here("build-dataset", "--out", "out[1]*", "--limit", "3")
    assert (done.returncode, done.stderr) == (0, b"")
    assert stepcode_here("show", "out[1]*", "--sample").returncode == 0


def test_folder_of_files_is_a_source(stepcode_here: Stepcode, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "g.py").write_text(GOOD.replace("f(", "g("), encoding="utf-8")
    calls = '{"g.py": ["g(1)", "g(2)"]}'
    (tmp_path / "in" / "calls.json").write_text(calls, encoding="utf-8")
    done = stepcode_here("build-dataset", "--source", "folder", "--input", "in", "--out", "out")
    assert done.stdout == b"out: 2 rows in, 2 kept, 0 rejected\n"


@pytest.mark.slow
def test_hub_without_network_is_one_line_and_no_minutes_of_retries(
    stepcode: Stepcode, tmp_path: Path
) -> None:
    before = time.monotonic()
    source = ("--source", "hub", "--input", "nobody/nothing", "--out", "out")
    # A proxy that is not there, so that the test needs no machine without a network.
    nowhere = {"HF_HUB_OFFLINE": "0", "HTTPS_PROXY": "http://127.0.0.1:9", "NO_PROXY": ""}
    done = stepcode("build-dataset", *source, **nowhere)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"stepcode: nobody/nothing: cannot be read as a dataset")
    assert done.stderr.count(b"\n") == 1
    assert not (tmp_path / "out").exists()
    assert time.monotonic() - before < 20


def test_fill_leaves_out_what_cannot_be_shown_and_keeps_the_row(
    stepcode_here: Stepcode, tmp_path: Path
) -> None:
    names = ("too_many_steps", "address", "value_too_long", "unstable: set", "raised")
    rows = [row(1, id=name, **REJECTED[name]) for name in names]
    write_jsonl(tmp_path / "in.jsonl", rows)
    stepcode_here("build-dataset", "--source", "jsonl", "--input", "in.jsonl", "--out", "out")
    assert {row["source_row"] for row in kept(tmp_path / "out")} == set(names) - {"raised"}
    assert reasons(tmp_path / "out") == {"raised": "raised"}
    assert {row["policy"] for row in kept(tmp_path / "out")} == {"fill"}


def test_every_step_has_a_class_under_every_policy(stepcode_here: Stepcode, tmp_path: Path) -> None:
    code = "def f(x):\n    y = x\n    z = y + x\n    return len(z)\n"
    write_jsonl(tmp_path / "in.jsonl", [row(1, code=code, input="['abc', 'd']")])
    for policy in ("strict", "paper", "fill"):
        source = ("--source", "jsonl", "--input", "in.jsonl", "--out", policy)
        stepcode_here("build-dataset", *source, "--policy", policy)
        steps = kept(tmp_path / policy)[0]["steps"]
        classes = {step["name"]: step["novelty"] for step in steps}
        assert classes["z"] == classes["_ret"] == "informative"
        assert classes.get("y", "alias") == "alias"


def test_one_program_has_one_text_where_asked(stepcode_here: Stepcode, tmp_path: Path) -> None:
    code = "def f(n):\n    if n % 2:\n        n += n * 3\n    return [i for i in range(n)]\n"
    rows = [row(number, code=code, input=str(number)) for number in range(9)]
    write_jsonl(tmp_path / "in.jsonl", [{**one, "output": None} for one in rows])
    source = ("--source", "jsonl", "--input", "in.jsonl")
    stepcode_here("build-dataset", *source, "--out", "one", "--one-program-one-text")
    assert len({row["anchored_code"] for row in kept(tmp_path / "one")}) == 1
    stepcode_here("build-dataset", *source, "--out", "each")
    assert len({row["anchored_code"] for row in kept(tmp_path / "each")}) > 1
