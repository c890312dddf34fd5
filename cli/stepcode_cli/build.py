"""`stepcode build-dataset`: run the flow, with a progress line for whoever is watching."""

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from stepcode.errors import MisuseError, StepcodeError


def build(
    recipe: str,
    out: Path,
    *,
    workers: int | None,
    overwrite: bool,
    overrides: dict[str, Any],  # Any: values of several types
) -> int:
    """Build the dataset and print its counts; returns the exit code."""
    from stepcode_pipelines.build import build_dataset
    from stepcode_pipelines.recipe import load_recipe

    if workers is not None and workers < 1:
        raise MisuseError(f"--workers is {workers}: expected 1 or more")
    settings = load_recipe(recipe, **overrides)
    try:
        with _progress() as on_progress:
            summary = build_dataset(
                settings,
                out,
                workers=workers or len(os.sched_getaffinity(0)),
                overwrite=overwrite,
                on_progress=on_progress,
            )
    except KeyboardInterrupt:
        raise StepcodeError(
            f"interrupted; what is finished is kept in {out}: run the same command to go on"
        ) from None
    reasons = ", ".join(f"{reason} {number}" for reason, number in summary.rejected.items())
    rejected = sum(summary.rejected.values())
    print(
        f"{out}: {summary.rows_in} rows in, {summary.kept} kept, {rejected} rejected"
        + (f" ({reasons})" if reasons else "")
        + (", built before" if summary.was_finished else "")
    )
    if not summary.kept:
        raise StepcodeError(f"{out}: no row was kept; its folder rejected says why for each")
    return 0


@contextmanager
def _progress() -> Iterator[Callable[[int, Counter[str]], None]]:
    """Show rate, rows kept and rows rejected by reason on stderr, if that is a terminal."""
    if not sys.stderr.isatty():
        yield lambda kept, rejected: None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    kept_so_far = 0
    reasons: Counter[str] = Counter()
    columns = (
        SpinnerColumn(),
        TextColumn("{task.completed} rows"),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[counts]}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=None, rate="", counts="")

        def update(kept: int, rejected: Counter[str]) -> None:
            nonlocal kept_so_far
            kept_so_far += kept
            reasons.update(rejected)
            counts = [f"kept {kept_so_far}"] + [f"{name} {n}" for name, n in reasons.most_common()]
            speed = progress.tasks[0].speed
            progress.update(
                task,
                advance=kept + rejected.total(),
                counts=", ".join(counts),
                rate=f"{speed:.0f}/s" if speed else "",
            )

        yield update
