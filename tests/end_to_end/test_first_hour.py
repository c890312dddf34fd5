"""A newcomer's first hour: clone, quickstart, own programs, a dataset, a model, a page of each.

All of it is typed in a fresh clone, in an environment that has PATH and HOME. What pip would fetch
is lent by the environment that runs the tests, so that nothing is downloaded.
"""

import json
import subprocess
import sys
import sysconfig
import venv
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.end_to_end.build_samples import write_jsonl

REPOSITORY = Path(__file__).parents[2]

PROGRAM = """\
def longest_word(text):
    words = text.split()
    longest = max(words, key=len)
    return longest.upper()
"""
ROWS = [
    {"id": "longest", "code": PROGRAM, "entry": "longest_word", "input": "'a red kite'"},
    {"id": "last", "code": "def f(xs):\n    ys = sorted(xs)\n    return ys[-1]", "input": "[3, 1]"},
    {"id": "wrong", "code": "def f(n):\n    return n + 1", "input": "4", "output": "6"},
    {"id": "endless", "code": "def f(n):\n    while n: n += 1", "input": "4"},
]  # fmt: skip
# The whole of `tiny` takes half a minute of CPU, a dozen steps of it a few seconds.
A_FEW_STEPS = (
    "--set", "sft.max_steps=12", "--set", "sft.logging_steps=2", "--set", "grpo.max_steps=2",
    "--set", "grpo.max_completion_length=16", "--set", "grpo.logging_steps=1",
)  # fmt: skip

_SCRIPT = """\
#!{python}
from stepcode_cli.main import main
if __name__ == "__main__":  # a worker of a build reads this file too
    main()
"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.skipif(not (REPOSITORY / ".git").exists(), reason="there is nothing to clone"),
]


@dataclass(frozen=True)
class Desk:
    """A clone that somebody sits at."""

    clone: Path
    home: Path

    def type(self, *command: str) -> str:
        """Run a command, which has to work, and give what it printed."""
        environment = {
            "PATH": f"{self.clone / '.venv' / 'bin'}:/usr/local/bin:/usr/bin:/bin",
            "HOME": str(self.home),
            "HF_HUB_OFFLINE": "1",
            "OMP_NUM_THREADS": "1",
        }
        done = subprocess.run(
            command, cwd=self.clone, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    folder = tmp_path_factory.mktemp("hour")
    clone = folder / "stepcode"
    command = ["git", "clone", "--quiet", "--depth", "1", REPOSITORY.as_uri(), str(clone)]
    subprocess.run(command, check=True, capture_output=True)
    _install(clone)
    return Desk(clone, folder)


def _install(clone: Path) -> None:
    """Do what the Makefile does with pip, which then finds it done."""
    environment = clone / ".venv"
    venv.create(environment, symlinks=True)
    site = environment / "lib" / f"python3.{sys.version_info.minor}" / "site-packages"
    ours = [clone / part for part in (".", "cli", "pipelines")]
    # Its own .pth files are not followed, so a stepcode that is installed there stays out of this.
    lent = sysconfig.get_path("purelib")
    (site / "stepcode.pth").write_text("".join(f"{path}\n" for path in (*ours, lent)))
    script = environment / "bin" / "stepcode"
    script.write_text(_SCRIPT.format(python=environment / "bin" / "python"))
    script.chmod(0o755)
    for stamp in (".venv", ".core"):
        (environment / stamp).touch()


def test_quickstart_builds_a_dataset_and_shows_a_trace(desk: Desk) -> None:
    said = desk.type("make", "quickstart")
    assert "out/bundled: 354 rows in, 354 kept, 0 rejected" in said
    assert "1. " in said
    assert ". .venv/bin/activate" in said


def test_own_program_becomes_a_dataset_a_model_and_a_page(desk: Desk) -> None:
    (desk.clone / "mine.py").write_text(PROGRAM)
    traced = desk.type("stepcode", "trace", "mine.py", "longest_word('a red kite')")
    assert "1. words: ['a', 'red', 'kite']" in traced
    assert traced.endswith("longest_word('a red kite') -> 'KITE'\n")

    write_jsonl(desk.clone / "mine.jsonl", ROWS)
    build = ("build-dataset", "--source", "jsonl", "--input", "mine.jsonl", "--out", "out/mine")
    counts = "4 rows in, 2 kept, 2 rejected (output_differs 1, timed_out 1)"
    assert desk.type("stepcode", *build, "--cpu-seconds", "0.5") == f"out/mine: {counts}\n"
    assert "declared 6, got 5" in desk.type("stepcode", "show", "out/mine")

    assert desk.type("stepcode", "report", "out/mine", "-o", "mine.html") == "mine.html\n"
    assert "a red kite" in (desk.clone / "mine.html").read_text(encoding="utf-8")

    if find_spec("trl") is None:
        pytest.skip("the rest needs the extra `train`")
    _train_and_look(desk)


def _train_and_look(desk: Desk) -> None:
    train = ("train", "tiny", "--data", "out/mine", "--out", "out/tiny")
    sft, grpo = desk.type("stepcode", *train, *A_FEW_STEPS).splitlines()
    assert sft.startswith("out/tiny/sft: 12 steps, loss ")
    assert grpo.startswith("out/tiny/grpo: 2 steps, loss ")

    assert desk.type("stepcode", "report", "out/tiny", "-o", "run.html") == "run.html\n"
    page = (desk.clone / "run.html").read_text(encoding="utf-8")
    assert "SFT: loss" in page
    assert 'src="http' not in page

    judge = ("eval", "--benchmark", "steps", "--data", "out/mine", "--model", "out/tiny/grpo")
    desk.type("stepcode", *judge, "--max-tokens", "16", "-o", "scores.json")
    scores = json.loads((desk.clone / "scores.json").read_bytes())
    assert scores["benchmark"] == "steps"
