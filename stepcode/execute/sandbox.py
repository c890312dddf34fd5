"""Run one program after another in a warm, disposable process.

    with Sandbox(limits=Limits(cpu_seconds=1)) as sandbox:
        execution = sandbox.run(program, "f([1, 2])")

At the levels `namespaces` and `landlock` a program reads Python's own files and nothing else,
writes only in a folder that is emptied after it, and reaches no network and no process but its own.
What it shows is recorded out of its reach, see harness.py; one that breaks the interpreter itself,
through a bug in Python, stays inside but can forge its own trace. At `none` only accidents are
contained: loops, crashes, floods of output, leftover processes.
"""

import marshal
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from stepcode.errors import SandboxError
from stepcode.execute.determinism import HASH_SEEDS
from stepcode.execute.handle import Answer, Zygote
from stepcode.execute.import_sets import ImportSet
from stepcode.execute.isolate import Isolation, choose_isolation
from stepcode.execute.job import Job, prepare
from stepcode.execute.launch import launch
from stepcode.execute.trace import (
    Ending,
    Record,
    judge,
    read_records,
    read_stdout,
    read_steps,
    split_runs,
)
from stepcode.types import AnchoredProgram, Execution, Limits, Outcome, Program

DEFAULT_LIMITS = Limits()
GRACE_SECONDS = 10.0
"""How much longer than the wall limit a zygote may take to answer, on a machine under load."""
_LOST_IN_A_ROW = 5
"""So many lost runs one after another, and it is time to ask whether they are to blame."""


@dataclass(frozen=True, slots=True)
class Runs:
    """What became of a job and of the twin that ran behind it in the same process."""

    first: Execution
    twin: Execution | None
    """None if there was no twin, or the first program did not return."""


class Sandbox:
    """Runs one program at a time; start two sandboxes to run two programs at once.

    There is one zygote for each set of heavy packages that programs import, started when the first
    such program comes.
    """

    def __init__(
        self,
        *,
        limits: Limits = DEFAULT_LIMITS,
        isolation: Isolation | None = None,
        hash_seed: int = HASH_SEEDS[0],
        is_guarded: bool = True,
    ) -> None:
        """Choose the limits of every program and the hash seed that orders its sets.

        Without an isolation it is the strongest that works on this machine. Without the guard a
        program may follow the interpreter as a debugger does, and import what is installed here.
        It is isolated as any other, but what it says of itself has to be believed: that is for
        programs of ours, never for a model's.
        """
        self.isolation = choose_isolation(isolation)
        self.limits = limits
        self._hash_seed = hash_seed
        self._is_guarded = is_guarded
        self._zygotes: dict[ImportSet, Zygote] = {}
        self._jobs: tuple[Job, ...] = ()
        self._lost_in_a_row = 0

    def __enter__(self) -> Self:
        """Return itself; a zygote starts with the first program."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the zygotes and whatever still runs in them."""
        self.close()

    def close(self) -> None:
        """End the zygotes; the sandbox can be used again and then starts new ones."""
        self._jobs = ()
        while self._zygotes:
            self._zygotes.popitem()[1].stop()

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
                answer = self._receive(jobs)
                if answer is not None:
                    self._lost_in_a_row = 0
                    runs = self._read(jobs, answer)
                    if answer.retire:
                        self._stop(jobs[0].imports)
                    return self._with_twin(jobs, runs)
            self._count_lost()
        return Runs(_lost(jobs[0]), None)

    def _count_lost(self) -> None:
        """Stop where it is the machine that loses programs, instead of eating all that come.

        Programs that end their zygotes can come in a row too, so a harmless one is tried.
        """
        self._lost_in_a_row += 1
        if self._lost_in_a_row < _LOST_IN_A_ROW:
            return
        self._lost_in_a_row = 0
        harmless = (prepare(Program(code=""), "1"),)
        self._send(harmless)
        if self._receive(harmless) is None:
            raise SandboxError(
                f"{_LOST_IN_A_ROW} runs in a row and then a harmless program were lost with the "
                "process that ran them: look what ends processes here (memory?) and run this again"
            )

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
        imports = jobs[0].imports
        zygote = self._zygotes.get(imports)
        if zygote is None or not zygote.ask(frame):
            self._stop(imports)
            zygote = self._zygotes[imports] = launch(
                self.limits,
                isolation=self.isolation,
                hash_seed=self._hash_seed,
                imports=imports,
                is_guarded=self._is_guarded,
            )
            zygote.ask(frame)  # if this fails too, no answer comes

    def _stop(self, imports: ImportSet) -> None:
        zygote = self._zygotes.pop(imports, None)
        if zygote is not None:
            zygote.stop()

    def _receive(self, jobs: tuple[Job, ...]) -> Answer | None:
        zygote = self._zygotes.get(jobs[0].imports)
        if zygote is None:
            return None
        answer = zygote.answer(seconds=self.limits.wall_seconds + GRACE_SECONDS)
        if answer is None:
            self._stop(jobs[0].imports)
        return answer

    def _read(self, jobs: tuple[Job, ...], answer: Answer) -> Runs:
        zygote = self._zygotes[jobs[0].imports]
        earlier, records = split_runs(list(read_records(zygote.trace)))
        ending = judge(zygote, records, answer, limits=self.limits)
        stdout, limit = zygote.stdout, self.limits.max_output_bytes
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


def _lost(job: Job) -> Execution:
    error = "the process that runs programs was lost twice"
    version = platform.python_version()
    return Execution(job.program_id, job.call, Outcome.LOST, (), None, error, "", version)
