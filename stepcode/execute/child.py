"""What runs in the child: limits, recorders, one program with one call, and how it ended.

Standard library only, since it runs without `site` and so without stepcode (see zygote.py). The
caller imports it for `RECORD` and the ends, so that the trace's format is written down once: a
record is an anchor's index (or an end, below zero), the length of a text, and the text in UTF-8.

The child is contained against accidents. A program that sets out to forge its own trace can.
"""

import builtins
import marshal
import os
import resource
import struct
import sys
from collections.abc import Callable
from math import ceil
from types import CodeType, ModuleType
from typing import Any, NoReturn

RECORD = struct.Struct("<iI")
NO_TEXT = 0xFFFFFFFF
RETURNED, FAILED, NO_MEMORY, TOO_LONG, TOO_MANY = -1, -2, -3, -4, -5
PRINTED, NEXT_RUN = -6, -7
"""Between the runs of one job: the bytes printed so far, then the value that the run returned."""
MESSAGE_CHARACTERS = 500

# What a program patches must not change what its anchors show, nor keep its process from leaving:
# it would fall through into the zygote's loop. The functions below take their builtins from here.
globals()["__builtins__"] = dict(vars(builtins))
_exit, _kill, _getpid, _write, _pack = os._exit, os.kill, os.getpid, os.write, RECORD.pack
_fstat, _set_trace, _set_profile = os.fstat, sys.settrace, sys.setprofile


class Trace:
    """Writes what a run shows, each record in one append, so that a killed run keeps its steps."""

    def __init__(self, file: int, *, max_bytes: int, max_steps: int) -> None:
        """Write to `file`; `max_bytes` counts the texts, not what frames them."""
        self._file = file
        self._limits = (max_bytes, max_steps)
        self._bytes_left, self._steps_left = self._limits
        self._streams = _stream_sizes()
        self._owned = True
        os.register_at_fork(after_in_child=self._disown)

    def recorder(self, anchor: int, conversion: str) -> Callable[[object], None]:
        """Make the function that shows a value now, as the anchor's f-string would."""

        def record(value: object) -> None:
            try:
                text = repr(value) if conversion else value
                if type(text) is not str:
                    text = format(text, "")
                shown = str.encode(text)
            except Exception:  # a value that cannot be shown is data
                self._step(anchor, None)
            else:
                self._step(anchor, shown)

        return record

    def next_run(self, text: bytes) -> None:
        """Write what a run returned, and begin the trace of the next with full limits."""
        streams = _stream_sizes()
        if streams.keys() != self._streams.keys():
            self.end(RETURNED, text)  # where the prints of the next begin could not be told
        if len(text) > self._bytes_left or max(streams.values()) > self._limits[0]:
            self.end(TOO_LONG)
        printed = b"%d" % next(iter(streams.values()))
        self._append(PRINTED, len(printed), printed)
        self._append(NEXT_RUN, len(text), text)
        self._bytes_left, self._steps_left = self._limits

    def end(self, kind: int, text: bytes = b"") -> NoReturn:
        """Write how the run ended and leave the process."""
        if kind == RETURNED and len(text) > self._bytes_left:
            kind, text = TOO_LONG, b""
        self._append(kind, len(text), text)
        leave(0)

    def _step(self, anchor: int, shown: bytes | None) -> None:
        self._steps_left -= 1
        if self._steps_left < 0:
            self.end(TOO_MANY)
        if shown is None:
            self._append(anchor, NO_TEXT, b"")
            return
        self._bytes_left -= len(shown)
        if self._bytes_left < 0:
            self.end(TOO_LONG)
        self._append(anchor, len(shown), shown)

    def _append(self, kind: int, size: int, text: bytes) -> None:
        if not self._owned:
            return
        try:
            _write(self._file, _pack(kind, size) + text)
        except (
            BaseException
        ):  # the file is closed or memory is out: a trace with a hole is no trace
            leave(70)

    def _disown(self) -> None:
        """Stop recording in a process that the program forks: the trace is its parent's."""
        self._owned = False


def _stream_sizes() -> dict[tuple[int, int], int]:
    """How much is in the standard output and error, by file; {} if the program closed one."""
    try:
        files = [_fstat(stream) for stream in (1, 2)]
    except OSError:
        return {}
    return {(file.st_dev, file.st_ino): file.st_size for file in files}


