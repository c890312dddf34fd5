"""`stepcode build-dataset --source synthetic`: what it gives, and how it says no."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Completed
from tests.end_to_end.build_samples import digests, kept, manifest

Run = Callable[..., Completed]


def test_same_seed_gives_same_bytes_whatever_the_workers(stepcode: Run, tmp_path: Path) -> None:
    options = ("build-dataset", "--source", "synthetic", "--limit", "300", "--seed", "11")
    for workers in ("1", "2"):
        done = stepcode(*options, "--workers", workers, "--out", workers)
        assert done.returncode == 0, done.stderr
    assert digests(tmp_path / "1") == digests(tmp_path / "2")
    rows = manifest(tmp_path / "1")["rows"]
    assert rows["in"] == 300
    assert rows["kept"] >= 285


def test_parts_and_whole_have_the_same_bytes(stepcode: Run, tmp_path: Path) -> None:
    options = ("build-dataset", "--source", "synthetic", "--limit", "50", "--difficulty", "2")
    assert stepcode(*options, "--out", "whole").returncode == 0
    for part in ("0", "1"):
        assert stepcode(*options, "--shard", f"{part}/2", "--out", part).returncode == 0
    assert stepcode("merge", "0", "1", "--out", "merged").returncode == 0
    assert digests(tmp_path / "whole") == digests(tmp_path / "merged")


def test_seed_and_difficulty_are_part_of_the_recipe(stepcode: Run, tmp_path: Path) -> None:
    options = ("build-dataset", "--source", "synthetic", "--limit", "5", "--out", "out")
    assert stepcode(*options, "--seed", "1", "--difficulty", "3").returncode == 0
    source = manifest(tmp_path / "out")["recipe"]["source"]
    assert (source["seed"], source["difficulty"]) == (1, 3)
    for other in (("--seed", "2", "--difficulty", "3"), ("--seed", "1", "--difficulty", "4")):
        refused = stepcode(*options, *other)
        assert refused.returncode == 2
        assert refused.stderr.count(b"\n") == 1
    assert {row["license"] for row in kept(tmp_path / "out")} == {"Apache-2.0"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--source", "synthetic"), "source 'synthetic' has no end: give --limit"),
        (
            ("--source", "synthetic", "--limit", "5", "--difficulty", "6"),
            "difficulty is 6: expected 1 to 5, or 0 for all of them in turn",
        ),
        (
            ("--source", "synthetic", "--limit", "5", "--difficulty", "-1"),
            "difficulty is -1: expected 1 to 5, or 0 for all of them in turn",
        ),
        (
            ("--source", "synthetic", "--limit", "5", "--input", "x.jsonl"),
            "source 'synthetic' reads no input: name the source of x.jsonl, such as --source jsonl",
        ),
        (("--difficulty", "2"), "difficulty is for source 'synthetic', not for 'bundled'"),
        (("--source", "synthetik"), "unknown source 'synthetik'"),
    ],
)
def test_misuse_is_told_in_one_line(
    stepcode_here: Run, options: tuple[str, ...], message: str
) -> None:
    refused = stepcode_here("build-dataset", *options, "--out", "out")
    assert refused.returncode == 2
    assert refused.stdout == b""
    assert refused.stderr.decode().startswith(f"stepcode: {message}")
    assert refused.stderr.count(b"\n") == 1


def test_difficulty_that_is_no_number_is_told_in_one_line(
    stepcode_here: Run, tmp_path: Path
) -> None:
    recipe = '[source]\nname = "synthetic"\ndifficulty = "hard"\n[build]\nlimit = 5\n'
    (tmp_path / "mine.toml").write_text(recipe, encoding="utf-8")
    refused = stepcode_here("build-dataset", "mine.toml", "--out", "out")
    assert refused.returncode == 2
    assert refused.stderr == b"stepcode: mine.toml: [source] difficulty is 'hard': expected int\n"
