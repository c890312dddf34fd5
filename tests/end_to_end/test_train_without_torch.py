"""Where the extra `train` is not installed, its command says so, and others go on working."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

EXTRA = ("accelerate", "peft", "torch", "transformers", "trl")


def run_without(missing: tuple[str, ...], folder: Path, *arguments: str) -> tuple[int, str]:
    """Run the command where some packages cannot be found."""
    script = (
        "import sys;"
        f"sys.modules.update(dict.fromkeys({missing!r}));"
        "from stepcode_cli.main import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize("dry_run", [True, False])
def test_training_names_the_extra_that_brings_it(tmp_path: Path, dry_run: bool) -> None:
    words = ("--dry-run",) if dry_run else ("--out", "run")
    found = run_without(EXTRA, tmp_path, "train", "qwen2.5-coder-0.5b", *words)
    needs = "stepcode train needs torch, which is not installed: pip install 'stepcode[train]'"
    assert found == (2, f"stepcode: {needs}\n")
    assert not list(tmp_path.iterdir())


def test_mistakes_in_a_recipe_are_told_first(tmp_path: Path) -> None:
    code, told = run_without(EXTRA, tmp_path, "train", "qwen2.5-coder-05b", "--out", "run")
    assert (code, told.count("\n")) == (2, 1)
    assert "did you mean 'qwen2.5-coder-0.5b'?" in told


def test_anchoring_needs_none_of_it(tmp_path: Path) -> None:
    (tmp_path / "f.py").write_text("def f(x):\n    y = x\n    return y\n")
    assert run_without(EXTRA, tmp_path, "anchor", "f.py") == (0, "")
