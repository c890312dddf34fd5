"""The command that shows evaluations to people."""

from typing import Annotated

import typer


def report(
    path: Annotated[
        str | None, typer.Argument(metavar="[PATH]", help="A file that eval wrote.")
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(
            "-o", "--output", metavar="FILE", help="A .html, .md or .json file; default: stdout."
        ),
    ] = None,
    compare: Annotated[
        tuple[str, str] | None,
        typer.Option(metavar="A B", help="Two evaluations of the same benchmark and data."),
    ] = None,
) -> None:
    """Show an evaluation as one self-contained page, or two of them side by side.

    The page needs no network. It has the scores with their intervals, step accuracy by position,
    and every row beside its truth, to be filtered and searched. A comparison says whether the
    difference could be chance, and shows the rows that differ.

    \b
    Examples:
      stepcode report eval.json -o report.html
      stepcode report eval.json                    Markdown to stdout
      stepcode report --compare before.json after.json -o compared.html
    """
    from stepcode_cli.report import report as write_report

    raise typer.Exit(write_report(path, output, compared=compare))
