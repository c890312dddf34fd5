"""What is true of REval's probes, computed by running each program under a tracer in the sandbox.

    labels = label_pairs(read_pairs("DREval_data.jsonl"))

Labels depend on the interpreter: from Python 3.12 on comprehensions have no frames of their own,
and some fifteen labels differ from 3.11's.
"""

import ast
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from functools import lru_cache, partial
from importlib.resources import files
from typing import Any

from stepcode.evaluate.benchmark import ALONE, Sandboxing
from stepcode.evaluate.benchmarks.reval.data import Pair
from stepcode.execute import Sandbox
from stepcode.execute.isolate import Isolation, choose_isolation
from stepcode.execute.workers import map_ordered
from stepcode.literals import is_literal
from stepcode.types import Execution, Limits, Outcome, Program

LIMITS = Limits(cpu_seconds=60.0, wall_seconds=120.0, memory_mb=2048)

_IMPORT = re.compile(r"^\s*(?:import|from)\s+(\w+)", re.MULTILINE)

State = tuple[str, str | None]
"""A value as a model wrote it, and the name of its type; None where it said that there is none."""
NOTHING: State = ("", "")
"""Is never right."""


@dataclass(frozen=True, slots=True)
class Label:
    """What is true of a probe."""

    covered: bool
    """Whether the line runs."""
    next: tuple[int, ...]
    """The lines that follow it, from 1; -1 if it is the last one or never runs."""
    values: tuple[tuple[str, str], ...] | None
    """What the expression shows behind the line, values with their types; None for Nil."""
    states: tuple[bool, ...] = ()
    """Whether the states that were asked about are among them."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """The labels of a pair's probes, or why there are none."""

    labels: tuple[Label, ...]
    problem: str = ""


def label_pairs(
    pairs: Sequence[Pair],
    *,
    states: Mapping[str, Sequence[Sequence[State]]] | None = None,
    sandboxing: Sandboxing = ALONE,
) -> list[Labelled]:
    """Run all pairs, in order.

    `states` has for a pair's id the states to be judged, for each of its probes: they are evaluated
    where the program ran, never here.
    """
    given = states or {}
    jobs = [(pair, given.get(pair.id, [[] for _ in pair.probes])) for pair in pairs]
    make = partial(_labeller, choose_isolation(sandboxing.isolation))
    return list(map_ordered(make, jobs, workers=sandboxing.workers))


Job = tuple[Pair, Sequence[Sequence[State]]]


@contextmanager
def _labeller(isolation: Isolation) -> Iterator[Callable[[Job], Labelled]]:
    with Sandbox(limits=LIMITS, isolation=isolation, may_trace=True) as sandbox:
        yield lambda job: _label(*job, sandbox)


def _label(pair: Pair, states: Sequence[Sequence[State]], sandbox: Sandbox) -> Labelled:
    """Label a pair, and judge states that are literals in the same run, each other one alone.

    What is no literal is run, and whatever it does may be the end of what it shares a process with.
    """
    together = [[state if _is_harmless(state) else NOTHING for state in some] for some in states]
    found = _read(sandbox.run(_tracer_for(pair), _call(pair, together)))
    if found.problem:
        return found
    judged = [
        [
            known if _is_harmless(state) else _is_right_alone(pair, place, state, sandbox)
            for state, known in zip(some, label.states, strict=True)
        ]
        for place, (some, label) in enumerate(zip(states, found.labels, strict=True))
    ]
    labels = zip(found.labels, judged, strict=True)
    return Labelled(tuple(replace(label, states=tuple(ones)) for label, ones in labels))


def _is_harmless(state: State) -> bool:
    text, kind = state
    return kind is None or is_literal(text)


def _is_right_alone(pair: Pair, place: int, state: State, sandbox: Sandbox) -> bool:
    states = [[state] if number == place else [] for number in range(len(pair.probes))]
    found = _read(sandbox.run(_tracer_for(pair), _call(pair, states)))
    return not found.problem and found.labels[place].states == (True,)


def _tracer_for(pair: Pair) -> Program:
    """Name below the tracer what the program imports: by that the sandbox has packages ready."""
    imports = sorted(set(_IMPORT.findall(f"{pair.code}\n{pair.test or ''}")))
    named = "".join(f"\n    import {name}" for name in imports)
    return Program(code=f"{_tracer()}\nif False:\n    pass{named}\n", entry="examine")


@lru_cache(maxsize=1)
def _tracer() -> str:
    folder = files("stepcode.evaluate.benchmarks.reval")
    return folder.joinpath("tracer.py").read_text(encoding="utf-8")


def _call(pair: Pair, states: Sequence[Sequence[State]]) -> str:
    request: dict[str, Any] = {  # Any: whatever a literal may hold
        "code": pair.code,
        "entry": pair.entry,
        "test": pair.test,
        "input": pair.input,
        "number": pair.number,
        "probes": [asdict(probe) for probe in pair.probes],
        "states": [list(some) for some in states],
    }
    return f"examine({request!r})"


def _read(execution: Execution) -> Labelled:
    if execution.outcome is not Outcome.OK or execution.output is None:
        return Labelled((), f"{execution.outcome}: {execution.error}")
    labels = tuple(
        Label(
            found["covered"],
            tuple(found["next"]),
            None if found["values"] is None else tuple(map(tuple, found["values"])),
            tuple(found["states"]),
        )
        for found in ast.literal_eval(execution.output)
    )
    return Labelled(labels)
