"""`stepcode report`: an evaluation, a dataset or training runs, for people."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from stepcode.errors import MisuseError, StepcodeError, nearest
from stepcode_cli.paths import write_atomically

if TYPE_CHECKING:
    from stepcode.evaluate.report import Form

_WHAT = (
    "a file that `stepcode eval -o` wrote, a dataset's folder, a training run's folder, "
    "or a folder of such runs"
)


def report(path: str | None, output: str | None, *, compared: tuple[str, str] | None) -> int:
    """Write the report of one thing, or of two evaluations; returns the exit code."""
    from stepcode.evaluate.report import Form

    if (path is None) == (compared is None):
        raise MisuseError("name one evaluation, dataset or training run, or two after --compare")
    paths = [Path(one) for one in compared or (path or "",)]
    form = Form.MARKDOWN if output is None else Form(_suffix(output, list(Form)))
    if output is not None:
        _check_output(Path(output), paths)
    text = _render_two(paths, form) if compared else _render_one(paths[0], form)
    # A model may write half a character; in JSON this makes an escape of it.
    _write(text.encode("utf-8", "backslashreplace"), output)
    return 0


def _render_one(path: Path, form: "Form") -> str:
    from stepcode.evaluate.evaluation import read_evaluation
    from stepcode.evaluate.report import render_document, render_evaluation
    from stepcode.evaluate.report.folders import folder_document

    if path.is_dir():
        document = folder_document(path)
        if document is None:
            raise MisuseError(f"{path}: is a folder of something else; expected {_WHAT}")
        return render_document(document, form)
    _require_file(path, _WHAT)
    return render_evaluation(read_evaluation(path), form)


def _render_two(paths: list[Path], form: "Form") -> str:
    from stepcode.evaluate.compare import compare
    from stepcode.evaluate.evaluation import read_evaluation
    from stepcode.evaluate.report import render_comparison

    for path in paths:
        _require_file(path, "a file that `stepcode eval -o` wrote")
    first, second = map(read_evaluation, paths)
    return render_comparison(compare(first, second), form)


def _require_file(path: Path, expected: str) -> None:
    if not path.is_file():
        found = "is a folder of something else" if path.is_dir() else "no such file or folder"
        raise MisuseError(f"{path}: {found}; expected {expected}")


def _suffix(output: str, known: list[str]) -> str:
    suffix = Path(output).suffix.lower()
    if suffix not in known:
        choices = f"{', '.join(known[:-1])} or {known[-1]}"
        raise MisuseError(f"{output}: expected a name in {choices}{nearest(suffix, known)}")
    return suffix


def _check_output(output: Path, paths: list[Path]) -> None:
    """Refuse a file that cannot be written, or that what is reported consists of."""
    target = output.resolve()
    if any(one.resolve() == target for one in paths):
        raise MisuseError(f"{output}: is the evaluation itself; choose another name for the report")
    if output.is_dir():
        raise MisuseError(f"{output}: is a folder; name a file for the report")
    if target.suffix != ".html" and target.exists() and _is_below(target, paths):
        raise MisuseError(f"{output}: is in the folder that is reported; choose another name")
    parent = next(one for one in target.parents if one.exists())
    if not parent.is_dir() or not os.access(parent, os.W_OK):
        raise MisuseError(f"{output}: cannot be written: {parent} is no folder to write to")


def _is_below(target: Path, paths: list[Path]) -> bool:
    return any(target.is_relative_to(one.resolve()) for one in paths)


def _write(data: bytes, output: str | None) -> None:
    if output is None:
        sys.stdout.buffer.write(data)
        return
    try:
        write_atomically(Path(output), data, mode=0o644)
    except OSError as error:
        raise StepcodeError(f"{output}: cannot be written: {error.strerror}") from error
    print(output)
