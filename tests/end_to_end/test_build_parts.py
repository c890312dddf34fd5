"""A build shared out in parts, and merged: the bytes of a single build, killed or not."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.end_to_end.build_samples import (
    digests,
    reasons,
    row,
    start,
    wait_for,
    wait_until_none_runs,
    write_jsonl,
)

Stepcode = Callable[..., subprocess.CompletedProcess[bytes]]

BUSY = "def f(x):\n    y = sum(range(200_000)) + x\n    return y\n"
BUILD = """
import sys
from pathlib import Path
from stepcode.dataset.part import read_part_name
from stepcode_pipelines.build import build_dataset
from stepcode_pipelines.recipe import load_recipe
recipe = load_recipe("bundled", source="jsonl", path="in.jsonl")
part = read_part_name(sys.argv[2]) if sys.argv[2] else None
build_dataset(recipe, Path(sys.argv[1]), workers=1, block_rows=40, part=part)
"""


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    """Rows for four blocks, the last a short one; some repeat one that another part has."""
    kept = [row(number, code=BUSY) for number in range(100)]
    repeated = [row(number + 100, code=BUSY, input=str(number * 7)) for number in range(10)]
    wrong = [row(number + 110, code=BUSY, output="0") for number in range(15)]
    return write_jsonl(tmp_path / "in.jsonl", [*kept[:50], *wrong, *repeated, *kept[50:]])


def build(out: str, part: str, tmp_path: Path) -> None:
    process = start(out, part, tmp_path=tmp_path, script=BUILD)
    _, stderr = process.communicate(timeout=100)
    assert (process.returncode, stderr) == (0, b"")


@pytest.mark.slow
@pytest.mark.usefixtures("rows")
def test_parts_of_many_blocks_merge_to_the_bytes_of_a_single_build(
    tmp_path: Path, stepcode: Stepcode
) -> None:
    build("whole", "", tmp_path)
    for index in range(3):
        build(f"part-{index}", f"{index}/3", tmp_path)
    done = stepcode("merge", "part-2", "part-0", "part-1", "--out", "merged")
    whole = digests(tmp_path / "whole")
    says = b"merged: 125 rows in, 100 kept, 25 rejected (duplicate 10, output_differs 15)\n"
    assert (done.returncode, done.stdout, done.stderr) == (0, says, b"")
    assert digests(tmp_path / "merged") == whole
    assert sorted(set(reasons(tmp_path / "merged").values())) == ["duplicate", "output_differs"]
    again = stepcode("merge", "part-2", "part-0", "part-1", "--out", "merged")
    assert again.stdout.endswith(b", built before\n")
    assert digests(tmp_path / "merged") == whole


@pytest.mark.slow
@pytest.mark.usefixtures("rows")
def test_killed_part_goes_on_and_is_not_merged_before(tmp_path: Path, stepcode: Stepcode) -> None:
    build("whole", "", tmp_path)
    build("part-1", "1/2", tmp_path)
    process = start("part-0", "0/2", tmp_path=tmp_path, script=BUILD)
    wait_for(tmp_path / "part-0" / "blocks" / "000001", process)
    process.kill()
    process.communicate()
    wait_until_none_runs(tmp_path)
    early = stepcode("merge", "part-0", "part-1", "--out", "merged")
    assert early.returncode == 2
    assert early.stderr.startswith(b"stepcode: part-0: part 0/2 is unfinished; ")
    assert not (tmp_path / "merged").exists()
    build("part-0", "0/2", tmp_path)
    assert stepcode("merge", "part-0", "part-1", "--out", "merged").returncode == 0
    assert digests(tmp_path / "merged") == digests(tmp_path / "whole")


def test_more_parts_than_rows_still_merge(stepcode_here: Stepcode, tmp_path: Path) -> None:
    base = ("build-dataset", "--limit", "30", "--workers", "1")
    assert stepcode_here(*base, "--out", "whole").returncode == 0
    for index in range(3):
        done = stepcode_here(*base, "--out", f"part-{index}", "--shard", f"{index}/3")
        assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == b"part-2: part 2/3: 0 rows in, 0 kept, 0 rejected\n"
    parts = [f"part-{index}" for index in range(3)]
    assert stepcode_here("merge", *parts, "--out", "merged").returncode == 0
    assert digests(tmp_path / "merged") == digests(tmp_path / "whole")


@pytest.fixture
def parts(stepcode_here: Stepcode, tmp_path: Path) -> Path:
    """Two parts of one dataset, one of another, one of three, and a dataset."""
    base = ("build-dataset", "--workers", "1", "--limit")
    for out, limit, shard in [
        ("p0", "2", "0/2"),
        ("p1", "2", "1/2"),
        ("other", "3", "1/2"),
        ("third", "2", "1/3"),
        ("whole", "2", ""),
    ]:
        option = ("--shard", shard) if shard else ()
        assert stepcode_here(*base, limit, "--out", out, *option).returncode == 0
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign" / "thesis.tex").write_text("years of work", encoding="utf-8")
    (tmp_path / "empty").mkdir()
    return tmp_path


@pytest.mark.slow
def test_misuse_of_merge_is_one_line_and_leaves_nothing(
    stepcode_here: Stepcode, parts: Path
) -> None:
    before = digests(parts)
    for arguments, says in [
        ("p0", "missing part 1/2: name the folders of all 2 parts"),
        ("p0 p0", "part 0/2 is given twice: p0 and p0"),
        ("p0 nowhere", "nowhere: no such folder"),
        ("p0 empty", "empty: is no part"),
        ("p0 foreign", "foreign: is no part"),
        ("p0 whole", "whole: is a whole dataset, not a part"),
        ("p0 other", "recipe.limit is 3, not 2"),
        ("p0 third", "build all parts with the same n"),
        ("p0 p1 --out p1", "p1: is one of the parts"),
        ("p0 p1 --out third", "holds part 1/3, not a whole dataset"),
        ("p0 p1 --out foreign", "foreign: is not empty and not a stepcode dataset (thesis.tex)"),
        ("p0 p1 --out foreign --overwrite", "foreign: is not empty"),
    ]:
        done = stepcode_here("merge", "--out", "out", *arguments.split())
        assert (done.returncode, done.stdout) == (2, b""), arguments
        assert done.stderr.startswith(b"stepcode: ")
        assert done.stderr.count(b"\n") == 1
        assert says in done.stderr.decode()
        assert digests(parts) == before


@pytest.mark.slow
def test_part_is_not_a_dataset_and_says_so(stepcode_here: Stepcode, parts: Path) -> None:
    done = stepcode_here("show", "p1")
    says = "p1: is part 1/2 of a dataset, counted from 0; `stepcode merge` makes a dataset"
    assert done.returncode == 2
    assert done.stderr.decode().startswith(f"stepcode: {says}")
    other = stepcode_here("build-dataset", "--limit", "2", "--shard", "0/2", "--out", "p1")
    assert other.returncode == 2
    assert b"holds part 1/2, not part 0/2" in other.stderr
