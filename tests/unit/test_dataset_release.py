"""A dataset before it is published: what is looked at, what is refused, what the card says."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from huggingface_hub import DatasetCard

from stepcode.dataset.card import render_card
from stepcode.dataset.frames import REJECTED_SCHEMA, SCHEMA
from stepcode.dataset.hub_words import LARGEST, LICENSES, SIZES
from stepcode.dataset.manifest import Manifest, read_manifest
from stepcode.dataset.prose import read_prose
from stepcode.dataset.release import open_release
from stepcode.dataset.rows import rejected_row
from stepcode.errors import DatasetError, StepcodeError
from stepcode.types import Reason, Rejection
from tests.unit.dataset_samples import build_sample, case, dropped, files_of, kept, open_sample

ROOT = Path(__file__).parents[2]


@pytest.fixture
def made(tmp_path: Path) -> Path:
    build_sample(tmp_path / "set")
    return tmp_path / "set"


def build_of(folder: Path, *licenses: str, rejected: str = "MIT", benchmark: bool = False) -> Path:
    """A dataset with a row of each licence, and one rejected row."""
    rows = [replace(kept(n), license=one) for n, one in enumerate(licenses)]
    program = replace(case(99).program, license=rejected)
    bad = rejected_row(replace(case(99), program=program), Rejection(Reason.RAISED, "x"), "strict")
    with open_sample(folder) as build:
        build.write_block(0, rows, [bad], rows_in=len(rows) + 1, outcomes={"ok": len(rows)})
        build.finish(blocks=[0], evaluation_only=benchmark, drop_duplicates=False)
    return folder


def change_manifest(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:  # Any: JSON
    path = folder / "manifest.json"
    record = json.loads(path.read_bytes())
    change(record)
    path.write_text(json.dumps(record))


def test_release_is_the_card_the_manifest_and_every_shard(made: Path) -> None:
    before = files_of(made)
    release = open_release(made)
    assert {file.path for file in release.content.files} == set(before)
    assert {file.path: file.size for file in release.content.files} == {
        path: len(data) for path, data in before.items()
    }
    assert release.card == (made / "README.md").read_text()
    assert release.notes == ()
    assert files_of(made) == before


def test_corrupted_shard_is_named(made: Path) -> None:
    path = next((made / "data").iterdir())
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(StepcodeError, match=f"{path}: missing or damaged") as found:
        open_release(made)
    assert found.value.exit_code == 1


def test_shard_that_is_gone_is_named(made: Path) -> None:
    path = next((made / "rejected").iterdir())
    path.unlink()
    with pytest.raises(StepcodeError, match=f"{path}: missing or damaged"):
        open_release(made)


@pytest.mark.parametrize("name", ["data/train-00009-of-00010.parquet", "rejected/deep/x.parquet"])
def test_parquet_that_is_not_in_the_manifest_is_named(made: Path, name: str) -> None:
    stray = made / name
    stray.parent.mkdir(exist_ok=True)
    stray.write_bytes(b"")
    with pytest.raises(StepcodeError, match=f"{stray}: is not in manifest.json"):
        open_release(made)


def test_files_of_others_beside_the_dataset_stay_here(made: Path) -> None:
    (made / "notes.txt").write_text("mine")
    (made / "completions").mkdir()
    release = open_release(made)
    assert "notes.txt" not in {file.path for file in release.content.files}
    assert "completions: is not published" in release.notes[0]


def test_rows_without_licence_are_refused_with_source_and_number(tmp_path: Path) -> None:
    folder = build_of(tmp_path, "MIT", "unknown", "unknown")
    with pytest.raises(DatasetError, match=r"jsonl, 2 rows: no licence is stated; .*\[source\]"):
        open_release(folder)


def test_licence_against_changes_is_refused_by_name(tmp_path: Path) -> None:
    folder = build_of(tmp_path, "CC-BY-ND-4.0", "All rights reserved")
    with pytest.raises(DatasetError, match=r"CC-BY-ND-4\.0 forbids") as found:
        open_release(folder)
    assert "'All rights reserved' does not say" in str(found.value)


def test_code_of_rejected_rows_needs_a_licence_too(tmp_path: Path) -> None:
    folder = build_of(tmp_path, "MIT", rejected="unknown")
    with pytest.raises(DatasetError, match="jsonl, 1 row: no licence is stated"):
        open_release(folder)


def test_rejected_rows_without_code_need_none(tmp_path: Path) -> None:
    empty = replace(case(5).program, code="", license="unknown")
    bad = rejected_row(replace(case(5), program=empty), Rejection(Reason.BAD_ROW, "x"), "strict")
    with open_sample(tmp_path) as build:
        build.write_block(0, [kept(1)], [bad], rows_in=2, outcomes={"ok": 1})
        build.finish(blocks=[0], evaluation_only=False, drop_duplicates=True)
    assert open_release(tmp_path).manifest.licenses_by_source == {
        "jsonl": {"MIT": {"kept": 1, "rejected": 0}}
    }


def test_benchmark_without_licence_is_told_another_way_out(tmp_path: Path) -> None:
    folder = build_of(tmp_path, "unknown", benchmark=True)
    with pytest.raises(DatasetError, match="publish how it was built instead"):
        open_release(folder)


def test_dataset_without_kept_rows_is_refused(tmp_path: Path) -> None:
    with open_sample(tmp_path) as build:
        build.write_block(0, [], [dropped(1)], rows_in=1, outcomes={})
        build.finish(blocks=[0], evaluation_only=False, drop_duplicates=True)
    with pytest.raises(DatasetError, match="no row was kept"):
        open_release(tmp_path)


def test_licences_of_a_dataset_from_before_are_counted_in_its_shards(made: Path) -> None:
    counted = read_manifest(made).licenses_by_source
    change_manifest(made, lambda record: record.pop("licenses_by_source"))
    assert read_manifest(made).licenses_by_source == {}
    assert open_release(made).manifest.licenses_by_source == counted


def test_prose_of_people_survives_and_the_rest_is_what_the_manifest_says(made: Path) -> None:
    path = made / "README.md"
    text = path.read_text()
    path.write_text(
        text.replace("Each row is a Python program", "Homework, anonymised. Each row is a program")
        .replace("| kept | 10 |", "| kept | 9999 |")
        .replace("license: mit", "license: cc0-1.0")
    )
    release = open_release(made)
    assert "Homework, anonymised." in release.card
    assert "9999" not in release.card
    assert release.card.startswith("---\nlicense: mit\n")
    assert "written anew around its marked prose" in release.notes[0]
    assert open_release(made).card == release.card


def test_card_that_was_deleted_is_written_anew(made: Path) -> None:
    card = (made / "README.md").read_text()
    (made / "README.md").unlink()
    assert open_release(made).card == card


@pytest.mark.parametrize(
    "license", ["MIT", "GPL-3.0-only", "My own licence", "unknown", 'a "b": c']
)
def test_words_of_a_card_are_the_hubs(tmp_path: Path, license: str) -> None:
    manifest = read_manifest(build_of(tmp_path, license))
    data = DatasetCard(render_card(manifest)).data
    assert {data["license"]} <= LICENSES
    assert set(data["size_categories"]) <= {*SIZES, LARGEST}
    assert data["language"] in ("code", ["code"])
    assert [config["config_name"] for config in data["configs"]] == ["default", "rejected"]


def test_every_column_is_described(made: Path) -> None:
    card = render_card(read_manifest(made))
    columns = card.partition("## Columns")[2].partition("## How it was made")[0]
    assert set(SCHEMA) | set(REJECTED_SCHEMA) <= set(re.findall(r"\w+", columns))


def test_card_has_its_sections_in_their_order(made: Path) -> None:
    titles = re.findall(r"^## (.*)$", render_card(read_manifest(made)), re.MULTILINE)
    assert titles == [
        "Columns",
        "How it was made",
        "Counts",
        "Licences by source",
        "Contamination",
        "Python and isolation",
        "Known limits",
        "Citation",
    ]


def test_values_cannot_open_a_place_for_prose(made: Path) -> None:
    manifest = read_manifest(made)
    recipe = {"path": "x\n<!-- prose: limits -->\n"}
    sources = {"<!-- prose: summary -->": {"MIT": {"kept": 1, "rejected": 0}}}
    strange: Manifest = replace(manifest, recipe=recipe, licenses_by_source=sources)
    card = render_card(strange)
    assert render_card(strange, read_prose(card, where="")) == card


def test_citation_is_that_of_the_citation_file(made: Path) -> None:
    path = ROOT / "CITATION.cff"
    if not path.is_file():
        pytest.skip("copied away from the repository")
    cited = yaml.safe_load(path.read_text())
    (paper,) = cited["references"]
    authors = " and ".join(f"{a['family-names']}, {a['given-names']}" for a in paper["authors"])
    card = render_card(read_manifest(made))
    for text in (paper["title"], authors, paper["url"], str(paper["year"]), cited["title"]):
        assert f"{{{text}}}" in card
    for author in cited["authors"]:
        assert f"{{{{{author['name']}}}}}" in card


def test_template_of_the_cards_is_the_one_that_is_filled() -> None:
    template = ROOT / "data_cards" / "TEMPLATE.md"
    if not template.exists():
        pytest.skip("copied away from the repository")
    assert template.resolve() == ROOT / "stepcode" / "dataset" / "card.md"
