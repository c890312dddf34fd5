"""README's blocks are executed: its files written, its commands run, its output compared."""

import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
_BLOCK = re.compile(r"^```(\w+)(?: title=(\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, the file it is the text of, and its text."""

    language: str
    title: str
    text: str


def blocks(document: Path) -> list[Block]:
    found = _BLOCK.findall(document.read_text(encoding="utf-8"))
    return [Block(*match) for match in found]


def run_python(arguments: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    paths = [str(ROOT / part) for part in (".", "cli", "pipelines")]
    code = f"import sys; sys.path[:0] = {paths}\n"
    return subprocess.run(
        [sys.executable, "-c", code + arguments[0], *arguments[1:]],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def needs_torch(block: Block) -> bool:
    return "stepcode.train" in block.text or block.text.startswith("$ stepcode train")


def write_small_models(block: Block, folder: Path) -> None:
    """Put small models where the names of a block's real ones are looked for first."""
    for name in re.findall(r'"(Qwen/[^"]+)"', block.text):
        from tests.train.tiny import make_model, make_tokenizer

        tokenizer = make_tokenizer()
        make_model(tokenizer).save_pretrained(folder / name)
        tokenizer.save_pretrained(folder / name)


@pytest.mark.slow
@pytest.mark.skipif(not README.is_file(), reason="this test was copied away from README.md")
@pytest.mark.timeout(300)
@pytest.mark.filterwarnings("ignore")
def test_readme_does_what_it_says(tmp_path: Path) -> None:
    has_torch = find_spec("trl") is not None
    for block in blocks(README):
        if needs_torch(block) and not has_torch:
            continue
        if block.title:
            (tmp_path / block.title).write_text(block.text, encoding="utf-8")
        elif block.language == "console":
            command, _, expected = block.text.partition("\n")
            arguments = shlex.split(command.removeprefix("$ stepcode "))
            start = "from stepcode_cli.main import main; main()"
            result = run_python([start, *arguments], tmp_path)
            assert result.stdout == expected, result.stderr
        elif block.language == "python":
            write_small_models(block, tmp_path)
            result = run_python([block.text], tmp_path)
            assert result.returncode == 0, result.stderr


@pytest.mark.skipif(not README.is_file(), reason="this test was copied away from README.md")
def test_readme_has_the_blocks_that_are_run() -> None:
    languages = [block.language for block in blocks(README)]
    assert languages.count("console") >= 2
    assert languages.count("python") >= 3
