"""The report of a dataset: how its rows are distributed, and a sample of them to look at."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from stepcode.dataset.manifest import Manifest, read_manifest, require_unchanged
from stepcode.dataset.profile import Measured, StepCounts, count_steps, measure_rows
from stepcode.dataset.sample import sample_kept, sample_rejected
from stepcode.evaluate.report.difficulty import difficulty_tables, level_of_row
from stepcode.evaluate.report.document import Document, Shown, Table
from stepcode.evaluate.report.listing import choices_of, shown_kept, shown_rejected
from stepcode.evaluate.report.tables import flat_settings, share_table

MOST_KEPT, MOST_REJECTED = 1000, 500
"""Rows that a page may show."""


def dataset_document(directory: Path) -> Document:
    """Write the report of a finished dataset; raises DatasetError for what is none, or damaged."""
    manifest = read_manifest(directory)
    for shard in manifest.shards:
        require_unchanged(directory, shard)
    rows = _sample(directory, manifest)
    return Document(
        title=directory.resolve().name,
        about=_about(manifest),
        tables=list(_tables(manifest, count_steps(directory), measure_rows(directory))),
        rows=rows,
        rows_note=_rows_note(manifest),
        choices=choices_of(rows),
    )


def _about(manifest: Manifest) -> str:
    rows = manifest.rows
    said = [
        f"{rows['in']:,} rows in, {rows['kept']:,} kept, {rows['rejected']:,} rejected.",
        f"Programs ran isolated by {manifest.isolation}.",
    ]
    if manifest.mutations:
        further, proposed = manifest.mutations["kept"], manifest.mutations["proposed"]
        said.append(f"{further:,} rows are further calls, out of {proposed:,} proposed.")
    if manifest.evaluation_only:
        said.append("For evaluation only: programs of a public benchmark.")
    return " ".join(said)


def _sample(directory: Path, manifest: Manifest) -> list[Shown]:
    kept = sample_kept(directory, most=MOST_KEPT)
    rejected = sample_rejected(directory, most=MOST_REJECTED)
    return [
        *(shown_kept(one, level=level_of_row(one.row.source_row, manifest)) for one in kept),
        *map(shown_rejected, rejected),
    ]


def _rows_note(manifest: Manifest) -> str:
    kept, rejected = manifest.rows["kept"], manifest.rows["rejected"]
    if kept <= MOST_KEPT and rejected <= MOST_REJECTED:
        return "All rows, kept and rejected."
    return (
        f"A sample: {min(kept, MOST_KEPT):,} of {kept:,} kept rows, taken in turn from each number "
        f"of steps, and {min(rejected, MOST_REJECTED):,} of {rejected:,} rejected ones, in turn "
        "from each reason; each time those with the smallest ids, so the same dataset shows the "
        "same rows. Shares are in the tables, not in the sample."
    )


def _tables(manifest: Manifest, steps: StepCounts, measured: Iterator[Measured]) -> Iterator[Table]:
    rows = {name: manifest.rows[name] for name in ("kept", "rejected")}
    yield share_table("Rows in", "rows in", rows, of="rows")
    yield share_table("Reasons for rejection", "reason", manifest.rejected, of="rows")
    yield share_table(
        "Outcomes",
        "how the program ended",
        manifest.outcomes,
        of="runs",
        note="Of the first run of each program, without anchors; what never ran has none.",
    )
    yield share_table("Steps", "steps of a row", manifest.steps, of="rows")
    yield share_table(
        "Kinds of anchors", "what the anchor follows", steps.kinds, of="steps", note="By step."
    )
    yield share_table(
        "What steps teach",
        "novelty",
        steps.novelty,
        of="steps",
        note="informative: a value that neither the code nor an earlier step shows.",
    )
    yield from difficulty_tables(measured, manifest)
    yield from _origins(manifest)
    recipe = list(flat_settings(manifest.recipe))
    yield Table("Recipe", ["recipe", "value"], recipe, is_text=True)
    versions = [[name, str(version)] for name, version in manifest.versions.items()]
    yield Table("Versions", ["package", "version"], versions, is_text=True)


def _origins(manifest: Manifest) -> Iterator[Table]:
    """Where rows are from and what became of repeats; `show` names these alike."""
    counted: Mapping[str, Mapping[str, int]] = {
        "source": manifest.sources,
        "split": manifest.splits,
        "license": manifest.licenses,
        "policy": manifest.policies,
        "duplicates by what they repeat": manifest.duplicates,
        "contaminated by benchmark": manifest.contamination,
    }
    for title, counts in counted.items():
        yield share_table(title.capitalize(), title, counts, of="rows")
