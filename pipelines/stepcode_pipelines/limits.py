"""Limits as a person gives them: checked, and with a wall time that follows the processor time."""

import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from stepcode.errors import RecipeError
from stepcode.types import Limits

_WALL_PER_CPU_SECOND = 4


def choose_limits(given: Mapping[str, Any]) -> Limits:  # Any: seconds, megabytes and counts
    """Make limits of the values given; the wall time, where it is not, leaves room for the rest."""
    limits = Limits(**given)
    if "wall_seconds" not in given:
        wall_seconds = max(limits.wall_seconds, _WALL_PER_CPU_SECOND * limits.cpu_seconds)
        limits = Limits(**given, wall_seconds=wall_seconds)
    check_limits(limits)
    return limits


def check_limits(limits: Limits) -> None:
    """Refuse limits that no program can run under, or that would never act."""
    for name, value in asdict(limits).items():
        if not 0 < value < math.inf:  # which nan is not either
            raise RecipeError(f"{name} is {value}: expected a number above 0")
    if limits.wall_seconds < limits.cpu_seconds:
        raise RecipeError("wall_seconds is below cpu_seconds: no CPU limit would act")
