"""Uploads: to any file system of fsspec, last things last, and killed anywhere without harm."""

import importlib.util
import shutil
from pathlib import Path

import fsspec
import pytest

from stepcode.dataset.manifest import Manifest, read_manifest
from stepcode.dataset.part import Part
from stepcode.dataset.remote import MARKER, Owner, fetch_part, find_published, open_target, upload
from stepcode.errors import DatasetError, MissingExtraError, MisuseError, StepcodeError
from tests.unit.dataset_samples import RECIPE, build_sample, files_of, finish_sample, open_sample
from tests.unit.dataset_samples import kept as kept_row
from tests.unit.saboteur import Saboteur, Stopped
from tests.unit.test_dataset_parts import build_part

OWNER = Owner(RECIPE | {"seed": 0})
OTHER = Owner(RECIPE | {"seed": 7})


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("local") / "out"
    build_sample(out)
    return out


@pytest.fixture(scope="module")
def older(tmp_path_factory: pytest.TempPathFactory, local: Path) -> Path:
    """A dataset of another recipe, one of whose shards has the length of a new one."""
    out = tmp_path_factory.mktemp("older") / "out"
    with open_sample(out, seed=7) as build:
        build.write_block(0, [kept_row(1)], [], rows_in=1, outcomes={"ok": 1})
        finish_sample(build, blocks=1)
    (out / "README.md").write_bytes(b"?" * (local / "README.md").stat().st_size)
    return out


def publish(url: str, folder: Path, owner: Owner = OWNER, *, overwrite: bool = False) -> bool:
    """What the flow does once `folder` is built; whether it was there before."""
    target = open_target(url)
    if find_published(target, owner, overwrite=overwrite) is not None:
        return True
    upload(target, folder, owner)
    return False


def test_upload_to_another_file_system_is_whole(local: Path) -> None:
    files = fsspec.filesystem("memory")
    assert not publish("memory://bucket/data/set", local)
    there = {name.removeprefix("/bucket/data/set/") for name in files.find("/bucket/data/set")}
    assert {name: files.cat(f"/bucket/data/set/{name}") for name in there} == files_of(local)
    assert publish("memory://bucket/data/set", local)
    found = find_published(open_target("memory://bucket/data/set"), OWNER, overwrite=False)
    assert found == read_manifest(local)
    assert isinstance(found, Manifest)


def test_upload_stopped_at_any_change_goes_on_to_the_same_bytes(
    tmp_path: Path, local: Path, saboteur: Saboteur
) -> None:
    for changes in range(200):
        place = tmp_path / str(changes)
        saboteur.arm(changes)
        try:
            publish(f"file://{place}", local)
        except Stopped:
            saboteur.disarm()
            assert not (place / "manifest.json").exists() or files_of(local).items() <= (
                files_of(place).items()
            )
            publish(f"file://{place}", local)
            assert files_of(place) == files_of(local), f"stopped before change {changes}"
        else:
            assert changes > 8
            return


def test_overwrite_stopped_at_any_change_leaves_nothing_of_the_old_dataset(
    tmp_path: Path, local: Path, older: Path, saboteur: Saboteur
) -> None:
    for changes in range(200):
        place = tmp_path / str(changes)
        shutil.copytree(older, place)
        saboteur.arm(changes)
        try:
            publish(f"file://{place}", local, overwrite=True)
        except Stopped:
            saboteur.disarm()
            publish(f"file://{place}", local, overwrite=True)
            assert files_of(place) == files_of(local), f"stopped before change {changes}"
        else:
            assert changes > 12
            return


def test_damaged_dataset_is_told_and_made_again_by_overwrite(tmp_path: Path, local: Path) -> None:
    url = f"file://{tmp_path / 'out'}"
    publish(url, local)
    (tmp_path / "out" / "README.md").write_bytes(b"half")
    shard = tmp_path / "out" / "data" / "train-00000-of-00001.parquet"
    shard.write_bytes(shard.read_bytes()[:100])
    with pytest.raises(DatasetError, match="missing or damaged; build-dataset --overwrite"):
        publish(url, local)
    assert not publish(url, local, overwrite=True)
    assert files_of(tmp_path / "out") == files_of(local)


