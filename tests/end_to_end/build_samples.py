"""What the tests of `build-dataset` share: programs, and a look at what a build left."""

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import polars as pl

Fields = Mapping[str, object]

GOOD = "def f(x):\n    y = x + 1\n    return y * 2\n"


def row(number: int, **fields: object) -> Fields:
    """An input row that is kept unless `fields` say otherwise."""
    return {"id": f"row-{number}", "code": GOOD, "input": str(number)} | fields


def write_jsonl(path: Path, rows: Iterable[Fields | str]) -> Path:
    """Write input rows; a text is written as it is."""
    lines = (text if isinstance(text, str) else json.dumps(text) for text in rows)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def kept(dataset: Path) -> list[dict[str, Any]]:
    return _rows(dataset / "data")


def rejected(dataset: Path) -> list[dict[str, Any]]:
    return _rows(dataset / "rejected")


def reasons(dataset: Path) -> dict[str, str]:
    """The reason of every rejected row, by the row's own id."""
    return {row["source_row"]: row["reason"] for row in rejected(dataset)}


def manifest(dataset: Path) -> dict[str, Any]:
    record: dict[str, Any] = json.loads((dataset / "manifest.json").read_bytes())
    return record


def digests(folder: Path) -> dict[str, str]:
    """The sha256 of every file in a folder, the hidden ones too."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }


def start(*arguments: str | Path, tmp_path: Path, script: str = "") -> subprocess.Popen[bytes]:
    """Start `stepcode`, or a script, with its own process group and its own temporary folder.

    The folder is how `processes_of` tells its processes from others.
    """
    code = ["-c", script] if script else ["-m", "stepcode_cli.main"]
    scratch = tmp_path / "tmp"
    scratch.mkdir(exist_ok=True)
    return subprocess.Popen(
        [sys.executable, *code, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "TMPDIR": str(scratch)},
        start_new_session=True,
    )


def wait_for(path: Path, process: subprocess.Popen[bytes], *, seconds: float = 60) -> None:
    """Wait until a running process has made a file or folder."""
    deadline = time.monotonic() + seconds
    while not path.exists():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline, f"{path} did not appear"
        time.sleep(0.005)


def processes_of(tmp_path: Path) -> list[str]:
    """The command lines of all that `start` started and that still runs."""
    marker = f"TMPDIR={tmp_path / 'tmp'}".encode()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if marker in (process / "environ").read_bytes():
                found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue  # it has ended, or is not ours
    return found


def wait_until_none_runs(tmp_path: Path, *, seconds: float = 3) -> None:
    """Fail unless all that `start` started ends in time."""
    deadline = time.monotonic() + seconds
    while left := processes_of(tmp_path):
        assert time.monotonic() < deadline, f"left over: {left}"
        time.sleep(0.02)


def _rows(folder: Path) -> list[dict[str, Any]]:
    if not folder.is_dir():
        return []
    return pl.concat([pl.read_parquet(path) for path in sorted(folder.iterdir())]).to_dicts()
