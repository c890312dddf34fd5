"""A dataset made ready for the Hub: looked through, its licences allowed, its card written.

    release = open_release(Path("out/mine"))
    release.card                                # what README.md will say there
    load_back("alice/traces", revision, release.manifest)

`completions/` stays here: the manifest does not vouch for it, and what a teacher wrote is under the
terms of the teacher.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

import datasets
from huggingface_hub import hf_hub_download

from stepcode.dataset.card import CARD, CONFIGS, configs_of, render_card
from stepcode.dataset.completions import FOLDER as COMPLETIONS
from stepcode.dataset.hub import Content, Upload, digest_file, upload_of
from stepcode.dataset.hub_failures import plain_hub_errors
from stepcode.dataset.hub_words import why_forbidden
from stepcode.dataset.manifest import (
    NAME,
    Manifest,
    parse_manifest,
    read_manifest,
    require_unchanged,
)
from stepcode.dataset.prose import Prose, read_prose
from stepcode.dataset.tallies import licenses_of
from stepcode.errors import DatasetError, HubError, StepcodeError

_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Release:
    """What is to be published of a dataset."""

    manifest: Manifest
    card: str
    content: Content
    notes: tuple[str, ...]
    """What whoever publishes it should know."""


def open_release(directory: Path) -> Release:
    """Check a dataset and write its card; nothing is changed.

    Raises DatasetError for what is no finished dataset or may not be published, and StepcodeError
    for a damaged file.
    """
    stored = read_manifest(directory)
    if not stored.rows["kept"]:
        raise DatasetError(f"{directory}: no row was kept, so there is nothing to publish")
    _check_shards(directory, stored)
    manifest = replace(stored, licenses_by_source=licenses_of(directory, stored))
    _refuse_forbidden(directory, manifest)
    path = directory / CARD
    there = read_card(path)
    card = render_card(manifest, prose_of(path, there), where=str(path))
    return Release(manifest, card, _content(directory, manifest, card), _notes(path, there, card))


def read_card(path: Path) -> str:
    """Read a card; empty if there is none."""
    try:
        return path.read_text(encoding="utf-8").replace("\r\n", "\n")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError as error:
        raise DatasetError(f"{path}: is not UTF-8; save it as that") from error


def prose_of(path: Path, card: str) -> Prose:
    """Give what people wrote in a card that was read."""
    return read_prose(card, where=str(path))


def load_back(repo_id: str, revision: str, manifest: Manifest) -> None:
    """Load every configuration from the Hub, and raise HubError unless all is as it is here.

    The shards go to the Hub's cache, as with any load; what `datasets` makes of them is removed.
    """
    with (
        plain_hub_errors(f"{repo_id} is published, but could not be loaded back"),
        TemporaryDirectory(prefix="stepcode-") as cache,
    ):
        for shard in manifest.shards:
            path = hf_hub_download(
                repo_id, shard.path, repo_type="dataset", revision=revision, token=True
            )
            if digest_file(Path(path)) != shard.sha256:
                raise HubError(f"{repo_id}: {shard.path} came back damaged; run the command again")
        for config, rows in configs_of(manifest).items():
            loaded = datasets.load_dataset(
                repo_id, config, revision=revision, cache_dir=cache, token=True
            )
            found = {split: loaded[split].num_rows for split in loaded}
            if found != rows:
                raise HubError(f"{repo_id}: {config} has {found} rows there, not {rows}")


def _check_shards(directory: Path, manifest: Manifest) -> None:
    listed = {shard.path for shard in manifest.shards}
    found = {
        path.relative_to(directory).as_posix()
        for folder in CONFIGS.values()
        for path in (directory / folder).rglob("*.parquet")
    }
    for path in sorted(found - listed):
        hint = "load_dataset would read it: remove it"
        raise StepcodeError(f"{directory / path}: is not in {NAME}, and {hint}")
    for shard in manifest.shards:
        try:
            require_unchanged(directory, shard)
        except DatasetError as error:
            raise StepcodeError(str(error)) from error


def _refuse_forbidden(directory: Path, manifest: Manifest) -> None:
    found = [
        f"{source}, {_rows(sum(counts.values()))}: {why}"
        for source, licenses in manifest.licenses_by_source.items()
        for license, counts in licenses.items()
        if (why := why_forbidden(license))
    ]
    if not found:
        return
    more = [f"{len(found) - _SHOWN} more"] if len(found) > _SHOWN else []
    shown = "; ".join([*found[:_SHOWN], *more])
    hint = "state it in the recipe's [source] license or the rows' `license`, and build again"
    if manifest.evaluation_only:
        hint = "publish how it was built instead, so that others can build it"
    raise DatasetError(f"{directory}: may not be published: {shown}; {hint}")


def _rows(count: int) -> str:
    return f"{count} row{'s' * (count != 1)}"


def _content(directory: Path, manifest: Manifest, card: str) -> Content:
    shards = (
        Upload(shard.path, directory / shard.path, shard.bytes, shard.sha256)
        for shard in manifest.shards
    )
    texts = upload_of(CARD, card.encode()), upload_of(NAME, (directory / NAME).read_bytes())
    return Content(
        files=(*texts, *shards),
        record=NAME,
        message=f"{manifest.rows['kept']} rows by stepcode {manifest.versions.get('stepcode', '')}",
        is_ours=_is_ours,
        why_other=partial(_why_other, manifest),
    )


def _is_ours(path: str) -> bool:
    return path in (CARD, NAME) or PurePosixPath(path).parts[0] in CONFIGS.values()


def _why_other(manifest: Manifest, record: bytes) -> str:
    """A new version of a dataset is of the same sources; anything else is a slip of the name."""
    try:
        there = parse_manifest(record, NAME)
    except DatasetError as error:
        return f"something else: {error}"
    if there.sources.keys() & manifest.sources.keys():
        return ""
    here = ", ".join(manifest.sources)
    return f"another dataset, of {', '.join(there.sources)} and not of {here}"


def _notes(path: Path, there: str, card: str) -> tuple[str, ...]:
    def told() -> Iterator[str]:
        if there and there != card:
            yield f"{path}: is written anew around its marked prose, as {NAME} says"
        if (path.parent / COMPLETIONS).exists():
            yield f"{path.parent / COMPLETIONS}: is not published: {NAME} does not vouch for it"

    return tuple(told())
