"""`stepcode show`: the statistics of a dataset, or one row with its trace beside the code."""

import json
import textwrap
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from stepcode_cli.sidebyside import beside, printed, side_by_side, visible
from stepcode_cli.terminal import open_console, print_tidily

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from stepcode.dataset.manifest import Manifest
    from stepcode.dataset.rows import RejectedRow, Row

BAR_WIDTH = 24
_EXAMPLE_WIDTH = 60
"""Of what is told of a rejected row; all of it is shown with the row."""


def show(directory: Path, row_id: str = "", *, sample: bool = False, as_json: bool = False) -> None:
    """Print statistics, or the row with this id (or the start of one), or a sample row."""
    from stepcode.dataset.manifest import read_manifest
    from stepcode.dataset.read import find_row, sample_row

    if not row_id and not sample:
        _show_manifest(directory, read_manifest(directory), as_json=as_json)
        return
    row = find_row(directory, row_id) if row_id else sample_row(directory)
    if as_json:
        print(json.dumps(asdict(row)))
    else:
        _show_row(row)


def _show_manifest(directory: Path, manifest: "Manifest", *, as_json: bool) -> None:
    if as_json:
        print((directory / "manifest.json").read_text(encoding="utf-8"), end="")
        return
    from rich.text import Text

    console = open_console()
    rows = manifest.rows
    head = f"{directory}: {rows['in']} rows in, {rows['kept']} kept, {rows['rejected']} rejected"
    print_tidily(console, Text(visible(head), style="bold"))
    if manifest.evaluation_only:
        console.print("for evaluation only: programs of a public benchmark")
    if manifest.mutations:
        further, proposed = manifest.mutations["kept"], manifest.mutations["proposed"]
        console.print(f"{further} of the rows are further calls, out of {proposed} proposed")
    console.print(visible(f"isolation: {manifest.isolation}"))
    _print_bars(console, "rejected", manifest.rejected)
    _print_rejected(console, directory, manifest)
    _print_bars(console, "duplicates by what they repeat", manifest.duplicates)
    _print_bars(console, "contaminated by benchmark", manifest.contamination)
    _print_bars(console, "steps", manifest.steps)
    if len(manifest.splits) > 1:
        _print_bars(console, "split", manifest.splits)
    _print_bars(console, "source", manifest.sources)
    _print_bars(console, "policy", manifest.policies)
    _print_bars(console, "license", manifest.licenses)
    if manifest.shards:
        console.print()
        print_tidily(console, _shards(manifest))


def _print_bars(console: "Console", title: str, counts: Mapping[str, int]) -> None:
    from rich.table import Table

    if not counts:
        return
    table = Table(box=None, padding=(0, 1), pad_edge=False, show_header=False)
    table.add_column(min_width=18, overflow="fold")
    table.add_column(justify="right", min_width=8)
    table.add_column(style="cyan", no_wrap=True)
    most = max(counts.values())
    block = "█" if console.encoding.startswith("utf") else "#"
    for name, count in counts.items():
        table.add_row(visible(name), str(count), block * max(1, round(BAR_WIDTH * count / most)))
    console.print()
    console.print(title, style="bold")
    print_tidily(console, table)


def _print_rejected(console: "Console", directory: Path, manifest: "Manifest") -> None:
    """Name a row of each reason, so that there is one to look at."""
    from rich.table import Table

    from stepcode.dataset.read import sample_rejected

    rows = sample_rejected(directory, manifest)
    if not rows:
        return
    table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="bold")
    table.add_column("for example", min_width=18, overflow="fold")
    table.add_column("id", no_wrap=True)
    for name in ("row", "detail"):
        table.add_column(name, overflow="fold")
    for row in rows:
        name, detail = (visible(_shorten(text)) for text in (row.source_row, row.detail))
        table.add_row(row.reason.value, row.id[:12], name, detail)
    console.print()
    print_tidily(console, table)


def _shorten(text: str) -> str:
    return textwrap.shorten(text, _EXAMPLE_WIDTH, placeholder=" ...")


def _shards(manifest: "Manifest") -> "Table":
    from rich.table import Table

    table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="bold")
    table.add_column("shard", overflow="fold")
    for name in ("rows", "bytes"):
        table.add_column(name, justify="right")
    for shard in manifest.shards:
        table.add_row(shard.path, str(shard.rows), str(shard.bytes))
    return table


def _show_row(row: "Row | RejectedRow") -> None:
    from stepcode.dataset.rows import RejectedRow

    console = open_console()
    console.print(visible(f"{row.id}  {row.source} {row.source_row}"), style="bold")
    if isinstance(row, RejectedRow):
        console.print(visible(f"rejected: {row.reason.value}: {row.detail}"))
        print_tidily(console, side_by_side(beside(row.code, (), ())))
        console.print(visible(row.call), style="bold")
        return
    print_tidily(console, side_by_side(beside(row.anchored_code, row.anchors, row.steps)))
    console.print(visible(f"{row.call} -> {row.output}"), style="bold")
    if row.stdout:
        console.print(printed(row.stdout))
