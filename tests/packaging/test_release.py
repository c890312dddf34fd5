"""What keeps a release from going wrong: tag, version, changelog and files have to agree."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
SCRIPT = REPOSITORY / ".ci" / "release.py"
CHANGELOG = """# Changelog

## [Unreleased]

## [0.2.0] - 2026-12-01

### Added
- A word.

## [0.1.0] - unreleased

### Added
- Another.
"""
PARTS = ("stepcode", "cli", "pipelines", "pyproject.toml", "README.md", "LICENSE", ".gitignore")

pytestmark = pytest.mark.skipif(
    not SCRIPT.is_file(), reason="these tests were copied away from the source tree"
)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A repository that is ready to be released as 0.2.0."""
    (tmp_path / ".ci").mkdir()
    shutil.copy(SCRIPT, tmp_path / ".ci")
    (tmp_path / "stepcode").mkdir()
    set_version(tmp_path, "0.2.0")
    (tmp_path / "CHANGELOG.md").write_text(CHANGELOG)
    (tmp_path / "CITATION.cff").write_text("title: stepcode\nversion: 0.2.0\n")
    return tmp_path


def set_version(tree: Path, version: str) -> None:
    (tree / "stepcode" / "__init__.py").write_text(f'__version__ = "{version}"\n')


def release(tree: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, ".ci/release.py", *arguments]
    return subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)


def test_release_that_agrees_with_itself_passes(tree: Path) -> None:
    done = release(tree, "check", "v0.2.0")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("tag", ["0.2.0", "v0.2", "v0.2.1", "v0.2.0rc1", ""])
def test_tag_has_to_be_the_version(tree: Path, tag: str) -> None:
    done = release(tree, "check", tag)
    assert done.returncode == 1
    says = "stepcode/__init__.py says 0.2.0: expected the tag v0.2.0"
    assert done.stderr == f"release: tag is {tag!r}, {says}\n"


def test_version_needs_its_dated_section_and_its_citation(tree: Path) -> None:
    set_version(tree, "0.1.0")
    done = release(tree, "check", "v0.1.0")
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "release: CHANGELOG.md: has no section '## [0.1.0] - YYYY-MM-DD' with a line in it",
        "release: CITATION.cff: version is 0.2.0, expected 0.1.0",
    ]


def test_section_without_a_line_is_none(tree: Path) -> None:
    (tree / "CHANGELOG.md").write_text(CHANGELOG.replace("- A word.\n", ""))
    assert release(tree, "check", "v0.2.0").returncode == 1


def test_notes_are_the_section_of_the_tag_and_no_more(tree: Path) -> None:
    assert release(tree, "notes", "v0.2.0").stdout == "### Added\n- A word.\n"
    assert release(tree, "notes", "v0.1.0").returncode == 1
    assert release(tree, "notes", "v0x2y0").returncode == 1


@pytest.mark.slow
def test_what_is_built_has_the_files_that_git_has(tmp_path: Path) -> None:
    for name in (*PARTS, ".ci", "CHANGELOG.md", "CITATION.cff"):
        source = REPOSITORY / name
        if source.is_dir():
            shutil.copytree(
                source, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info")
            )
        else:
            shutil.copy(source, tmp_path / name)
    run(tmp_path, "git", "init", "--quiet")
    run(tmp_path, "git", "add", "--all")
    build = (sys.executable, "-m", "hatchling", "build", "-d", "dist")
    run(tmp_path, *build)
    assert release(tmp_path, "dist").stderr == ""
    (tmp_path / "cli" / "stepcode_cli" / "notes.txt").write_text("not in git")
    run(tmp_path, "git", "rm", "--quiet", "--force", "stepcode/wire.py")
    (tmp_path / "stepcode" / "missing.py").write_text("")
    run(tmp_path, "git", "add", "stepcode/missing.py")
    (tmp_path / "stepcode" / "missing.py").unlink()
    run(tmp_path, *build)
    done = release(tmp_path, "dist")
    assert done.returncode == 1
    lines = done.stderr.splitlines()
    assert len(lines) == 4
    assert "lacks 1 files: stepcode/missing.py" in lines[0]
    assert "has, and git has not, 1 files: cli/stepcode_cli/notes.txt" in lines[1]


def test_folder_of_another_version_is_not_published(tree: Path) -> None:
    (tree / "dist").mkdir()
    (tree / "dist" / "stepcode-0.1.0-py3-none-any.whl").write_bytes(b"")
    done = release(tree, "dist")
    assert done.returncode == 1
    assert "expected stepcode-0.2.0-py3-none-any.whl and stepcode-0.2.0.tar.gz" in done.stderr


def run(folder: Path, *command: str) -> None:
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
