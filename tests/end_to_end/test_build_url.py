"""Datasets and parts at URLs: what is there is what a folder would hold."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.end_to_end.build_samples import digests

Stepcode = Callable[..., subprocess.CompletedProcess[bytes]]

BUILD = ("build-dataset", "--limit", "45", "--workers", "1")


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_dataset_at_a_url_has_the_bytes_of_one_in_a_folder(
    stepcode_here: Stepcode, tmp_path: Path, cache: Path
) -> None:
    url = f"file://{tmp_path}/at-url"
    assert stepcode_here(*BUILD, "--out", "folder").returncode == 0
    done = stepcode_here(*BUILD, "--out", url)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode() == f"{url}: 45 rows in, 45 kept, 0 rejected\n"
    assert digests(tmp_path / "at-url") == digests(tmp_path / "folder")
    assert stepcode_here(*BUILD, "--out", url).stdout.endswith(b", built before\n")
    assert digests(cache) == {}


@pytest.mark.slow
def test_parts_at_urls_merge_to_a_url(stepcode_here: Stepcode, tmp_path: Path, cache: Path) -> None:
    assert stepcode_here(*BUILD, "--out", "folder").returncode == 0
    places = [f"file://{tmp_path}/parts/0", "parts/1"]
    for index, place in enumerate(places):
        assert stepcode_here(*BUILD, "--out", place, "--shard", f"{index}/2").returncode == 0
    early = stepcode_here("merge", places[0], "--out", f"file://{tmp_path}/merged")
    assert (early.returncode, early.stderr.count(b"\n")) == (2, 1)
    done = stepcode_here("merge", *places, "--out", f"file://{tmp_path}/merged")
    assert (done.returncode, done.stderr) == (0, b"")
    assert digests(tmp_path / "merged") == digests(tmp_path / "folder")
    assert digests(cache) == {}
    onto = stepcode_here("merge", *places, "--out", f"{places[0]}/", "--overwrite")
    assert onto.returncode == 2
    assert b"is one of the parts" in onto.stderr


def test_url_that_cannot_be_reached_is_one_line_and_works_once_it_can(
    stepcode_here: Stepcode, tmp_path: Path, cache: Path
) -> None:
    (tmp_path / "store").write_text("in the way")
    command = (*BUILD, "--out", f"file://{tmp_path}/store/set")
    failed = stepcode_here(*command)
    assert (failed.returncode, failed.stderr.count(b"\n")) == (1, 1)
    assert b"NotADirectoryError" in failed.stderr
    assert digests(cache) == {}
    (tmp_path / "store").unlink()
    assert stepcode_here(*command).returncode == 0
    assert (tmp_path / "store/set/manifest.json").is_file()
    assert digests(cache) == {}


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("nope://bucket/set", "no file system for nope://"),
        ("file://{}/in-use", "is not empty and not a stepcode dataset (thesis.tex)"),
        ("file://{}/in-use/thesis.tex", "is a file, not a folder"),
    ],
)
@pytest.mark.parametrize("overwrite", [(), ("--overwrite",)], ids=["plain", "overwrite"])
def test_url_that_will_not_do_is_refused_before_anything_is_built(
    stepcode_here: Stepcode, tmp_path: Path, url: str, says: str, overwrite: tuple[str, ...]
) -> None:
    (tmp_path / "in-use").mkdir()
    (tmp_path / "in-use" / "thesis.tex").write_text("years of work", encoding="utf-8")
    before = digests(tmp_path)
    done = stepcode_here(*BUILD, "--out", url.format(tmp_path), *overwrite)
    assert (done.returncode, done.stdout, done.stderr.count(b"\n")) == (2, b"", 1)
    assert says in done.stderr.decode()
    assert digests(tmp_path) == before
