"""`stepcode doctor` as a user meets it, here and on a machine that offers less."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

from stepcode.execute.isolate import Isolation, probe_levels
from tests.end_to_end.restricted_machine import without_namespaces

Stepcode = Callable[..., subprocess.CompletedProcess[bytes]]


def test_exit_code_says_whether_programs_can_be_run_isolated(stepcode_here: Stepcode) -> None:
    works = [probe.level for probe in probe_levels() if not probe.missing]
    done = stepcode_here("doctor")
    assert done.returncode == int(set(works) <= {Isolation.NONE})
    assert done.stderr == b""
    assert done.stdout.startswith(b"stepcode ")


def test_json_is_one_object_with_all_that_was_found(stepcode: Stepcode) -> None:
    done = stepcode("doctor", "--json")
    record = json.loads(done.stdout)
    assert done.stdout.count(b"\n") == 1
    assert list(record) == [
        "stepcode", "isolation", "levels", "advice", "machine", "packages", "commands", "extras",
    ]  # fmt: skip
    assert set(record["levels"]) == {level.value for level in Isolation}
    assert record["isolation"] in {"namespaces", "landlock", None}
    assert record["machine"]["cores"] >= 1
    assert record["packages"]["libcst"]


def test_every_command_is_in_the_report(stepcode_here: Stepcode) -> None:
    commands = json.loads(stepcode_here("doctor", "--json").stdout)["commands"]
    assert commands.keys() >= {"anchor", "trace", "build-dataset", "show", "doctor"}
    assert commands["anchor"] == {"ready": True, "missing": [], "fix": ""}


def test_machine_without_namespaces_is_told_what_is_missing(tmp_path: Path) -> None:
    done = without_namespaces("doctor", "--json", folder=tmp_path)
    record = json.loads(done.stdout)
    assert record["levels"]["namespaces"]["works"] is False
    assert record["levels"]["namespaces"]["missing"]
    assert record["isolation"] != "namespaces"
    assert done.returncode == int(record["isolation"] is None)
