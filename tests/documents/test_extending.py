"""docs/extending.md is followed to the letter, in a copy of the code."""

import os
import shlex
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.documents.pages import ROOT, Block, blocks

DOCUMENT = ROOT / "docs" / "extending.md"
COPIED = ("stepcode", "cli", "pipelines", "tests", "pyproject.toml")

_COMMANDS = {"pytest": "pytest", "stepcode": "stepcode_cli.main", "mypy": "mypy"}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.skipif(
        not DOCUMENT.is_file(), reason="this test was copied away from the documents"
    ),
]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the code, which is what its commands import."""
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "*.egg-info", ".*_cache")
            shutil.copytree(source, tmp_path / name, ignore=ignored)
        else:
            shutil.copy(source, tmp_path / name)
    return tmp_path


def run(folder: Path, *command: str, given: str = "") -> str:
    """Run a command that has to work; gives what it printed."""
    paths = os.pathsep.join(str(folder / part) for part in (".", "cli", "pipelines"))
    done = subprocess.run(
        command,
        input=given,
        cwd=folder,
        env=os.environ | {"PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def follow(block: Block, folder: Path) -> None:
    """Do what a block of the document says."""
    title = block.options.get("title")
    if title:
        path = folder / title
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.text, encoding="utf-8")
    elif block.language == "diff":
        run(folder, "git", "apply", "--recount", given=block.text)
    elif block.language == "console":
        line, _, expected = block.text.partition("\n")
        name, *arguments = shlex.split(line.removeprefix("$ "))
        said = run(folder, sys.executable, "-m", _COMMANDS[name], *arguments)
        assert not expected or said == expected


def test_every_example_works(copy: Path) -> None:
    has_torch = find_spec("torch") is not None
    for block in blocks(DOCUMENT):
        if has_torch or "train/" not in block.text:
            follow(block, copy)


def test_code_of_the_examples_passes_the_checks_of_the_house(copy: Path) -> None:
    for block in blocks(DOCUMENT):
        if "title" in block.options or block.language == "diff":
            follow(block, copy)
    titles = [block.options.get("title", "") for block in blocks(DOCUMENT)]
    files = [title for title in titles if title.startswith(("stepcode/", "tests/"))]
    run(copy, sys.executable, "-m", "ruff", "check", *files)
    run(copy, sys.executable, "-m", "ruff", "format", "--check", *files)
    run(copy, sys.executable, "-m", "mypy", *files)
