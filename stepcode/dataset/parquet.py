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

from stepcode.dataset.durable import (
    plain_disk_errors,
    remove,
    to_json,
    write_durably,
    write_folder_durably,
)
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
)
from stepcode.dataset.part import (
    BLOCKS,
    PART,
    WHOLE,
    PartManifest,
    Piece,
    read_part,
    render_part,
)
from stepcode.dataset.pieces import Digests, Joined, describe_part, join_pieces
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
        # A part's blocks are what it publishes: they stay where they are.
        self._blocks = (out / WORK if setup.part == WHOLE else out) / BLOCKS
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
        mutations: Mapping[str, int] | None = None,
        pieces: Sequence[Piece] = (),
    ) -> None:
        """Put one block on the disk: `rows_in` input rows, kept or rejected, in input order.

        `outcomes` counts how the programs ended without anchors, `mutations` the further calls that
        were proposed, and those kept, which are among the input rows. Input order matters only to
        duplicates, of which the first is kept. A part says of which `pieces` its block is made.
        """
        if rows_in != len(rows) + len(rejected):
            found = f"{rows_in} rows in, {len(rows)} kept and {len(rejected)} rejected"
            raise StepcodeError(f"block {index}: {found}; rows would be lost")
        sums = rows_in, len(rows), len(rejected), dict(sorted(outcomes.items()))
        counts = BlockCounts(*sums, mutations=dict(mutations or {}), pieces=tuple(pieces))
        self._put(index, Joined(to_frame(rows), to_rejected_frame(rejected), counts))

    def join_block(self, index: int, parts: Mapping[Path, Digests]) -> None:
        """Put one block on the disk from what each part, by its folder, has of it."""
        self._put(index, join_pieces(index, parts))

    def _put(self, index: int, block: Joined) -> None:
        files = {
            "data.parquet": encode(block.data),
            "rejected.parquet": encode(block.rejected),
            "counts.json": to_json(asdict(block.counts)),
        }
        with plain_disk_errors(self.out):
            self._blocks.mkdir(exist_ok=True)
            write_folder_durably(self._blocks / f"{index:06d}", files)

    def finish(
        self,
        *,
        blocks: Collection[int],
        evaluation_only: bool,
        drop_duplicates: bool,
        test_share: float = 0.0,
    ) -> Manifest:
        """Make the dataset of exactly these blocks and put it in place; may be called again.

        `test_share` is the share of programs that go to the split `test`.
        """
        if self.finished:
            return read_manifest(self.out)
        with plain_disk_errors(self.out):
            if not (self._final / NAME).exists():
                self._make_final(blocks, evaluation_only, drop_duplicates, test_share)
            publish(self._final, self.out)
            sweep(self.out)
        self.finished = True
        return read_manifest(self.out)

    def finish_part(
        self,
        *,
        blocks: Collection[int],
        input_rows: int,
        evaluation_only: bool,
        drop_duplicates: bool,
        test_share: float = 0.0,
    ) -> PartManifest:
        """Declare a part finished that has exactly these blocks; may be called again.

        `input_rows` is the length of the whole input: by it a merge sees that nothing is missing.
        """
        if self.finished:
            return read_part(self.out)
        with plain_disk_errors(self.out):
            self._require_blocks(blocks)
            described = describe_part(
                {index: self._blocks / f"{index:06d}" for index in sorted(blocks)},
                **asdict(self.setup),
                input_rows=input_rows,
                evaluation_only=evaluation_only,
                drop_duplicates=drop_duplicates,
                test_share=test_share,
            )
            write_durably(self.out / PART, render_part(described))
            sweep(self.out)
        self.finished = True
        return described

    def _make_final(
        self,
        blocks: Collection[int],
        evaluation_only: bool,
        drop_duplicates: bool,
        test_share: float,
    ) -> None:
        self._require_blocks(blocks)
        remove(self._final)
        write_final(
            {index: self._blocks / f"{index:06d}" for index in sorted(blocks)},
            self._final,
            recipe=self.setup.recipe,
            versions=self.setup.versions,
            isolation=self.setup.isolation,
            evaluation_only=evaluation_only,
            drop_duplicates=drop_duplicates,
            test_share=test_share,
        )

    def _require_blocks(self, blocks: Collection[int]) -> None:
        if self.done_blocks() != set(blocks):
            wrong = sorted(self.done_blocks() ^ set(blocks))
            raise StepcodeError(f"{self.out}: blocks missing or not expected: {wrong[:10]}")


def open_build(
    out: Path,
    recipe: Mapping[str, Any],  # Any: whatever JSON the recipe is made of
    *,
    isolation: str,
    overwrite: bool = False,
    part: str = WHOLE,
    versions: Mapping[str, str] | None = None,
) -> Build:
    """Start a build in a new or empty folder, resume the one in it, or find it finished.

    `part` names the part that is built, `versions` those that made the rows where not these here.

    A folder that holds anything else is never touched; `overwrite` discards a dataset or build
    of ours, whatever its recipe.
    """
    # Through JSON, so that tuples and lists compare as they do after reading them back.
    same = json.loads(json.dumps(recipe))
    setup = Setup(same, versions or current_versions(), isolation, part)
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
