"""What `build-dataset` keeps out, and what it says of that: duplicates, benchmarks, a split."""

import hashlib
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.end_to_end.build_samples import (
    digests,
    kept,
    manifest,
    reasons,
    rejected,
    row,
    write_jsonl,
)
from tests.unit.benchmark_samples import (
    CRUXEVAL,
    HUMANEVAL,
    HUMANEVAL_PROMPT,
    LIVECODEBENCH,
    MBPP,
    TINY,
    UNRELATED,
    write_benchmarks,
)
from tests.unit.leaks import inside_a_longer_program, laid_out_anew, renamed

Stepcode = Callable[..., subprocess.CompletedProcess[bytes]]

FIRST_NAME = renamed(CRUXEVAL).split()[1].partition("(")[0]
ROWS = {
    "leak": {"code": CRUXEVAL, "input": "f([1, 4])"},
    "leak, renamed": {"code": renamed(CRUXEVAL), "input": f"{FIRST_NAME}([4])"},
    "leak, second call": {"code": CRUXEVAL, "input": "f([7, 10])"},
    "leak inside": {"code": inside_a_longer_program(MBPP), "input": "count_pairs([1, 2], 3)"},
    "leak, laid out anew": {"code": laid_out_anew(LIVECODEBENCH), "input": "longestRun('01', 1)"},
    "leak of a task": {"code": HUMANEVAL_PROMPT + HUMANEVAL, "input": "roots_of([4, 5])"},
    "leak of one line": {"code": TINY.replace("text", "s"), "input": "'aB'"},
    "honest": {"code": UNRELATED, "input": "[1, 2], 3"},
    "honest, second call": {"code": UNRELATED, "input": "[5], 2"},
    "honest, again": {"code": UNRELATED, "input": "[5], 2"},
    "honest, renamed": {"code": UNRELATED.replace("lines", "out"), "input": "[8], 9"},
}


@pytest.fixture
def benchmarks(tmp_path: Path) -> dict[str, Path]:
    rows = [row(0, id=name, **fields) for name, fields in ROWS.items()]
    write_jsonl(tmp_path / "in.jsonl", rows)
    return write_benchmarks(tmp_path)


def command(*options: str, out: str = "out", workers: int = 1) -> tuple[str, ...]:
    source = ("--source", "jsonl", "--input", "in.jsonl", "--workers", str(workers))
    return ("build-dataset", *source, "--out", out, *options)


def against(benchmarks: dict[str, Path]) -> list[str]:
    return [word for path in benchmarks.values() for word in ("--decontaminate", path.name)]


def test_benchmark_programs_and_repeats_are_rejected_and_counted(
    stepcode_here: Stepcode, tmp_path: Path, benchmarks: dict[str, Path]
) -> None:
    done = stepcode_here(*command(*against(benchmarks)))
    says = b"out: 11 rows in, 2 kept, 9 rejected (contaminated 7, duplicate 2)\n"
    assert (done.returncode, done.stdout, done.stderr) == (0, says, b"")
    out = tmp_path / "out"
    assert {r["source_row"] for r in kept(out)} == {"honest", "honest, second call"}
    details = {r["source_row"]: r["detail"] for r in rejected(out)}
    same = "the same program but for names, comments and layout"
    assert details["leak"] == details["leak, second call"] == f"cruxeval sample_0: {same}"
    assert details["leak, renamed"] == f"cruxeval sample_0: {same}"
    assert details["leak inside"].startswith("mbpp 11: ")
    assert details["leak, laid out anew"].startswith("livecodebench sample_7: ")
    assert details["leak of one line"] == f"cruxeval sample_1: {same}"
    ids = {r["source_row"]: r["id"] for r in kept(out)}
    assert details["honest, again"].endswith(f"as row {ids['honest, second call']}")
    assert details["honest, renamed"] == (
        f"same program but for names, comments and layout as row {ids['honest']}"
    )
    record = manifest(out)
    assert record["rows"] == {"in": 11, "kept": 2, "rejected": 9}
    assert record["duplicates"] == {"same_call": 1, "same_form": 1}
    assert sum(record["contamination"].values()) == 7
    assert record["contamination"]["cruxeval"] == 4
    assert record["outcomes"] == {"ok": 4}  # what is contaminated is never run
    card = (out / "README.md").read_text()
    assert "| cruxeval | 4 |" in card
    assert "| reval | 0 |" in card


