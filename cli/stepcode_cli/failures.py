"""How a failure is told: in one line on stderr; what nobody expected keeps its traceback."""

import errno
import os
import sys
from typing import Any, NoReturn

import typer
from typer.core import TyperGroup

from stepcode.errors import StepcodeError

_FAULTS_OF_THE_MACHINE = {
    errno.EACCES,
    errno.EDQUOT,
    errno.EEXIST,
    errno.EFBIG,
    errno.EIO,
    errno.EISDIR,
    errno.ELOOP,
    errno.EMFILE,
    errno.ENAMETOOLONG,
    errno.ENFILE,
    errno.ENOSPC,
    errno.ENOTDIR,
    errno.EPERM,
    errno.EROFS,
}


class OneLineFailures(TyperGroup):
    """Tells an expected failure in one line; anything else keeps its traceback."""

    def invoke(self, ctx: Any) -> Any:  # Any: typer's context class moved between its versions
        """Run the chosen command and write out all it printed."""
        if sys.stdout is None:
            _fail("standard output is closed", 1)
        try:
            return self._invoke_and_flush(ctx)
        except StepcodeError as error:
            _fail(str(error), error.exit_code)
        except KeyboardInterrupt:
            _fail("interrupted", 1)
        except OSError as error:
            _fail_from_the_machine(error)

    def _invoke_and_flush(self, ctx: Any) -> Any:  # Any: as above
        try:
            return super().invoke(ctx)
        finally:
            # A full disk or a closed pipe must show up here, not when the interpreter shuts down.
            sys.stdout.flush()


def _fail(message: str, exit_code: int) -> NoReturn:
    print(f"stepcode: {message}", file=sys.stderr)
    # Python remembers a Ctrl-C inside any exec(), such as a dataclass being made, and would die of
    # it in the end although it was handled; the next exec() makes it forget.
    exec("")
    raise typer.Exit(exit_code)


def _fail_from_the_machine(error: OSError) -> NoReturn:
    """Name the file that the machine would not read or write; raise anything else again."""
    if isinstance(error, BrokenPipeError):
        _abandon_stdout()
        raise typer.Exit(1)
    if error.errno not in _FAULTS_OF_THE_MACHINE:
        raise error
    if error.filename is None:
        _abandon_stdout()
    _fail(f"{error.filename or 'standard output'}: {error.strerror}", 1)


def _abandon_stdout() -> None:
    # What is still buffered would fail again when the interpreter flushes it on its way out.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
