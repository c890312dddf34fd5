from pathlib import Path

import datasets
import pytest

from stepcode.dataset.frames import SCHEMA, read_row
from stepcode.dataset.hub_words import size_category
from stepcode.dataset.read import find_row, read_rows, sample_row
from stepcode.dataset.rows import RejectedRow
from stepcode.errors import DatasetError
from tests.unit.dataset_samples import build_sample, dropped, kept, open_sample


def load(out: Path, cache: Path, config: str = "default") -> datasets.Dataset:
    return datasets.load_dataset(str(out), config, split="train", cache_dir=str(cache))


def configs(out: Path) -> list[str]:
    return sorted(datasets.get_dataset_config_names(str(out)))


def test_dataset_that_was_built_again_is_loaded_as_it_is_now(tmp_path: Path) -> None:
    out, cache = tmp_path / "out", tmp_path / "cache"
    for index in (0, 1):
        # As many rows of the same form: nothing but what they hold is another.
        with open_sample(out, overwrite=index > 0, seed=index) as build:
            build.write_block(0, [kept(index)], [dropped(index)], rows_in=2, outcomes={"ok": 1})
            build.finish(blocks=range(1), evaluation_only=False, drop_duplicates=True)
        assert [read_row(record) for record in load(out, cache)] == list(read_rows(out))
        assert load(out, cache, "rejected")["source_row"][:] == [str(index)]


def test_load_dataset_opens_both_configurations(tmp_path: Path) -> None:
    out = tmp_path / "out"
    build_sample(out)
    data = load(out, tmp_path / "cache")
    assert data.column_names == list(SCHEMA)
    assert [read_row(record) for record in data] == list(read_rows(out))
    rejected = load(out, tmp_path / "cache", "rejected")
    assert sorted(set(rejected["reason"])) == ["bad_row", "duplicate"]
    assert (data.num_rows, rejected.num_rows) == (10, 8)


def test_no_configuration_is_declared_without_rows(tmp_path: Path) -> None:
    with open_sample(tmp_path / "good") as build:
        build.write_block(0, [kept(1)], [], rows_in=1, outcomes={"ok": 1})
        build.finish(blocks=[0], evaluation_only=False, drop_duplicates=True)
    assert configs(tmp_path / "good") == ["default"]
    with open_sample(tmp_path / "bad") as build:
        build.write_block(0, [], [dropped(1)], rows_in=1, outcomes={})
        build.finish(blocks=[0], evaluation_only=False, drop_duplicates=True)
    assert configs(tmp_path / "bad") == ["rejected"]
    assert load(tmp_path / "bad", tmp_path / "cache", "rejected").num_rows == 1


def test_card_is_a_dataset_card_with_counts_and_limits(tmp_path: Path) -> None:
    from huggingface_hub import DatasetCard

    build_sample(tmp_path)
    card = DatasetCard.load(tmp_path / "README.md")
    assert card.data.license == "mit"
    assert card.data.size_categories == ["n<1K"]
    for part in (
        "| rejected: duplicate | 2 |",
        "## Columns",
        "## How it was made",
        "## Known limits",
    ):
        assert part in card.text


def test_card_of_a_benchmark_says_not_to_train_on_it(tmp_path: Path) -> None:
    with open_sample(tmp_path) as build:
        build.write_block(0, [kept(1)], [], rows_in=1, outcomes={"ok": 1})
        build.finish(blocks=[0], evaluation_only=True, drop_duplicates=False)
    assert "For evaluation only" in (tmp_path / "README.md").read_text()


@pytest.mark.parametrize(
    ("rows", "name"), [(0, "n<1K"), (999, "n<1K"), (1000, "1K<n<10K"), (10**6, "1M<n<10M")]
)
def test_size_categories_are_those_of_the_hub(rows: int, name: str) -> None:
    assert size_category(rows) == name


def test_row_is_found_by_the_start_of_its_id(tmp_path: Path) -> None:
    build_sample(tmp_path)
    row = kept(4)
    assert find_row(tmp_path, row.id) == row
    assert find_row(tmp_path, row.id[:8]) == row
    rejected = find_row(tmp_path, dropped(3).id[:10])
    assert rejected == dropped(3)
    assert isinstance(rejected, RejectedRow)
    with pytest.raises(DatasetError, match="no row has an id that begins with 'xyz'"):
        find_row(tmp_path, "xyz")
    with pytest.raises(DatasetError, match="begins several ids"):
        find_row(tmp_path, "")


def test_sample_is_a_row_worth_looking_at(tmp_path: Path) -> None:
    rows = [kept(1), kept(2, steps=3), kept(3)]
    with open_sample(tmp_path / "a") as build:
        build.write_block(0, rows, [], rows_in=3, outcomes={"ok": 3})
        build.finish(blocks=[0], evaluation_only=False, drop_duplicates=True)
    assert sample_row(tmp_path / "a") == rows[1]
    assert sample_row(tmp_path / "a", at_least_steps=9).n_steps < 9
    with open_sample(tmp_path / "b") as build:
        build.finish(blocks=[], evaluation_only=False, drop_duplicates=True)
    with pytest.raises(DatasetError, match="no row was kept"):
        sample_row(tmp_path / "b")
