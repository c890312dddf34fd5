"""What shares a process with the program: it runs it, records its steps and writes how it ended.

No name leads from the program to any of this. seal.py puts a constant in the place of each name
below that is not local, and the functions get a dictionary of globals that holds nothing of it, so
a program that walks the frames under its own finds neither the trace nor anything whose patching
would matter.

Three things could still lead here, and are guarded by `guard`, an audit hook that ends the run as
tampered: asking for the code of a frame or function of this file, asking the garbage collector for
its objects, and following the interpreter step by step. What ends up in the constants of the
program's own code, the recorders, the program may well have: they are wrapped in C callables that
show nothing and work only where they stand, see `show`.

Standard library only; names in capitals are explained where child.py supplies them.
"""

from __future__ import annotations  # names of types that are there for mypy alone

from types import CodeType
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from stepcode.execute.child import *  # noqa: F403

# ruff: noqa: F405
# `TYPE(x) is STR` tells mypy nothing, and `isinstance` could be fooled by a program's class.
# mypy: disable-error-code="arg-type, attr-defined, comparison-overlap, misc, operator, union-attr"


def show(value: object) -> object:
    """Show a value now, as the anchor's f-string would; `commit` makes it a step.

    An anchor is `commit(show(value))`. Each has a copy of both, which work only where they stand.
    Whatever else gets there by a signal or a finalizer, holding both, comes after this call or
    after the other: then what is committed is not what was shown last.
    """
    if not VISITS.left:
        return None  # seen often enough: nothing is recorded any more, whoever calls
    frame = GETFRAME(1)
    if frame.f_lasti not in PLACES or frame.f_code is not HOME.code:
        finish(TAMPERED, b"a recorder was called by the program")
    if HOME.run != STATE[RUN]:
        return None  # left over from a run that has ended
    try:
        text = REPR(value) if CONVERSION == "!r" else value
        if TYPE(text) is not STR:
            text = FORMAT(text, "")
        shown = STR.encode(text)
        if HOME.most:
            shown = shown[:SAMPLE_BYTES]
    except EXCEPTION:  # a value that cannot be shown is data
        shown = None
    ticket = OBJECT()
    STAGED[ID(frame)] = (ticket, shown)
    return ticket


def commit(ticket: object) -> None:
    """Write the value that was shown last in this frame, which has to be that of the ticket."""
    if not VISITS.left:
        return
    frame = GETFRAME(1)
    if frame.f_lasti not in PLACES or frame.f_code is not HOME.code:
        finish(TAMPERED, b"a recorder was called by the program")
    if HOME.run != STATE[RUN]:
        return
    VISITS.left -= 1
    staged = STAGED.pop(ID(frame), None)
    if staged is None or staged[0] is not ticket:
        finish(TAMPERED, b"a recorder was called by the program")
    shown = staged[1]
    left = STATE[STEPS_LEFT] - 1
    STATE[STEPS_LEFT] = left
    if left < 0:
        finish(TOO_MANY, b"")
    if shown is None:
        append(HOME.run, ANCHOR, NO_TEXT, b"")
        return
    size = LEN(shown)
    left = STATE[BYTES_LEFT] - size
    STATE[BYTES_LEFT] = left
    if left < 0:
        finish(TOO_LONG, b"")
    append(HOME.run, ANCHOR, size, shown)


def append(run: int, kind: int, size: int, text: bytes) -> None:
    """Write one record; the header comes last, so that a killed run leaves no broken one.

    Room is taken between two statements without a call, where neither another thread, nor a
    signal, nor the garbage collector can get in; and only if it is still the run that it was.
    """
    try:
        if GETPID() != STATE[OWNER]:
            return  # a process that the program forked: the trace, which it lacks, is its parent's
        header = PACK(kind, size)
        need = HEADER_BYTES + LEN(text)
        if run != STATE[RUN]:
            return
        start = STATE[POSITION]
        after = start + need
        STATE[POSITION] = after
        if after > CAPACITY:
            leave(70)
        VIEW[start + HEADER_BYTES : after] = text
        VIEW[start : start + HEADER_BYTES] = header
    except RECURSION_ERROR:
        raise
    except BASE_EXCEPTION:  # a signal handler raised, or memory is out: a trace with a hole is none
        leave(70)


