"""`stepcode show` as a user meets it: the statistics of a dataset, and one row of it."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.end_to_end.build_samples import kept, rejected, row, write_jsonl

Stepcode = Callable[..., subprocess.CompletedProcess[bytes]]

SHOWN = """\
1  def f(x):
2      y = x + 1
3      print(f'y: {y!r}')          1. y: 2
4      _ret = y * 2
5      print(f'_ret: {_ret!r}')    2. _ret: 4
6      return _ret
f(1) -> 4
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from stepcode_pipelines.build import build_dataset
    from stepcode_pipelines.recipe import load_recipe

    folder = tmp_path_factory.mktemp("show")
    rows = [row(1), row(2), row(3, output="0"), row(4, input=None)]
    path = write_jsonl(folder / "in.jsonl", rows)
    recipe = load_recipe("bundled", source="jsonl", path=str(path))
    build_dataset(recipe, folder / "out", workers=1)
    return folder / "out"


@pytest.fixture
def dataset(built: Path, tmp_path: Path) -> Path:
    """A copy that a test may damage."""
    return Path(shutil.copytree(built, tmp_path / "out"))


@pytest.mark.usefixtures("dataset")
def test_statistics_tell_what_was_kept_and_why_the_rest_was_not(stepcode: Stepcode) -> None:
    done = stepcode("show", "out")
    shown = done.stdout.decode()
    assert (done.returncode, done.stderr) == (0, b"")
    assert shown.startswith("out: 4 rows in, 2 kept, 2 rejected\n")
    for reason in ("no_call", "output_differs"):
        assert f"{reason} " in shown
    assert "data/train-00000-of-00001.parquet" in shown


@pytest.mark.usefixtures("dataset")
def test_statistics_name_a_row_of_each_reason_to_look_at(stepcode: Stepcode) -> None:
    shown = stepcode("show", "out").stdout.decode()
    (line,) = (line for line in shown.splitlines() if "declared 0, got 8" in line)
    reason, row_id, name, _ = line.split(maxsplit=3)
    assert (reason, name) == ("output_differs", "row-3")
    assert b"rejected: output_differs" in stepcode("show", "out", row_id).stdout


@pytest.mark.usefixtures("dataset")
def test_statistics_need_no_unicode_terminal(stepcode: Stepcode) -> None:
    done = stepcode("show", "out", PYTHONIOENCODING="ascii", LC_ALL="C")
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"####" in done.stdout


def test_json_is_the_manifest(stepcode_here: Stepcode, dataset: Path) -> None:
    done = stepcode_here("show", "out", "--json")
    assert done.stdout == (dataset / "manifest.json").read_bytes()


def test_row_is_found_by_the_start_of_its_id(stepcode_here: Stepcode, dataset: Path) -> None:
    first = next(row for row in kept(dataset) if row["source_row"] == "row-1")
    done = stepcode_here("show", "out", first["id"][:8])
    head, _, rest = done.stdout.decode().partition("\n")
    assert head == f"{first['id']}  jsonl row-1"
    assert rest.replace(" ", "") == SHOWN.replace(" ", "")


def test_row_as_json_has_every_column(stepcode_here: Stepcode, dataset: Path) -> None:
    (one, _) = kept(dataset)
    assert json.loads(stepcode_here("show", "out", one["id"], "--json").stdout) == one


def test_rejected_row_shows_its_reason(stepcode_here: Stepcode, dataset: Path) -> None:
    (one,) = (row for row in rejected(dataset) if row["reason"] == "output_differs")
    done = stepcode_here("show", "out", one["id"])
    assert b"rejected: output_differs: declared 0, got 8" in done.stdout


@pytest.mark.usefixtures("dataset")
def test_sample_is_a_row(stepcode_here: Stepcode) -> None:
    done = stepcode_here("show", "out", "--sample")
    assert done.returncode == 0
    assert b"-> " in done.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["out", "zzz"], "out: no row has an id that begins with 'zzz'"),
        (["missing"], "missing: no such folder"),
        (["."], ".: not a finished dataset: no manifest.json"),
        (["out/README.md"], "out/README.md: no such folder"),
    ],
    ids=["row", "folder", "other", "file"],
)
@pytest.mark.usefixtures("dataset")
def test_misuse_is_one_line(stepcode_here: Stepcode, arguments: list[str], says: str) -> None:
    one_line_of_misuse(stepcode_here("show", *arguments), says)


def test_unfinished_build_says_how_to_go_on(stepcode_here: Stepcode, dataset: Path) -> None:
    (dataset / "manifest.json").unlink()
    (dataset / ".building").mkdir()
    one_line_of_misuse(stepcode_here("show", "out"), "run build-dataset again to resume it")


def test_broken_manifest_is_named(stepcode_here: Stepcode, dataset: Path) -> None:
    (dataset / "manifest.json").write_bytes(b"{")
    one_line_of_misuse(stepcode_here("show", "out"), "out/manifest.json: broken JSON")


@pytest.mark.parametrize("damage", ["shorter", "other bytes", "gone"])
def test_damaged_shard_is_named(stepcode_here: Stepcode, dataset: Path, damage: str) -> None:
    shard = dataset / "data" / "train-00000-of-00001.parquet"
    match damage:
        case "shorter":
            shard.write_bytes(shard.read_bytes()[:100])
        case "other bytes":
            shard.write_bytes(b"x" * shard.stat().st_size)
        case _:
            shard.unlink()
    one_line_of_misuse(
        stepcode_here("show", "out", "--sample"),
        "out/data/train-00000-of-00001.parquet: missing or damaged",
    )


def one_line_of_misuse(done: subprocess.CompletedProcess[bytes], says: str) -> None:
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.count(b"\n") == 1
    assert done.stderr.startswith(b"stepcode: ")
    assert says in done.stderr.decode()
