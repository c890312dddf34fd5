"""The report of a dataset: what was kept and rejected, and every row with its trace."""

from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path

from stepcode.dataset.manifest import Manifest, read_manifest
from stepcode.dataset.read import read_rows
from stepcode.dataset.rows import Row
from stepcode.evaluate.report.document import Bars, Document, Shown, Table
from stepcode.evaluate.report.tables import flat_settings

_MOST_ROWS = 5000


def dataset_document(directory: Path) -> Document:
    """Write the report of a finished dataset; raises DatasetError for what is none."""
    manifest = read_manifest(directory)
    rows = [_shown(row) for row in islice(read_rows(directory), _MOST_ROWS)]
    counts = manifest.rows
    return Document(
        title=directory.resolve().name,
        about=f"{counts['in']} rows in, {counts['kept']} kept, {counts['rejected']} rejected. "
        f"Programs ran isolated by {manifest.isolation}.",
        tables=[Table("Rows", ["rows", "count"], _cells(counts)), *_tables(manifest)],
        pictures=list(_pictures(manifest)),
        rows=rows,
        filters=list(manifest.sources),
    )


def _tables(manifest: Manifest) -> Iterator[Table]:
    for title, counts in {
        "rejected": manifest.rejected,
        "source": manifest.sources,
        "policy": manifest.policies,
        "license": manifest.licenses,
        "split": manifest.splits,
        "duplicates": manifest.duplicates,
        "contamination": manifest.contamination,
    }.items():
        if counts:
            yield Table(title, [title, "rows"], _cells(counts))
    recipe = list(flat_settings(manifest.recipe))
    yield Table("recipe", ["recipe", "value"], recipe, is_text=True)
    yield Table("versions", ["package", "version"], _cells(manifest.versions), is_text=True)


def _pictures(manifest: Manifest) -> Iterator[Bars]:
    kept = manifest.rows["kept"]
    if kept:
        shares = [100 * count / kept for count in manifest.steps.values()]
        yield Bars("Rows by number of steps, in percent", list(manifest.steps), {"rows": shares})


def _cells(counts: Mapping[str, object]) -> list[list[str]]:
    return [[name, str(count)] for name, count in counts.items()]


def _shown(row: Row) -> Shown:
    anchors = {anchor.index: anchor for anchor in row.anchors}
    return {
        "id": row.id,
        "tags": [row.source],
        "facts": [["Call", row.call], ["Output", row.output]],
        "code": row.anchored_code,
        "answers": [],
        "trace": [
            [anchors[step.anchor].line, step.name, anchors[step.anchor].kind.value, step.text]
            for step in row.steps
        ],
    }
