"""Rows of JSON Lines and Parquet become cases; a bad one is rejected and the others go on."""

import gzip
import json
from pathlib import Path

import polars as pl
import pytest

from stepcode.errors import SourceError
from stepcode.source import SOURCES, SourceSettings, read_cases
from stepcode.types import Case, Reason

CODE = "def f(x):\n    return x\n"
BOTH = "def f(x):\n    return x\ndef g(x):\n    return x\n"


def write_lines(folder: Path, *rows: object) -> str:
    path = folder / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(path)


def read(path: str, *, entry: str = "f", license: str = "") -> list[Case]:
    settings = SourceSettings(name="jsonl", path=path, entry=entry, license=license)
    return list(read_cases(settings))


def read_one(folder: Path, **row: object) -> Case:
    (case,) = read(write_lines(folder, row))
    return case


def refusal(case: Case, reason: Reason = Reason.BAD_ROW) -> str:
    assert case.rejection is not None
    assert case.rejection.reason is reason
    return case.rejection.detail


def test_a_row_becomes_a_program_with_one_call(tmp_path: Path) -> None:
    case = read_one(tmp_path, id="a", code=CODE, input="[1, 2]", output="[1, 2]", license="MIT")
    program = case.program
    assert (case.call, case.declared, case.rejection) == ("f([1, 2])", "[1, 2]", None)
    assert (program.code, program.entry, program.license) == (CODE, "f", "MIT")
    assert (program.source, program.source_row) == ("jsonl", "a")


def test_rows_without_an_id_have_their_number(tmp_path: Path) -> None:
    row = {"code": CODE, "input": "1"}
    path = write_lines(tmp_path, row, row | {"id": 70}, row | {"id": None}, row | {"id": ""})
    assert [case.program.source_row for case in read(path)] == ["0", "70", "2", "3"]


def test_the_licence_is_the_rows_then_the_settings_then_unknown(tmp_path: Path) -> None:
    row = {"code": CODE, "input": "1"}
    path = write_lines(tmp_path, row, row | {"license": "0BSD"})
    assert [case.program.license for case in read(path)] == ["unknown", "0BSD"]
    assert [case.program.license for case in read(path, license="MIT")] == ["MIT", "0BSD"]


@pytest.mark.parametrize(
    ("row", "call", "entry"),
    [
        ({"code": CODE, "input": "f(1)"}, "f(1)", "f"),
        ({"code": CODE, "input": "len([1])"}, "f(len([1]))", "f"),
        ({"code": CODE, "input": ""}, "f()", "f"),
        ({"code": CODE, "input": "1 # x"}, "f(1 # x\n)", "f"),
        ({"code": BOTH, "input": "g(1)"}, "f(g(1))", "f"),
        ({"code": BOTH, "input": "g(1)", "entry": "g"}, "g(1)", "g"),
        ({"code": BOTH, "input": "f(1)", "entry": "g"}, "g(f(1))", "g"),
        ({"code": BOTH, "input": "1", "entry": "g"}, "g(1)", "g"),
        ({"code": "def solve(n): ...", "input": "solve(n = 3)"}, "solve(n = 3)", "solve"),
        ({"code": "class A: ...", "input": "A(1).run(2)"}, "A(1).run(2)", "A"),
        ({"code": "from helpers import *", "input": "f(2)"}, "f(2)", "f"),
        ({"code": "def f(:", "input": "3"}, "f(3)", "f"),
    ],
)
def test_an_input_is_the_arguments_or_a_whole_call(
    tmp_path: Path, row: dict[str, object], call: str, entry: str
) -> None:
    case = read_one(tmp_path, **row)
    assert (case.call, case.program.entry, case.rejection) == (call, entry, None)


def test_the_default_entry_can_be_chosen(tmp_path: Path) -> None:
    path = write_lines(tmp_path, {"code": BOTH, "input": "1"})
    assert read(path, entry="g")[0].call == "g(1)"


@pytest.mark.parametrize(
    ("row", "detail"),
    [
        ({"input": "1"}, "field 'code' is missing; the row has input"),
        ({"code": None}, "field 'code' is null; the row has code"),
        ({"code": " \n"}, "field 'code' is empty"),
        ({"code": 3}, "field 'code' must be a string; found int"),
        ({"code": CODE, "input": [1]}, "field 'input' must be a string; found list"),
        ({"code": CODE, "input": "1", "output": 4}, "field 'output' must be a string; found int"),
        ({"code": CODE, "input": "1", "id": 1.5}, "a string or a whole number; found float"),
        ({"code": CODE, "input": "1", "entry": "a b"}, "must be a function's name; found 'a b'"),
        ({"code": "x = '\ud800'", "input": "1"}, "field 'code' holds a lone surrogate"),
        ({"code": CODE, "input": "1); import os; (2"}, "import os; (2' is not exactly one call"),
        ({"code": CODE, "input": "\x00"}, "is not exactly one call"),
    ],
)
def test_a_row_that_cannot_be_read_says_what_is_wrong_with_it(
    tmp_path: Path, row: dict[str, object], detail: str
) -> None:
    case = read_one(tmp_path, **row)
    assert refusal(case).startswith("line 1: ")
    assert detail in refusal(case)
    case.program.code.encode()


def test_a_row_without_an_input_has_no_call(tmp_path: Path) -> None:
    case = read_one(tmp_path, code=CODE, input=None)
    assert "no 'input'" in refusal(case, Reason.NO_CALL)
    assert case.program.code == CODE


