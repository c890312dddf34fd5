"""Where a result goes: into a folder, or to a URL by way of a folder of the cache.

That folder belongs to the URL and the recipe, so the same command finds it again after a crash; it
is removed once everything is at the URL.
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from stepcode.dataset.durable import plain_disk_errors, remove
from stepcode.dataset.part import WHOLE
from stepcode.dataset.remote import Owner, fetch_part, find_published, open_target, upload
from stepcode.errors import MisuseError
from stepcode.types import short_hash
from stepcode_pipelines.build import Summary, summarize
from stepcode_pipelines.merge import merge_parts, read_parts


def publish(
    out: str,
    recipe: Mapping[str, Any],  # Any: whatever JSON the recipe is made of
    *,
    part: str,
    overwrite: bool,
    make: Callable[[Path], Summary],
) -> Summary:
    """Let `make` build or resume in a folder, and put the result at `out` if that is a URL."""
    if not _is_url(out):
        return make(Path(out))
    owner = Owner(json.loads(json.dumps(recipe)), part)
    target = open_target(out)
    folder = _cache("builds", out, json.dumps(owner.recipe, sort_keys=True), part)
    there = find_published(target, owner, overwrite=overwrite)
    if there is not None:
        remove(folder)
        return summarize(there, was_finished=True)
    summary = make(folder)
    upload(target, folder, owner)
    remove(folder)
    return replace(summary, was_finished=False)


def publish_merged(parts: Sequence[str], out: str, *, overwrite: bool) -> Summary:
    """Merge parts, of which any may be at a URL, to a folder or a URL."""
    if _is_url(out) and out.rstrip("/") in {part.rstrip("/") for part in parts}:
        raise MisuseError(f"{out}: is one of the parts; give the dataset a place of its own")
    with _fetched(parts) as folders:
        recipe = next(iter(read_parts(folders).values())).recipe
        make = partial(merge_parts, folders, overwrite=overwrite)
        return publish(out, recipe, part=WHOLE, overwrite=overwrite, make=make)


@contextmanager
def _fetched(places: Sequence[str]) -> Iterator[list[Path]]:
    """Give the folders of parts; those of URLs are copies that are kept until all went well."""
    copies = {place: _cache("parts", place) for place in places if _is_url(place)}
    for place, copy in copies.items():
        with plain_disk_errors(copy):
            fetch_part(open_target(place), copy)
    yield [copies.get(place, Path(place)) for place in places]
    for copy in copies.values():
        remove(copy)


def _is_url(place: str) -> bool:
    return "://" in place


def _cache(kind: str, *key: str) -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "stepcode" / kind / short_hash(*key)
