"""`stepcode build-dataset`: run the flow, with a progress line for whoever is watching."""

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from functools import partial
from typing import TYPE_CHECKING, Any

from stepcode.errors import MisuseError, StepcodeError
from stepcode_cli.isolation import settle_isolation
from stepcode_cli.quiet import quiet_hub
from stepcode_cli.teach import teach

if TYPE_CHECKING:
    from stepcode.execute.isolate import Isolation
    from stepcode.reason.endpoint import Endpoint
    from stepcode_pipelines.build import Summary
    from stepcode_pipelines.engines import Engine


def build(
    recipe: str,
    out: str,
    *,
    workers: int | None,
    isolation: "Isolation | None",
    overwrite: bool,
    shard: str | None,
    engine: str,
    teacher: "Endpoint | None",
    per_second: float,
    overrides: dict[str, Any],  # Any: values of several types
) -> int:
    """Build the dataset and print its counts; returns the exit code."""
    from stepcode.dataset.part import WHOLE, read_part_name
    from stepcode_pipelines.build import build_dataset
    from stepcode_pipelines.publish import publish
    from stepcode_pipelines.recipe import load_recipe

    quiet_hub()
    _require_text(out)
    if workers is not None and workers < 1:
        raise MisuseError(f"--workers is {workers}: expected 1 or more")
    part = read_part_name(shard) if shard is not None else None
    place = _read_engine(engine)
    settings = load_recipe(recipe, **overrides).pinned()
    if settings.evaluation_only and settings.decontaminate:
        note = f"{settings.source.name} is a benchmark, for evaluation only"
        print(f"stepcode: {note}: it is not decontaminated", file=sys.stderr)
    level = settle_isolation(isolation)
    if teacher is not None and settings.evaluation_only:
        raise MisuseError(f"source '{settings.source.name}' is for evaluation only: no teacher")
    # What libraries print meanwhile, as Ray does of a lost worker, is no result.
    with _interruptible(out), redirect_stdout(sys.stderr), _progress() as on_progress:
        make = partial(
            build_dataset,
            settings,
            workers=workers,
            isolation=level,
            overwrite=overwrite,
            part=part,
            engine=place,
            on_progress=on_progress,
        )
        name = WHOLE if part is None else str(part)
        summary = publish(out, settings.identity(), part=name, overwrite=overwrite, make=make)
    if isolation is not None and summary.isolation != isolation.value:
        raise MisuseError(
            f"{out}: is there already, built at isolation {summary.isolation}, not {isolation}; "
            "--overwrite builds it again"
        )
    if part is not None:
        print(f"{out}: part {part}: {counts(summary)}")
        return 0
    report(out, summary)
    if teacher is not None:
        with _interruptible(out), redirect_stdout(sys.stderr), _progress() as on_progress:
            line = teach(
                out,
                teacher,
                per_second=per_second,
                recipe=settings,
                isolation=level,
                on_progress=on_progress,
            )
        print(line)
    return 0


def merge(parts: Sequence[str], out: str, *, overwrite: bool) -> int:
    """Merge parts into a dataset and print its counts; returns the exit code."""
    from stepcode_pipelines.publish import publish_merged

    _require_text(out)
    return report(out, publish_merged(parts, out, overwrite=overwrite))


def report(out: str, summary: "Summary") -> int:
    """Print the counts of a whole dataset, which ought to have some row."""
    print(f"{out}: {counts(summary)}")
    if not summary.kept:
        raise StepcodeError(f"{out}: no row was kept; `stepcode show` names one of each reason")
    return 0


def counts(summary: "Summary") -> str:
    """Say in one line what was kept and what was not."""
    reasons = ", ".join(f"{reason} {number}" for reason, number in summary.rejected.items())
    rejected = sum(summary.rejected.values())
    return (
        f"{summary.rows_in} rows in, {summary.kept} kept, {rejected} rejected"
        + (f" ({reasons})" if reasons else "")
        + (", built before" if summary.was_finished else "")
    )


@contextmanager
def _interruptible(out: str) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        raise StepcodeError(
            f"interrupted; what is finished is kept {_kept(out)}: run the same command to go on"
        ) from None


def _require_text(out: str) -> None:
    """Refuse a name of bytes that are no text: nothing that writes Parquet can open it."""
    try:
        out.encode()
    except UnicodeEncodeError:
        shown = ascii(out)
        raise MisuseError(f"--out is {shown}: expected a name in UTF-8, give another") from None


def _kept(out: str) -> str:
    return "for the upload" if "://" in out else f"in {out}"


def _read_engine(name: str) -> "Engine":
    from stepcode_pipelines.engines import Engine

    if name not in list(Engine):
        raise MisuseError(f"--engine is {name!r}: expected {' or '.join(Engine)}")
    return Engine(name)


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