def test_place_of_someone_else_is_left_alone(tmp_path: Path, local: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    for overwrite in (False, True):
        with pytest.raises(DatasetError, match=r"is not empty and not a stepcode.*thesis\.tex"):
            publish(f"file://{tmp_path}", local, overwrite=overwrite)
    with pytest.raises(DatasetError, match="is a file, not a folder"):
        publish(f"file://{tmp_path}/thesis.tex", local)
    assert files_of(tmp_path) == {"thesis.tex": b"years of work"}


def test_dataset_of_another_recipe_is_kept_until_overwrite(
    tmp_path: Path, local: Path, older: Path
) -> None:
    url = f"file://{tmp_path / 'out'}"
    publish(url, older, OTHER)
    with pytest.raises(DatasetError, match=r"recipe\.seed is 7, not 0.*--overwrite"):
        publish(url, local)
    assert files_of(tmp_path / "out") == files_of(older)
    publish(url, local, overwrite=True)
    assert files_of(tmp_path / "out") == files_of(local)


def test_unfinished_upload_of_another_recipe_is_not_continued(
    tmp_path: Path, local: Path, older: Path, saboteur: Saboteur
) -> None:
    url = f"file://{tmp_path / 'out'}"
    saboteur.arm(6)
    with pytest.raises(Stopped):
        publish(url, older, OTHER)
    assert (tmp_path / "out" / MARKER).exists()
    with pytest.raises(DatasetError, match=r"recipe\.seed is 7, not 0"):
        publish(url, local)
    publish(url, local, overwrite=True)
    assert files_of(tmp_path / "out") == files_of(local)


def test_part_goes_up_and_comes_back(tmp_path: Path) -> None:
    build_part(tmp_path / "part", Part(0, 2))
    owner = Owner(OWNER.recipe, "0/2")
    url = f"file://{tmp_path / 'there'}"
    publish(url, tmp_path / "part", owner)
    with pytest.raises(DatasetError, match="it is 0/2, not 1/2"):
        publish(url, tmp_path / "part", Owner(OWNER.recipe, "1/2"))
    copy = tmp_path / "copy"
    (copy / "blocks/000001").mkdir(parents=True)
    (copy / "blocks/000001/counts.json").write_bytes(b"from an earlier try")
    fetch_part(open_target(url), copy)
    assert files_of(copy) == files_of(tmp_path / "part")


def test_fetching_what_is_no_part_or_no_whole_one_is_one_line(
    tmp_path: Path, local: Path, saboteur: Saboteur
) -> None:
    target = open_target(f"file://{tmp_path / 'out'}")
    with pytest.raises(DatasetError, match=r"is no part: it has no part\.json"):
        fetch_part(target, tmp_path / "copy")
    saboteur.arm(6)
    with pytest.raises(Stopped):
        upload(target, local, OWNER)
    saboteur.disarm()
    with pytest.raises(DatasetError, match="is an unfinished upload"):
        fetch_part(target, tmp_path / "copy")


def test_url_that_cannot_be_written_is_one_line(tmp_path: Path, local: Path) -> None:
    with pytest.raises(MisuseError, match="no file system for nope://"):
        open_target("nope://bucket")
    (tmp_path / "closed").write_text("")
    with pytest.raises(StepcodeError, match=r"NotADirectoryError: .* run the same command again"):
        publish(f"file://{tmp_path}/closed/out", local)


@pytest.mark.skipif(importlib.util.find_spec("s3fs") is not None, reason="s3fs is here")
def test_file_system_that_is_not_installed_is_named() -> None:
    with pytest.raises(MissingExtraError, match="s3://bucket: Install s3fs"):
        open_target("s3://bucket")
