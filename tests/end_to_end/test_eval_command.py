"""`stepcode eval` on files of generations: scores, and mistakes in one line."""

from pathlib import Path

import pytest

from stepcode.evaluate.evaluation import read_evaluation
from tests.end_to_end.build_samples import write_jsonl
from tests.end_to_end.eval_samples import (
    ASKED,
    ROWS,
    SERVED,
    Stepcode,
    result,
    right_answers,
    write,
)
from tests.end_to_end.eval_samples import rows as rows
from tests.end_to_end.teacher import teacher


@pytest.mark.slow
def test_published_scores_come_out_of_the_command(
    data_dir: Path, tmp_path: Path, stepcode: Stepcode
) -> None:
    folder = data_dir / "cruxeval"
    name = "codellama-7b_temp0.2_output"
    done = stepcode(
        *("eval", "--benchmark", "cruxeval-output", "--data", folder / "cruxeval.jsonl"),
        *("--generations", folder / f"sample_{name}_generations.json", "-o", "out.json"),
    )
    assert done.returncode == 0, done.stderr
    published = result(folder / f"sample_scored_{name}.json")
    assert result(tmp_path / "out.json")["scores"] == published["raw_scored_generations"]
    lines = done.stdout.decode().splitlines()
    assert lines[1].split()[:2] == ["pass@1", "34.21"]
    assert lines[2].split()[:2] == ["pass@5", f"{published['pass_at_5']:.2f}"]


def test_generations_are_scored_as_they_are(tmp_path: Path, stepcode_here: Stepcode) -> None:
    said = {
        "sample_0": ["1", "0"],
        "sample_1": ["2", "f(1)"],
        "sample_2": ["[", "0"],
        "sample_3": ["4", "2 + 2"],
    }
    write(tmp_path / "said.json", said)
    done = stepcode_here("eval", *ASKED, "--generations", "said.json", "-o", "out.json")
    assert done.returncode == 0
    found = result(tmp_path / "out.json")
    assert found["scores"] == {
        "sample_0": [True, False],
        "sample_1": [True],
        "sample_2": [False, False],
        "sample_3": [True, True],
    }
    assert found["metrics"]["pass@1"] == pytest.approx(100 * (0.5 + 1 + 0 + 1) / 4)
    assert found["counts"] == {"passed": 4, "failed": 3, "skipped": 1, "not_extracted": 1}
    low, high = found["intervals"]["pass@1"]
    assert low < found["metrics"]["pass@1"] < high
    assert b"no answer found in 12.5 %" in done.stdout
    assert b"rows.jsonl has 4 rows and the published benchmark 800" in done.stderr
    assert read_evaluation(tmp_path / "out.json").rows[1]["completions"][1]["verdict"] == "skipped"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"sample_0": ["1"]}, "has no generations of sample_1, sample_2, sample_3"),
        (
            {f"sample_{n}": ["1"] for n in range(6)},
            "has generations of sample_4, sample_5",
        ),
        (
            {"sample_0": ["1", "2"], "sample_1": ["1"], "sample_2": ["1", "2"], "sample_3": ["1"]},
            "has 2 generations of most rows and 1 of sample_1",
        ),
        ({f"sample_{n}": [1] for n in range(4)}, "sample_0: generation 0 is int: expected text"),
        ({f"sample_{n}": "1" for n in range(4)}, "sample_0: expected a list"),
        ({f"sample_{n}": [] for n in range(4)}, "sample_0: expected a list of at least one"),
        ([1], "expected an object of rows, or a list of objects"),
        ([{"id": "sample_0", "pred_list": ["1"]}] * 2, "has sample_0 twice"),
        ([{"id": f"sample_{n}"} for n in range(4)], "sample_0: expected a list"),
        ({f"sampel_{n}": ["1"] for n in range(4)}, "has no generations of sample_0"),
    ],
)
def test_file_that_is_not_whole_is_refused(
    tmp_path: Path, stepcode_here: Stepcode, said: object, told: str
) -> None:
    write(tmp_path / "said.json", said)
    done = stepcode_here("eval", *ASKED, "--generations", "said.json", "-o", "out.json")
    assert done.returncode == 2
    assert told in done.stderr.decode()
    assert done.stderr.count(b"\n") <= 2  # the other line tells of the number of rows
    assert not (tmp_path / "out.json").exists()


