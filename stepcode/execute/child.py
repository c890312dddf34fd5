"""What the harness is made of: the format of the trace, its limits, and the objects it works with.

The caller imports it for the format, so that this is written down once; the zygote loads it by path
and builds the harness with it. A record is a number for its kind, the length of a text, and the
text in UTF-8. The kind is an anchor's index plus one, or one of the ends below zero.

Standard library only and little of it: whatever the zygote imports makes every fork dearer.
"""

from __future__ import annotations

import _imp
import builtins
import marshal
import os
import resource
import struct
import sys
from math import ceil
from types import CodeType, FrameType, FunctionType, ModuleType, SimpleNamespace

TYPE_CHECKING = False  # as in `typing`, which would make every fork dearer
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from functools import _lru_cache_wrapper, partial
    from mmap import mmap
    from typing import Any
else:
    from _functools import _lru_cache_wrapper, partial

RECORD = struct.Struct("<iI")
HEADER_BYTES = RECORD.size
NO_TEXT = 0xFFFFFFFF
RETURNED, FAILED, NO_MEMORY, TOO_LONG, TOO_MANY, TAMPERED = -1, -2, -3, -4, -5, -8
NEXT_RUN = -7
"""Between the runs of one job: the bytes printed so far, a line end, and what the run returned."""
MESSAGE_CHARACTERS = 500
SAMPLE_BYTES = 1000
"""What a sample shows of a value: enough to tell that it is too long to be a step."""

# Objects that the harness works with, whatever the program does to the modules they come from.
GETFRAME, GETPID, EXIT, KILL, FSTAT = sys._getframe, os.getpid, os._exit, os.kill, os.fstat
OPEN, READ, CLOSE, O_RDONLY = os.open, os.read, os.close, os.O_RDONLY
REPR, TYPE, STR, FORMAT, LEN, MAX, VARS, GETATTR = repr, type, str, format, len, max, vars, getattr
EXEC, EVAL, RANGE, PACK = exec, eval, range, RECORD.pack
GET_FROZEN_OBJECT, FIND_FROZEN = _imp.get_frozen_object, _imp.find_frozen
CREATE_BUILTIN = _imp.create_builtin
SPEC, OBJECT, ID = SimpleNamespace, object, id
EXCEPTION, BASE_EXCEPTION, MEMORY_ERROR = Exception, BaseException, MemoryError
RECURSION_ERROR, OS_ERROR, IMPORT_ERROR = RecursionError, OSError, ImportError
FRAME_TYPE, FUNCTION_TYPE, MODULE_TYPE = FrameType, FunctionType, ModuleType
CODE_TYPE = CodeType
SYS, MODULES, BUILTINS = sys, sys.modules, builtins
STREAMS = 2

CO_OPTIMIZED = 1
"""As in `inspect`, whose import would make every fork dearer."""

# Places in STATE.
POSITION, STEPS_LEFT, BYTES_LEFT, OWNER, BEGUN, ARMED, RUN, WAITING, FROZEN = range(9)

WATCHED = frozenset(
    {
        *("object.__getattr__", "import", "code.__new__", "marshal.loads", "marshal.load"),
        *("gc.get_objects", "gc.get_referrers", "gc.get_referents"),
        *("sys.settrace", "sys.setprofile", "sys.addaudithook", "sys.monitoring.register_callback"),
        *("cpython.PyInterpreterState_New", "cpython._PySys_ClearAuditHooks"),
        *("ctypes.dlopen", "sqlite3.enable_load_extension", "sqlite3.load_extension", "os.putenv"),
    }
)
CODE_NAMES = frozenset({"__code__", "f_code"})
"""Attributes that lead to code."""
REFUSED_VARIABLES = (b"OPENSSL_", b"GCONV_PATH", b"TCL", b"LD_")
"""By these a library that is already loaded would load code from where they say."""
REFUSED_MODULES = frozenset(
    {
        *(
            "ctypes",
            "_ctypes",
            "_imp",
            "_remote_debugging",
            "_cffi_backend",
            "_tkinter",
            "_sqlite3",
        ),
    }
)
REFUSED_PREFIXES = ("_test", "_ctypes_test", "_xx", "xx", "_interp")
"""The modules that Python tests itself with, and those that make interpreters."""
Codes = list[CodeType | Exception]
"""A module's code and a call's, or why they do not compile, for one run after another."""

