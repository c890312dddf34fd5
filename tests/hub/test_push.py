"""`stepcode push` of datasets, over HTTP, to a Hub that behaves and to one that does not."""

import io
import signal
import subprocess
import time
from pathlib import Path

import polars as pl
import pytest
from huggingface_hub import DatasetCard

from stepcode.dataset.manifest import NAME, parse_manifest, read_manifest
from tests.hub.access import READ, STRANGER
from tests.hub.faults import Drop, Fault, Status
from tests.hub.pushing import Client, failure, write_dataset
from tests.hub.server import Hub

REPO = "user/traces"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture
def client(hub: Hub, tmp_path: Path) -> Client:
    return Client(hub, tmp_path / "home")


def start(client: Client, *arguments: str | Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        client.command(*arguments),
        env=client.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def put(hub: Hub) -> list[str]:
    """Name the objects that arrived in the storage, in their order."""
    return [e.path.partition("?")[0] for e in hub.log.of("lfs_put") if e.status == 200]


def wait_until_stuck(hub: Hub, *, arrived: int) -> None:
    """Wait until all but the objects that the Hub drops have arrived, and one was dropped."""
    deadline = time.monotonic() + 60
    while len(put(hub)) < arrived or len(hub.log.of("lfs_put")) == len(put(hub)):
        assert time.monotonic() < deadline, hub.log.kinds()
        time.sleep(0.02)


def commits(hub: Hub) -> list[str]:
    return list(hub.repo("dataset", REPO).commits)


def test_pushed_dataset_is_there_and_a_new_version_takes_its_place(
    client: Client, hub: Hub, tmp_path: Path
) -> None:
    first = write_dataset(tmp_path / "first", blocks=11)
    done = client.push(first, "--repo-id", REPO)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{hub.url}/datasets/{REPO}: ")
    assert done.stderr == ""
    revision = hub.repo("dataset", REPO).branches["main"]
    manifest = read_manifest(first)
    rejected = {"train": manifest.rows["rejected"]}
    assert client.load(REPO, revision) == {"default": dict(manifest.splits), "rejected": rejected}
    files = hub.files("dataset", REPO)
    assert parse_manifest(files[NAME], NAME) == manifest
    for shard in manifest.shards:
        assert pl.read_parquet(io.BytesIO(files[shard.path])).height == shard.rows
    card = DatasetCard(files["README.md"].decode())
    data = card.data
    assert (data["license"], data["size_categories"]) == ("mit", ["n<1K"])

    hub.log.clear()
    again = client.push(first, "--repo-id", REPO)
    assert again.returncode == 0, again.stderr
    assert "was there already" in again.stdout
    assert not hub.log.of("preupload", "lfs_batch", "lfs_put", "commit")

    second = write_dataset(tmp_path / "second", blocks=3, seed=1)
    changed = client.push(second, "--repo-id", REPO)
    assert changed.returncode == 0, changed.stderr
    assert "deleted" in changed.stdout
    assert set(hub.files("dataset", REPO)) - {".gitattributes"} == {
        "README.md",
        NAME,
        *(shard.path for shard in read_manifest(second).shards),
    }
    # Whoever reads the first version goes on to have it.
    assert hub.files("dataset", REPO, revision) == files


def test_killed_push_leaves_nothing_half_published_and_goes_on(
    client: Client, hub: Hub, tmp_path: Path
) -> None:
    folder = write_dataset(tmp_path / "set", blocks=21)
    shards = len(read_manifest(folder).shards)
    hub.faults.order("lfs_put", Drop.HALFWAY, at=shards - 1, times=1000)
    running = start(client, folder, "--repo-id", REPO)
    wait_until_stuck(hub, arrived=shards - 2)
    running.kill()
    running.communicate()
    assert set(hub.files("dataset", REPO)) == {".gitattributes"}
    arrived = put(hub)

    hub.faults.clear()
    hub.log.clear()
    done = client.push(folder, "--repo-id", REPO)
    assert done.returncode == 0, done.stderr
    assert len(put(hub)) == 2
    assert not set(put(hub)) & set(arrived)
    assert len(commits(hub)) == 2
    assert client.load(REPO)["default"] == dict(read_manifest(folder).splits)


def test_interrupted_push_says_how_to_go_on(client: Client, hub: Hub, tmp_path: Path) -> None:
    folder = write_dataset(tmp_path / "set")
    hub.faults.order("lfs_put", Drop.BEFORE, at=2, times=1000)
    running = start(client, folder, "--repo-id", REPO)
    wait_until_stuck(hub, arrived=1)
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=60)
    done = subprocess.CompletedProcess((), running.returncode, out, err)
    assert "interrupted; run the same command to go on" in failure(done)


