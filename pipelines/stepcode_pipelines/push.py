"""Publish on the Hugging Face Hub: look at what is here, put it there, see that it is there.

check -> card -> one commit -> digests of the Hub -> load it back
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from stepcode.dataset.hub import Content, Published, check_files, open_hub, publish
from stepcode.dataset.manifest import NAME
from stepcode.dataset.release import load_back, open_release
from stepcode.errors import MisuseError
from stepcode_pipelines.train_run import NAME as RUN


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is to be published, checked as far as that can be done here."""

    kind: str
    """`dataset` or `model`."""
    card: str
    content: Content
    notes: tuple[str, ...]
    load_back: Callable[[str, str], None]
    """Loads what is at a name and revision, and raises HubError unless it is this."""


@dataclass(frozen=True, slots=True)
class Pushed:
    """What came of a push, and where it is."""

    url: str
    published: Published


def prepare(directory: Path) -> Prepared:
    """Tell a dataset from a training run, and check it without asking the Hub."""
    if (directory.parent / RUN).is_file() and not (directory / NAME).is_file():
        raise MisuseError(f"{directory}: is part of a training run; push {directory.parent}")
    if (directory / RUN).is_file() and not (directory / NAME).is_file():
        from stepcode_pipelines.push_model import prepare_model

        return prepare_model(directory)
    release = open_release(directory)
    back = partial(load_back, manifest=release.manifest)
    return Prepared("dataset", release.card, release.content, release.notes, back)


def push(
    prepared: Prepared,
    repo_id: str,
    *,
    private: bool,
    on_message: Callable[[str], None] = lambda message: None,
) -> Pushed:
    """Publish in one commit and load it back; run again after any failure, it goes on."""
    hub = open_hub(prepared.kind, repo_id)
    published = publish(hub, prepared.content, private=private)
    on_message(f"{hub.url}: loading it back")
    check_files(hub, prepared.content.files, published.revision)
    prepared.load_back(repo_id, published.revision)
    return Pushed(hub.url, published)
