import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from stepcode.dataset.contamination import BenchmarkIndex, build_index
from stepcode.dataset.decontaminate import decontaminate
from stepcode.errors import DatasetError
from tests.unit.benchmark_samples import CRUXEVAL, MBPP, TINY, UNRELATED, write_benchmarks
from tests.unit.leaks import renamed


@pytest.fixture
def index(tmp_path: Path) -> BenchmarkIndex:
    return build_index(map(str, write_benchmarks(tmp_path).values()))


def write(path: Path, codes: list[str | None]) -> Path:
    rows = {"n": list(range(len(codes))), "code": codes}
    pl.DataFrame(rows, schema={"n": pl.Int64, "code": pl.String}).write_parquet(path)
    return path


def test_rows_of_benchmark_programs_are_left_out_and_counted(
    tmp_path: Path, index: BenchmarkIndex
) -> None:
    codes = [
        UNRELATED,
        CRUXEVAL,
        None,
        renamed(CRUXEVAL),
        "",
        TINY,
        MBPP,
        UNRELATED,
        "not ( Python",
    ]
    one, two = write(tmp_path / "1.parquet", codes), write(tmp_path / "2.parquet", codes[::-1])
    done = decontaminate([one, two], tmp_path / "clean.parquet", index)
    assert (done.rows_in, done.kept) == (18, 10)
    assert done.contamination == {"cruxeval": 6, "mbpp": 2}
    left = pl.read_parquet(tmp_path / "clean.parquet")
    assert left["n"].to_list() == [0, 2, 4, 7, 8, 0, 1, 4, 6, 8]
    assert left["code"].to_list()[:5] == [UNRELATED, None, "", UNRELATED, "not ( Python"]
    assert [path.name for path in tmp_path.glob("*.tmp")] == []


def test_many_rows_keep_their_order(tmp_path: Path, index: BenchmarkIndex) -> None:
    codes: list[str | None] = [f"x = {n % 300}\n" if n % 7 else TINY for n in range(20_000)]
    done = decontaminate([write(tmp_path / "in.parquet", codes)], tmp_path / "out.parquet", index)
    assert done.contamination == {"cruxeval": 2858}
    left = pl.read_parquet(tmp_path / "out.parquet")["n"].to_list()
    assert left == [n for n in range(20_000) if n % 7]


def test_no_rows_and_nothing_but_leaks_give_an_empty_file(
    tmp_path: Path, index: BenchmarkIndex
) -> None:
    for codes in ([], [TINY, MBPP]):
        source = write(tmp_path / "in.parquet", list(codes))
        done = decontaminate([source], tmp_path / "out.parquet", index)
        assert (done.rows_in, done.kept) == (len(codes), 0)
        assert pl.read_parquet(tmp_path / "out.parquet").schema == {
            "n": pl.Int64,
            "code": pl.String,
        }


def test_what_cannot_be_read_is_one_line_and_leaves_nothing(
    tmp_path: Path, index: BenchmarkIndex
) -> None:
    (tmp_path / "text.parquet").write_text("no Parquet at all")
    numbers = tmp_path / "numbers.parquet"
    pl.DataFrame({"code": [1]}).write_parquet(numbers)
    for source, column, says in [
        (tmp_path / "text.parquet", "code", "cannot be decontaminated"),
        (tmp_path / "nowhere.parquet", "code", "cannot be decontaminated"),
        (numbers, "code", "has no column 'code' of text; it has code"),
        (numbers, "program", "has no column 'program' of text"),
    ]:
        with pytest.raises(DatasetError) as caught:
            decontaminate([source], tmp_path / "out.parquet", index, column=column)
        assert says in str(caught.value)
        assert "\n" not in str(caught.value)
        assert list(tmp_path.glob("out*")) == []


PEAK = """
import sys
from pathlib import Path
from stepcode.dataset.contamination import build_index
from stepcode.dataset.decontaminate import decontaminate
from tests.bench.bench_clean import make_rows
from tests.bench.bench_memory import peak_megabytes

folder, rows = Path(sys.argv[1]), int(sys.argv[2])
sources = []
for number, frame in enumerate(make_rows(rows, ["x = 1"])):
    sources.append(folder / f"{rows}-{number}.parquet")
    frame.write_parquet(sources[-1])
decontaminate(sources, folder / "out.parquet", build_index([str(folder / "cruxeval.jsonl")]))
print(peak_megabytes("self"))
"""


@pytest.mark.slow
def test_memory_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    write_benchmarks(tmp_path)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    few, many = (
        int(
            subprocess.run(
                [sys.executable, "-c", PEAK, str(tmp_path), str(rows)],
                capture_output=True,
                check=True,
                env=environment,
                timeout=110,
            ).stdout
        )
        for rows in (20_000, 60_000)
    )
    # Held at once, forms and grams of 40,000 programs would be some 200 MB; what allocators keep of
    # what they once had differs by 60 MB from run to run.
    assert many - few < 100