def test_an_entry_that_the_code_lacks_is_no_call_and_names_what_there_is(tmp_path: Path) -> None:
    case = read_one(tmp_path, code="def g(): ...", input="1")
    assert "does not define 'f'; it defines g" in refusal(case, Reason.NO_CALL)
    assert case.call == "f(1)"


def test_a_broken_line_is_rejected_and_the_others_go_on(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    good = json.dumps({"code": CODE, "input": "1"}).encode()
    deep = b"[" * 100_000
    lines = [b"\xef\xbb\xbf" + good, b"", b"{'code': 1}", b"\xff\xfe{}", b"[1]", deep, good, b"  "]
    path.write_bytes(b"\r\n".join(lines))
    cases = read(str(path))
    details = [case.rejection.detail if case.rejection else "" for case in cases]
    assert [detail.partition(":")[0] for detail in details] == [
        *("", "line 3", "line 4", "line 5", "line 6", "")
    ]
    assert "not JSON" in details[1]
    assert details[2] == "line 4: not UTF-8 at byte 0"
    assert details[3] == "line 5: expected an object, found list"
    assert [case.program.source_row for case in cases] == ["0", "1", "2", "3", "4", "5"]


def test_compressed_lines_are_read_whatever_the_file_is_called(tmp_path: Path) -> None:
    path = tmp_path / "rows.data"
    path.write_bytes(gzip.compress(json.dumps({"code": CODE, "input": "1"}).encode()))
    assert read(str(path))[0].call == "f(1)"


def test_fields_map_our_columns_to_theirs(tmp_path: Path) -> None:
    row = {"program": CODE, "args": "1", "output": "not text of a value", "input": 4}
    fields = (("code", "program"), ("input", "args"), ("output", "result"))
    path = write_lines(tmp_path, row)
    (case,) = read_cases(SourceSettings(name="jsonl", path=path, fields=fields))
    assert (case.call, case.declared, case.rejection) == ("f(1)", None, None)


def test_cases_come_one_by_one(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps({"code": CODE, "input": "1"}) + "\n{" * 100_000)
    assert next(read_cases(SourceSettings(name="jsonl", path=str(path)))).call == "f(1)"


def test_a_file_that_cannot_be_read_at_all_is_an_error(tmp_path: Path) -> None:
    empty, array, damaged = (tmp_path / name for name in ("empty", "array", "damaged.gz"))
    empty.write_text("\n \n")
    array.write_text(json.dumps([{"code": CODE}], indent=1))
    damaged.write_bytes(gzip.compress(b"{}\n" * 1000)[:-9])
    for path, message in [
        (str(tmp_path / "missing"), "no such file"),
        (str(tmp_path), "is a folder"),
        ("", "needs a file"),
        (str(empty), "is empty"),
        (str(array), "is one JSON array"),
        (str(damaged), "damaged"),
    ]:
        with pytest.raises(SourceError, match=message):
            read(path)


def test_an_unknown_source_is_an_error_with_the_nearest_name() -> None:
    with pytest.raises(SourceError, match="'crux-eval'; did you mean 'cruxeval'"):
        read_cases(SourceSettings(name="crux-eval"))
    with pytest.raises(SourceError, match=f"the sources are {', '.join(SOURCES)}"):
        read_cases(SourceSettings(name="?"))


def read_parquet(path: Path, fields: tuple[tuple[str, str], ...] = ()) -> list[Case]:
    return list(read_cases(SourceSettings(name="parquet", path=str(path), fields=fields)))


def test_parquet_rows_come_in_order_across_row_groups_and_slices(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    inputs = [str(i) for i in range(25_000)]
    frame = pl.DataFrame({"code": [CODE] * 25_000, "input": inputs, "extra": 1})
    frame.write_parquet(path, row_group_size=7_000)
    cases = read_parquet(path)
    assert [case.call for case in cases] == [f"f({i})" for i in range(25_000)]
    assert cases[-1].program.source_row == "24999"


def test_a_folder_of_parquet_files_is_one_source(tmp_path: Path) -> None:
    for name, value in [("b", "2"), ("a", "1")]:
        frame = pl.DataFrame({"program": [CODE], "input": [value], "id": [int(value)]})
        frame.write_parquet(tmp_path / f"{name}.parquet")
    cases = read_parquet(tmp_path, fields=(("code", "program"),))
    assert [case.call for case in cases] == ["f(1)", "f(2)"]
    assert [case.program.source_row for case in cases] == ["1", "2"]


def test_a_bad_parquet_row_is_rejected_and_a_bad_file_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    pl.DataFrame({"code": [CODE, None], "input": [[1], [2]]}).write_parquet(path)
    details = [refusal(case) for case in read_parquet(path)]
    assert details[0] == "row 0: field 'input' must be a string; found list"
    assert details[1].startswith("row 1: field 'code' is null")
    pl.DataFrame({"text": ["x"]}).write_parquet(path)
    with pytest.raises(SourceError, match="has the columns text; expected 'code'"):
        read_parquet(path)
    pl.DataFrame({"code": [], "input": []}).write_parquet(path)
    with pytest.raises(SourceError, match="holds no rows"):
        read_parquet(path)
    path.write_text("{}")
    with pytest.raises(SourceError, match="not readable as Parquet"):
        read_parquet(path)


def test_parquet_given_as_json_lines_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    pl.DataFrame({"code": [CODE]}).write_parquet(path)
    with pytest.raises(SourceError, match="use source 'parquet'"):
        read(str(path))
