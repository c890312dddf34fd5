"""The command that shows evaluations, datasets and training runs to people."""

from typing import Annotated

import typer


def report(
    path: Annotated[
        str | None, typer.Argument(metavar="[PATH]", help="What eval wrote, a dataset, or a run.")
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
    """Show an evaluation, a dataset or a training run as one self-contained page.

    The page needs no network. Of an evaluation it has the scores with their intervals, step
    accuracy by position, and every row beside its truth, to be filtered and searched. A comparison
    of two says whether the difference could be chance, and shows the rows that differ.

    \b
    Examples:
      stepcode report eval.json -o report.html
      stepcode report eval.json                    Markdown to stdout
      stepcode report out/mine -o dataset.html
      stepcode report --compare before.json after.json -o compared.html
    """
    from stepcode_cli.report import report as write_report

    raise typer.Exit(write_report(path, output, compared=compare))
