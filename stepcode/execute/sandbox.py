"""Run one program after another in a warm, disposable process.

    with Sandbox(limits=Limits(cpu_seconds=1)) as sandbox:
        execution = sandbox.run(program, "f([1, 2])")

The sandbox contains accidents (loops, crashes, floods of output, leftover processes), not
attackers: a program can still read this machine's files and reach its network.
"""

import marshal
import platform
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType, TracebackType
from typing import Any, Self

from stepcode.errors import SandboxError
from stepcode.execute.determinism import HASH_SEEDS
from stepcode.execute.launch import Zygote, launch
from stepcode.execute.record import fresh_marker, recorded_source
from stepcode.execute.trace import (
    Ending,
    Record,
    judge,
    read_file,
    read_records,
    read_stdout,
    read_steps,
    split_runs,
)
from stepcode.types import AnchoredProgram, Execution, Limits, Outcome, Program

DEFAULT_LIMITS = Limits()
_MAX_COMPILED_CHARACTERS = 100_000
GRACE_SECONDS = 10.0
"""How much longer than the wall limit a zygote may take to answer, on a machine under load."""


@dataclass(frozen=True, slots=True)
class Job:
    """A program and a call, compiled and ready to be sent."""

    program_id: str
    call: str
    run: tuple[CodeType | str, CodeType | str, str]
    """The code, the call, and the marker of the constants that become recorders."""
    names: dict[int, str]


@dataclass(frozen=True, slots=True)
class Runs:
    """What became of a job and of the twin that ran behind it in the same process."""

    first: Execution
    twin: Execution | None
    """None if there was no twin, or the first program did not return."""


class Sandbox:
    """One zygote and the programs it runs; start two sandboxes to run two programs at once."""

    def __init__(self, *, limits: Limits = DEFAULT_LIMITS, hash_seed: int = HASH_SEEDS[0]) -> None:
        """Choose the limits of every program and the hash seed that orders its sets."""
        self._limits = limits
        self._hash_seed = hash_seed
        self._zygote: Zygote | None = None
        self._jobs: tuple[Job, ...] = ()

    def __enter__(self) -> Self:
        """Return itself; the zygote starts with the first program."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the zygote and whatever still runs in it."""
        self.close()

    def close(self) -> None:
        """End the zygote; the sandbox can be used again and then starts a new one."""
        self._jobs = ()
        if self._zygote is not None:
            self._zygote.stop()
            self._zygote = None

    def run(self, program: Program | AnchoredProgram, call: str) -> Execution:
        """Run a program and one call, and wait for it."""
        self.start(program, call)
        return self.finish()

    def start(self, program: Program | AnchoredProgram, call: str) -> None:
        """Start a program without waiting for it."""
        self.start_job(prepare(program, call))

    def start_job(self, job: Job, *, twin: Job | None = None) -> None:
        """Start what `prepare` made, and in the same process, if it returns, its twin.

        The twin saves a process where two runs are compared; it sees what the first left behind,
        so a difference between them proves nothing until the twin has run alone.
        """
        if self._jobs:
            raise SandboxError("a program is still running here: finish() it before the next")
        jobs = (job,) if twin is None else (job, twin)
        with self._closed_if_interrupted():
            self._send(jobs)
        self._jobs = jobs

    def finish(self) -> Execution:
        """Wait for the program started last; one that takes its zygote along is tried once more."""
        return self.finish_both().first

    def finish_both(self) -> Runs:
        """Wait for the program started last and for its twin."""
        jobs, self._jobs = self._jobs, ()
        if not jobs:
            raise SandboxError("nothing was started here: start() comes before finish()")
        with self._closed_if_interrupted():
            for attempt in range(2):
                if attempt:
                    self._send(jobs)
                answer = self._receive()
                if answer is not None:
                    return self._with_twin(jobs, self._read(jobs, answer))
        return Runs(_lost(jobs[0]), None)

    def _with_twin(self, jobs: tuple[Job, ...], runs: Runs) -> Runs:
        """Run the twin alone if the first returned but left no process to run it in."""
        if len(jobs) == 1 or runs.twin or runs.first.outcome is not Outcome.OK:
            return runs
        self.start_job(jobs[1])
        return Runs(runs.first, self.finish())

    @contextmanager
    def _closed_if_interrupted(self) -> Iterator[None]:
        """Keep an answer that was not waited for from being taken for the next program's."""
        try:
            yield
        except BaseException:
            self.close()
            raise

    def _send(self, jobs: tuple[Job, ...]) -> None:
        frame = marshal.dumps([job.run for job in jobs])
        if self._zygote is None or not self._zygote.ask(frame):
            self.close()
            self._zygote = launch(self._limits, hash_seed=self._hash_seed)
            self._zygote.ask(frame)  # if this fails too, no answer comes

    def _receive(self) -> dict[str, Any] | None:  # Any: JSON
        if self._zygote is None:
            return None
        answer = self._zygote.answer(seconds=self._limits.wall_seconds + GRACE_SECONDS)
        if answer is None:
            self.close()
        return answer

    def _read(self, jobs: tuple[Job, ...], answer: dict[str, Any]) -> Runs:
        assert self._zygote is not None  # it has just answered
        earlier, records = split_runs(list(read_records(read_file(self._zygote.trace))))
        ending = judge(self._zygote, records, answer, limits=self._limits)
        stdout, limit = self._zygote.stdout, self._limits.max_output_bytes
        if earlier is None:
            printed = read_stdout(stdout, start=0, stop=limit)
            return Runs(_execution(jobs[0], records, ending, printed), None)
        border = earlier.printed_bytes
        returned = Ending(Outcome.OK, earlier.output, None)
        printed = read_stdout(stdout, start=0, stop=border)
        first = _execution(jobs[0], earlier.records, returned, printed)
        printed = read_stdout(stdout, start=border, stop=limit)
        return Runs(first, _execution(jobs[1], records, ending, printed))


