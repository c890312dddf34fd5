"""A sample is the same each time, and has what is rare."""

from collections import Counter
from pathlib import Path

from stepcode.dataset.read import read_rows
from stepcode.dataset.rows import Row
from stepcode.dataset.sample import sample_kept, sample_rejected
from tests.unit.dataset_samples import build_sample, dropped, finish_sample, kept, open_sample

ROWS = [kept(n, steps=7 if n == 50 else 1 + n % 3) for n in range(90)]
REJECTED = [dropped(n) for n in range(100, 110)]


def build(out: Path, *, blocks: int) -> Path:
    """The same rows, cut into so many shards."""
    with open_sample(out) as one:
        for index in range(blocks):
            rows, rejected = ROWS[index::blocks], REJECTED[index::blocks]
            size = len(rows) + len(rejected)
            one.write_block(index, rows, rejected, rows_in=size, outcomes={"ok": len(rows)})
        finish_sample(one, blocks=blocks, drop_duplicates=False)
    return out


def sampled(out: Path, most: int) -> list[Row]:
    return [one.row for one in sample_kept(out, most=most)]


def test_a_sample_does_not_depend_on_how_the_dataset_is_cut(tmp_path: Path) -> None:
    samples = [sampled(build(tmp_path / str(n), blocks=n), 20) for n in (1, 5)]
    assert samples[0] == samples[1]
    assert len(samples[0]) == 20


def test_every_number_of_steps_is_there_before_any_is_there_twice(tmp_path: Path) -> None:
    rows = sampled(build(tmp_path / "set", blocks=3), 10)
    assert [row.n_steps for row in rows] == [7, 3, 2, 1, 3, 2, 1, 3, 2, 1]


def test_of_each_number_of_steps_the_smallest_ids_are_taken(tmp_path: Path) -> None:
    rows = sampled(build(tmp_path / "set", blocks=3), 31)
    for steps, count in Counter(row.n_steps for row in rows).items():
        every = sorted(row.id for row in ROWS if row.n_steps == steps)
        assert sorted(row.id for row in rows if row.n_steps == steps) == every[:count]


def test_a_small_dataset_is_sampled_whole(tmp_path: Path) -> None:
    out = build(tmp_path / "set", blocks=2)
    assert sorted(row.id for row in sampled(out, 1000)) == sorted(row.id for row in read_rows(out))
    assert len(sample_rejected(out, most=1000)) == len(REJECTED)
    assert len(sample_rejected(out, most=4)) == 4


def test_rows_know_their_split(tmp_path: Path) -> None:
    build_sample(tmp_path / "set")
    assert {one.split for one in sample_kept(tmp_path / "set", most=5)} == {"train"}


def test_where_nothing_was_kept_there_is_no_sample(tmp_path: Path) -> None:
    with open_sample(tmp_path / "set") as one:
        one.write_block(0, [], REJECTED, rows_in=10, outcomes={})
        finish_sample(one, blocks=1)
    assert sample_kept(tmp_path / "set", most=5) == []
    assert len(sample_rejected(tmp_path / "set", most=50)) == 10
