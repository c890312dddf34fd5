"""`stepcode build-dataset --teacher-url`: reasons by a teacher, for the dataset that was built."""

import math
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from stepcode.errors import EndpointError, MisuseError, StepcodeError

if TYPE_CHECKING:
    from stepcode.execute.isolate import Isolation
    from stepcode.reason.endpoint import Endpoint
    from stepcode_pipelines.recipe import Recipe

KEY = "STEPCODE_API_KEY"
"""Of its own, so that no key meant for one server is sent to another unasked."""


def read_teacher(
    url: str | None,
    model: str | None,
    *,
    per_second: float,
    seconds: float,
    out: str,
    shard: str | None,
) -> "Endpoint | None":
    """Read the teacher that was asked for, before anything is built."""
    if url is None and model is None:
        return None
    if not url or not model:
        raise MisuseError("--teacher-url and --teacher-model go together")
    _refuse_unless_positive("--teacher-rate", per_second, "questions a second")
    _refuse_unless_positive("--teacher-seconds", seconds, "seconds for one answer")
    if shard is not None or "://" in out:
        whole = "a whole dataset in a folder of this machine"
        raise MisuseError(f"a teacher writes reasons for {whole}: leave out --teacher-url here")
    from stepcode.reason.endpoint import Endpoint

    return Endpoint(url, model, key=os.environ.get(KEY, ""), seconds=seconds)


def _refuse_unless_positive(option: str, value: float, what: str) -> None:
    if not (math.isfinite(value) and value > 0):
        raise MisuseError(f"{option} is {value}: expected {what}, over 0")


def teach(
    out: str,
    endpoint: "Endpoint",
    *,
    per_second: float,
    recipe: "Recipe",
    isolation: "Isolation",
    on_progress: Callable[[int, Counter[str]], None],
) -> str:
    """Let the teacher write, and say in one line what there is."""
    from stepcode_pipelines.teach import teach as write_reasons

    try:
        made = write_reasons(
            Path(out),
            endpoint,
            per_second=per_second,
            limits=recipe.limits,
            isolation=isolation,
            on_progress=on_progress,
        )
    except EndpointError as error:
        again = "what is kept so far is kept; run the same command to go on"
        raise EndpointError(f"the teacher failed: {error}; {again}") from error
    why = ", ".join(f"{problem} {number}" for problem, number in made.problems.items())
    given_up = f", {made.examples - made.kept} given up ({why})" if why else ""
    if not made.kept:
        raise StepcodeError(f"{out}: {endpoint.model} got none of {made.examples} right ({why})")
    return f"{out}: {made.kept} of {made.examples} examples with reasons{given_up}"
