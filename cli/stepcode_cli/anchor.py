"""`stepcode anchor`: anchors into files, as text, JSON, a diff, or files again."""

import difflib
import stat
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import assert_never

from stepcode.anchor import insert_anchors
from stepcode.anchor.files import SourceText, encode_source, read_source
from stepcode.anchor.policy import find_policy
from stepcode.errors import AnchorError, MisuseError
from stepcode.types import AnchoredProgram, Program
from stepcode_cli.anchor_json import render_line
from stepcode_cli.paths import (
    Job,
    find_inputs,
    place_below,
    place_in_place,
    read_bytes,
    write_atomically,
)


class Form(StrEnum):
    """What becomes of an anchored file."""

    TEXT = "text"
    JSON = "--json"
    DIFF = "--diff"
    IN_PLACE = "--in-place"
    FOLDER = "-o"
    STRIP = "--strip"


@dataclass(frozen=True, slots=True)
class AnchoredFile:
    """A file before and after."""

    original: bytes
    anchored: AnchoredProgram
    encoding: str
    data: bytes
    """The anchored code in the file's own encoding."""


def choose_form(*, folder: bool, in_place: bool, diff: bool, as_json: bool, strip: bool) -> Form:
    """Name the one form that the options ask for."""
    asked = {
        Form.FOLDER: folder,
        Form.IN_PLACE: in_place,
        Form.DIFF: diff,
        Form.JSON: as_json,
        Form.STRIP: strip,
    }
    chosen = [form for form, is_set in asked.items() if is_set]
    if len(chosen) > 1:
        raise MisuseError(f"{' and '.join(chosen)} exclude each other; choose one")
    return chosen[0] if chosen else Form.TEXT


def anchor_paths(paths: Sequence[str], *, form: Form, policy: str, output: str | None) -> int:
    """Anchor every file that the paths name; the exit code says whether all went well."""
    check_policy(policy)
    exit_code = 0
    for job in plan(paths, form=form, output=output):
        try:
            file = anchor_file(job.source, policy=policy)
        except AnchorError as error:
            where = job.source if error.line is None else f"{job.source}:{error.line}"
            print(f"{where}: {error.reason}", file=sys.stderr)
            exit_code = 1
        except OSError as error:
            print(f"{job.source}: {error.strerror}", file=sys.stderr)
            exit_code = 1
        else:
            deliver(file, job=job, form=form)
    return exit_code


def check_policy(policy: str) -> None:
    """Refuse a policy that does not exist or that anchoring alone cannot follow."""
    if policy == "fill":
        raise MisuseError(
            "policy 'fill' is guided by a run, so it belongs to `stepcode trace` and "
            "`stepcode build-dataset`; use 'strict' or 'paper' here"
        )
    find_policy(policy)


def plan(paths: Sequence[str], *, form: Form, output: str | None) -> tuple[Job, ...]:
    """Settle which files are read and where each result goes."""
    if output == "":
        raise MisuseError("-o needs the name of a folder, found ''")
    inputs = find_inputs(paths, leave_out=Path(output) if output else None)
    if output:
        return place_below(Path(output), inputs)
    if form is Form.IN_PLACE:
        return place_in_place(inputs)
    if form is Form.TEXT and len(inputs) > 1:
        raise MisuseError(
            f"{len(inputs)} files would run together on stdout; "
            "use -o DIR, --in-place, --diff or --json"
        )
    return tuple(Job(one.shown) for one in inputs)


def anchor_file(source: str, *, policy: str) -> AnchoredFile:
    """Read one file and put its anchors in."""
    original = read_bytes(source)
    text = read_source(original)
    anchored = insert_anchors(Program(code=text.code), policy=policy)
    data = encode_source(SourceText(anchored.code, text.encoding))
    return AnchoredFile(original, anchored, text.encoding, data)


def deliver(file: AnchoredFile, *, job: Job, form: Form) -> None:
    """Write one result where it belongs; a file that stays the same is not rewritten in place."""
    if job.target is None:
        sys.stdout.buffer.write(render(file, source=job.source, form=form))
    elif form is Form.FOLDER or file.data != file.original:
        mode = stat.S_IMODE(Path(job.source).stat().st_mode)
        write_atomically(job.target, file.data, mode=mode)


def render(file: AnchoredFile, *, source: str, form: Form) -> bytes:
    """Write one result as the bytes that go to standard output."""
    match form:
        case Form.TEXT:
            return file.data
        case Form.JSON:
            return render_line(source, file.anchored, encoding=file.encoding)
        case Form.DIFF:
            return unified_diff(file.original, file.data, path=source)
        case Form.IN_PLACE | Form.FOLDER | Form.STRIP:
            raise AssertionError(f"{form} writes no anchored code to stdout")
        case _:
            assert_never(form)


def unified_diff(before: bytes, after: bytes, *, path: str) -> bytes:
    """Write the change as a patch in the file's own bytes, so that `patch` can apply it."""
    name = path.encode("utf-8", "surrogateescape")
    lines = difflib.diff_bytes(
        difflib.unified_diff, _lines(before), _lines(after), fromfile=name, tofile=name
    )
    return b"".join(
        line if line.endswith(b"\n") else line + b"\n\\ No newline at end of file\n"
        for line in lines
    )


def _lines(data: bytes) -> list[bytes]:
    # Not splitlines(): it also cuts at a carriage return, which patch takes as part of the line.
    *whole, rest = data.split(b"\n")
    return [line + b"\n" for line in whole] + ([rest] if rest else [])
