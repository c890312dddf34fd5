"""`stepcode build-dataset` with source `hub`: rows stream, or one line says why not."""

import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.end_to_end.build_samples import GOOD, digests, kept, manifest, row, write_jsonl
from tests.hub.access import WRITE
from tests.hub.conftest import Place
from tests.hub.faults import Drop, Status

pytestmark = pytest.mark.slow

RECIPE = """
[source]
name = "hub"
path = "{path}"
split = "{split}"
config = "{config}"
license = "MIT"
[source.fields]
code = "program"
input = "arguments"
output = "result"
[anchor]
policy = "strict"
"""
CARD = b"""---
license: mit
configs:
- config_name: easy
  data_files:
  - {split: train, path: easy/train-*}
  - {split: extra, path: easy/extra-*}
- config_name: hard
  data_files: hard/train-*
---
"""


def parquet(rows: Sequence[Mapping[str, Any]]) -> bytes:
    content = io.BytesIO()
    pl.DataFrame(list(rows)).write_parquet(content)
    return content.getvalue()


def theirs(*numbers: int) -> bytes:
    """Rows whose columns have other names, one of which is also one of ours."""
    rows = [{"program": GOOD, "arguments": str(n), "result": str(2 * n + 2)} for n in numbers]
    return parquet([{**one, "code": "x = 1"} for one in rows])


def refused(place: Place, *arguments: str | Path, token: str | None = WRITE) -> str:
    """The one line that says why there is no dataset."""
    told = place.run("build-dataset", *arguments, "--out", "none", token=token)
    assert (told.code, told.out) == (2, "")
    assert told.err.startswith("stepcode: ")
    assert told.err.count("\n") == 1
    assert not (place.folder / "none").exists()
    return told.err


def test_fields_split_and_configuration_are_the_recipe_s(place: Place) -> None:
    files = {
        "README.md": CARD,
        "easy/train-0.parquet": theirs(1),
        "easy/extra-0.parquet": theirs(2, 3),
        "hard/train-0.parquet": theirs(4),
    }
    place.hub.add("dataset", "user/mapped", files, private=True)
    for split, config, calls in [
        ("extra", "easy", ["f(2)", "f(3)"]),
        ("train", "hard", ["f(4)"]),
    ]:
        recipe = place.folder / f"{config}.toml"
        recipe.write_text(RECIPE.format(path="user/mapped", split=split, config=config))
        told = place.run("build-dataset", recipe, "--out", config, "--workers", "1")
        assert (told.code, told.err) == (0, "")
        found = kept(place.folder / config)
        assert sorted(one["call"] for one in found) == calls
        assert {(one["source"], one["license"]) for one in found} == {("hub", "MIT")}
        assert all(one["code"] == GOOD for one in found)


def test_bytes_are_those_of_the_same_rows_in_a_file(place: Place) -> None:
    rows = [row(number) for number in range(20)]
    write_jsonl(place.folder / "rows.jsonl", rows)
    content = (place.folder / "rows.jsonl").read_bytes()
    place.hub.add("dataset", "user/rows", {"train.jsonl": content})
    sources = (("hub", "user/rows"), ("jsonl", "rows.jsonl"))
    for name, path in sources:
        told = place.run("build-dataset", "--source", name, "--input", path, "--out", f"of-{name}")
        assert told.out == f"of-{name}: 20 rows in, 20 kept, 0 rejected\n"
    found = [kept(place.folder / f"of-{name}") for name, _ in sources]
    without = [[{**one, "source": "", "id": ""} for one in rows] for rows in found]
    by_call = [sorted(rows, key=lambda one: str(one["call"])) for rows in without]
    assert by_call[0] == by_call[1]
    assert manifest(place.folder / "of-hub")["recipe"]["source"]["path"] == "user/rows"


