from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pytest

from stepcode.dataset.near_duplicates import (
    SIMILAR,
    Likeness,
    Repeat,
    code_hash,
    find_repeated_programs,
)
from tests.unit.benchmark_samples import CRUXEVAL, MBPP, PROGRAMS, REVAL, TINY, UNRELATED
from tests.unit.leaks import DISGUISES

LONG = "def f(x):\n" + "".join(f"    x = x * {n} + {n + 1}\n" for n in range(20)) + "    return x\n"


def find(folder: Path, *blocks: Sequence[str]) -> list[Repeat | None]:
    """What each program of the blocks repeats; rows are called 0, 1, 2, ..."""
    paths, codes = {}, [code for block in blocks for code in block]
    start = 0
    for index, block in enumerate(blocks):
        paths[index] = folder / f"block-{index}"
        paths[index].mkdir()
        ids = [str(start + place) for place in range(len(block))]
        frame = pl.DataFrame(
            {"id": ids, "code": block}, schema={"id": pl.String, "code": pl.String}
        )
        frame.write_parquet(paths[index] / "data.parquet")
        start += len(block)
    repeats = find_repeated_programs(paths, folder / "scratch")
    assert not (folder / "scratch").exists()
    hashes = pl.DataFrame({"code": codes}).select(code_hash()).to_series()
    return [repeats.get(number) for number in hashes]


@pytest.mark.parametrize("disguise", [name for name in DISGUISES if "longer" not in name][1:-1])
def test_program_in_disguise_repeats_the_first(tmp_path: Path, disguise: str) -> None:
    codes = [*PROGRAMS.values(), TINY]
    found = find(tmp_path, codes, [DISGUISES[disguise](code) for code in codes])
    firsts = [None if repeat is None else repeat.first for repeat in found]
    same = [code == DISGUISES[disguise](code) for code in codes]
    assert firsts[: len(codes)] == [None] * len(codes)
    expected = [None if unchanged else str(n) for n, unchanged in enumerate(same)]
    assert firsts[len(codes) :] == expected


def test_calls_of_one_program_are_not_compared(tmp_path: Path) -> None:
    assert find(tmp_path, [MBPP, MBPP, UNRELATED], [MBPP, MBPP]) == [None] * 5


def test_nearly_the_same_program_repeats_the_first(tmp_path: Path) -> None:
    changed = LONG.replace("* 7 +", "* 70 +")
    first, second, third = find(tmp_path, [LONG, UNRELATED, changed])
    assert (first, second) == (None, None)
    assert third is not None
    assert (third.likeness, third.first) == (Likeness.NEAR, "0")
    assert SIMILAR <= third.similarity < 1
    assert third.detail() == f"nearly the program of row 0: {third.similarity:.0%} the same"


def test_short_programs_that_differ_in_one_token_are_kept(tmp_path: Path) -> None:
    codes = [f"def f(x):\n    y = x + {n}\n    return y\n" for n in range(50)]
    codes += [MBPP, MBPP.replace("^", "+"), MBPP.replace("==", ">"), MBPP.replace("i + 1", "i")]
    assert find(tmp_path, codes) == [None] * len(codes)


def test_what_repeats_a_program_that_is_not_kept_names_the_one_that_is(tmp_path: Path) -> None:
    near = LONG.replace("* 7 +", "* 70 +")
    renamed = DISGUISES["renamed"](near)
    found = find(tmp_path, [LONG], [near], [renamed])
    assert [repeat and repeat.first for repeat in found] == [None, "0", "0"]


def test_blocks_make_no_difference(tmp_path: Path) -> None:
    codes = [LONG, *PROGRAMS.values(), REVAL, TINY]
    codes += [DISGUISES["renamed"](code) for code in codes] + [LONG.replace("* 7 +", "* 70 +")]
    folders = [tmp_path / str(number) for number in range(3)]
    for folder in folders:
        folder.mkdir()
    whole = find(folders[0], codes)
    assert find(folders[1], codes[:3], codes[3:8], [], codes[8:]) == whole
    assert find(folders[2], *([code] for code in codes)) == whole


def test_no_programs_and_text_without_a_form_are_no_error(tmp_path: Path) -> None:
    assert find_repeated_programs({}, tmp_path / "scratch") == {}
    assert find(tmp_path, [], ["not Python: (", "neither is this: )", "x", CRUXEVAL]) == [None] * 4


def test_thousand_programs_alike_are_found_in_a_moment(tmp_path: Path) -> None:
    codes = [LONG.replace("* 7 +", f"* {n}00 +") for n in range(1000)]
    found = find(tmp_path, codes)
    assert found[0] is None
    assert {repeat and repeat.first for repeat in found[1:]} == {"0"}