def finish(kind: int, text: bytes) -> NoReturn:
    """Write how the run ended and leave the process."""
    if kind == RETURNED and LEN(text) > STATE[BYTES_LEFT]:
        kind, text = TOO_LONG, b""
    append(STATE[RUN], kind, LEN(text), text)
    leave(0)


def leave(code: int) -> NoReturn:
    """End this process whatever the program did to it."""
    try:
        EXIT(code)
    finally:
        KILL(GETPID(), 9)


def guard(event: str, arguments: tuple[Any, ...]) -> None:
    """End the run where a program reaches for what records it; the audit hook of every process."""
    if event not in WATCHED or not STATE[ARMED]:
        return
    if event == "object.__getattr__":
        if arguments[1] in CODE_NAMES:
            check_owner(arguments[0])
    elif event == "import":
        check_import(arguments[0], arguments[1])
    elif event == "marshal.loads":
        check_bytecode(arguments[0], GETFRAME(1).f_locals)
    elif event == "os.putenv":
        if arguments[0].startswith(REFUSED_VARIABLES):
            raise OS_ERROR("this variable has libraries load code, and cannot be set here")
    else:
        finish(TAMPERED, STR.encode(event))


def check_owner(owner: object) -> None:
    """End the run where the code of the harness is asked for; the program's own shows nothing."""
    if TYPE(owner) is FRAME_TYPE and owner.f_globals is GUARDED:
        finish(TAMPERED, b"asked for the code of what records it")
    if TYPE(owner) is FUNCTION_TYPE and owner.__globals__ is GUARDED:
        finish(TAMPERED, b"asked for the code of what records it")


def check_import(name: object, path: object) -> None:
    """Refuse modules that read and write memory, and machine code that is not Python's own."""
    if TYPE(name) is not STR or is_refused(name.rpartition(".")[2], name):
        raise IMPORT_ERROR("this module is not available to programs that are being recorded")
    if path is None:
        return
    if TYPE(path) is not STR or ".." in path or not path.startswith(MACHINE_CODE):
        raise IMPORT_ERROR("machine code can be loaded from Python's own folders only")
    file = path.rpartition("/")[2].partition(".")[0]
    if is_refused(file, file):
        raise IMPORT_ERROR("this module is not available to programs that are being recorded")


def is_refused(name: str, whole: str) -> bool:
    """Whether a module reads and writes memory; `whole` is the name with the packages it is in."""
    return name in REFUSED_MODULES or whole.startswith(REFUSED_PREFIXES)


def check_bytecode(data: bytes, importer: dict[str, Any]) -> None:
    """Allow bytecode only if a file of Python's own folders, or Python itself, holds just this."""
    if STATE[FROZEN] is not None:
        frozen = FIND_FROZEN(STATE[FROZEN], withdata=True)
        if frozen is not None and frozen[0] == data:
            return
    path = importer.get("bytecode_path")
    if TYPE(path) is STR and ".." not in path and path.startswith(TRUSTED):
        try:
            file = OPEN(path, O_RDONLY)
            genuine = READ(file, LEN(data) + 17)
            CLOSE(file)
        except OS_ERROR:
            genuine = b""
        if genuine[16:] == data:
            return
    finish(TAMPERED, b"loaded bytecode of its own")


def get_frozen_object(name: str) -> CodeType:
    """Take the place of `_imp`'s, which also makes code of any bytes that it is given."""
    if TYPE(name) is STR:  # from Python 3.13 on this is an event like that of any other bytecode
        STATE[FROZEN] = name
    return GET_FROZEN_OBJECT(name)


def create_builtin(spec: Any) -> Any:  # Any: whatever says that it is the specification of a module
    """Take the place of `_imp`'s, which also makes what was refused or replaced."""
    name = "".join((spec.name,))
    if is_refused(name, name):
        raise IMPORT_ERROR("this module is not available to programs that are being recorded")
    return CREATE_BUILTIN(SPEC(name=name, loader=None))  # what was checked, whatever it says later