def leave(code: int) -> NoReturn:
    """End this process whatever the program did to it."""
    try:
        _exit(code)
    finally:
        _kill(_getpid(), 9)


def place_recorders(code: CodeType, marker: str, trace: Trace) -> CodeType:
    """Put a recorder in place of every marker constant, so that no name leads to it."""
    constants = tuple(_placed(constant, marker, trace) for constant in code.co_consts)
    return code.replace(co_consts=constants)


def _placed(constant: object, marker: str, trace: Trace) -> object:
    if isinstance(constant, CodeType):
        return place_recorders(constant, marker, trace)
    if isinstance(constant, str) and constant.startswith(marker):
        anchor, conversion = constant.removeprefix(marker).split(":")
        return trace.recorder(int(anchor), conversion)
    return constant


def run_program(
    code: str | CodeType, call: str | CodeType, *, marker: str, trace: Trace | None
) -> str:
    """Execute the code as a fresh module, evaluate the call in it, and show the value.

    What the caller could not or would not compile comes as text and fails, if it does, in here.
    """
    module = ModuleType("program")
    module.__dict__["__builtins__"] = builtins  # else `exec` hands it the copy that is ours
    # Dataclasses and pickle look their module up; the zygote must not be found as `__main__`.
    sys.modules["program"] = sys.modules["__main__"] = module
    if isinstance(code, str):
        code = compile(code, "<program>", "exec", dont_inherit=True)
    if isinstance(call, str):
        call = compile(call, "<call>", "eval", dont_inherit=True)
    if marker and trace:
        code = place_recorders(code, marker, trace)
    try:
        exec(code, module.__dict__)
        return repr(eval(call, module.__dict__))
    finally:  # else the program's tools would step through what comes after it
        _set_trace(None)
        _set_profile(None)


def run_job(frame: bytes, trace: Trace) -> NoReturn:
    """Run the programs of a frame, each if the one before returned, and write the end."""
    streams = (sys.stdout, sys.stderr)
    try:
        *earlier, (code, call, marker) = marshal.loads(frame)
        for run in earlier:
            shown = run_program(run[0], run[1], marker=run[2], trace=trace)
            flush_all(streams)
            trace.next_run(str.encode(shown))
            sys.stdout, sys.stderr = streams
        shown = run_program(code, call, marker=marker, trace=trace)
        kind, text = RETURNED, str.encode(shown)
    except MemoryError as error:
        kind, text = NO_MEMORY, describe(error)
    except BaseException as error:
        kind, text = FAILED, describe(error)
    flush_all(streams)
    trace.end(kind, text)


def describe(error: BaseException) -> bytes:
    """Write an exception as `Type: message`."""
    name = type(error).__name__[:MESSAGE_CHARACTERS]
    try:
        message = str(error)
    except BaseException:  # its own __str__ raises
        message = "the message cannot be shown"
    if len(message) > MESSAGE_CHARACTERS:
        message = message[: MESSAGE_CHARACTERS - 1] + "\u2026"
    return str.encode(f"{name}: {message}" if message else name, "utf-8", "backslashreplace")


def flush_all(streams: tuple[Any, ...]) -> None:  # Any: whatever a program leaves as its streams
    """Write out what the streams hold, and those that a program whose run is over put instead."""
    for stream in (*streams, getattr(sys, "stdout", None), getattr(sys, "stderr", None)):
        try:
            stream.flush()
        except BaseException:  # closed, or not a stream
            continue


def limit_cpu(limits: dict[str, Any]) -> None:  # Any: numbers read from JSON
    """Let the kernel end this process if nobody else does: the zygote watches the exact limit."""
    seconds = ceil(limits["cpu_seconds"]) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))


def limit_resources(limits: dict[str, Any]) -> None:  # Any: numbers read from JSON
    """Let the kernel end what uses too much memory or file space; children inherit it."""
    memory = limits["memory_mb"] << 20
    # The trace holds records and an error besides the text that the limit is about.
    file_size = limits["max_output_bytes"] + RECORD.size * (limits["max_steps"] + 2) + 4096
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_size, file_size))