def test_row_that_is_there_twice_is_refused(tmp_path: Path, stepcode_here: Stepcode) -> None:
    (tmp_path / "said.json").write_text('{"sample_0": ["1"], "sample_0": ["2"]}')
    done = stepcode_here("eval", *ASKED, "--generations", "said.json")
    assert done.returncode == 2
    assert b"said.json: has sample_0 twice" in done.stderr


def test_generations_of_the_first_rows_are_taken_out_of_a_whole_file(
    tmp_path: Path, stepcode_here: Stepcode
) -> None:
    write(tmp_path / "said.json", {f"sample_{n}": ["1"] for n in range(4)})
    limited = ("--generations", "said.json", "--limit", "2", "-o", "out.json")
    assert stepcode_here("eval", *ASKED, *limited).returncode == 0
    assert result(tmp_path / "out.json")["scores"] == {"sample_0": [True], "sample_1": [False]}
    write(tmp_path / "said.json", {f"sample_{n}": ["1"] for n in range(5)})
    done = stepcode_here("eval", *ASKED, *limited)
    assert done.returncode == 2
    assert b"has generations of sample_4: no rows of this benchmark" in done.stderr


def test_row_that_the_harness_shortens_counts_in_pass_at_k_as_it_does_there(
    tmp_path: Path, stepcode_here: Stepcode
) -> None:
    """Four wrong answers that repeat the call are left out; the right one then is all there is."""
    said = {f"sample_{n}": ["f(1)"] * 4 + [str(1 + n)] for n in range(4)}
    write(tmp_path / "said.json", said)
    done = stepcode_here("eval", *ASKED, "--generations", "said.json", "-o", "out.json")
    assert done.returncode == 0
    assert result(tmp_path / "out.json")["metrics"] == {"pass@1": 100, "pass@5": 100}
    said = {f"sample_{n}": ["f(1)"] * 2 + ["0", "[", str(1 + n)] for n in range(4)}
    write(tmp_path / "said.json", said)
    done = stepcode_here("eval", *ASKED, "--generations", "said.json", "-o", "out.json")
    assert done.returncode == 0
    found = result(tmp_path / "out.json")
    assert found["scores"]["sample_1"] == [False, False, True]
    assert found["metrics"]["pass@1"] == pytest.approx(100 / 3)
    assert found["metrics"]["pass@5"] == 100


def test_texts_are_completions_where_an_extractor_is_named(
    tmp_path: Path, stepcode_here: Stepcode
) -> None:
    said = {f"sample_{n}": [f"It is:\n```\nassert f(1) == {1 + n}\n```"] for n in range(4)}
    write(tmp_path / "said.json", said)
    asked = ("eval", *ASKED, "--generations", "said.json", "-o", "out.json")
    for options, score in (((), 0), (("--extractor", "lenient"), 100)):
        assert stepcode_here(*asked, *options).returncode == 0
        assert result(tmp_path / "out.json")["metrics"]["pass@1"] == score


def test_completions_of_an_evaluation_are_read_again_by_another_extractor(
    tmp_path: Path, stepcode_here: Stepcode
) -> None:
    def respond(number: int, prompt: str) -> str:
        return f"Surely:\n{right_answers(number, prompt)}"

    with teacher(respond) as server:
        asked = ("--base-url", server.url, "--model", "m", "-n", "2", "--prompt", "cot")
        assert stepcode_here("eval", *ASKED, *asked, "-o", "out.json").returncode == 0
    first = result(tmp_path / "out.json")
    again = ("eval", *ASKED, "--generations", "out.completions.jsonl", "-o", "again.json")
    assert stepcode_here(*again).returncode == 0
    found = result(tmp_path / "again.json")
    assert (found["scores"], found["rows"]) == (first["scores"], first["rows"])
    assert (found["model"], found["settings"]["prompt"]) == ("m", "cot")
    assert stepcode_here(*again, "--extractor", "lenient").returncode == 0
    assert result(tmp_path / "again.json")["settings"]["extractor"] == "lenient"
    refused = stepcode_here(*again, "--prompt", "direct")
    assert refused.returncode == 2
    assert b"was asked for with --prompt cot" in refused.stderr
    write_jsonl(tmp_path / "rows.jsonl", [row | {"output": "0"} for row in ROWS])
    refused = stepcode_here(*again)
    assert refused.returncode == 2
    assert b"holds completions of other questions: its data is" in refused.stderr