def begin(frame: bytes) -> range:
    """Read the job, put the recorders in their places, and arm the guard; once in a process.

    Returns one item for each run that another one follows.
    """
    if STATE[BEGUN]:
        finish(TAMPERED, b"called what runs it")
    STATE[BEGUN] = GETFRAME(1)
    STATE[OWNER] = GETPID()
    KEEP_FROM_FORKS()
    STATE[RUN] = 1
    start_run()
    STATE[WAITING] = PREPARE(frame)
    STATE[ARMED] = IS_GUARDED
    return RANGE(LEN(STATE[WAITING]) // 2 - 1)


def next_code() -> CodeType:
    """Take the code that comes next: a module's, then its call's, then those of the next run."""
    code = STATE[WAITING].pop(0)
    if TYPE(code) is not CODE_TYPE:  # the error of the compiler
        raise code
    return code  # type: ignore[no-any-return]  # `TYPE(x) is` tells mypy nothing


def start_run() -> None:
    """Give a run its full limits."""
    STATE[BYTES_LEFT] = MAX_BYTES
    STATE[STEPS_LEFT] = MAX_STEPS


def next_run(text: bytes, flushed: bool) -> None:
    """Write what a run returned, and begin the trace of the next."""
    if GETFRAME(1) is not STATE[BEGUN]:
        finish(TAMPERED, b"called what ends a run")
    STATE[RUN] += 1  # from here on nothing that is left of the run that ended records a step
    sizes = stream_sizes()
    if LEN(sizes) != STREAMS:
        finish(RETURNED, text)  # where the prints of the next begin could not be told
    if LEN(text) > STATE[BYTES_LEFT] or MAX(sizes) > MAX_BYTES:
        finish(TOO_LONG, b"")
    text = b"%d\n" % sizes[0] + text
    append(STATE[RUN], NEXT_RUN, LEN(text), text)
    start_run()


def end(kind: int, text: bytes, flushed: bool) -> NoReturn:
    """Finish, if it is the one that began who says so."""
    if GETFRAME(1) is not STATE[BEGUN]:
        finish(TAMPERED, b"called what ends a run")
    finish(kind, text)


def stream_sizes() -> list[int]:
    """How much is in the standard output and error; fewer than two if the program moved one."""
    sizes: list[int] = []
    for stream, identity in STREAM_FILES:
        try:
            file = FSTAT(stream)
        except OS_ERROR:
            return sizes
        if (file.st_dev, file.st_ino) == identity:
            sizes.append(file.st_size)
    return sizes


def run_job(frame: bytes) -> NoReturn:
    """Run the programs of a frame, each if the one before returned, and write the end.

    What this function's constants hold works only here, and asking for its code ends the run. What
    a program must not see or change is never in a variable while any code of the program's runs: a
    frame shows its variables.
    """
    try:
        for _ in BEGIN(frame):
            NEXT_RUN_OF_TWO(STR.encode(RUN_PROGRAM()), FLUSH_ALL())
        END(RETURNED, STR.encode(RUN_PROGRAM()), FLUSH_ALL())
    except MEMORY_ERROR as error:
        END(NO_MEMORY, DESCRIBE(error), FLUSH_ALL())
    except BASE_EXCEPTION as error:
        END(FAILED, DESCRIBE(error), FLUSH_ALL())


def run_program() -> str:
    """Execute the code as a fresh module, evaluate the call in it, and show the value."""
    SYS.stdout, SYS.stderr = STDOUT, STDERR
    module = MODULE_TYPE("program")
    names = VARS(module)
    names["__builtins__"] = BUILTINS
    # Dataclasses and pickle look their module up; the zygote must not be found as `__main__`.
    MODULES["program"] = MODULES["__main__"] = module
    EXEC(NEXT_CODE(), names)
    return REPR(EVAL(NEXT_CODE(), names))


def describe(error: BaseException) -> bytes:
    """Write an exception as `Type: message`."""
    name = message = ""
    try:
        name = "".join((TYPE(error).__name__,))[:MESSAGE_CHARACTERS]
        message = "".join((STR(error),))
    except BASE_EXCEPTION:  # its own __str__ raises
        message = "the message cannot be shown"
    if LEN(message) > MESSAGE_CHARACTERS:
        message = message[: MESSAGE_CHARACTERS - 1] + "\u2026"
    text = f"{name}: {message}" if message else name
    return STR.encode(text, "utf-8", "backslashreplace")


def flush_all() -> bool:
    """Write out what the streams hold, and those that a program whose run is over put instead.

    Returns something, so that it can stand behind what must be shown first.
    """
    for stream in (STDOUT, STDERR, GETATTR(SYS, "stdout", None), GETATTR(SYS, "stderr", None)):
        try:
            stream.flush()
        except BASE_EXCEPTION:  # closed, or not a stream
            continue
    return True