def _execution(job: Job, records: list[Record], ending: Ending, stdout: str) -> Execution:
    return Execution(
        program_id=job.program_id,
        call=job.call,
        outcome=ending.outcome,
        steps=read_steps(records, job.names),
        output=ending.output,
        error=ending.error,
        stdout=stdout,
        python=platform.python_version(),
    )


def prepare(program: Program | AnchoredProgram, call: str) -> Job:
    """Compile a program and a call for the child, with recorders in the place of its anchors."""
    if isinstance(program, Program):
        return Job(program.id, call, _run(program.code, call, ""), {})
    marker = fresh_marker()
    code = recorded_source(program, marker=marker)
    names = {anchor.index: anchor.name for anchor in program.anchors}
    return Job(program.program.id, call, _run(code, call, marker), names)


def _run(code: str, call: str, marker: str) -> tuple[CodeType | str, CodeType | str, str]:
    """Compile here, because a cold compiler costs each child 0.4 ms."""
    expression = _compiled(call.lstrip(" \t"), "<call>", "eval")
    return _compiled(code, "<program>", "exec"), expression, marker


@lru_cache(maxsize=4)
def _compiled(text: str, name: str, mode: str) -> CodeType | str:
    """Compile what is small; the rest, and what does not compile, is left to the child.

    A program and its anchored twin come one after the other, with the same call.
    """
    if len(text) > _MAX_COMPILED_CHARACTERS:
        return text
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            code: CodeType = compile(text, name, mode, dont_inherit=True)
    except (SyntaxError, ValueError, MemoryError, RecursionError, OverflowError):
        return text
    return code


def _lost(job: Job) -> Execution:
    error = "the process that runs programs was lost twice"
    version = platform.python_version()
    return Execution(job.program_id, job.call, Outcome.LOST, (), None, error, "", version)
