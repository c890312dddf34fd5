"""Read what a run left behind: its records, its streams, and how the process ended.

The child may be broken, so every length is checked and an incomplete last record is dropped.
"""

import mmap
import os
import signal
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from stepcode.execute import child, frames
from stepcode.execute.handle import Answer, Zygote
from stepcode.types import Limits, Outcome, Step


@dataclass(frozen=True, slots=True)
class Record:
    """One record of the trace."""

    kind: int
    """The index of the anchor that fired, or one of the ends in child.py."""
    text: str | None


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run ended; `output` only if it returned, else `error`."""

    outcome: Outcome
    output: str | None
    error: str | None


def read_records(memory: mmap.mmap | bytes) -> Iterator[Record]:
    """Read the records of a trace up to its end, or the first that was not completed."""
    at = 0
    while len(memory) - at >= child.RECORD.size:
        kind, size = child.RECORD.unpack_from(memory, at)
        at += child.RECORD.size
        if kind == 0 or len(memory) - at < size < child.NO_TEXT:
            return
        if size == child.NO_TEXT:
            yield Record(kind - 1, None)
            continue
        text = memory[at : at + size].decode("utf-8", "backslashreplace")
        yield Record(kind - 1 if kind > 0 else kind, text)
        if kind < 0 and kind != child.NEXT_RUN:
            return  # what a thread of the program wrote meanwhile is not part of it
        at += size


def read_stdout(file: int, *, start: int, stop: int) -> str:
    """Read what was printed between two positions; `judge` tells when there was more."""
    size = min(os.fstat(file).st_size, stop) - start
    data = os.pread(file, size, start) if size > 0 else b""
    return data.decode("utf-8", "backslashreplace")


@dataclass(frozen=True, slots=True)
class EarlierRun:
    """The first run of a job of two, which returned."""

    records: list[Record]
    output: str
    printed_bytes: int


def split_runs(records: list[Record]) -> tuple[EarlierRun | None, list[Record]]:
    """Take the records of a first run that returned off those of the second."""
    for at, record in enumerate(records):
        if record.kind == child.NEXT_RUN:
            printed, _, output = (record.text or "").partition("\n")
            return EarlierRun(records[:at], output, int(printed)), records[at + 1 :]
    return None, records


def read_steps(records: list[Record], names: Mapping[int, str]) -> tuple[Step, ...]:
    """Number the firings of each anchor and give them their names."""
    visits: Counter[int] = Counter()
    steps = []
    for record in records:
        if record.kind in names:
            visits[record.kind] += 1
            name = names[record.kind]
            steps.append(Step(record.kind, visits[record.kind], name, record.text))
    return tuple(steps)


def judge(zygote: Zygote, records: list[Record], answer: Answer, *, limits: Limits) -> Ending:
    """Decide how a run ended: what ended it from outside counts before what it says itself."""
    if answer.stopped != frames.ENDED:
        return _stopped(answer.stopped, limits)
    status = answer.status
    ended_by = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    too_long = max(os.fstat(file).st_size for file in (zygote.stdout, zygote.stderr))
    if too_long > limits.max_output_bytes or ended_by == signal.SIGXFSZ:
        return _failed(Outcome.OUTPUT_TOO_LONG, f"printed over {limits.max_output_bytes} bytes")
    if records and records[-1].kind < 0:
        return _said(records[-1], limits)
    if ended_by == signal.SIGXCPU:
        return _stopped(frames.OVER_CPU, limits)
    if ended_by == signal.SIGKILL and zygote.was_oom():
        return _failed(Outcome.OUT_OF_MEMORY, "killed by the kernel for want of memory")
    if ended_by:
        return _failed(Outcome.CRASHED, f"killed by {_signal_name(ended_by)}")
    return _failed(Outcome.CRASHED, f"exited with status {os.WEXITSTATUS(status)} before the end")


def _said(last: Record, limits: Limits) -> Ending:
    match last.kind:
        case child.RETURNED:
            return Ending(Outcome.OK, last.text, None)
        case child.FAILED:
            return _failed(Outcome.RAISED, last.text or "")
        case child.NO_MEMORY:
            return _failed(Outcome.OUT_OF_MEMORY, last.text or "")
        case child.TOO_MANY:
            return _failed(Outcome.TOO_MANY_STEPS, f"over {limits.max_steps} steps")
        case child.TAMPERED:
            return _failed(Outcome.TAMPERED, last.text or "")
        case child.TOO_LONG:
            size = limits.max_output_bytes
            return _failed(Outcome.OUTPUT_TOO_LONG, f"steps and result over {size} bytes")
        case _:
            return _failed(Outcome.CRASHED, "its trace cannot be read")


def _stopped(limit: int, limits: Limits) -> Ending:
    if limit == frames.OVER_CPU:
        return _failed(Outcome.TIMED_OUT, f"over {limits.cpu_seconds} seconds of processor time")
    return _failed(Outcome.TIMED_OUT, f"over {limits.wall_seconds} seconds")


def _failed(outcome: Outcome, error: str) -> Ending:
    return Ending(outcome, None, error)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # a real-time signal
        return f"signal {number}"
