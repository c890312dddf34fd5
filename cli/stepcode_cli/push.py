"""`stepcode push`: show what would be published, or publish it and say where it is."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from stepcode_cli.quiet import quiet_hub

if TYPE_CHECKING:
    from stepcode.dataset.hub import Content
    from stepcode_pipelines.push import Pushed


def push(directory: str, *, repo_id: str, private: bool, dry_run: bool) -> int:
    """Publish a dataset or a trained model; returns the exit code."""
    from stepcode.dataset.repo_id import check_repo_id

    check_repo_id(repo_id)
    quiet_hub()
    from stepcode_pipelines.push import prepare
    from stepcode_pipelines.push import push as publish

    prepared = prepare(Path(directory))
    for note in prepared.notes:
        _say(note)
    if dry_run:
        print(prepared.card)
        print(describe_files(prepared.content))
        return 0
    # What libraries print meanwhile is no result.
    with _ended_at_once(), redirect_stdout(sys.stderr):
        pushed = publish(prepared, repo_id, private=private, on_message=_say_to_people)
    _tell_kept(pushed)
    print(describe(pushed))
    return 0


def describe_files(content: "Content") -> str:
    """List the files of a commit with their sizes."""
    width = max(len(f"{file.size:,}") for file in content.files)
    lines = [f"{file.size:>{width},}  {file.path}" for file in content.files]
    total = sum(file.size for file in content.files)
    return "\n".join([*lines, f"{total:>{width},}  bytes in {len(lines)} files"])


def describe(pushed: "Pushed") -> str:
    """Say in one line where it is and what was done."""
    done = pushed.published
    commit = f"commit {done.revision[:10]}{', private' if done.private else ''}"
    if not done.is_new:
        return f"{pushed.url}: was there already, {commit}; nothing was changed"
    deleted = f", {len(done.deleted)} deleted" if done.deleted else ""
    return f"{pushed.url}: {_files(len(done.sent))} sent{deleted}, {commit}"


def _tell_kept(pushed: "Pushed") -> None:
    kept = pushed.published.kept
    if kept:
        shown = ", ".join(kept[:3]) + (", ..." if len(kept) > 3 else "")
        _say(f"{pushed.url}: left {_files(len(kept))} of others as they are ({shown})")


def _files(count: int) -> str:
    return f"{count} file{'s' * (count != 1)}"


@contextmanager
def _ended_at_once() -> Iterator[None]:
    """Let Ctrl-C end the process: the Hub's client would first wait for the files under way.

    Nothing is lost by it, since nothing on this machine is changed meanwhile.
    """
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    signal.signal(signal.SIGINT, _end)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _end(number: int, frame: object) -> NoReturn:
    _say("interrupted; run the same command to go on: what the Hub has is not sent again")
    os._exit(1)


def _say_to_people(message: str) -> None:
    if sys.stderr.isatty():
        _say(message)


def _say(message: str) -> None:
    print(f"stepcode: {message}", file=sys.stderr, flush=True)
