"""`--isolation` as a user meets it: where the level is told, and what a machine cannot do."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from stepcode.execute.isolate import Isolation, choose_isolation, probe_levels
from tests.end_to_end.build_samples import digests, kept, row, write_jsonl
from tests.end_to_end.restricted_machine import without_namespaces

Stepcode = Callable[..., subprocess.CompletedProcess[bytes]]

TRACE = ("trace", "f.py", "f(1)")
BUILD = ("build-dataset", "--source", "jsonl", "--input", "in.jsonl", "--out", "out")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path) -> Path:
    (tmp_path / "f.py").write_text("def f(x):\n    y = x + 1\n    return y\n", encoding="utf-8")
    write_jsonl(tmp_path / "in.jsonl", [row(0)])
    return tmp_path


@pytest.fixture(params=Isolation)
def level(request: pytest.FixtureRequest) -> Isolation:
    """Each level in turn, as far as this machine has it."""
    return require(request.param)


def require(level: Isolation) -> Isolation:
    for probe in probe_levels():
        if probe.level is level and probe.missing:
            pytest.skip(f"{level.value}: {probe.missing}")
    return level


def test_without_the_option_the_strongest_level_is_used(stepcode_here: Stepcode) -> None:
    done = stepcode_here(*TRACE, "--json")
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout)["isolation"] == choose_isolation(None).value


def test_trace_runs_at_the_level_asked_for(stepcode_here: Stepcode, level: Isolation) -> None:
    done = stepcode_here(*TRACE, "--json", "--isolation", level.value)
    record = json.loads(done.stdout)
    assert (record["isolation"], record["output"]) == (level.value, "2")


def test_dataset_tells_its_level_everywhere(
    stepcode_here: Stepcode, folder: Path, level: Isolation
) -> None:
    built = stepcode_here(*BUILD, "--workers", "1", "--isolation", level.value)
    assert (built.returncode, built.stdout) == (0, b"out: 1 rows in, 1 kept, 0 rejected\n")
    assert [row["isolation"] for row in kept(folder / "out")] == [level.value]
    assert json.loads((folder / "out/manifest.json").read_bytes())["isolation"] == level.value
    assert f"| isolation | {level.value} |" in (folder / "out/README.md").read_text("utf-8")
    assert f"isolation: {level.value}\n" in stepcode_here("show", "out").stdout.decode()


def test_finished_dataset_of_another_level_is_not_passed_off_as_the_one_asked_for(
    stepcode_here: Stepcode, folder: Path
) -> None:
    level = choose_isolation(None).value
    if level == "none":
        pytest.skip("this machine protects nothing")
    build = (*BUILD, "--workers", "1")
    assert stepcode_here(*build, "--isolation", "none").returncode == 0
    before = digests(folder)
    assert stepcode_here(*build).stdout.endswith(b", built before\n")
    refused = stepcode_here(*build, "--isolation", level)
    assert (refused.returncode, refused.stdout) == (2, b"")
    assert f"built at isolation none, not {level}; --overwrite" in refused.stderr.decode()
    assert digests(folder) == before


@pytest.mark.parametrize("command", [TRACE, (*BUILD, "--workers", "2")], ids=["trace", "build"])
def test_unprotected_runs_are_warned_of_once(stepcode: Stepcode, command: tuple[str, ...]) -> None:
    done = stepcode(*command, "--isolation", "none")
    assert done.returncode == 0
    assert done.stderr.count(b"\n") == 1
    assert done.stderr.startswith(b"stepcode: warning: programs are not isolated")
    assert b"warning" not in done.stdout


def test_protected_runs_are_not_warned_of(stepcode_here: Stepcode) -> None:
    if choose_isolation(None) is Isolation.NONE:
        pytest.skip("this machine protects nothing")
    assert stepcode_here(*TRACE).stderr == b""


@pytest.mark.parametrize("command", [TRACE, BUILD], ids=["trace", "build"])
def test_level_that_the_machine_lacks_is_one_line_and_writes_nothing(
    folder: Path, command: tuple[str, ...]
) -> None:
    done = without_namespaces(*command, "--isolation", "namespaces", folder=folder)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"stepcode: ")
    assert done.stderr.count(b"\n") == 1
    assert b"namespaces" in done.stderr
    assert b"'none' runs them unprotected" in done.stderr
    assert not (folder / "out").exists()


def test_machine_without_namespaces_falls_back_to_the_next_level(folder: Path) -> None:
    require(Isolation.LANDLOCK)
    done = without_namespaces(*TRACE, "--json", folder=folder)
    assert json.loads(done.stdout)["isolation"] == "landlock"