# Supplied when the harness is built, or for each anchor.
VIEW: memoryview
STATE: list[Any]  # Any: numbers, a frame and a flag
STAGED: dict[int, tuple[object, bytes | None]]
KEEP_FROM_FORKS: Callable[[], None]
CAPACITY: int
MAX_BYTES: int
MAX_STEPS: int
STREAM_FILES: tuple[tuple[int, tuple[int, int]], ...]
STDOUT: Any
STDERR: Any
TRUSTED: tuple[str, ...]
MACHINE_CODE: tuple[str, ...]
GUARDED: dict[str, Any]
IS_GUARDED: bool
PREPARE: Callable[[bytes], Codes]
BEGIN: Callable[[bytes], range]
NEXT_CODE: Callable[[], CodeType]
RUN_PROGRAM: Callable[[], str]
DESCRIBE: Callable[[BaseException], bytes]
FLUSH_ALL: Callable[[], bool]
NEXT_RUN_OF_TWO: Callable[[bytes, bool], None]
END: Callable[[int, bytes, bool], None]
HOME: SimpleNamespace
VISITS: SimpleNamespace
"""How many visits of an anchor are `left` to be recorded; never zero where all of them are."""
PLACES: frozenset[int]
CONVERSION: str
ANCHOR: int

COMMIT = "commit"
"""Stands in a marker in the place of a conversion."""
_MARKER = "sealed:"
_DONTFORK = 10
"""As in `mmap`, which does not name it everywhere that this file is read."""


def capacity(*, max_bytes: int, max_steps: int) -> int:
    """How many bytes the traces of the two runs of a job can take."""
    return 2 * (max_bytes + HEADER_BYTES * (max_steps + 4) + 8 * MESSAGE_CHARACTERS + 4096)


def build_harness(
    codes: Mapping[str, CodeType],
    trace: mmap,
    limits: Mapping[str, Any],
    *,
    trusted: list[str],
    machine_code: list[str],
    is_guarded: bool,
) -> Callable[[bytes], None]:
    """Make `run_job` of the sealed functions, and install their guard for good."""
    guarded: dict[str, Any] = {"__builtins__": builtins}
    supplied = {name: value for name, value in globals().items() if name.isupper()}
    supplied |= {
        "VIEW": memoryview(trace),
        "STATE": [0, 0, 0, 0, None, False, 0, None, None],
        "STAGED": {},
        "KEEP_FROM_FORKS": partial(trace.madvise, _DONTFORK),
        "CAPACITY": len(trace),
        "MAX_BYTES": limits["max_output_bytes"],
        "MAX_STEPS": limits["max_steps"],
        "STREAM_FILES": tuple((stream, _identity(stream)) for stream in (1, 2)),
        "STDOUT": sys.stdout,
        "STDERR": sys.stderr,
        "TRUSTED": tuple(trusted),
        "MACHINE_CODE": tuple(machine_code),
        "GUARDED": guarded,
        "IS_GUARDED": is_guarded,
    }
    for name in ("leave", "append", "finish", "check_owner"):
        supplied[name] = _unseal(codes[name], supplied, guarded)
    # But for what each anchor has of its own.
    show, commit = (_place(codes[name], supplied) for name in ("show", "commit"))
    supplied["PREPARE"] = lambda frame: _prepare(frame, show, commit, guarded)
    for name in ("start_run", "stream_sizes", "is_refused", "check_import", "check_bytecode"):
        supplied[name] = _unseal(codes[name], supplied, guarded)
    for name in ("guard", "begin", "next_code", "next_run", "end"):
        supplied[name] = _unseal(codes[name], supplied, guarded)
    supplied["NEXT_CODE"] = supplied["next_code"]
    for name in ("run_program", "describe", "flush_all"):
        supplied[name.upper()] = _opaque(_unseal(codes[name], supplied, guarded))
    for name, constant in (("begin", "BEGIN"), ("next_run", "NEXT_RUN_OF_TWO"), ("end", "END")):
        supplied[constant] = _opaque(supplied[name])
    # No audit event tells of the two ways that make code from bytes, or make `_imp` itself anew.
    for name in ("get_frozen_object", "create_builtin"):
        setattr(_imp, name, _opaque(_unseal(codes[name], supplied, guarded)))
    sys.addaudithook(supplied["guard"])
    return _unseal(codes["run_job"], supplied, guarded)


def _unseal(
    code: CodeType, supplied: Mapping[str, Any], names: dict[str, Any]
) -> Callable[..., Any]:
    return FunctionType(_place(code, supplied), names)


def _place(code: CodeType, supplied: Mapping[str, Any]) -> CodeType:
    constants = tuple(_placed(one, supplied) for one in code.co_consts)
    # From Python 3.13 on a frame's variables can be written from outside, unless its code seems to
    # be a module's, which has none of its own.
    hidden = CO_OPTIMIZED if sys.version_info >= (3, 13) else 0
    return code.replace(co_consts=constants, co_flags=code.co_flags & ~hidden)


