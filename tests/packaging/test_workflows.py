"""The workflows on GitHub do what a desk can do: they call targets of the Makefile, and parse."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

REPOSITORY = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((REPOSITORY / ".github" / "workflows").glob("*.yml"))

Workflow = dict[Any, Any]
"""Any: YAML, in which `on` is a boolean."""

pytestmark = pytest.mark.skipif(
    not WORKFLOWS, reason="these tests were copied away from the workflows"
)


def read(name: str) -> Workflow:
    text = (REPOSITORY / ".github" / "workflows" / name).read_text(encoding="utf-8")
    workflow: Workflow = yaml.safe_load(text)
    return workflow


def steps() -> Iterator[Workflow]:
    for path in WORKFLOWS:
        for job in read(path.name)["jobs"].values():
            yield from job["steps"]


def test_every_workflow_has_a_name_a_trigger_and_jobs_with_steps() -> None:
    for path in WORKFLOWS:
        workflow = read(path.name)
        assert {"name", True, "permissions", "jobs"} <= set(workflow), path.name
        for job in workflow["jobs"].values():
            assert job["runs-on"] == "ubuntu-latest"
            assert all(("run" in step) != ("uses" in step) for step in job["steps"])


def test_every_target_that_a_workflow_makes_is_in_the_makefile() -> None:
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    lines = [line for step in steps() for line in step.get("run", "").splitlines()]
    words = [line.split() for line in lines if line.split()[0] == "make"]
    made = [next(one for one in line[1:] if re.fullmatch(r"[a-z][a-z-]*", one)) for line in words]
    assert {"lint", "test", "dist", "release-check", "release-notes"} <= set(made) <= targets


def test_every_target_of_the_makefile_is_phony_and_in_its_help() -> None:
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert phony is not None
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    assert set(phony[1].split()) == targets
    told = set(re.findall(r'^\t@echo "make ([a-z-]+)', makefile, re.MULTILINE))
    assert told == targets - {"help"}


def test_every_action_is_pinned_by_its_major_version() -> None:
    actions = [step["uses"] for step in steps() if "uses" in step]
    assert actions
    assert [one for one in actions if not re.search(r"@(release/)?v\d+$", one)] == []


def test_tests_run_on_every_python_that_is_supported() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    versions = read("ci.yml")["jobs"]["test"]["strategy"]["matrix"]["python"]
    assert project["requires-python"] == f">={versions[0]}"
    told = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    assert f"run on {versions[0]} to {versions[-1]}" in told


def test_only_the_job_that_publishes_may_say_who_it_is() -> None:
    release = read("release.yml")
    assert release[True] == {"push": {"tags": ["v*"]}}
    jobs = release["jobs"]
    rights = {name: job.get("permissions", release["permissions"]) for name, job in jobs.items()}
    assert rights == {
        "build": {"contents": "read"},
        "publish": {"id-token": "write"},
        "announce": {"contents": "write"},
    }
    assert (jobs["publish"]["needs"], jobs["announce"]["needs"]) == ("build", "publish")
