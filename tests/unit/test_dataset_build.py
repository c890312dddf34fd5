import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from stepcode.dataset.manifest import read_manifest
from stepcode.dataset.parquet import open_build
from stepcode.errors import DatasetError, MisuseError, StepcodeError
from tests.unit.dataset_samples import (
    RECIPE,
    build_sample,
    dropped,
    files_of,
    finish_sample,
    kept,
    open_sample,
    write_sample_block,
)
from tests.unit.saboteur import CHANGES, Saboteur, Stopped


def test_finished_folder_holds_the_dataset_and_nothing_else(whole: dict[str, bytes]) -> None:
    assert sorted(whole) == [
        "README.md",
        "data/train-00000-of-00001.parquet",
        "manifest.json",
        "rejected/train-00000-of-00001.parquet",
    ]


def test_manifest_counts_add_up(tmp_path: Path) -> None:
    build_sample(tmp_path)
    manifest = read_manifest(tmp_path)
    assert manifest.rows == {"in": 18, "kept": 10, "rejected": 8}
    assert manifest.rejected == {"bad_row": 6, "duplicate": 2}
    assert sum(manifest.steps.values()) == manifest.rows["kept"]
    for shard in manifest.shards:
        assert pl.read_parquet(tmp_path / shard.path).height == shard.rows
        assert (tmp_path / shard.path).stat().st_size == shard.bytes


def test_blocks_may_be_written_in_any_order(tmp_path: Path, whole: dict[str, bytes]) -> None:
    with open_sample(tmp_path) as build:
        for index in (2, 0, 1):
            write_sample_block(build, index)
        finish_sample(build)
    assert files_of(tmp_path) == whole


def test_build_resumes_with_the_missing_blocks(tmp_path: Path, whole: dict[str, bytes]) -> None:
    with open_sample(tmp_path) as build:
        write_sample_block(build, 1)
    with open_sample(tmp_path) as build:
        assert build.done_blocks() == {1}
    build_sample(tmp_path)
    assert files_of(tmp_path) == whole


def test_build_stopped_at_any_change_to_the_disk_ends_with_the_same_bytes(
    tmp_path: Path, whole: dict[str, bytes], saboteur: Saboteur
) -> None:
    for changes in range(1000):
        out = tmp_path / str(changes)
        saboteur.arm(changes)
        try:
            build_sample(out)
        except Stopped:
            saboteur.disarm()
            build_sample(out)
            assert files_of(out) == whole, f"stopped before change {changes}"
        else:
            assert changes > 40
            return


def test_overwrite_stopped_at_any_change_ends_with_the_same_bytes(
    tmp_path: Path, whole: dict[str, bytes], saboteur: Saboteur
) -> None:
    for changes in range(1000):
        out = tmp_path / str(changes)
        with open_sample(out, seed=7) as build:
            write_sample_block(build, 0)
            finish_sample(build, blocks=1)
        saboteur.arm(changes)
        try:
            open_sample(out, overwrite=True).close()
        except Stopped:
            saboteur.disarm()
            open_sample(out, overwrite=True).close()
            build_sample(out)
            assert files_of(out) == whole, f"stopped before change {changes}"
        else:
            assert changes > 8
            return


def test_interrupted_overwrite_is_resumed_without_asking_for_it_again(
    tmp_path: Path, whole: dict[str, bytes], saboteur: Saboteur
) -> None:
    with open_sample(tmp_path, seed=7) as build:
        write_sample_block(build, 0)
        finish_sample(build, blocks=1)
    saboteur.arm(5)
    with pytest.raises(Stopped):
        open_sample(tmp_path, overwrite=True)
    saboteur.disarm()
    build_sample(tmp_path)
    assert files_of(tmp_path) == whole


@pytest.mark.slow
@pytest.mark.parametrize("changes", [1, 5, 17, 25, 33, 36, 38, 40, 42, 44])
def test_killed_build_ends_with_the_same_bytes(
    tmp_path: Path, whole: dict[str, bytes], changes: int
) -> None:
    code = (
        "import os, pathlib, sys\n"
        "from tests.unit.dataset_samples import build_sample\n"
        f"left = [{changes}]\n"
        "def hook(event, args):\n"
        f"    if event in {CHANGES!r} or event == 'open' and 'w' in str(args[1]):\n"
        "        left[0] -= 1\n"
        "        if left[0] < 0: os.kill(os.getpid(), 9)\n"
        "sys.dont_write_bytecode = True\n"
        "sys.addaudithook(hook)\n"
        f"build_sample(pathlib.Path({str(tmp_path / 'out')!r}))\n"
    )
    root = Path(__file__).parents[2]
    killed = subprocess.run([sys.executable, "-c", code], cwd=root, check=False)
    assert killed.returncode == -signal.SIGKILL
    build_sample(tmp_path / "out")
    assert files_of(tmp_path / "out") == whole


