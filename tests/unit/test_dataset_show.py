import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from stepcode.errors import DatasetError
from stepcode.types import Anchor, AnchorKind, Step
from stepcode_cli.show import show
from stepcode_cli.sidebyside import beside, side_by_side, visible
from tests.unit.dataset_samples import build_sample, dropped, kept, open_sample


def test_every_step_stands_at_the_line_of_its_anchor() -> None:
    anchors = [
        Anchor(0, AnchorKind.ASSIGN, "x", 2, 1, "f"),
        Anchor(1, AnchorKind.LOOP, "y", 3, 1, "f"),
    ]
    steps = [Step(0, 1, "x", "1"), Step(1, 1, "y", None), Step(0, 2, "x", "2")]
    lines = beside("a\r\nb\x0cc\rd\n", anchors, steps)
    assert [(line.number, line.text, line.steps) for line in lines] == [
        (1, "a", ()),
        (2, "b\\x0cc", ("1. x: 1", "3. x: 2")),
        (3, "d", ("2. y: (cannot be shown)",)),
    ]


def test_control_characters_cannot_reach_the_terminal() -> None:
    assert visible("\x1b[31mred\n\ud800 é") == "\\x1b[31mred\\n\\ud800 é"


def test_statistics_name_every_count(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    build_sample(tmp_path)
    show(tmp_path)
    text = capsys.readouterr().out
    for part in ("18 rows in, 10 kept", "duplicate", "bad_row", "strict", "data/train-00000"):
        assert part in text
    assert max(map(len, text.splitlines())) <= 100
    assert "\x1b" not in text
    assert all(line == line.rstrip() for line in text.splitlines())


def test_statistics_as_json_are_the_manifest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    build_sample(tmp_path)
    show(tmp_path, as_json=True)
    assert capsys.readouterr().out == (tmp_path / "manifest.json").read_text()


def test_row_shows_code_steps_call_and_output(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    build_sample(tmp_path)
    show(tmp_path, kept(4).id[:12])
    text = capsys.readouterr().out
    line = next(line for line in text.splitlines() if "print(f'y: {y!r}')" in line)
    assert line.split()[0] == "3"
    assert "1. y: 2" in line
    assert "f(1) -> 2" in text


def test_rejected_row_shows_its_reason(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    build_sample(tmp_path)
    show(tmp_path, dropped(3).id)
    assert "rejected: bad_row: broken JSON" in capsys.readouterr().out


def test_row_as_json_has_its_columns(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    build_sample(tmp_path)
    show(tmp_path, kept(4).id, as_json=True)
    record = json.loads(capsys.readouterr().out)
    assert record["steps"] == [{"anchor": 0, "visit": 1, "name": "y", "text": "2", "novelty": None}]


def test_sample_shows_a_long_value_whole(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    value = repr("".join(chr(97 + number % 26) for number in range(190)))
    with open_sample(tmp_path) as build:
        row = replace(kept(1, text=value, steps=3), output=value)
        build.write_block(0, [row], [], rows_in=1, outcomes={"ok": 1})
        build.finish(blocks=[0], evaluation_only=False, drop_duplicates=True)
    show(tmp_path, sample=True)
    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= 100
    assert value.strip("'")[-20:] in "".join(text.split())


def test_narrow_terminal_folds_and_cuts_nothing() -> None:
    row = kept(1, text=repr("abcdefghij" * 9), steps=2)
    console = Console(width=30, color_system=None)
    with console.capture() as captured:
        console.print(side_by_side(beside(row.anchored_code, row.anchors, row.steps)))
    lines = captured.get().splitlines()
    assert max(map(len, lines)) <= 30
    assert sum(line.count("j") for line in lines) >= 18
    assert "…" not in captured.get()


def test_statistics_need_no_utf8_locale(tmp_path: Path) -> None:
    build_sample(tmp_path)
    code = f"import pathlib, stepcode_cli.show as s; s.show(pathlib.Path({str(tmp_path)!r}))"
    path = {"PYTHONPATH": os.pathsep.join(sys.path), "PYTHONIOENCODING": "ascii"}
    run = subprocess.run([sys.executable, "-c", code], env=path, capture_output=True, check=True)
    assert b"######" in run.stdout


def test_unknown_id_is_one_clear_line(tmp_path: Path) -> None:
    build_sample(tmp_path)
    with pytest.raises(DatasetError, match="no row has an id that begins with 'nope'"):
        show(tmp_path, "nope")
