"""Parts of a dataset: a merge gives the bytes of a single build, whatever happens on the way."""

import json
from pathlib import Path

import pytest

from stepcode.dataset.manifest import current_versions
from stepcode.dataset.parquet import open_build
from stepcode.dataset.part import PART, Part, Piece, read_part, read_part_name
from stepcode.dataset.rows import RejectedRow, Row
from stepcode.errors import DatasetError, MisuseError, StepcodeError
from stepcode_pipelines.merge import merge_parts
from tests.unit.dataset_samples import RECIPE, build_sample, dropped, files_of, kept
from tests.unit.saboteur import Saboteur, Stopped

BLOCKS, ROWS_PER_BLOCK = 3, 6


def sample_rows(index: int) -> tuple[list[Row], list[RejectedRow]]:
    """The rows that `write_sample_block` puts into a block."""
    numbers = range(index * ROWS_PER_BLOCK, (index + 1) * ROWS_PER_BLOCK)
    good = [kept(n, program=0 if n == numbers[1] else n) for n in numbers if n % 3]
    return good, [dropped(n) for n in numbers if n % 3 == 0]


def build_part(out: Path, part: Part, *, overwrite: bool = False, seed: int = 0) -> None:
    """A part of the sample dataset, dealt out by the row."""
    recipe = RECIPE | {"seed": seed}
    with open_build(out, recipe, isolation="none", part=str(part), overwrite=overwrite) as build:
        for index in sorted(set(range(BLOCKS)) - build.done_blocks()) if not build.finished else ():
            good, bad = sample_rows(index)
            numbers = [n for n in range(index * 6, index * 6 + 6) if part.owns(n)]
            good = [row for row in good if int(row.source_row) in numbers]
            bad = [row for row in bad if int(row.source_row) in numbers]
            pieces = [Piece(n, int(n % 3 > 0), int(n % 3 == 0)) for n in numbers]
            build.write_block(
                index,
                good,
                bad,
                rows_in=len(numbers),
                outcomes={"ok": len(good)} if good else {},
                pieces=pieces,
            )
        build.finish_part(
            blocks=range(BLOCKS), input_rows=18, evaluation_only=False, drop_duplicates=True
        )


def build_parts(folder: Path, count: int) -> list[Path]:
    folders = [folder / f"part-{index}" for index in range(count)]
    for index, out in enumerate(folders):
        build_part(out, Part(index, count))
    return folders


@pytest.mark.parametrize("count", [1, 2, 4, 7])
def test_merged_parts_have_the_bytes_of_a_single_build(
    tmp_path: Path, whole: dict[str, bytes], count: int
) -> None:
    folders = build_parts(tmp_path, count)
    before = [files_of(folder) for folder in folders]
    merge_parts(list(reversed(folders)), tmp_path / "out")
    assert files_of(tmp_path / "out") == whole
    assert [files_of(folder) for folder in folders] == before


def test_merge_stopped_at_any_change_to_the_disk_ends_with_the_same_bytes(
    tmp_path: Path, whole: dict[str, bytes], saboteur: Saboteur
) -> None:
    folders = build_parts(tmp_path, 2)
    for changes in range(1000):
        out = tmp_path / "out" / str(changes)
        saboteur.arm(changes)
        try:
            merge_parts(folders, out)
        except Stopped:
            saboteur.disarm()
            merge_parts(folders, out)
            assert files_of(out) == whole, f"stopped before change {changes}"
        else:
            assert changes > 40
            return


@pytest.mark.parametrize("overwrite", [False, True], ids=["new", "overwrite"])
def test_part_stopped_at_any_change_to_the_disk_ends_with_the_same_bytes(
    tmp_path: Path, saboteur: Saboteur, overwrite: bool
) -> None:
    build_part(tmp_path / "whole", Part(1, 2))
    expected = files_of(tmp_path / "whole")
    for changes in range(1000):
        out = tmp_path / str(changes)
        if overwrite:
            build_part(out, Part(0, 2), seed=7)
        saboteur.arm(changes)
        try:
            build_part(out, Part(1, 2), overwrite=overwrite)
        except Stopped:
            saboteur.disarm()
            build_part(out, Part(1, 2), overwrite=overwrite)
            assert files_of(out) == expected, f"stopped before change {changes}"
        else:
            assert changes > 30
            return