def test_digests_of_the_benchmark_files_belong_to_the_recipe(
    stepcode_here: Stepcode, tmp_path: Path, benchmarks: dict[str, Path]
) -> None:
    mbpp = ("--decontaminate", "mbpp.json")
    assert stepcode_here(*command(*mbpp)).returncode == 0
    digest = hashlib.sha256(benchmarks["mbpp"].read_bytes()).hexdigest()
    expected = [{"benchmark": "mbpp", "sha256": digest}]
    assert manifest(tmp_path / "out")["recipe"]["decontaminate"] == expected
    benchmarks["mbpp"].rename(tmp_path / "elsewhere.json")
    again = stepcode_here(
        *command("--decontaminate", "elsewhere.json", *mbpp[:1], "elsewhere.json")
    )
    assert again.stdout.endswith(b", built before\n")
    for other in ((), ("--decontaminate", "cruxeval.jsonl")):
        refused = stepcode_here(*command(*other))
        assert (refused.returncode, refused.stderr.count(b"\n")) == (2, 1)
        assert b"recipe.decontaminate is " in refused.stderr


@pytest.mark.slow
def test_workers_and_parts_and_order_of_the_files_change_no_byte(
    stepcode: Stepcode, tmp_path: Path, benchmarks: dict[str, Path]
) -> None:
    options = [*against(benchmarks), "--split", "0.5"]
    backwards = against(dict(reversed(benchmarks.items())))
    assert stepcode(*command(*options)).returncode == 0
    assert stepcode(*command(*backwards, "--split", "0.5", out="two", workers=2)).returncode == 0
    for index in range(2):
        part = ("--shard", f"{index}/2")
        assert stepcode(*command(*options, *part, out=f"part-{index}")).returncode == 0
    assert stepcode("merge", "part-1", "part-0", "--out", "merged").returncode == 0
    whole = digests(tmp_path / "out")
    assert digests(tmp_path / "two") == digests(tmp_path / "merged") == whole


@pytest.mark.slow
def test_split_of_the_bundled_programs_and_its_parts(stepcode: Stepcode, tmp_path: Path) -> None:
    import datasets

    base = ("build-dataset", "--split", "0.2", "--workers", "1", "--out")
    assert stepcode(*base, "out").returncode == 0
    loaded = datasets.load_dataset(str(tmp_path / "out"), cache_dir=str(tmp_path / "cache"))
    sides = {name: set(part["program_id"]) for name, part in loaded.items()}
    assert set(sides) == {"train", "test"}
    assert sides["train"] & sides["test"] == set()
    splits = {name: part.num_rows for name, part in loaded.items()}
    assert manifest(tmp_path / "out")["splits"] == splits
    for index in range(3):
        assert stepcode(*base, f"part-{index}", "--shard", f"{index}/3").returncode == 0
    parts = [f"part-{index}" for index in range(3)]
    assert stepcode("merge", *parts, "--out", "merged").returncode == 0
    assert digests(tmp_path / "merged") == digests(tmp_path / "out")


def test_benchmark_as_source_is_neither_decontaminated_nor_stripped_of_duplicates(
    stepcode_here: Stepcode, tmp_path: Path, benchmarks: dict[str, Path]
) -> None:
    source = ("--source", "cruxeval", "--input", "cruxeval.jsonl")
    done = stepcode_here("build-dataset", *source, "--out", "out", *against(benchmarks))
    assert done.returncode == 1  # its outputs are made up
    note = b"stepcode: cruxeval is a benchmark, for evaluation only: it is not decontaminated\n"
    assert done.stderr.startswith(note)
    assert set(reasons(tmp_path / "out").values()) == {"output_differs", "raised"}
    assert "decontaminate" not in manifest(tmp_path / "out")["recipe"]


def test_recipe_file_names_benchmarks_and_split(
    stepcode_here: Stepcode, tmp_path: Path, benchmarks: dict[str, Path]
) -> None:
    (tmp_path / "clean.toml").write_text(
        '[source]\nname = "jsonl"\npath = "in.jsonl"\n'
        '[build]\ndecontaminate = ["cruxeval.jsonl"]\nsplit = 0.25\n',
        encoding="utf-8",
    )
    done = stepcode_here("build-dataset", "clean.toml", "--out", "out", "--workers", "1")
    assert b"contaminated 4" in done.stdout
    recipe = manifest(tmp_path / "out")["recipe"]
    assert recipe["split"] == 0.25
    assert [some["benchmark"] for some in recipe["decontaminate"]] == ["cruxeval"]
    assert benchmarks
