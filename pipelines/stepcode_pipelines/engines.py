"""Where the workers of a build run: on this machine, or on a Ray cluster.

Either way the driver hands out batches and takes their results in order, so the bytes are the same.
"""

import os
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import TypeVar, assert_never

from stepcode.execute.workers import MakeTask, map_ordered

T = TypeVar("T")
R = TypeVar("R")


class Engine(StrEnum):
    """What starts the workers."""

    LOCAL = "local"
    """Processes of this machine."""
    RAY = "ray"
    """Actors of the cluster that RAY_ADDRESS names; without it, of one started here."""


def map_on(
    engine: Engine, make_task: MakeTask[T, R], items: Iterable[T], *, workers: int | None
) -> Iterator[R]:
    """Apply the task to the items and yield in their order; by default a worker for every core."""
    match engine:
        case Engine.LOCAL:
            yield from map_ordered(make_task, items, workers=workers or local_cores())
        case Engine.RAY:
            from stepcode_pipelines.ray_engine import map_on_ray

            yield from map_on_ray(make_task, items, workers=workers)
        case _:
            assert_never(engine)


def local_cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0))
