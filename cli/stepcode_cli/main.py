"""The `stepcode` command: every word a user can type, and how a failure is told.

A command here only states its options; its body imports the flow and calls it, so that
`stepcode --help` loads nothing heavy. Results go to stdout, everything else to stderr; exit codes
are 0 done, 1 failed, 2 misused.
"""

import errno
import os
import sys
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

import stepcode
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


app = typer.Typer(
    cls=OneLineFailures,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def main() -> None:
    """Run the command line."""
    app(prog_name="stepcode")


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"stepcode {stepcode.__version__}")
        raise typer.Exit


@app.callback()
def describe(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version.", callback=_show_version)
    ] = False,
) -> None:
    """Verified execution traces for code models: anchor, execute, build datasets, train."""


@app.command()
def anchor(
    paths: Annotated[
        list[str], typer.Argument(metavar="PATH", help="Files or folders; - is stdin.")
    ],
    output: Annotated[
        str | None, typer.Option("-o", "--output", metavar="DIR", help="Write below this folder.")
    ] = None,
    in_place: Annotated[bool, typer.Option("--in-place", help="Rewrite the files.")] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Show changes, write nothing.")] = False,
    policy: Annotated[str, typer.Option(help="What is shown: paper or strict.")] = "strict",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    strip: Annotated[bool, typer.Option("--strip", help="Undo: read JSON lines.")] = False,
) -> None:
    """Put print anchors into Python files, or take them out again.

    Folders are searched for .py files. A file that cannot be anchored without changing its meaning
    is refused with its reason; the others go on, and the exit code is 1.

    \b
    Examples:
      stepcode anchor f.py                    anchored code to stdout
      stepcode anchor src -o anchored         the whole tree, into another folder
      stepcode anchor src --diff              what would change
      stepcode anchor --json f.py > f.jsonl   with the anchors and the edits that undo them
      stepcode anchor --strip f.jsonl         the original bytes of each line
    """
    from stepcode_cli.anchor import anchor_paths, choose_form
    from stepcode_cli.strip import strip_paths

    form = choose_form(
        folder=output is not None, in_place=in_place, diff=diff, as_json=as_json, strip=strip
    )
    if strip:
        raise typer.Exit(strip_paths(paths))
    raise typer.Exit(anchor_paths(paths, form=form, policy=policy, output=output))


def _fail(message: str, exit_code: int) -> NoReturn:
    print(f"stepcode: {message}", file=sys.stderr)
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


if __name__ == "__main__":
    main()
