"""`stepcode export`: a training file of a dataset, in the form of somebody's trainer."""

from pathlib import Path

from stepcode_cli.words import read_word


def export(
    directory: str, path: str, *, form: str, reasons: str, split: str, allow_evaluation: bool
) -> int:
    """Write the file and print how many examples it has; returns the exit code."""
    from stepcode.dataset.export import ExportFormat, Reasons
    from stepcode.dataset.export import export as write

    chosen = read_word("--format", form, ExportFormat)
    made = write(
        Path(directory),
        Path(path),
        chosen,
        reasons=read_word("--reasons", reasons, Reasons),
        split=split,
        allow_evaluation=allow_evaluation,
    )
    left_out = f", {made.left_out} left out for want of reasons" if made.left_out else ""
    print(f"{path}: {made.examples} examples as {chosen}{left_out}")
    return 0