def test_form_of_livecodebench_is_read(tmp_path: Path, stepcode_here: Stepcode) -> None:
    said = [{"id": f"sample_{n}", "output_list": ["?"], "pred_list": ["1"]} for n in range(4)]
    write(tmp_path / "said.json", said)
    done = stepcode_here("eval", *ASKED, "--generations", "said.json", "-o", "out.json")
    assert done.returncode == 0, done.stderr
    assert result(tmp_path / "out.json")["metrics"]["pass@1"] == 25


def test_rows_of_another_benchmark_are_refused(tmp_path: Path, stepcode_here: Stepcode) -> None:
    whole_call = {
        "id": "sample_0", "function_name": "g", "code": "def g(x):\n    return x",
        "input": "g(x = 1)", "output": "1", "difficulty": "Easy",
    }  # fmt: skip
    write_jsonl(tmp_path / "calls.jsonl", [whole_call])
    write(tmp_path / "said.json", {"sample_0": ["1"]})
    asked = ("--data", "calls.jsonl", "--generations", "said.json", "-o", "out.json")
    done = stepcode_here("eval", "--benchmark", "cruxeval-output", *asked)
    assert done.returncode == 2
    assert b"does not define 'f'; it defines g; it is of another benchmark" in done.stderr
    done = stepcode_here("eval", "--benchmark", "livecodebench-exec", *asked)
    assert done.returncode == 0, done.stderr
    groups = result(tmp_path / "out.json")["groups"]
    assert groups == {"difficulty": {"easy": {"n": 1, "pass@1": 100}}}
    others = ("--data", "rows.jsonl", "--generations", "said.json")
    done = stepcode_here("eval", "--benchmark", "livecodebench-exec", *others)
    assert done.returncode == 2
    assert b"sample_0: its input is no call" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ("--benchmark", "cruxeval", "--data", "rows.jsonl", "--model", "m"),
            "did you mean 'cruxeval-",
        ),
        ((*ASKED,), "nothing to evaluate: give --model"),
        ((*ASKED, "--generations", "x", "--model", "m"), "leave out --model"),
        ((*ASKED, "--generations", "missing.json"), "missing.json: cannot be read: No such file"),
        ((*ASKED, "--model", "m", "--base-url", "nowhere"), "is no address of a model"),
        ((*ASKED, "--model", "m", "-n", "0"), "samples is 0: expected 1 or more"),
        ((*ASKED, *SERVED, "--temperature", "0"), "-n is 10 at temperature 0"),
        ((*ASKED, "--model", "m", "--prompt", "cto"), "did you mean 'cot'?"),
        (("--benchmark", "mbpp", "--data", "rows.jsonl", *SERVED), "row 0 has no task_id"),
        (("--benchmark", "steps", "--data", "rows.jsonl", *SERVED), "no such folder"),
        (("--benchmark", "mbpp", "--data", "none.jsonl", *SERVED), "no such file"),
    ],
)
def test_misuse_is_one_line_before_anything_is_asked(
    stepcode_here: Stepcode, arguments: tuple[str, ...], told: str
) -> None:
    done = stepcode_here("eval", *arguments)
    assert done.returncode == 2
    assert told in done.stderr.decode()
    assert b"Traceback" not in done.stderr


@pytest.mark.slow
def test_dataset_s_split_test_is_read_as_the_hub_has_it(
    tmp_path: Path, stepcode_here: Stepcode
) -> None:
    (tmp_path / "hub").mkdir()
    write_jsonl(tmp_path / "hub" / "test.jsonl", ROWS)
    write_jsonl(tmp_path / "hub" / "train.jsonl", ROWS[:1])
    write(tmp_path / "said.json", {row["id"]: [row["output"]] for row in ROWS})
    asked = ("--benchmark", "cruxeval-output", "--generations", "said.json")
    done = stepcode_here("eval", *asked, "--data", "hub")
    assert done.returncode == 0, done.stderr
    assert b"4 rows, 4 answers" in done.stdout
    refused = stepcode_here("eval", *asked, "--data", "nobody/nothing")
    assert refused.returncode == 2
    assert refused.stderr.startswith(b"stepcode: nobody/nothing: cannot be read as a dataset")
    assert refused.stderr.count(b"\n") == 1
