"""`stepcode report`: evaluations as a page, as Markdown or as JSON."""

import sys
from pathlib import Path

from stepcode.errors import MisuseError, nearest
from stepcode_cli.paths import write_atomically


def report(path: str | None, output: str | None, *, compared: tuple[str, str] | None) -> int:
    """Write the report of one evaluation, or of two beside each other; returns the exit code."""
    from stepcode.evaluate.compare import compare
    from stepcode.evaluate.evaluation import read_evaluation
    from stepcode.evaluate.report import Form, render_comparison, render_evaluation

    paths = _choose_paths(path, compared)
    form = Form.MARKDOWN if output is None else Form(_suffix(output, list(Form)))
    _refuse_to_overwrite(paths, output)
    first, *others = map(read_evaluation, paths)
    if others:
        text = render_comparison(compare(first, *others), form)
    else:
        text = render_evaluation(first, form)
    # A model may write half a character; in JSON this makes an escape of it.
    _write(text.encode("utf-8", "backslashreplace"), output)
    return 0


def _choose_paths(path: str | None, compared: tuple[str, str] | None) -> list[Path]:
    if (path is None) == (compared is None):
        raise MisuseError("name one evaluation that `stepcode eval` wrote, or two with --compare")
    names = [path] if path is not None else list(compared or ())
    for name in names:
        if not Path(name).is_file():
            what = "is a folder" if Path(name).is_dir() else "no such file"
            raise MisuseError(f"{name}: {what}; expected what `stepcode eval -o FILE` wrote")
    return [Path(name) for name in names]


def _suffix(output: str, known: list[str]) -> str:
    suffix = Path(output).suffix.lower()
    if suffix not in known:
        choices = f"{', '.join(known[:-1])} or {known[-1]}"
        raise MisuseError(f"{output}: expected a name in {choices}{nearest(suffix, known)}")
    return suffix


def _refuse_to_overwrite(paths: list[Path], output: str | None) -> None:
    if output is not None and any(one.resolve() == Path(output).resolve() for one in paths):
        raise MisuseError(f"{output}: is the evaluation itself; choose another name for the report")


def _write(data: bytes, output: str | None) -> None:
    if output is None:
        sys.stdout.buffer.write(data)
        return
    write_atomically(Path(output), data, mode=0o644)
    print(output)
