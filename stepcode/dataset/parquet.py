"""A dataset while it is built: blocks first, shards at the end, a crash at any point harmless.

    with open_build(out, recipe, isolation="none") as build:
        if not build.finished:
            for index in sorted(set(range(n)) - build.done_blocks()):
                build.write_block(index, rows, rejected, rows_in=1000, outcomes=counts)
        build.finish(blocks=range(n), evaluation_only=False, drop_duplicates=True)

`DIR/.building` holds the recipe, a lock and one folder per finished block of input rows. `finish`
makes the whole dataset in `.building/final`, moves it into place with the manifest last, and
removes `.building`. Killed anywhere and run again, it gives the same bytes.
"""

import json
import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Self

from stepcode.dataset.durable import plain_disk_errors, remove, write_folder_durably
from stepcode.dataset.folder import (
    Setup,
    is_finished,
    lock_folder,
    prepare,
    publish,
    refuse_foreign,
    sweep,
)
from stepcode.dataset.frames import to_frame, to_rejected_frame
from stepcode.dataset.manifest import (
    NAME,
    WORK,
    Manifest,
    current_versions,
    read_manifest,
    to_json,
)
from stepcode.dataset.rows import RejectedRow, Row
from stepcode.dataset.shards import BlockCounts, encode, write_final
from stepcode.errors import StepcodeError


class Build:
    """One build of one dataset; owns the lock that keeps a second build away."""

    def __init__(self, out: Path, setup: Setup, *, lock: int | None, finished: bool) -> None:
        """Take over a folder that `open_build` has prepared."""
        self.out = out
        self.setup = setup
        self.finished = finished
        """Whether the dataset is there already, with nothing left to do."""
        self._lock = lock
        self._blocks = out / WORK / "blocks"
        self._final = out / WORK / "final"

    def __enter__(self) -> Self:
        """Build inside `with`, so that the lock is let go."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()

    def close(self) -> None:
        """Let go of the lock; what is built so far stays."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def done_blocks(self) -> set[int]:
        """The blocks that are on the disk, from this run or an earlier one."""
        if not self._blocks.is_dir():
            return set()
        return {int(path.name) for path in self._blocks.iterdir() if path.name.isdigit()}

    def write_block(
        self,
        index: int,
        rows: Sequence[Row],
        rejected: Sequence[RejectedRow],
        *,
        rows_in: int,
        outcomes: Mapping[str, int],
    ) -> None:
        """Put one block on the disk: `rows_in` input rows, kept or rejected, in input order.

        `outcomes` counts how the programs ended without anchors. Input order matters only to
        duplicates, of which the first is kept.
        """
        if rows_in != len(rows) + len(rejected):
            found = f"{rows_in} rows in, {len(rows)} kept and {len(rejected)} rejected"
            raise StepcodeError(f"block {index}: {found}; rows would be lost")
        counts = BlockCounts(rows_in, len(rows), len(rejected), dict(sorted(outcomes.items())))
        files = {
            "data.parquet": encode(to_frame(rows)),
            "rejected.parquet": encode(to_rejected_frame(rejected)),
            "counts.json": to_json(asdict(counts)),
        }
        with plain_disk_errors(self.out):
            self._blocks.mkdir(exist_ok=True)
            write_folder_durably(self._blocks / f"{index:06d}", files)

    def finish(
        self, *, blocks: Collection[int], evaluation_only: bool, drop_duplicates: bool
    ) -> Manifest:
        """Make the dataset of exactly these blocks and put it in place; may be called again."""
        if self.finished:
            return read_manifest(self.out)
        with plain_disk_errors(self.out):
            if not (self._final / NAME).exists():
                self._make_final(blocks, evaluation_only, drop_duplicates)
            publish(self._final, self.out)
            sweep(self.out)
        self.finished = True
        return read_manifest(self.out)

    def _make_final(
        self, blocks: Collection[int], evaluation_only: bool, drop_duplicates: bool
    ) -> None:
        if self.done_blocks() != set(blocks):
            wrong = sorted(self.done_blocks() ^ set(blocks))
            raise StepcodeError(f"{self.out}: blocks missing or not expected: {wrong[:10]}")
        remove(self._final)
        write_final(
            {index: self._blocks / f"{index:06d}" for index in sorted(blocks)},
            self._final,
            **asdict(self.setup),
            evaluation_only=evaluation_only,
            drop_duplicates=drop_duplicates,
        )


def open_build(
    out: Path, recipe: Mapping[str, Any], *, isolation: str, overwrite: bool = False
) -> Build:
    """Start a build in a new or empty folder, resume the one in it, or find it finished.

    A folder that holds anything else is never touched; `overwrite` discards a dataset or build
    of ours, whatever its recipe.
    """
    # Through JSON, so that tuples and lists compare as they do after reading them back.
    setup = Setup(json.loads(json.dumps(recipe)), current_versions(), isolation)
    with plain_disk_errors(out):
        refuse_foreign(out)
        if not overwrite and is_finished(out, setup):
            return Build(out, setup, lock=None, finished=True)
        lock = lock_folder(out)
        try:
            finished = prepare(out, setup, overwrite=overwrite)
        except BaseException:
            os.close(lock)
            raise
        return Build(out, setup, lock=lock, finished=finished)
