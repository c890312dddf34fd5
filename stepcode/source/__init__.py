"""Where programs come from: every source gives its rows as `Case` values, in order, one by one.

    for case in read_cases(SourceSettings(name="jsonl", path="programs.jsonl")):
        ...

A row that cannot be used is a case with a `rejection`. Only a source that cannot be read at all
raises `SourceError`. Nothing here executes a program: a case may still fail when it runs.
"""

import difflib
from collections.abc import Callable, Iterator

from stepcode.errors import SourceError
from stepcode.source.bundled import read_bundled
from stepcode.source.cruxeval import read_cruxeval
from stepcode.source.files import read_jsonl_file, read_parquet_files
from stepcode.source.folder import read_folder
from stepcode.source.hub import read_hub
from stepcode.source.humaneval import read_humaneval
from stepcode.source.livecodebench import read_livecodebench
from stepcode.source.mbpp import read_mbpp
from stepcode.source.reval import read_reval
from stepcode.source.settings import SourceSettings
from stepcode.source.synthesize import read_synthetic
from stepcode.types import Case

__all__ = ["EVALUATION_ONLY", "SOURCES", "SourceSettings", "read_cases"]

_READERS: dict[str, Callable[[SourceSettings], Iterator[Case]]] = {
    "bundled": read_bundled,
    "jsonl": read_jsonl_file,
    "parquet": read_parquet_files,
    "folder": read_folder,
    "hub": read_hub,
    "cruxeval": read_cruxeval,
    "livecodebench": read_livecodebench,
    "reval": read_reval,
    "humaneval": read_humaneval,
    "mbpp": read_mbpp,
    "synthetic": read_synthetic,
}
SOURCES = tuple(_READERS)
EVALUATION_ONLY = frozenset({"cruxeval", "livecodebench", "reval", "humaneval", "mbpp"})
"""The benchmarks: never trained on, and never stripped of duplicates."""


def read_cases(settings: SourceSettings) -> Iterator[Case]:
    """Read the cases of a source, lazily and in the order of its rows."""
    reader = _READERS.get(settings.name)
    if reader is None:
        near = difflib.get_close_matches(settings.name, SOURCES, n=1)
        hint = f"did you mean {near[0]!r}? The" if near else "the"
        raise SourceError(
            f"no source is called {settings.name!r}; {hint} sources are {', '.join(SOURCES)}"
        )
    return reader(settings)
