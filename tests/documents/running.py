"""A page is run as a reader would run it: one shell, an empty folder, one block after another."""

import os
import re
import shlex
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.documents.pages import ROOT, Block, commands

_PATHS = os.pathsep.join(str(ROOT / part) for part in (".", "cli", "pipelines"))


@dataclass(frozen=True)
class Step:
    """One thing to do, as shell, and what a page shows of it; None if it does not show."""

    shell: str
    shown: str | None
    line: int


@dataclass(frozen=True)
class Done:
    """What came of a step."""

    code: int
    output: str
    errors: str


def run_page(
    page: list[Block], folder: Path, *, substitutes: Mapping[str, str], models: Path
) -> Iterator[tuple[Step, Done]]:
    """Run the blocks of a page in a folder, up to the first that fails.

    `models` has a small one for each name of a real one, which is looked for first as a folder.
    """
    home, programs = folder.with_name("steps"), folder.with_name("bin")
    home.mkdir()
    _write_programs(programs)
    steps = []
    for block in page:
        steps += [_bring(models, name, block.line) for name in model_names([block])]
        steps += _steps(block, home, substitutes)
    for number, step in enumerate(steps):
        (home / f"{number}.sh").write_text(step.shell + "\n", encoding="utf-8")
    (home / "page.sh").write_text(_script(home, len(steps)))
    subprocess.run(
        ["bash", str(home / "page.sh")],
        cwd=folder,
        env=os.environ | _environment(programs, folder),
        stdin=subprocess.DEVNULL,
        timeout=280,
        check=False,
    )
    for number, step in enumerate(steps):
        yield step, _read(home / str(number))


def _environment(programs: Path, folder: Path) -> dict[str, str]:
    """Find our programs first, and a reader's own modules beside the page's files."""
    return {
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": f"{_PATHS}{os.pathsep}{folder}",
        "OMP_NUM_THREADS": "1",  # a third of the time, for models as small as ours
    }


def model_names(page: list[Block]) -> set[str]:
    """Find the models of the Hub that a page names."""
    return {name for block in page for name in re.findall(r"Qwen/[\w.-]+", block.text)}


def agrees(shown: str, output: str) -> bool:
    """Compare what a page shows with what was printed; `...` stands for any text."""
    pattern = ".*".join(map(re.escape, shown.split("...")))
    return re.fullmatch(pattern, output, re.DOTALL) is not None


def _steps(block: Block, home: Path, substitutes: Mapping[str, str]) -> Iterator[Step]:
    title = block.options.get("title")
    if title is not None:
        yield Step(_copy(block, home, to=title), None, block.line)
    elif block.language == "python":
        (home / f"{block.line}.py").write_text(block.text, encoding="utf-8")
        yield Step(f"python {shlex.quote(str(home / f'{block.line}.py'))}", None, block.line)
    elif block.language == "console":
        for command in commands(block):
            text = _substitute(command.text, substitutes)
            yield Step(text, command.shown, command.line)


def _bring(models: Path, name: str, line: int) -> Step:
    return Step(f"mkdir -p {name} && cp {shlex.quote(str(models / name))}/* {name}", None, line)


def _copy(block: Block, home: Path, *, to: str) -> str:
    kept = home / f"{block.line}.txt"
    kept.write_text(block.text, encoding="utf-8")
    target = shlex.quote(to)
    return f'mkdir -p "$(dirname {target})" && cp {shlex.quote(str(kept))} {target}'


def _substitute(command: str, substitutes: Mapping[str, str]) -> str:
    if not command.startswith("export "):
        return command
    for name, value in substitutes.items():
        chosen = _free_port() if (name, value) == ("PORT", "0") else value
        command = re.sub(rf"\b{name}=\S*", f"{name}={chosen}", command)
    return command


def _free_port() -> str:
    """Find a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def _script(home: Path, count: int) -> str:
    """One shell for all steps, so that what one exports the next one has."""
    lines = ["trap 'kill $(jobs -p) 2>/dev/null' EXIT"]
    for number in range(count):
        files = shlex.quote(str(home / str(number)))
        lines.append(f". {files}.sh >{files}.out 2>{files}.err")
        lines.append(f'code=$?; echo $code >{files}.code; [ "$code" = 0 ] || exit 1')
    return "\n".join([*lines, ""])


def _read(files: Path) -> Done:
    code = files.with_suffix(".code")
    if not code.is_file():
        return Done(1, "", "was not reached")
    texts = [files.with_suffix(end).read_text("utf-8", "replace") for end in (".out", ".err")]
    return Done(int(code.read_text()), *texts)


def _write_programs(folder: Path) -> None:
    """Let `stepcode` and `python` be those of this source tree and interpreter."""
    folder.mkdir()
    python = shlex.quote(sys.executable)
    for name, arguments in (("stepcode", "-m stepcode_cli.main"), ("python", "")):
        program = folder / name
        program.write_text(f'#!/bin/sh\nexec {python} {arguments} "$@"\n')
        program.chmod(0o755)