@pytest.mark.parametrize(
    ("kind", "fault", "why"),
    [
        ("commit", Status(500), "the Hub failed (500"),
        ("whoami", Status(429, retry_after=7), "wait 7 seconds"),
        ("create_repo", Drop.BEFORE, "no connection to"),
    ],
)
def test_failure_of_the_hub_is_one_line(
    client: Client, hub: Hub, tmp_path: Path, kind: str, fault: Fault, why: str
) -> None:
    folder = write_dataset(tmp_path / "set")
    hub.faults.order(kind, fault)
    line = failure(client.push(folder, "--repo-id", REPO))
    assert line.startswith(f"stepcode: {REPO}: ")
    assert why in line
    assert "run the same command again" in line


def test_connection_that_is_lost_leaves_the_old_version_and_the_next_push_goes_on(
    client: Client, hub: Hub, tmp_path: Path
) -> None:
    client.push(write_dataset(tmp_path / "old"), "--repo-id", REPO)
    old = hub.files("dataset", REPO)
    folder = write_dataset(tmp_path / "set", blocks=3, seed=1)
    hub.faults.order("commit", Drop.HALFWAY)
    assert "no connection to" in failure(client.push(folder, "--repo-id", REPO))
    assert hub.files("dataset", REPO) == old
    hub.log.clear()
    assert client.push(folder, "--repo-id", REPO).returncode == 0
    assert put(hub) == []
    assert hub.files("dataset", REPO)[NAME] == (folder / NAME).read_bytes()


@pytest.mark.parametrize(
    ("token", "why"),
    [
        ("hf_\x01", "the token has characters that no token has"),
        ("hf_wrong", "does not know the token; set HF_TOKEN"),
        (None, "no token is set; set HF_TOKEN, or run `hf auth login`"),
        (READ, "the token of user may only read"),
        (STRANGER, "the token of stranger may not do that"),
    ],
)
def test_token_that_may_not_is_told(hub: Hub, tmp_path: Path, token: str | None, why: str) -> None:
    client = Client(hub, tmp_path / "home", token)
    folder = write_dataset(tmp_path / "set")
    assert why in failure(client.push(folder, "--repo-id", REPO))
    assert hub.site.repos.find("dataset", REPO) is None


def test_hub_out_of_reach_is_told(client: Client, hub: Hub, tmp_path: Path) -> None:
    folder = write_dataset(tmp_path / "set")
    nowhere = "http://127.0.0.1:9"
    line = failure(client.push(folder, "--repo-id", REPO, HF_ENDPOINT=nowhere))
    assert f"no connection to {nowhere}" in line
    assert "HF_HUB_OFFLINE is set" in failure(
        client.push(folder, "--repo-id", REPO, HF_HUB_OFFLINE="1")
    )
    assert hub.log.of() == []


def test_private_dataset_is_seen_by_its_owner_only(
    client: Client, hub: Hub, tmp_path: Path
) -> None:
    folder = write_dataset(tmp_path / "set")
    done = client.push(folder, "--repo-id", REPO, "--private")
    assert "private" in done.stdout
    assert hub.repo("dataset", REPO).private
    assert "default" in client.load(REPO)
    hub.repo("dataset", REPO).private = False
    line = failure(client.push(folder, "--repo-id", REPO, "--private"))
    assert "is public already" in line


