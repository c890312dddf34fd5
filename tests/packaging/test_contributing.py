"""The map in CONTRIBUTING.md is that of the house."""

import re
import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
DOCUMENT = REPOSITORY / "CONTRIBUTING.md"

pytestmark = pytest.mark.skipif(
    not (DOCUMENT.is_file() and (REPOSITORY / ".git").exists()),
    reason="these tests were copied away from the repository",
)


def folders() -> set[str]:
    """The folders of the repository, and those of the library."""
    command = ["git", "ls-files"]
    done = subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True, text=True)
    paths = [Path(line).parts for line in done.stdout.splitlines()]
    top = {f"{parts[0]}/" for parts in paths if len(parts) > 1}
    inside = {f"{parts[1]}/" for parts in paths if parts[0] == "stepcode" and len(parts) > 2}
    return top | inside


def test_map_names_every_folder_and_no_other() -> None:
    text = DOCUMENT.read_text(encoding="utf-8").partition("## The map\n")[2].partition("\n## ")[0]
    lines = [line for line in text.splitlines() if line.startswith("    ")]
    names = {
        name
        for line in lines
        for name in re.findall(r"[\w.]+/", re.split(r" {3,}", line.strip())[0])
    }
    assert names == folders()


def test_every_path_that_is_linked_is_there() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", DOCUMENT.read_text(encoding="utf-8"))
    assert [link for link in links if not (REPOSITORY / link).exists()] == []
