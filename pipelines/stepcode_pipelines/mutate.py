"""Further inputs of a program: propose calls, run them, keep those whose traces differ.

    cases -> with_siblings -> batches -> workers: verify cases, then further ones of each program

A worker makes the further rows with the last case of a program, in that case's batch, from what the
source says alone; so they are the same whatever the workers, the parts or an interruption.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby, islice
from random import Random

from stepcode.dataset.rows import Row
from stepcode.source.mutate import propose_calls
from stepcode.types import Case, Limits, Reason, Rejection

Verify = Callable[[Case], Row | Rejection]

_MOST_SIBLINGS = 200
"""Calls of one program that are looked at together; what follows them is a program of its own."""
_POOL = 2
_SMALLEST_POOL = 12
"""Distinct traces to choose from, for each that is wanted; and at least."""
_PATIENCE = 24
"""Proposals that lead to no new trace before a program is taken to have no more."""
_COSTLY = frozenset({Reason.TIMED_OUT, Reason.OUT_OF_MEMORY, Reason.OUTPUT_TOO_LONG})
_MOST_COSTLY = 2
"""Of these no more: each costs as much as a hundred that return."""
_CPU_SECONDS = 0.5
"""A changed input often makes a loop endless; what returns takes milliseconds."""

_Trace = tuple[str, tuple[tuple[str, str | None], ...]]
_Place = tuple[int, str, str]


@dataclass(frozen=True, slots=True)
class Further:
    """The rows of a program's further calls, and how many were tried for them."""

    rows: list[Row] = field(default_factory=list)
    proposed: int = 0


def limits_of_mutations(limits: Limits) -> Limits:
    """Give further calls less time, as most of what they lose is lost in endless loops."""
    return replace(limits, cpu_seconds=min(limits.cpu_seconds, _CPU_SECONDS))


def with_siblings(cases: Iterable[Case]) -> Iterator[Case]:
    """Give the last case of each program the cases before it, so that one place knows them all."""
    for _, group in groupby(cases, key=lambda case: case.program.id):
        while members := list(islice(group, _MOST_SIBLINGS)):
            runnable = [at for at, case in enumerate(members) if case.rejection is None]
            if runnable:
                *before, last = runnable
                siblings = tuple(members[at] for at in before)
                members[last] = replace(members[last], siblings=siblings)
            yield from members


def further_rows(
    known: Sequence[tuple[Case, Row]], verify: Verify, *, wanted: int, seed: int
) -> Further:
    """Find up to so many further calls of a program, each with a trace that no other has.

    `known` are its cases that were kept. What fires an anchor that none of them does comes first.
    """
    if not known:
        return Further()
    case = known[-1][0]
    calls = [given.call for given, _ in known]
    rng = Random(f"{seed}/{case.program.id}/{' '.join(calls)}")
    proposals = propose_calls(case.program.code, calls, rng=rng)
    traces = {_trace(row) for _, row in known}
    pool: list[Row] = []
    proposed = barren = costly = 0
    for call in proposals:
        proposed += 1
        result = verify(Case(case.program, call))
        barren += 1
        if isinstance(result, Rejection):
            costly += result.reason in _COSTLY
        elif _trace(result) not in traces:
            traces.add(_trace(result))
            pool.append(result)
            barren = 0
        if (
            len(pool) >= max(_POOL * wanted, _SMALLEST_POOL)
            or barren >= _PATIENCE
            or costly >= _MOST_COSTLY
        ):
            break
    seen = {place for _, row in known for place in _places(row)}
    return Further(choose(pool, seen, wanted=wanted), proposed)


def choose(pool: Sequence[Row], seen: set[_Place], *, wanted: int) -> list[Row]:
    """Take first what fires most anchors that have not been seen to fire, then the earliest."""
    left, chosen = list(pool), list[Row]()
    seen = set(seen)
    while left and len(chosen) < wanted:
        best = max(left, key=lambda row: len(_places(row) - seen))  # of equals, the first
        left.remove(best)
        chosen.append(best)
        seen |= _places(best)
    return chosen


def _trace(row: Row) -> _Trace:
    return row.output, tuple((step.name, step.text) for step in row.steps)


def _places(row: Row) -> set[_Place]:
    """The anchors that fired, by where they are in the code: their numbers may differ by call."""
    fired = (row.anchors[step.anchor] for step in row.steps)
    return {(anchor.original_line, anchor.kind.value, anchor.name) for anchor in fired}
