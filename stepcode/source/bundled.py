"""The small set of programs that ships in the wheel, written for stepcode."""

from collections.abc import Iterator
from dataclasses import replace
from importlib.resources import files

from stepcode.source.cases import Row
from stepcode.source.folder import SIDECAR, read_programs, read_sidecar, rows_of_program
from stepcode.source.settings import SourceSettings
from stepcode.types import Case

LICENSE = "Apache-2.0"


def read_bundled(settings: SourceSettings) -> Iterator[Case]:
    """Read the bundled programs; they need no path."""
    return read_programs(_rows(), replace(settings, license=LICENSE))


def _rows() -> Iterator[Row]:
    # By way of importlib, because a wheel may be imported from a zip file.
    folder = files("stepcode.source") / "programs"
    listed = read_sidecar((folder / SIDECAR).read_bytes(), of=SIDECAR)
    for name in sorted(item.name for item in folder.iterdir() if item.name.endswith(".py")):
        yield from rows_of_program(name, (folder / name).read_bytes(), listed.get(name))
