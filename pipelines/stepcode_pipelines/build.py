"""Build a dataset: read cases, anchor them, run each with and without, keep what is proved.

    cases -> blocks -> batches -> workers -> rows and rejections -> blocks on disk -> shards

One part of n does the same with its own batches, and leaves the shards to a merge (`merge.py`).
Every input row ends up kept or rejected, in an order that does not depend on the workers.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, groupby, islice
from pathlib import Path
from typing import TYPE_CHECKING

from stepcode.dataset.part import ALL, WHOLE, Part, PartManifest
from stepcode.errors import SourceError
from stepcode.execute.alone import GatePaths, open_gate
from stepcode.execute.isolate import Isolation, choose_isolation
from stepcode.source import read_cases
from stepcode.types import Case
from stepcode_pipelines.batches import (
    BATCH_CASES,
    BLOCK_ROWS,
    Batch,
    Seen,
    Verified,
    join_blocks,
    split_into_batches,
)
from stepcode_pipelines.engines import Engine, map_on
from stepcode_pipelines.mutate import with_siblings
from stepcode_pipelines.recipe import Recipe

if TYPE_CHECKING:
    from stepcode.dataset.contamination import BenchmarkIndex
    from stepcode.dataset.manifest import Manifest
    from stepcode.dataset.parquet import Build


@dataclass(frozen=True, slots=True)
class Summary:
    """What a finished dataset, or part of one, holds."""

    rows_in: int
    kept: int
    rejected: dict[str, int]
    was_finished: bool
    """Whether it was there already."""
    isolation: str
    """The level it was made at; another than asked for only if it was there already."""


def build_dataset(
    recipe: Recipe,
    out: Path,
    *,
    workers: int | None,
    isolation: Isolation | None = None,
    overwrite: bool = False,
    part: Part | None = None,
    engine: Engine = Engine.LOCAL,
    on_progress: Callable[[int, Counter[str]], None] = lambda kept, rejected: None,
    block_rows: int = BLOCK_ROWS,
) -> Summary:
    """Build, or resume, the dataset of a recipe in `out`, or one part of it.

    Without a number of workers there is one for every core that the engine has. `on_progress` is
    told the rows kept and those rejected by reason since it was last called. Kill this at any point
    and run it again: the bytes are those of an undisturbed build. They depend on `block_rows`,
    which a rerun must not change.
    """
    from stepcode.dataset.parquet import open_build

    recipe = recipe.pinned()
    cases = _read_some(recipe)
    level = choose_isolation(isolation)
    with open_build(
        out,
        recipe.identity(),
        isolation=level.value,
        overwrite=overwrite,
        part=str(part) if part else WHOLE,
    ) as build:
        was_finished = build.finished
        seen = Seen()
        if not was_finished:
            skip = build.done_blocks()
            size = _input_rows(block_rows, recipe.mutate)
            batches = split_into_batches(
                cases, block_rows=size, skip=skip, seen=seen, part=part or ALL
            )
            with open_gate() as gate:
                # The gate is a file of this machine; a cluster's other machines have none.
                shared = gate if engine is Engine.LOCAL else None
                make_verifier = partial(open_verifier, recipe, level, shared, _index(recipe))
                verified = map_on(engine, make_verifier, batches, workers=workers)
                _write_blocks(build, join_blocks(verified, on_progress))
        return _finish(build, seen, recipe, is_part=part is not None, was_finished=was_finished)


def _input_rows(block_rows: int, mutate: int) -> int:
    """Take fewer input rows into a block, which is in memory at once, if each may bring others."""
    return min(block_rows, max(BATCH_CASES, block_rows // (1 + mutate)))


def _write_blocks(build: "Build", blocks: Iterator[Verified]) -> None:
    for block in blocks:
        build.write_block(
            block.block,
            block.rows,
            block.rejected,
            rows_in=block.rows_in,
            outcomes=block.outcomes,
            mutations=block.mutations,
            pieces=block.pieces,
        )


def _finish(
    build: "Build", seen: Seen, recipe: Recipe, *, is_part: bool, was_finished: bool
) -> Summary:
    # Duplicates are only found where all rows are; a part says what a merge has to do.
    benchmark = recipe.evaluation_only
    made: Manifest | PartManifest
    if is_part:
        made = build.finish_part(
            blocks=seen.blocks,
            input_rows=seen.rows,
            evaluation_only=benchmark,
            drop_duplicates=not benchmark,
            test_share=recipe.split,
        )
    else:
        made = build.finish(
            blocks=seen.blocks,
            evaluation_only=benchmark,
            drop_duplicates=not benchmark,
            test_share=recipe.split,
        )
    return summarize(made, was_finished=was_finished)


def summarize(made: "Manifest | PartManifest", *, was_finished: bool) -> Summary:
    """Say what a dataset, or a part of one, holds."""
    rejected = dict(made.rejected)
    return Summary(made.rows["in"], made.rows["kept"], rejected, was_finished, made.isolation)


def _read_some(recipe: Recipe) -> Iterator[Case]:
    """Read the first case at once, so that a source that cannot be read leaves nothing behind."""
    cases = read_cases(recipe.source)
    if recipe.limit:
        cases = islice(cases, recipe.limit)
    if recipe.one_program_one_text:
        cases = with_shared_calls(cases)
    first = next(cases, None)
    if first is None:
        raise SourceError(f"{recipe.source.path or recipe.source.name}: holds no rows")
    cases = chain((first,), cases)
    return with_siblings(cases) if recipe.mutate else cases


def with_shared_calls(cases: Iterable[Case]) -> Iterator[Case]:
    """Tell each case of all calls of its program, as far as they follow each other."""
    for _, members in groupby(cases, key=lambda case: case.program.id):
        group = tuple(members)
        calls = tuple(dict.fromkeys(case.call for case in group if case.rejection is None))
        yield from (replace(case, shared_calls=calls) for case in group)


def _index(recipe: Recipe) -> "BenchmarkIndex | None":
    """Index the benchmarks once, in the driver; each worker is handed the finished arrays."""
    files = recipe.benchmarks()
    if not files:
        return None
    from stepcode.dataset.contamination import build_index

    return build_index(file.path for file in files)


@contextmanager
def open_verifier(
    recipe: Recipe,
    isolation: Isolation,
    gate: GatePaths | None,
    benchmarks: "BenchmarkIndex | None" = None,
) -> Iterator[Callable[[Batch], Verified]]:
    """Open a worker's verifier; imported there, because the driver has no use for LibCST."""
    from stepcode_pipelines.verify import verifier

    with verifier(recipe, isolation, gate=gate, benchmarks=benchmarks) as verify:
        yield verify