def test_repository_of_something_else_is_left_alone(
    client: Client, hub: Hub, tmp_path: Path
) -> None:
    folder = write_dataset(tmp_path / "set")
    hub.add("dataset", "user/photos", {"a.png": b"x", "README.md": b"# Photos\n"})
    assert "not of stepcode (a.png)" in failure(client.push(folder, "--repo-id", "user/photos"))
    other = (
        (folder / NAME).read_bytes().replace(b'"sources": {\n    "jsonl"', b'"sources": {\n    "x"')
    )
    hub.add("dataset", REPO, {NAME: other})
    line = failure(client.push(folder, "--repo-id", REPO))
    assert "holds another dataset, of x and not of jsonl" in line
    assert hub.log.of("commit") == []


def test_files_of_others_stay_and_are_told(client: Client, hub: Hub, tmp_path: Path) -> None:
    folder = write_dataset(tmp_path / "set")
    stray = {"data/train-00007-of-00008.parquet": b"PAR1", "LICENSE": b"MIT"}
    hub.add("dataset", REPO, {NAME: (folder / NAME).read_bytes(), **stray})
    done = client.push(folder, "--repo-id", REPO)
    assert done.returncode == 0, done.stderr
    assert "left 1 file of others as they are (LICENSE)" in done.stderr
    files = hub.files("dataset", REPO)
    assert "LICENSE" in files
    assert not set(stray) - {"LICENSE"} & set(files)


def test_corrupted_shard_sends_nothing(client: Client, hub: Hub, tmp_path: Path) -> None:
    folder = write_dataset(tmp_path / "set")
    shard = next((folder / "data").iterdir())
    shard.write_bytes(shard.read_bytes()[:-1] + b"x")
    line = failure(client.push(folder, "--repo-id", REPO))
    assert f"{shard}: missing or damaged" in line
    assert hub.log.of() == []


def test_commit_is_found_again_whatever_went_wrong_behind_it(
    client: Client, hub: Hub, tmp_path: Path
) -> None:
    folder = write_dataset(tmp_path / "set")
    hub.faults.order("commit", Drop.AFTER)
    assert "no connection to" in failure(client.push(folder, "--repo-id", REPO))
    hub.faults.order("lfs_get", Status(403), times=1000)
    line = failure(client.push(folder, "--repo-id", REPO))
    assert f"{REPO} is published, but could not be loaded back" in line
    hub.faults.clear()
    assert "was there already" in client.push(folder, "--repo-id", REPO).stdout
    assert len(commits(hub)) == 2
    hub.corrupt("dataset", REPO, read_manifest(folder).shards[0].path)
    stranger = Client(hub, tmp_path / "elsewhere")
    assert "came back damaged" in failure(stranger.push(folder, "--repo-id", REPO))


def test_dry_run_shows_all_and_asks_nobody(client: Client, hub: Hub, tmp_path: Path) -> None:
    folder = write_dataset(tmp_path / "set")
    done = client.push(folder, "--repo-id", REPO, "--dry-run")
    assert done.returncode == 0
    assert done.stdout.startswith((folder / "README.md").read_text())
    for shard in read_manifest(folder).shards:
        assert f"{shard.bytes:,}  {shard.path}\n" in done.stdout
    assert done.stderr == ""
    assert hub.log.of() == []


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("set",), "Missing option '--repo-id'"),
        (("set", "--repo-id", "traces"), "--repo-id is 'traces': expected USER/NAME"),
        (("nowhere", "--repo-id", REPO), "nowhere: no such folder"),
        (("empty", "--repo-id", REPO), "empty: not a finished dataset"),
    ],
)
def test_misuse_is_told_before_anything_is_asked(
    client: Client, hub: Hub, tmp_path: Path, arguments: tuple[str, ...], why: str
) -> None:
    (tmp_path / "empty").mkdir()
    done = client.push(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert why in done.stderr
    assert hub.log.of() == []