def test_finished_dataset_is_found_finished_and_not_touched(tmp_path: Path) -> None:
    build_sample(tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    with open_sample(tmp_path) as build:
        assert build.finished
        finish_sample(build)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_other_recipe_is_refused_with_the_keys_that_differ(tmp_path: Path) -> None:
    with open_sample(tmp_path) as build:
        write_sample_block(build, 0)
    with pytest.raises(DatasetError, match=r"recipe\.seed is 0, not 1.*--overwrite"):
        open_sample(tmp_path, seed=1)
    build_sample(tmp_path)
    with pytest.raises(DatasetError, match=r"recipe\.seed is 0, not 1.*--overwrite"):
        open_sample(tmp_path, seed=1)


def test_overwrite_discards_a_dataset_of_another_recipe_but_not_a_stray_file(
    tmp_path: Path,
) -> None:
    build_sample(tmp_path)
    (tmp_path / "notes.txt").write_text("mine")
    with open_sample(tmp_path, overwrite=True, seed=1) as build:
        assert build.done_blocks() == set()
        assert not (tmp_path / "data").exists()
        build.finish(blocks=[], evaluation_only=False, drop_duplicates=True)
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert read_manifest(tmp_path).recipe["seed"] == 1


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize(
    "name", ["thesis.txt", "manifest.json", "data/x.parquet", ".building/thesis.txt"]
)
def test_foreign_folder_is_never_touched(tmp_path: Path, name: str, overwrite: bool) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("{}")
    with pytest.raises(DatasetError):
        open_sample(tmp_path, overwrite=overwrite)
    assert files_of(tmp_path) == {name: b"{}"}


def test_file_in_place_of_the_folder_is_misuse(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("x")
    with pytest.raises(DatasetError, match="is not a folder"):
        open_sample(tmp_path / "out")
    with pytest.raises(MisuseError, match="cannot be written"):
        open_sample(tmp_path / "out" / "below")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_folder_without_permission_is_misuse(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(MisuseError, match="cannot be written"):
        open_sample(tmp_path / "out")
    tmp_path.chmod(0o700)


def test_second_build_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    with open_sample(tmp_path), pytest.raises(MisuseError, match="another build is writing"):
        open_sample(tmp_path, overwrite=True)
    open_sample(tmp_path).close()


def test_full_disk_leaves_finished_blocks_and_no_half_one(tmp_path: Path) -> None:
    code = (
        "import pathlib, resource, signal\n"
        "from tests.unit.dataset_samples import *\n"
        f"build = open_sample(pathlib.Path({str(tmp_path)!r}))\n"
        "write_sample_block(build, 0)\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"  # EFBIG, as a quota would
        "write_sample_block(build, 1)\n"
    )
    root = Path(__file__).parents[2]
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=root, check=False, capture_output=True, text=True
    )
    last = run.stderr.splitlines()[-1]
    assert last.startswith("stepcode.errors.StepcodeError: ")
    assert "what was finished is kept" in last
    assert [path.name for path in (tmp_path / ".building/blocks").iterdir()] == ["000000"]


def test_rows_that_would_be_lost_stop_the_build(tmp_path: Path) -> None:
    with open_sample(tmp_path) as build:
        with pytest.raises(StepcodeError, match="3 rows in, 1 kept and 1 rejected"):
            build.write_block(0, [kept(1)], [dropped(2)], rows_in=3, outcomes={"ok": 1})
        write_sample_block(build, 1)
        with pytest.raises(StepcodeError, match=r"missing or not expected: \[0\]"):
            finish_sample(build, blocks=2)


def test_rows_lost_from_a_block_on_disk_are_noticed(tmp_path: Path) -> None:
    with open_sample(tmp_path) as build:
        write_sample_block(build, 0)
        path = tmp_path / ".building/blocks/000000/data.parquet"
        pl.read_parquet(path).head(1).write_parquet(path)
        with pytest.raises(StepcodeError, match="rows were lost"):
            finish_sample(build, blocks=1)


def test_first_of_the_duplicates_is_kept_and_the_others_say_which(tmp_path: Path) -> None:
    rows = [kept(9, program=1), kept(3, program=2), kept(5, program=1)]
    later = [kept(0, program=2), kept(1, program=3)]
    with open_sample(tmp_path) as build:
        build.write_block(0, rows, [], rows_in=3, outcomes={"ok": 3})
        build.write_block(1, later, [], rows_in=2, outcomes={"ok": 2})
        finish_sample(build, blocks=2)
    data = pl.read_parquet(tmp_path / "data/*.parquet")
    assert sorted(data["source_row"]) == ["1", "3", "9"]
    rejected = pl.read_parquet(tmp_path / "rejected/*.parquet").sort("source_row")
    assert rejected["source_row"].to_list() == ["0", "5"]
    assert rejected["reason"].unique().to_list() == ["duplicate"]
    assert rejected["detail"].to_list() == [
        f"same program and call as row {rows[1].id}",
        f"same program and call as row {rows[0].id}",
    ]


def test_benchmarks_keep_their_duplicates(tmp_path: Path) -> None:
    build_sample(tmp_path, drop_duplicates=False)
    assert read_manifest(tmp_path).rows == {"in": 18, "kept": 12, "rejected": 6}


def test_shards_hold_fixed_runs_of_blocks_and_skip_empty_ones(tmp_path: Path) -> None:
    with open_sample(tmp_path) as build:
        for index in range(21):
            good = [] if 10 <= index < 20 else [kept(index)]
            bad = [dropped(index)] if not good else []
            build.write_block(index, good, bad, rows_in=1, outcomes={"ok": len(good)})
        finish_sample(build, blocks=21)
    shards = [(shard.path, shard.rows) for shard in read_manifest(tmp_path).shards]
    assert shards == [
        ("data/train-00000-of-00002.parquet", 10),
        ("data/train-00001-of-00002.parquet", 1),
        ("rejected/train-00000-of-00001.parquet", 10),
    ]


@pytest.mark.slow
def test_memory_of_finish_does_not_grow_with_the_dataset(tmp_path: Path) -> None:
    code = (
        "import pathlib, resource, sys\n"
        "from tests.unit.dataset_samples import *\n"
        "with open_sample(pathlib.Path(sys.argv[1])) as build:\n"
        "    for index in range(int(sys.argv[2])):\n"
        "        rows = [kept(index * 100 + n, steps=4, text='x' * 150) for n in range(100)]\n"
        "        build.write_block(index, rows, [], rows_in=100, outcomes={})\n"
        "    finish_sample(build, blocks=int(sys.argv[2]))\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)\n"
    )
    kilobytes = []
    for blocks in (50, 300):
        command = [sys.executable, "-c", code, str(tmp_path / str(blocks)), str(blocks)]
        root = Path(__file__).parents[2]
        run = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True)
        kilobytes.append(int(run.stdout))
    assert kilobytes[1] < kilobytes[0] + 40_000


def test_dataset_without_any_row_is_finished(tmp_path: Path) -> None:
    with open_sample(tmp_path) as build:
        build.finish(blocks=[], evaluation_only=False, drop_duplicates=True)
    assert read_manifest(tmp_path).rows == {"in": 0, "kept": 0, "rejected": 0}
    assert sorted(files_of(tmp_path)) == ["README.md", "manifest.json"]


def test_missing_shard_of_a_finished_dataset_is_reported(tmp_path: Path) -> None:
    build_sample(tmp_path)
    (tmp_path / "data/train-00000-of-00001.parquet").unlink()
    with pytest.raises(DatasetError, match="missing or damaged"):
        open_sample(tmp_path)
    open_sample(tmp_path, overwrite=True).close()


def test_manifest_errors_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="no such folder"):
        read_manifest(tmp_path / "nowhere")
    with pytest.raises(DatasetError, match=r"not a finished dataset: no manifest\.json$"):
        read_manifest(tmp_path)
    with open_sample(tmp_path), pytest.raises(DatasetError, match="run build-dataset again"):
        read_manifest(tmp_path)
    for text, message in [
        ("{", "broken JSON"),
        ("[]", "has no format"),
        ('{"format": 99}', "newer stepcode"),
        ('{"format": 1}', "shards"),
    ]:
        (tmp_path / "manifest.json").write_text(text)
        with pytest.raises(DatasetError, match=message):
            read_manifest(tmp_path)


def test_manifest_names_no_time_place_or_machine(tmp_path: Path) -> None:
    build_sample(tmp_path / "here")
    text = (tmp_path / "here/manifest.json").read_text()
    assert str(tmp_path) not in text
    assert json.loads(text)["format"] == 1
    assert json.loads(text)["recipe"] == RECIPE | {"seed": 0}


def test_build_under_other_isolation_is_not_mixed_in(tmp_path: Path) -> None:
    open_sample(tmp_path).close()
    with pytest.raises(DatasetError, match="isolation"):
        open_build(tmp_path, RECIPE | {"seed": 0}, isolation="namespaces")
