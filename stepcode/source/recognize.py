"""Which benchmark a file is of, told by the fields of its rows."""

import hashlib
from dataclasses import dataclass

from stepcode.errors import SourceError
from stepcode.source import cruxeval, humaneval, livecodebench, mbpp, reval
from stepcode.source.rows import open_file, read_rows
from stepcode.source.settings import SourceSettings

# A row of LiveCodeBench has all that a row of CRUXEval has, so it is asked first.
_SHAPES = {
    "livecodebench": livecodebench.FIELDS,
    "cruxeval": cruxeval.FIELDS,
    "humaneval": humaneval.FIELDS,
    "reval": reval.FIELDS,
    "mbpp": mbpp.FIELDS,
}


@dataclass(frozen=True, slots=True, order=True)
class BenchmarkFile:
    """A file of a benchmark; sorts by what it holds, not by where it lies."""

    benchmark: str
    sha256: str
    path: str

    @property
    def settings(self) -> SourceSettings:
        """What reads it."""
        return SourceSettings(name=self.benchmark, path=self.path)


def recognize_benchmark(path: str) -> BenchmarkFile:
    """Say which benchmark's file this is.

    Raises SourceError if it cannot be read or its first readable row is of none of them.
    """
    if not path:
        raise SourceError("a benchmark file's name is empty: give the path of a file")
    file = open_file(path, source="benchmark")
    first = next((row for row in read_rows(file) if not row.problem), None)
    if first is None:
        raise SourceError(f"{path}: has no readable row; expected a benchmark's file")
    for name, fields in _SHAPES.items():
        if all(field in first.fields for field in fields):
            with file.open("rb") as stream:
                return BenchmarkFile(name, hashlib.file_digest(stream, "sha256").hexdigest(), path)
    found = ", ".join(sorted(first.fields)) or "no fields"
    known = "; ".join(f"{name} ({', '.join(fields)})" for name, fields in _SHAPES.items())
    raise SourceError(f"{path}: is of no benchmark known here: its rows have {found}; {known}")
