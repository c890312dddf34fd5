"""What a source's content is, in one hash: a dataset of changed input is another dataset."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from stepcode.source.reval import TASKS
from stepcode.source.settings import SourceSettings


def fingerprint(settings: SourceSettings) -> str:
    """Hash the files a source reads; empty for those that name no file."""
    root = Path(settings.path)
    if not settings.path or not root.exists():
        return ""
    digest = hashlib.sha256()
    for path in _files(root, settings):
        digest.update(os.fsencode(path.relative_to(root.parent)) + b"\0")
        with path.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()


def _files(root: Path, settings: SourceSettings) -> Iterator[Path]:
    if root.is_file():
        yield root
        tasks = root.with_name(TASKS)
        if settings.name == "reval" and tasks.is_file():
            yield tasks
    else:
        yield from sorted(path for path in root.rglob("*") if path.is_file())
