from pathlib import Path

import datasets
import polars as pl
import pytest

from stepcode.dataset.manifest import read_manifest
from stepcode.dataset.read import read_rows
from stepcode.dataset.split import split_of
from stepcode.types import short_hash
from tests.unit.dataset_samples import files_of, kept, open_sample

IDS = [short_hash(str(number)) for number in range(5000)]


def build_split(out: Path, share: float, *, rows: int = 120) -> None:
    """Rows of a third as many programs, each with calls in every block."""
    with open_sample(out) as build:
        for index in range(3):
            numbers = range(index * rows // 3, (index + 1) * rows // 3)
            some = [kept(n, program=n % (rows // 3)) for n in numbers]
            build.write_block(index, some, [], rows_in=len(some), outcomes={"ok": len(some)})
        build.finish(
            blocks=range(3), evaluation_only=False, drop_duplicates=False, test_share=share
        )


def programs_of(out: Path, split: str) -> set[str]:
    files = sorted((out / "data").glob(f"{split}-*.parquet"))
    return set(pl.concat([pl.read_parquet(file) for file in files])["program_id"])


def test_no_program_is_on_both_sides_and_none_is_lost(tmp_path: Path) -> None:
    build_split(tmp_path, 0.3)
    train, test = programs_of(tmp_path, "train"), programs_of(tmp_path, "test")
    assert train & test == set()
    assert len(train | test) == 40
    assert train
    assert test
    manifest = read_manifest(tmp_path)
    assert set(manifest.splits) == {"train", "test"}
    assert sum(manifest.splits.values()) == manifest.rows["kept"] == 120
    assert len(list(read_rows(tmp_path))) == 120


def test_load_dataset_gives_both_splits(tmp_path: Path) -> None:
    build_split(tmp_path / "out", 0.3)
    loaded = datasets.load_dataset(str(tmp_path / "out"), cache_dir=str(tmp_path / "cache"))
    assert {name: part.num_rows for name, part in loaded.items()} == dict(
        read_manifest(tmp_path / "out").splits
    )
    assert "| test |" in (tmp_path / "out/README.md").read_text()


def test_without_a_share_there_is_one_split_and_no_word_of_it(tmp_path: Path) -> None:
    build_split(tmp_path, 0.0)
    assert [p.name for p in (tmp_path / "data").iterdir()] == ["train-00000-of-00001.parquet"]
    assert "Splits" not in (tmp_path / "README.md").read_text()


def test_side_without_rows_has_no_files(tmp_path: Path) -> None:
    build_split(tmp_path / "one", 0.0001)
    assert list(read_manifest(tmp_path / "one").splits) == ["train"]
    build_split(tmp_path / "other", 0.9999)
    assert list(read_manifest(tmp_path / "other").splits) == ["test"]
    loaded = datasets.load_dataset(str(tmp_path / "other"), cache_dir=str(tmp_path / "cache"))
    assert list(loaded) == ["test"]


def test_same_share_gives_the_same_bytes(tmp_path: Path) -> None:
    build_split(tmp_path / "a", 0.2)
    build_split(tmp_path / "b", 0.2)
    assert files_of(tmp_path / "a") == files_of(tmp_path / "b")


@pytest.mark.parametrize("share", [0.05, 0.5])
def test_share_is_about_what_was_asked_for(share: float) -> None:
    count = sum(split_of(name, test_share=share) == "test" for name in IDS)
    assert abs(count / len(IDS) - share) < 0.02


def test_larger_share_only_adds_to_the_test_side() -> None:
    sides = [{n for n in IDS if split_of(n, test_share=s) == "test"} for s in (0.05, 0.1, 0.5)]
    assert sides[0] < sides[1] < sides[2]
