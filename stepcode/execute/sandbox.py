"""Run one program after another in a warm, disposable process.

    with Sandbox(limits=Limits(cpu_seconds=1)) as sandbox:
        execution = sandbox.run(program, "f([1, 2])")

The sandbox contains accidents (loops, crashes, floods of output, leftover processes), not
attackers: a program can still read this machine's files and reach its network.
"""

import platform
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from stepcode.errors import SandboxError
from stepcode.execute.determinism import HASH_SEEDS
from stepcode.execute.launch import Zygote, launch
from stepcode.execute.record import fresh_marker, recorded_source
from stepcode.execute.trace import judge, read_file, read_records, read_stdout, read_steps
from stepcode.types import AnchoredProgram, Execution, Limits, Outcome, Program

DEFAULT_LIMITS = Limits()
GRACE_SECONDS = 10.0
"""How much longer than the wall limit a zygote may take to answer, on a machine under load."""


@dataclass(frozen=True, slots=True)
class _Job:
    program_id: str
    call: str
    message: dict[str, str]
    names: dict[int, str]


class Sandbox:
    """One zygote and the programs it runs; start two sandboxes to run two programs at once."""

    def __init__(self, *, limits: Limits = DEFAULT_LIMITS, hash_seed: int = HASH_SEEDS[0]) -> None:
        """Choose the limits of every program and the hash seed that orders its sets."""
        self._limits = limits
        self._hash_seed = hash_seed
        self._zygote: Zygote | None = None
        self._job: _Job | None = None

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
        self._job = None
        if self._zygote is not None:
            self._zygote.stop()
            self._zygote = None

    def run(self, program: Program | AnchoredProgram, call: str) -> Execution:
        """Run a program and one call, and wait for it."""
        self.start(program, call)
        return self.finish()

    def start(self, program: Program | AnchoredProgram, call: str) -> None:
        """Start a program without waiting for it."""
        if self._job is not None:
            raise SandboxError("a program is still running here: finish() it before the next")
        job = _prepare(program, call)
        self._send(job)
        self._job = job

    def finish(self) -> Execution:
        """Wait for the program started last; one that takes its zygote along is tried once more."""
        job, self._job = self._job, None
        if job is None:
            raise SandboxError("nothing was started here: start() comes before finish()")
        for attempt in range(2):
            if attempt:
                self._send(job)
            answer = self._receive()
            if answer is not None:
                return self._read(job, answer)
        return _lost(job)

    def _send(self, job: _Job) -> None:
        if self._zygote is None or not self._zygote.ask(job.message):
            self.close()
            self._zygote = launch(self._limits, hash_seed=self._hash_seed)
            self._zygote.ask(job.message)  # if this fails too, no answer comes

    def _receive(self) -> dict[str, Any] | None:  # Any: JSON
        if self._zygote is None:
            return None
        answer = self._zygote.answer(seconds=self._limits.wall_seconds + GRACE_SECONDS)
        if answer is None:
            self.close()
        return answer

    def _read(self, job: _Job, answer: dict[str, Any]) -> Execution:
        assert self._zygote is not None  # it has just answered
        records = list(read_records(read_file(self._zygote.trace)))
        ending = judge(self._zygote, records, answer, limits=self._limits)
        printed = read_stdout(self._zygote.stdout, max_bytes=self._limits.max_output_bytes)
        return Execution(
            program_id=job.program_id,
            call=job.call,
            outcome=ending.outcome,
            steps=read_steps(records, job.names),
            output=ending.output,
            error=ending.error,
            stdout=printed,
            python=platform.python_version(),
        )


def _prepare(program: Program | AnchoredProgram, call: str) -> _Job:
    if isinstance(program, Program):
        message = {"code": program.code, "call": call, "marker": ""}
        return _Job(program.id, call, message, {})
    marker = fresh_marker()
    code = recorded_source(program, marker=marker)
    names = {anchor.index: anchor.name for anchor in program.anchors}
    message = {"code": code, "call": call, "marker": marker}
    return _Job(program.program.id, call, message, names)


def _lost(job: _Job) -> Execution:
    error = "the process that runs programs was lost twice"
    version = platform.python_version()
    return Execution(job.program_id, job.call, Outcome.LOST, (), None, error, "", version)
