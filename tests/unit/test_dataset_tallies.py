from dataclasses import replace
from pathlib import Path

import polars as pl

from stepcode.dataset.frames import REJECTED_COLUMNS, read_rejected_row, with_license
from stepcode.dataset.manifest import read_manifest
from stepcode.dataset.rows import NO_LICENSE
from tests.unit.dataset_samples import dropped, kept, open_sample


def test_licences_are_counted_by_source_kept_and_rejected(tmp_path: Path) -> None:
    rows = [kept(1), replace(kept(2), source="other", license="Apache-2.0"), kept(3, program=1)]
    with open_sample(tmp_path) as build:
        build.write_block(0, rows, [dropped(4)], rows_in=4, outcomes={"ok": 3})
        build.finish(blocks=[0], evaluation_only=False, drop_duplicates=True, test_share=0.5)
    manifest = read_manifest(tmp_path)
    assert manifest.licenses_by_source == {
        "jsonl": {"MIT": {"kept": 1, "rejected": 2}},
        "other": {"Apache-2.0": {"kept": 1, "rejected": 0}},
    }
    assert list(manifest.licenses_by_source) == ["jsonl", "other"]


def test_rejected_rows_from_before_have_no_licence() -> None:
    old = pl.DataFrame({name: ["x"] for name in REJECTED_COLUMNS if name != "license"})
    read = with_license(old)
    assert tuple(read.columns) == REJECTED_COLUMNS
    record = read.with_columns(reason=pl.lit("raised")).to_dicts()[0]
    assert read_rejected_row(record).license == NO_LICENSE
