"""CRUXEval: `code` that defines `f`, the argument list `input`, and the value `output`."""

from collections.abc import Iterator
from dataclasses import replace

from stepcode.source.files import read_input_rows
from stepcode.source.rows import check_shape, open_file, read_rows, rename
from stepcode.source.settings import SourceSettings
from stepcode.types import Case

FIELDS = ("code", "input", "output", "id")
LICENSE = "MIT"


def read_cruxeval(settings: SourceSettings) -> Iterator[Case]:
    """Read CRUXEval's rows."""
    rows = rename(read_rows(open_file(settings.path, source=settings.name)), settings.fields)
    checked = check_shape(rows, FIELDS, of=settings.path)
    return read_input_rows(checked, replace(settings, license=LICENSE, fields=()))