def test_build_that_lost_the_hub_goes_on_where_it_was(place: Place) -> None:
    # Rows without a call are rejected in no time, and fill a block as well.
    rows = [row(n) if n % 50 == 0 else row(n, input=None) for n in range(1100)]
    first, second = parquet(rows[:1050]), parquet(rows[1050:])
    place.hub.add(
        "dataset", "user/long", {"data/train-0.parquet": first, "data/train-1.parquet": second}
    )
    build = ("build-dataset", "--source", "hub", "--input", "user/long", "--policy", "strict")
    assert place.run(*build, "--out", "whole").code == 0
    opened = len(place.hub.log.of("lfs_get"))
    place.hub.faults.order("lfs_get", Status(403), at=opened, times=100)
    told = place.run(*build, "--out", "parts")
    assert (told.code, told.out) == (2, "")
    assert "user/long: cannot be read as a dataset (split 'train', after 1050 rows)" in told.err
    assert told.err.count("\n") == 1
    assert not (place.folder / "parts" / "manifest.json").exists()
    place.hub.faults.clear()
    done = place.run(*build, "--out", "parts")
    assert done.out == "parts: 1100 rows in, 22 kept, 1078 rejected (no_call 1078)\n"
    assert digests(place.folder / "parts") == digests(place.folder / "whole")


def test_dataset_of_another_commit_is_another_dataset(place: Place) -> None:
    files = [{"train.jsonl": json.dumps(row(number)).encode()} for number in (1, 2)]
    repo = place.hub.add("dataset", "user/moving", files[0])
    build = ("build-dataset", "--source", "hub", "--input", "user/moving", "--out", "moving")
    assert place.run(*build).code == 0
    source = manifest(place.folder / "moving")["recipe"]["source"]
    assert source["revision"] == repo.branches["main"]
    place.hub.change("dataset", "user/moving", files[1])
    told = place.run(*build)
    assert (told.code, told.out) == (2, "")
    assert "another recipe" in told.err
    # The old one can still be had, by its name.
    wish = RECIPE.format(path="user/moving", split="train", config="")
    plain = wish.replace("[source.fields]", f'revision = "{source["revision"]}"\n[source.other]')
    (place.folder / "old.toml").write_text(plain.partition("[source.other]")[0])
    assert place.run("build-dataset", "old.toml", "--out", "old").code == 0
    rows = [kept(place.folder / name) for name in ("moving", "old")]
    assert [one["call"] for one in rows[0]] == [one["call"] for one in rows[1]]


def test_limit_asks_for_no_more_than_it_needs(place: Place) -> None:
    files = {f"data/train-{n}.parquet": parquet([row(n)]) for n in range(5)}
    place.hub.add("dataset", "user/many", files)
    source = ("--source", "hub", "--input", "user/many", "--limit", "1", "--out", "one")
    assert place.run("build-dataset", *source).out == "one: 1 rows in, 1 kept, 0 rejected\n"
    assert len({entry.path for entry in place.hub.log.of("lfs_get")}) < 5


@pytest.mark.parametrize(
    ("arguments", "token", "says"),
    [
        ("--source hub --input user/nothing", WRITE, "has no dataset of that name for the owner"),
        ("--source hub --input user/hidden", None, "if it is private, set HF_TOKEN"),
        ("--source hub --input user/hidden", "hf_mistyped", "does not know the token"),
        ("--source hub --input user/other", WRITE, "its rows have text; expected code (no code)"),
        ("other.toml", WRITE, "map its fields to ours"),
        ("split.toml", WRITE, "Available splits: ['train']"),
        ("config.toml", WRITE, "BuilderConfig 'hard' not found. Available: ['default']"),
    ],
)
def test_what_cannot_be_had_is_one_line(
    place: Place, arguments: str, token: str | None, says: str
) -> None:
    if place.hub.site.repos.find("dataset", "user/hidden") is None:
        content = json.dumps(row(1)).encode()
        place.hub.add("dataset", "user/hidden", {"train.jsonl": content}, private=True)
        place.hub.add("dataset", "user/other", {"train.jsonl": b'{"text": "x"}\n'})
    wishes = {"other": ("train", ""), "split": ("valid", ""), "config": ("train", "hard")}
    for name, (split, config) in wishes.items():
        text = RECIPE.format(path="user/other", split=split, config=config)
        (place.folder / f"{name}.toml").write_text(text)
    assert says in refused(place, *arguments.split(), token=token)


@pytest.mark.parametrize("fault", [Drop.BEFORE, Status(503)], ids=["dropped", "failing"])
def test_hub_that_fails_is_one_line(place: Place, fault: Drop | Status) -> None:
    if place.hub.site.repos.find("dataset", "user/good") is None:
        place.hub.add("dataset", "user/good", {"train.jsonl": json.dumps(row(1)).encode()})
    place.hub.faults.order("info", fault, times=100)
    assert "run it again later" in refused(place, "--source", "hub", "--input", "user/good")
