"""What `stepcode build-dataset` says to input it cannot build from: one line, and nothing left."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.end_to_end.build_samples import digests, row, write_jsonl

Stepcode = Callable[..., subprocess.CompletedProcess[bytes]]

RECIPES = {
    "key.toml": '[source]\nname = "bundled"\n[execute]\ncpu_secnds = 1\n',
    "section.toml": '[source]\nname = "bundled"\n[executed]\n',
    "type.toml": '[source]\nname = "bundled"\n[execute]\ncpu_seconds = "1"\n',
    "broken.toml": "[source",
    "files.toml": '[source]\nname = "bundled"\n[build]\ndecontaminate = "in.jsonl"\n',
    "nameless.toml": '[source]\npath = "in.jsonl"\n',
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with every input that the cases below name."""
    for name, text in RECIPES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    write_jsonl(tmp_path / "in.jsonl", [row(0)])
    write_jsonl(tmp_path / "other.jsonl", [{"text": "x"}])
    (tmp_path / "empty.jsonl").touch()
    (tmp_path / "no.parquet").write_bytes(b"not Parquet at all")
    (tmp_path / "bare").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("--source jsonl", "give its path with --input"),
        ("--source jsonl --input missing.jsonl", "missing.jsonl: no such file"),
        ("--source jsonl --input empty.jsonl", "empty.jsonl: is empty"),
        ("--source jsonl --input bare", "bare: is a folder"),
        ("--source jsonl --input no.parquet --limit -1", "limit is -1"),
        ("--source parquet --input no.parquet", "not readable as Parquet"),
        ("--source folder --input missing", "needs a folder of .py files"),
        ("--source humaneval --input in.jsonl", "its rows have code, id, input"),
        ("--source jsnol --input in.jsonl", "did you mean 'jsonl'?"),
        ("--input in.jsonl", "name the source of in.jsonl"),
        ("bundeld", "did you mean 'bundled'?"),
        ("missing.toml", "missing.toml: no such recipe file"),
        ("key.toml", "did you mean 'cpu_seconds'?"),
        ("section.toml", "did you mean '[execute]'?"),
        ("type.toml", "expected float"),
        ("files.toml", "expected a list of texts"),
        ("--decontaminate no.parquet", "no.parquet: has no readable row"),
        ("--decontaminate other.jsonl", "other.jsonl: is of no benchmark known here: its rows"),
        ("--decontaminate empty.jsonl", "empty.jsonl: is empty"),
        ("--decontaminate nowhere.jsonl", "nowhere.jsonl: no such file"),
        ("--decontaminate bare", "bare: is a folder"),
        ("--split 1", "split is 1.0: expected a share of the programs"),
        ("--split -0.1", "split is -0.1"),
        ("--split nan", "split is nan"),
        ("broken.toml", "not valid TOML"),
        ("nameless.toml", "[source] has no name"),
        ("--policy strct", "did you mean 'strict'?"),
        ("--policy paper --one-program-one-text", "the option belongs to policy 'fill'"),
        ("--workers 0", "--workers is 0"),
        ("--shard 4/4", "--shard is '4/4': expected i/n with i from 0 to n-1"),
        ("--shard 2", "such as 0/4 for the first of four"),
        ("--engine rya", "--engine is 'rya': expected local or ray"),
        ("--limit -1", "limit is -1"),
        ("--cpu-seconds 0", "cpu_seconds is 0.0"),
        ("--cpu-seconds nan", "cpu_seconds is nan"),
        ("--cpu-seconds inf", "cpu_seconds is inf"),
        ("--memory-mb -5", "memory_mb is -5"),
        ("--isolation jail", "--isolation is 'jail': expected namespaces, landlock or none"),
        ("--out in.jsonl/out", "cannot be written: Not a directory"),
        ("--out in.jsonl", "in.jsonl: is not a folder"),
        ("--out \udcff", "expected a name in UTF-8"),
        ("--out bare/" + "x" * 300, "cannot be written: File name too long"),
    ],
)
def test_misuse_is_one_line_and_leaves_nothing(
    stepcode_here: Stepcode, folder: Path, arguments: str, says: str
) -> None:
    before = digests(folder)
    done = stepcode_here("build-dataset", "--out", "out", *arguments.split())
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"stepcode: ")
    assert done.stderr.count(b"\n") == 1
    assert says in done.stderr.decode()
    assert digests(folder) == before
    assert not (folder / "out").exists()


@pytest.mark.parametrize("overwrite", [(), ("--overwrite",)], ids=["plain", "overwrite"])
def test_folder_of_someone_else_is_left_alone(
    stepcode_here: Stepcode, tmp_path: Path, overwrite: tuple[str, ...]
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.tex").write_text("years of work", encoding="utf-8")
    before = digests(tmp_path)
    done = stepcode_here("build-dataset", "--out", "out", *overwrite)
    assert done.returncode == 2
    assert b"out: is not empty and not a stepcode dataset (thesis.tex)" in done.stderr
    assert digests(tmp_path) == before


def test_dataset_of_another_recipe_is_kept_until_overwrite(
    stepcode_here: Stepcode, tmp_path: Path
) -> None:
    first = ("build-dataset", "--out", "out", "--limit", "2", "--workers", "1")
    assert stepcode_here(*first).returncode == 0
    before = digests(tmp_path)
    other = ("build-dataset", "--out", "out", "--limit", "3", "--workers", "1")
    refused = stepcode_here(*other)
    assert refused.returncode == 2
    assert b"recipe.limit is 2, not 3" in refused.stderr
    assert b"--overwrite" in refused.stderr
    assert digests(tmp_path) == before
    done = stepcode_here(*other, "--overwrite")
    assert (done.returncode, done.stdout) == (0, b"out: 3 rows in, 3 kept, 0 rejected\n")


def test_changed_input_is_another_recipe(stepcode_here: Stepcode, tmp_path: Path) -> None:
    command = ("build-dataset", "--source", "jsonl", "--input", "in.jsonl", "--out", "out")
    write_jsonl(tmp_path / "in.jsonl", [row(0)])
    assert stepcode_here(*command, "--workers", "1").returncode == 0
    write_jsonl(tmp_path / "in.jsonl", [row(0), row(1)])
    refused = stepcode_here(*command)
    assert refused.returncode == 2
    assert b"recipe.source.sha256" in refused.stderr


def test_limit_that_no_sandbox_starts_under_is_one_line(
    stepcode_here: Stepcode, tmp_path: Path
) -> None:
    done = stepcode_here("build-dataset", "--out", "out", "--memory-mb", "1", "--workers", "1")
    assert done.returncode == 1
    assert done.stderr.startswith(b"stepcode: no sandbox process starts here")
    assert done.stderr.count(b"\n") == 1
    assert not (tmp_path / "out" / "manifest.json").exists()
