"""The tests' Hub against the Hub's own client: what is uploaded is there, whole, and comes back."""

import io
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from huggingface_hub import (
    CommitOperationAdd,
    CommitOperationDelete,
    HfApi,
    close_session,
    constants,
    snapshot_download,
)
from huggingface_hub.errors import (
    HfHubHTTPError,
    RemoteEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.hf_api import RepoFile

from tests.hub.access import READ, STRANGER, WRITE
from tests.hub.conftest import Place
from tests.hub.faults import Drop, Status
from tests.hub.server import Hub, running_hub

# The client's own, where it sends the bytes of a file.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=<...>' to upload raw")

# Any: passed on to functions that take other types besides.
SET: dict[str, Any] = {"repo_id": "user/set", "repo_type": "dataset"}


@pytest.fixture(autouse=True)
def _client(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    # Read from the environment when the client was imported, and pytest's says to stay offline.
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    yield
    close_session()


@pytest.fixture
def api(hub: Hub) -> HfApi:
    """Who may write, with a dataset that is empty."""
    found = HfApi(hub.url, token=WRITE)
    found.create_repo(**SET)
    hub.log.clear()
    return found


def parquet(rows: int = 3) -> bytes:
    content = io.BytesIO()
    pl.DataFrame({"n": list(range(rows))}).write_parquet(content)
    return content.getvalue()


def put(api: HfApi, files: dict[str, bytes], **options: Any) -> str:
    adds = [CommitOperationAdd(path, content) for path, content in files.items()]
    done = api.create_commit(operations=adds, commit_message="Put", **SET, **options)
    return str(done.oid)


def status_of(wish: Any) -> int:  # Any: something that is called
    with pytest.raises(HfHubHTTPError) as caught:
        wish()
    return int(caught.value.response.status_code)


def test_folder_goes_up_and_comes_down(api: HfApi, hub: Hub, tmp_path: Path) -> None:
    files = {"README.md": b"---\nlicense: mit\n---\n", "data/train-0.parquet": parquet()}
    for path, content in files.items():
        (tmp_path / "in" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / path).write_bytes(content)
    done = api.upload_folder(folder_path=tmp_path / "in", **SET)
    assert hub.files("dataset", "user/set").items() >= files.items()
    info = api.dataset_info("user/set", files_metadata=True)
    assert (info.sha, info.private, info.tags) == (done.oid, False, ["license:mit"])
    assert {one.rfilename: one.size for one in info.siblings or []}.items() >= {
        path: len(content) for path, content in files.items()
    }.items()
    titles = [one.title for one in api.list_repo_commits(**SET)]
    assert titles == ["Upload folder using huggingface_hub", "initial commit"]
    folder = snapshot_download(endpoint=hub.url, token=WRITE, **SET)
    assert (Path(folder) / "data/train-0.parquet").read_bytes() == parquet()


def test_parquet_goes_by_lfs_to_another_host_that_sees_no_token(api: HfApi, hub: Hub) -> None:
    put(api, {"a.parquet": parquet(), "b.txt": b"text"})
    snapshot_download(endpoint=hub.url, token=WRITE, **SET)
    stored = hub.log.of("lfs_put", "lfs_get")
    assert [(entry.kind, entry.sent) for entry in stored] == [
        ("lfs_put", len(parquet())),
        ("lfs_get", 0),
    ]
    assert all("authorization" not in entry.headers for entry in stored)
    assert all("authorization" in entry.headers for entry in hub.log.of("commit", "lfs_batch"))
    by_lfs = {one.path for one in api.list_repo_tree(**SET) if getattr(one, "lfs", None)}
    assert by_lfs == {"a.parquet"}


def test_what_is_there_is_not_sent_again(api: HfApi, hub: Hub) -> None:
    first = put(api, {"a.parquet": parquet(), "b.txt": b"text"})
    hub.log.clear()
    assert put(api, {"a.parquet": parquet(), "b.txt": b"text"}) == first
    put(api, {"c.parquet": parquet()})
    assert hub.log.of("lfs_put") == []
    assert len(hub.log.of("commit")) == 1


def test_commit_is_whole_or_not_at_all(api: HfApi, hub: Hub) -> None:
    before = hub.files("dataset", "user/set")
    gone = CommitOperationDelete("nothing.txt")
    operations: list[Any] = [CommitOperationAdd("a.txt", b"a"), gone]  # Any: of either kind
    with pytest.raises(RemoteEntryNotFoundError):
        api.create_commit(operations=operations, commit_message="Half", **SET)
    assert hub.files("dataset", "user/set") == before
    head = put(api, {"a.txt": b"a", "old/b.txt": b"b", "old/c.txt": b"c"})
    put(api, {"d.txt": b"d"}, parent_commit=head)
    assert status_of(lambda: put(api, {"e.txt": b"e"}, parent_commit=head)) == 412
    folder = CommitOperationDelete("old/", is_folder=True)
    api.create_commit(operations=[folder], commit_message="Tidy", **SET)
    assert set(hub.files("dataset", "user/set")) == {".gitattributes", "a.txt", "d.txt"}
    assert set(hub.files("dataset", "user/set", head)) > {"old/b.txt"}


def test_commit_whose_answer_is_lost_is_made_and_one_that_is_lost_is_not(
    api: HfApi, hub: Hub
) -> None:
    for drop, is_made in ((Drop.BEFORE, False), (Drop.AFTER, True)):
        hub.faults.order("commit", drop)
        with pytest.raises(Exception, match="disconnected without sending a response"):
            put(api, {f"{drop}.txt": b"x"})
        assert (f"{drop}.txt" in hub.files("dataset", "user/set")) is is_made
    assert [entry.status for entry in hub.log.of("commit")] == [None, None]


def test_upload_that_breaks_is_sent_again_from_its_beginning(api: HfApi, hub: Hub) -> None:
    content = parquet(5000)
    hub.faults.order("lfs_put", Drop.HALFWAY)
    put(api, {"a.parquet": content})
    first, second = hub.log.of("lfs_put")
    assert (first.status, second.status, second.sent) == (None, 200, len(content))
    assert first.sent < len(content)
    assert hub.files("dataset", "user/set")["a.parquet"] == content


def test_download_that_breaks_goes_on_where_it_was(
    api: HfApi, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What it has of a chunk, 10 MB otherwise, the client forgets.
    monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", 1024)
    content = parquet(5000)
    put(api, {"a.parquet": content})
    hub.faults.order("lfs_get", Drop.HALFWAY)
    path = api.hf_hub_download(filename="a.parquet", **SET)
    assert Path(path).read_bytes() == content
    assert [entry.status for entry in hub.log.of("lfs_get")] == [None, 206]


def test_busy_hub_is_asked_again_when_it_says(api: HfApi, hub: Hub) -> None:
    hub.faults.order("preupload", Status(429, 0))
    before = time.monotonic()
    put(api, {"a.txt": b"a"})
    assert time.monotonic() - before >= 1
    assert [entry.status for entry in hub.log.of("preupload")] == [429, 200]


def test_large_object_goes_up_in_parts(tmp_path: Path) -> None:
    content = parquet(5000)
    with running_hub(tmp_path / "parts", part_bytes=4096) as hub:
        api = HfApi(hub.url, token=WRITE)
        api.create_repo(**SET)
        put(api, {"a.parquet": content})
        assert hub.files("dataset", "user/set")["a.parquet"] == content
        assert [entry.sent for entry in hub.log.of("lfs_put")] == [
            len(content[start : start + 4096]) for start in range(0, len(content), 4096)
        ]
        close_session()


def test_stored_object_can_rot(api: HfApi, hub: Hub) -> None:
    put(api, {"a.parquet": parquet()})
    hub.corrupt("dataset", "user/set", "a.parquet")
    got = Path(api.hf_hub_download(filename="a.parquet", **SET)).read_bytes()
    assert len(got) == len(parquet())
    assert got != parquet()


def test_refusals_are_those_of_the_hub(api: HfApi, hub: Hub) -> None:
    HfApi(hub.url, token=WRITE).create_repo("user/hidden", private=True)
    for who in (False, STRANGER):
        with pytest.raises(RepositoryNotFoundError):
            HfApi(hub.url, token=who).model_info("user/hidden")
    assert status_of(lambda: HfApi(hub.url, token=False).model_info("user/nothing")) == 401
    assert status_of(lambda: api.model_info("user/nothing")) == 404
    assert status_of(lambda: HfApi(hub.url, token="hf_wrong").dataset_info("user/set")) == 401
    assert status_of(lambda: HfApi(hub.url, token="hf_wrong").whoami()) == 401
    assert status_of(lambda: HfApi(hub.url, token=READ).create_repo("user/other")) == 403
    assert status_of(lambda: put(HfApi(hub.url, token=READ), {"a.txt": b"a"})) == 403
    assert status_of(lambda: api.create_repo("other/set")) == 403
    assert status_of(lambda: api.create_repo(**SET)) == 409
    assert api.create_repo(**SET, exist_ok=True).repo_id == "user/set"
    with pytest.raises(RevisionNotFoundError):
        api.dataset_info("user/set", revision="nothing")
    with pytest.raises(RemoteEntryNotFoundError):
        api.hf_hub_download(filename="nothing", **SET)
    with pytest.raises(ValueError, match="Invalid metadata in README"):
        put(api, {"README.md": b"---\na: [\n---\n"})


def test_revisions_have_names(api: HfApi) -> None:
    first = put(api, {"a.txt": b"1"})
    api.create_tag(**SET, tag="v1")
    api.create_branch(**SET, branch="next")
    put(api, {"a.txt": b"2"})
    put(api, {"a.txt": b"3"}, revision="next")
    refs = api.list_repo_refs(**SET)
    assert {one.name for one in refs.branches} == {"main", "next"}
    assert [(one.name, one.target_commit) for one in refs.tags] == [("v1", first)]
    for revision, text in (("v1", "1"), ("main", "2"), ("next", "3"), (first, "1")):
        path = api.hf_hub_download(filename="a.txt", revision=revision, **SET)
        assert Path(path).read_text() == text


def test_long_lists_come_in_pages(api: HfApi, hub: Hub) -> None:
    hub.add("dataset", "user/many", {f"{n:04}.txt": b"" for n in range(2100)})
    found = list(api.list_repo_tree("user/many", repo_type="dataset"))
    assert len({one.path for one in found}) == 2101
    assert len(hub.log.of("tree")) == 3


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_names_are_git_s(api: HfApi, hub: Hub, tmp_path: Path) -> None:
    put(api, {"a.txt": b"a", "b/c.txt": b"c", "b.c/d.txt": b"d"})

    def git(*arguments: str) -> str:
        command = ["git", *arguments]
        done = subprocess.run(command, cwd=tmp_path / "git", capture_output=True, check=True)
        return done.stdout.decode().strip()

    for path, content in hub.files("dataset", "user/set").items():
        (tmp_path / "git" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "git" / path).write_bytes(content)
    git("init", "-q")
    git("-c", "core.autocrlf=false", "add", "-A")
    root = git("write-tree")
    listed = git("ls-tree", "-r", "-t", root).splitlines()
    names = {line.split("\t")[1]: line.split()[2] for line in listed}
    there = api.list_repo_tree(**SET, recursive=True)
    found = {one.path: one.blob_id if isinstance(one, RepoFile) else one.tree_id for one in there}
    assert found == names


@pytest.mark.slow
def test_load_dataset_reads_configurations_and_splits(place: Place) -> None:
    card = b"""---
configs:
- config_name: default
  data_files:
  - {split: train, path: data/train-*}
  - {split: test, path: data/test-*}
- config_name: rejected
  data_files: rejected/train-*
---
"""
    files = {
        "README.md": card,
        "data/train-00000-of-00002.parquet": parquet(1),
        "data/train-00001-of-00002.parquet": parquet(2),
        "data/test-00000-of-00001.parquet": parquet(3),
        "rejected/train-00000-of-00001.parquet": parquet(4),
    }
    place.hub.add("dataset", "user/set", files)
    found = place.commands.load("user/set")
    assert {split: [row["n"] for row in rows] for split, rows in found.items()} == {
        "train": [0, 0, 1],
        "test": [0, 1, 2],
    }
    assert len(place.commands.load("user/set", "rejected")["train"]) == 4
