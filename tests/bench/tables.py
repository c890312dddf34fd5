"""One clear table on standard output."""

import statistics
from collections.abc import Sequence


def median_and_min(values: Sequence[float]) -> str:
    """Show what a typical and the least disturbed round took."""
    return f"{statistics.median(values):.1f} ({min(values):.1f})"


def print_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print columns as wide as they need to be, the first to the left and the others right."""
    widths = [max(len(row[at]) for row in (header, *rows)) for at in range(len(header))]
    for first, *others in (header, *rows):
        cells = [text.rjust(width) for text, width in zip(others, widths[1:], strict=True)]
        print("  ".join([first.ljust(widths[0]), *cells]))
