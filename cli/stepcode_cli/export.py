"""`stepcode export`: a training file of a dataset, in the form of somebody's trainer."""

from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from stepcode.errors import MisuseError

E = TypeVar("E", bound=StrEnum)


def export(
    directory: str, path: str, *, form: str, reasons: str, split: str, allow_evaluation: bool
) -> int:
    """Write the file and print how many examples it has; returns the exit code."""
    from stepcode.dataset.export import ExportFormat, Reasons
    from stepcode.dataset.export import export as write

    chosen = _read_word("--format", form, ExportFormat)
    made = write(
        Path(directory),
        Path(path),
        chosen,
        reasons=_read_word("--reasons", reasons, Reasons),
        split=split,
        allow_evaluation=allow_evaluation,
    )
    left_out = f", {made.left_out} left out for want of reasons" if made.left_out else ""
    print(f"{path}: {made.examples} examples as {chosen}{left_out}")
    return 0


def _read_word(option: str, word: str, kind: type[E]) -> E:
    known = [member.value for member in kind]
    if word in known:
        return kind(word)
    near = get_close_matches(word, known, n=1)
    hint = f"; did you mean '{near[0]}'?" if near else ""
    choices = f"{', '.join(known[:-1])} or {known[-1]}"
    raise MisuseError(f"{option} is {word!r}: expected {choices}{hint}")
