"""What a user says about a source: its name, where it lies, and how its columns are called."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSettings:
    """Which source to read, and how."""

    name: str
    path: str = ""
    """A file, a folder, or the id of a dataset on the Hub; unused by `bundled` and `synthetic`."""
    split: str = "train"
    config: str = ""
    """The Hub configuration; empty for the dataset's default."""
    revision: str = ""
    """The commit, branch or tag of a Hub dataset; empty for the newest commit."""
    entry: str = "f"
    """The function that an argument list is meant for, where the row names none."""
    license: str = ""
    """The licence of rows that state none; empty for the source's own."""
    fields: tuple[tuple[str, str], ...] = ()
    """Pairs of our column and theirs: `(("code", "program"),)`."""
    difficulty: int = 0
    """The level of `synthetic` programs, from 1; 0 for all levels in turn."""
    seed: int = 0
    """What all choices start from: which programs are written, which inputs are tried."""
