"""The command line in a process of its own that talks to one Hub, command after command.

The Hub's clients read HF_ENDPOINT when they are imported, which takes seconds: once is enough.
Run as a script, it is that process: a line of JSON in, a line of JSON out.
"""

import json
import os
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from tests.hub.access import WRITE
from tests.hub.server import Hub


@dataclass(frozen=True, slots=True)
class Told:
    """What a command came to."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class Commands:
    """A process that runs commands in a folder."""

    folder: Path
    process: subprocess.Popen[bytes]

    def run(self, *arguments: str | Path, token: str | None = WRITE) -> Told:
        """Run `stepcode` as whoever has a token."""
        return Told(**self._ask({"arguments": [*map(str, arguments)], "token": token or ""}))

    def load(self, name: str, config: str | None = None) -> dict[str, list[dict[str, Any]]]:
        """Give the rows of each split as `datasets.load_dataset` does; Any: of whatever types."""
        found: dict[str, list[dict[str, Any]]] = self._ask(
            {"load": name, "config": config, "token": WRITE}
        )
        return found

    def _ask(self, wish: dict[str, Any]) -> dict[str, Any]:
        stdin, stdout = self.process.stdin, self.process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(json.dumps(wish).encode() + b"\n")
        stdin.flush()
        answer: dict[str, Any] = json.loads(stdout.readline())
        return answer


@contextmanager
def commands_for(hub: Hub, folder: Path) -> Iterator[Commands]:
    """Run commands in a folder until the end of the block."""
    home = folder / "home"
    environment = os.environ | hub.environment(home) | {"PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-m", "tests.hub.commands"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=folder,
        env=environment,
    ) as process:
        try:
            yield Commands(folder, process)
        finally:
            assert process.stdin is not None
            process.stdin.close()


def _serve() -> None:
    # Whatever is printed goes elsewhere: the lines of the answers stay alone.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        wish = json.loads(line)
        os.environ["HF_TOKEN"] = wish["token"]
        found = _load(wish) if "load" in wish else _run(wish["arguments"])
        answers.write(json.dumps(found) + "\n")
        answers.flush()


def _load(wish: dict[str, Any]) -> dict[str, Any]:
    from datasets import load_dataset

    return {name: list(rows) for name, rows in load_dataset(wish["load"], wish["config"]).items()}


def _run(arguments: list[str]) -> dict[str, Any]:
    from stepcode_cli.main import app

    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        # Libraries keep the streams that they found, so it has to be the descriptors.
        with _redirected(1, out), _redirected(2, err):
            code = _exit_code(app, arguments)
        texts = [_content(stream) for stream in (out, err)]
    return {"code": code, "out": texts[0], "err": texts[1]}


def _exit_code(app: Any, arguments: list[str]) -> int:  # Any: typer's
    try:
        app(arguments, prog_name="stepcode")
    except SystemExit as stop:
        return int(stop.code or 0)
    except BaseException:
        traceback.print_exc()
    return 1


@contextmanager
def _redirected(descriptor: int, to: IO[bytes]) -> Iterator[None]:
    kept = os.dup(descriptor)
    sys.stdout.flush()
    os.dup2(to.fileno(), descriptor)
    try:
        yield
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os.dup2(kept, descriptor)
        os.close(kept)


def _content(stream: IO[bytes]) -> str:
    stream.seek(0)
    return stream.read().decode()


if __name__ == "__main__":
    _serve()
