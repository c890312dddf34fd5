"""Datasets in the form of the Hub's, read from a local folder."""

import json
from pathlib import Path

import polars as pl
import pytest

from stepcode.errors import SourceError
from stepcode.source import SourceSettings, read_cases
from stepcode.types import Case

CODE = "def f(x):\n    return x\n"


def read(path: object, split: str = "train", **fields: str) -> list[Case]:
    pairs = tuple(fields.items())
    return list(read_cases(SourceSettings(name="hub", path=str(path), split=split, fields=pairs)))


@pytest.fixture(autouse=True)
def _offline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import datasets

    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")


def test_a_folder_of_parquet_is_read_with_its_columns_mapped(tmp_path: Path) -> None:
    frame = pl.DataFrame({"program": [CODE] * 3, "args": ["1", None, "3"], "id": ["a", "b", "c"]})
    frame.write_parquet(tmp_path / "train.parquet")
    cases = read(tmp_path, code="program", input="args")
    assert [case.call for case in cases] == ["f(1)", "", "f(3)"]
    assert [case.rejection is None for case in cases] == [True, False, True]
    assert [case.program.source_row for case in cases] == ["a", "b", "c"]
    assert {case.program.source for case in cases} == {"hub"}


def test_another_split_of_json_lines_is_read(tmp_path: Path) -> None:
    row = {"code": CODE, "input": "2", "output": "2"}
    (tmp_path / "test.jsonl").write_text(json.dumps(row) + "\n")
    (case,) = read(tmp_path, split="test")
    assert (case.call, case.declared) == ("f(2)", "2")


def test_what_cannot_be_loaded_is_one_line_that_says_so(tmp_path: Path) -> None:
    (tmp_path / "train.jsonl").write_text('{"text": "x"}\n')
    for path, split, message in [
        ("", "train", "needs a dataset"),
        (tmp_path, "train", "its rows have text; expected code"),
        (tmp_path, "nosuch", "cannot be read as a dataset"),
        (tmp_path / "missing", "train", "cannot be read as a dataset"),
    ]:
        with pytest.raises(SourceError, match=message) as caught:
            read(path, split)
        assert "\n" not in str(caught.value)
