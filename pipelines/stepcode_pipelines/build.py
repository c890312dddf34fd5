"""Build a dataset: read cases, anchor them, run each with and without, keep what is proved.

    cases -> blocks -> batches -> workers -> rows and rejections -> blocks on disk -> shards

Every input row ends up kept or rejected, in an order that does not depend on the workers.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from pathlib import Path

from stepcode.errors import SourceError
from stepcode.execute.isolate import current_isolation
from stepcode.execute.workers import map_ordered
from stepcode.source import read_cases
from stepcode.types import Case, Limits
from stepcode_pipelines.batches import (
    BLOCK_ROWS,
    Batch,
    Verified,
    join_blocks,
    split_into_batches,
)
from stepcode_pipelines.recipe import Recipe


@dataclass(frozen=True, slots=True)
class Summary:
    """What a finished build holds."""

    rows_in: int
    kept: int
    rejected: dict[str, int]
    was_finished: bool
    """Whether it was there already."""


def build_dataset(
    recipe: Recipe,
    out: Path,
    *,
    workers: int,
    overwrite: bool = False,
    on_progress: Callable[[int, Counter[str]], None] = lambda kept, rejected: None,
    block_rows: int = BLOCK_ROWS,
) -> Summary:
    """Build, or resume, the dataset of a recipe in `out`.

    `on_progress` is told the rows kept and those rejected by reason since it was last called. Kill
    this at any point and run it again: the bytes are those of an undisturbed build. They depend on
    `block_rows`, which a rerun must not change.
    """
    from stepcode.dataset.parquet import open_build

    cases = _read_some(recipe)
    isolation = current_isolation().value
    with open_build(out, recipe.identity(), isolation=isolation, overwrite=overwrite) as build:
        was_finished = build.finished
        blocks: set[int] = set()
        if not was_finished:
            batches = split_into_batches(
                cases, block_rows=block_rows, skip=build.done_blocks(), seen=blocks
            )
            make_verifier = partial(open_verifier, recipe.policy, recipe.limits)
            verified = map_ordered(make_verifier, batches, workers=workers)
            for block in join_blocks(verified, on_progress):
                build.write_block(
                    block.block,
                    block.rows,
                    block.rejected,
                    rows_in=block.rows_in,
                    outcomes=block.outcomes,
                )
        manifest = build.finish(
            blocks=blocks,
            evaluation_only=recipe.evaluation_only,
            drop_duplicates=not recipe.evaluation_only,
        )
    rows, rejected = manifest.rows, dict(manifest.rejected)
    return Summary(rows["in"], rows["kept"], rejected, was_finished)


def _read_some(recipe: Recipe) -> Iterator[Case]:
    """Read the first case at once, so that a source that cannot be read leaves nothing behind."""
    cases = read_cases(recipe.source)
    if recipe.limit:
        cases = islice(cases, recipe.limit)
    first = next(cases, None)
    if first is None:
        raise SourceError(f"{recipe.source.path or recipe.source.name}: holds no rows")
    return chain((first,), cases)


@contextmanager
def open_verifier(policy: str, limits: Limits) -> Iterator[Callable[[Batch], Verified]]:
    """Open a worker's verifier; imported there, because the driver has no use for LibCST."""
    from stepcode_pipelines.verify import verifier

    with verifier(policy, limits) as verify:
        yield verify