def _placed(constant: object, supplied: Mapping[str, Any]) -> object:
    if isinstance(constant, str) and constant.startswith(_MARKER):
        return supplied.get(constant.removeprefix(_MARKER), constant)
    if isinstance(constant, tuple):  # the compiler made one of several markers
        return tuple(_placed(one, supplied) for one in constant)
    return constant


def _opaque(function: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a function in a C callable that does not show what it calls."""
    make: Any = _lru_cache_wrapper  # Any: typed as if it could not be made
    wrapped: Callable[..., Any] = make(function, 0, False, tuple)
    return wrapped


def _identity(stream: int) -> tuple[int, int]:
    file = os.fstat(stream)
    return file.st_dev, file.st_ino


def _prepare(frame: bytes, show: CodeType, commit: CodeType, guarded: dict[str, Any]) -> Codes:
    """Read the runs of a job, compile what came as text, and put recorders into the code."""

    def recorder(home: SimpleNamespace, anchor: str, line: str, conversion: str) -> object:
        own = {"HOME": home, "ANCHOR": int(anchor) + 1, "CONVERSION": conversion}
        left = SimpleNamespace(left=home.most or -1)
        own["VISITS"] = home.visits.setdefault(anchor, left)
        # None where the compiler removed the anchor but not its constants.
        shows, commits = home.places.get(int(line), ((), ()))
        is_commit = conversion == COMMIT
        own["PLACES"] = commits if is_commit else shows
        return _opaque(_unseal(commit if is_commit else show, own, guarded))

    codes: Codes = []
    for run, (code, call, marker, most) in enumerate(marshal.loads(frame), start=1):
        module, value = _compiled(code, "<program>", "exec"), _compiled(call, "<call>", "eval")
        if marker and isinstance(module, CodeType):
            module = _with_recorders(module, marker, run, most, recorder)
        if isinstance(value, Exception) and isinstance(module, CodeType):
            module = value  # nothing is run for a call that cannot be
        codes += [module, value]
    return codes


def _with_recorders(
    code: CodeType, marker: str, run: int, most: int, make: Callable[..., object]
) -> CodeType:
    """Put a recorder in the place of each marker, and tell it where that is.

    Not a function inside another: that would refer to itself, and the program can find garbage.
    """
    constants: list[object] = []
    home = SimpleNamespace(run=run, places=None, code=None, most=most, visits={})
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            constant = _with_recorders(constant, marker, run, most, make)
        elif isinstance(constant, str) and constant.startswith(marker):
            home.places = home.places or _calls_by_line(code)
            constant = make(home, *constant.removeprefix(marker).split(":"))
        constants.append(constant)
    home.code = code.replace(co_consts=tuple(constants))
    return home.code  # type: ignore[no-any-return]  # a namespace has no types


def _calls_by_line(code: CodeType) -> dict[int, tuple[frozenset[int], frozenset[int]]]:
    """Tell of each line, as if it were an anchor's, which instructions call `show` and `commit`.

    By what they span: `commit(show(name))` ends last on its line, `show(name)` one place before.
    """
    by_end: dict[int, dict[int, set[int]]] = {}
    for number, (line, _, _, end) in enumerate(code.co_positions()):
        if line is not None and end is not None:
            by_end.setdefault(line, {}).setdefault(end, set()).add(2 * number)
    calls = {}
    for line, ends in by_end.items():
        last = max(ends)
        calls[line] = frozenset(ends.get(last - 1, ())), frozenset(ends[last])
    return calls


def _compiled(code: CodeType | str, name: str, mode: str) -> CodeType | Exception:
    """Compile what the caller could or would not, or keep the error for when it is to run."""
    if isinstance(code, CodeType):
        return code
    try:
        compiled: CodeType = compile(code, name, mode, dont_inherit=True, optimize=0)
    except Exception as error:
        return error
    return compiled


def limit_child(limits: Mapping[str, Any], *, processes: int | None) -> None:
    """Let the kernel end this process if nobody else does: the zygote watches the exact limit."""
    seconds = ceil(limits["cpu_seconds"]) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    if processes is not None:
        resource.setrlimit(resource.RLIMIT_NPROC, (processes, processes))


def limit_resources(limits: Mapping[str, Any]) -> None:
    """Let the kernel end what uses too much memory or file space; children inherit it."""
    memory, size = limits["memory_mb"] << 20, limits["max_output_bytes"] + 4096
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