def test_part_that_is_given_another_number_is_refused(tmp_path: Path) -> None:
    build_part(tmp_path, Part(0, 2))
    with pytest.raises(DatasetError, match="holds part 0/2, not part 1/2"):
        build_part(tmp_path, Part(1, 2))
    with pytest.raises(DatasetError, match="holds part 0/2, not a whole dataset"):
        build_sample(tmp_path)
    build_sample(tmp_path / "whole")
    with pytest.raises(DatasetError, match="holds a whole dataset, not part 0/2"):
        build_part(tmp_path / "whole", Part(0, 2))


def test_unfinished_part_is_named(tmp_path: Path) -> None:
    build_part(tmp_path / "0", Part(0, 2))
    recipe = RECIPE | {"seed": 0}
    open_build(tmp_path / "1", recipe, isolation="none", part="1/2").close()
    with pytest.raises(DatasetError, match="1: part 1/2 is unfinished; run its build-dataset"):
        merge_parts([tmp_path / "0", tmp_path / "1"], tmp_path / "out")
    open_build(tmp_path / "2", recipe, isolation="none").close()
    with pytest.raises(DatasetError, match="unfinished build of a whole dataset"):
        merge_parts([tmp_path / "0", tmp_path / "2"], tmp_path / "out")


def test_damaged_file_of_a_part_is_named(tmp_path: Path) -> None:
    folders = build_parts(tmp_path, 2)
    path = folders[1] / "blocks/000001/data.parquet"
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    with pytest.raises(DatasetError, match=r"000001/data\.parquet: missing or damaged"):
        merge_parts(folders, tmp_path / "out")
    build_part(folders[1], Part(1, 2), overwrite=True)
    merge_parts(folders, tmp_path / "out")


def change(folder: Path, **values: object) -> None:
    record = json.loads((folder / PART).read_bytes())
    (folder / PART).write_text(json.dumps(record | values))


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"isolation": "namespaces"}, 'isolation is "namespaces", not "none"'),
        ({"recipe": RECIPE | {"seed": 1}}, "recipe.seed is 1, not 0"),
        ({"versions": current_versions() | {"python": "3.9"}}, 'versions.python is "3.9"'),
        ({"input_rows": 9}, "input_rows is 9, not 18"),
        ({"part": "1/3"}, "build all parts with the same n"),
        ({"part": "0/2"}, "part 0/2 is given twice"),
        ({"rows": {"in": 8, "kept": 8, "rejected": 0}}, "the parts hold 17 of 18 input rows"),
    ],
)
def test_parts_that_do_not_belong_together_are_refused(
    tmp_path: Path, values: dict[str, object], says: str
) -> None:
    folders = build_parts(tmp_path, 2)
    change(folders[1], **values)
    with pytest.raises(MisuseError, match=says):
        merge_parts(folders, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_merge_by_another_polars_is_refused(tmp_path: Path) -> None:
    folders = build_parts(tmp_path, 2)
    for folder in folders:
        change(folder, versions=current_versions() | {"polars": "0.1"})
    with pytest.raises(MisuseError, match=r"built with polars 0\.1, .*: merge with the same"):
        merge_parts(folders, tmp_path / "out")


def test_merge_keeps_the_versions_that_the_parts_ran_under(tmp_path: Path) -> None:
    folders = build_parts(tmp_path, 2)
    for folder in folders:
        change(folder, versions=current_versions() | {"python": "3.99"})
    merge_parts(folders, tmp_path / "out")
    manifest = json.loads((tmp_path / "out/manifest.json").read_bytes())
    assert manifest["versions"]["python"] == "3.99"


def test_rows_missing_from_a_part_stop_its_build(tmp_path: Path) -> None:
    with (
        open_build(tmp_path, RECIPE, isolation="none", part="0/2") as build,
        pytest.raises(StepcodeError, match="blocks missing or not expected"),
    ):
        build.finish_part(blocks=[0], input_rows=6, evaluation_only=False, drop_duplicates=True)


@pytest.mark.parametrize("text", ["", "1", "4/4", "0/0", "-1/4", "1/4/2", "a/b", "1 /4"])
def test_shard_that_is_none_is_misuse(text: str) -> None:
    with pytest.raises(MisuseError, match="expected i/n with i from 0 to n-1"):
        read_part_name(text)


def test_name_of_a_part_reads_back() -> None:
    assert read_part_name(str(Part(3, 4))) == Part(3, 4)


@pytest.mark.parametrize(
    ("text", "says"),
    [("{", "unreadable"), ("[]", "unreadable"), ("{}", "unreadable"), ('{"format": 9}', "newer")],
)
def test_broken_part_file_is_one_line(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / PART).write_text(text)
    with pytest.raises(DatasetError, match=says):
        read_part(tmp_path)
    with pytest.raises(DatasetError, match=says):
        build_part(tmp_path, Part(0, 2))
