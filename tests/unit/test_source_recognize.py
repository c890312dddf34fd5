import json
from pathlib import Path

import polars as pl
import pytest

from stepcode.errors import SourceError
from stepcode.source.recognize import recognize_benchmark
from tests.unit.benchmark_samples import write_benchmarks, write_rows


def test_each_benchmark_is_recognised_by_its_shape(tmp_path: Path) -> None:
    for name, path in write_benchmarks(tmp_path).items():
        found = recognize_benchmark(str(path))
        assert (found.benchmark, found.settings.name, found.path) == (name, name, str(path))


def test_parquet_file_of_a_benchmark_is_recognised(tmp_path: Path) -> None:
    row = {"code": "def f(x): return x", "input": "1", "output": "1", "id": "sample_0"}
    pl.DataFrame([row]).write_parquet(tmp_path / "test.parquet")
    assert recognize_benchmark(str(tmp_path / "test.parquet")).benchmark == "cruxeval"


def test_digest_is_of_the_content_alone(tmp_path: Path) -> None:
    row = {"code": "def f(x): return x", "input": "1", "output": "1", "id": "sample_0"}
    one, two, other = (
        recognize_benchmark(str(write_rows(tmp_path / name, [row | {"input": given}])))
        for name, given in [("a.jsonl", "1"), ("b.jsonl", "1"), ("c.jsonl", "2")]
    )
    assert one.sha256 == two.sha256 != other.sha256


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (json.dumps({"text": "x"}), "is of no benchmark known here: its rows have text; "),
        (json.dumps({"task_id": "DREval/0", "tasks": []}), "its rows have task_id, tasks; "),
        ("import os\n", "has no readable row"),
        ("", "is empty"),
        ("[]", "expected a JSON array with at least one object"),
    ],
)
def test_file_of_another_shape_is_one_line(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "file.jsonl"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SourceError) as caught:
        recognize_benchmark(str(path))
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)


def test_missing_file_and_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such file"):
        recognize_benchmark(str(tmp_path / "nowhere"))
    with pytest.raises(SourceError, match="is a folder"):
        recognize_benchmark(str(tmp_path))
    with pytest.raises(SourceError, match="is empty: give the path"):
        recognize_benchmark("")
