"""Folders of programs, and the programs that are bundled."""

import ast
import contextlib
import io
import json
import os
from pathlib import Path

import pytest

from stepcode.errors import SourceError
from stepcode.source import SourceSettings, read_cases
from stepcode.source.fingerprint import fingerprint
from stepcode.types import Case, Reason


def read(folder: Path) -> list[Case]:
    return list(read_cases(SourceSettings(name="folder", path=str(folder), license="MIT")))


def test_programs_come_in_the_order_of_their_paths_with_each_call(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    for name in ("sub/c.py", "b.py", "a.py", ".hidden.py"):
        (tmp_path / name).write_text("def g(x):\n    return x\n")
    calls = {"b.py": ["g(1)", "g(2)  # two"], "sub/c.py": ["g(3)"], "a.py": ["g(0)"]}
    (tmp_path / "calls.json").write_text(json.dumps(calls))
    cases = read(tmp_path)
    assert [case.call for case in cases] == ["g(0)", "g(1)", "g(2)", "g(3)"]
    assert [case.program.source_row for case in cases] == ["a.py", "b.py", "b.py", "sub/c.py"]
    assert {(case.program.entry, case.program.license) for case in cases} == {("g", "MIT")}


def test_what_cannot_be_called_is_rejected_and_the_rest_goes_on(tmp_path: Path) -> None:
    for name in ("alone.py", "few.py", "shape.py"):
        (tmp_path / name).write_text("def g(x):\n    return x\n")
    (tmp_path / "latin.py").write_bytes(b"# \xe9\n")
    calls = {"few.py": ["g(1)", "h(1)", "1, 2", 3], "gone.py": ["g(1)"], "shape.py": "g(1)"}
    (tmp_path / "calls.json").write_text(json.dumps(calls))
    found = [
        (case.program.source_row, case.rejection.reason if case.rejection else None)
        for case in read(tmp_path)
    ]
    assert found == [
        ("alone.py", Reason.NO_CALL),
        ("few.py", None),
        ("few.py", Reason.NO_CALL),
        ("few.py", Reason.BAD_ROW),
        ("few.py", Reason.BAD_ROW),
        ("gone.py", Reason.BAD_ROW),
        ("latin.py", Reason.BAD_ROW),
        ("shape.py", Reason.BAD_ROW),
    ]


def test_a_program_is_decoded_as_its_first_lines_say(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(b"# coding: latin-1\ndef g():\r\n    return '\xe9'\n")
    (tmp_path / "calls.json").write_text('{"a.py": ["g()"]}')
    (case,) = read(tmp_path)
    assert case.program.code == "# coding: latin-1\ndef g():\r\n    return 'é'\n"


def test_a_folder_that_is_none_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"holds no \.py file"):
        read(tmp_path)
    with pytest.raises(SourceError, match="needs a folder"):
        read(tmp_path / "missing")
    with pytest.raises(SourceError, match="found no path"):
        list(read_cases(SourceSettings(name="folder")))
    (tmp_path / "a.py").write_text("x = 1")
    for content in ("[]", "{", "\udcff"):
        (tmp_path / "calls.json").write_bytes(content.encode(errors="surrogateescape"))
        with pytest.raises(SourceError, match=r"calls\.json"):
            read(tmp_path)


@pytest.mark.parametrize("coding", ["punycode", "undefined", "rot13", "utf-7", "no-such"])
def test_a_program_that_declares_no_text_encoding_is_a_bad_row(tmp_path: Path, coding: str) -> None:
    (tmp_path / "a.py").write_text(f"# coding: {coding}\nx = 1\xe9 +AOk-\n", encoding="latin-1")
    (case,) = read(tmp_path)
    assert case.rejection is not None
    assert case.rejection.reason is Reason.BAD_ROW


def test_a_program_whose_name_is_no_text_is_read(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.py")).write_text("def g(x): return x\n")
    (tmp_path / "calls.json").write_text(json.dumps({"\\xff.py": ["g(1)"]}))
    assert [(case.program.source_row, case.call) for case in read(tmp_path)] == [
        ("\\xff.py", "g(1)")
    ]
    assert fingerprint(SourceSettings(name="folder", path=str(tmp_path)))


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hunter2 = 1")
    folder = tmp_path / "programs"
    folder.mkdir()
    (folder / "leak.py").symlink_to(tmp_path / "secret")
    (folder / "a.py").write_text("def g(x): return x\n")
    (folder / "b.py").symlink_to("a.py")
    leak = next(case for case in read(folder) if case.program.source_row == "leak.py")
    assert leak.rejection is not None
    assert "leads out of the folder" in leak.rejection.detail
    assert "hunter2" not in leak.program.code


BUNDLED = list(read_cases(SourceSettings(name="bundled")))


def test_the_bundle_holds_many_programs_with_a_few_calls_each() -> None:
    programs = {case.program.source_row for case in BUNDLED}
    per_program = [sum(c.program.source_row == name for c in BUNDLED) for name in programs]
    assert len(programs) >= 64
    assert 2 <= min(per_program) <= max(per_program) <= 4
    assert {case.rejection for case in BUNDLED} == {None}
    assert {case.program.license for case in BUNDLED} == {"Apache-2.0"}


def test_a_bundled_program_is_called_by_the_name_of_its_file() -> None:
    assert all(case.program.source_row == f"{case.program.entry}.py" for case in BUNDLED)


@pytest.mark.parametrize("case", BUNDLED, ids=lambda case: case.call)
def test_a_bundled_program_is_short_and_returns_a_short_literal(case: Case) -> None:
    lines = [line for line in case.program.code.splitlines() if line.strip()]
    assert 6 <= len(lines) <= 25
    namespace: dict[str, object] = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(case.program.code, "<bundled>", "exec"), namespace)
        value = eval(case.call, namespace)
    assert ast.literal_eval(repr(value)) == value
    assert len(repr(value)) < 150
