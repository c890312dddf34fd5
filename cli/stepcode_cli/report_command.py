"""The command that shows evaluations, datasets and training runs to people."""

from typing import Annotated

import typer


def report(
    path: Annotated[
        str | None,
        typer.Argument(
            metavar="[PATH]", help="What eval wrote, or the folder of a dataset or of training."
        ),
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
    """Show an evaluation, a dataset or training runs as one self-contained page.

    The page needs no network. A dataset's has the distributions of steps, kinds of anchors,
    outcomes, reasons and difficulty, and a sample of rows with each step at its line. Training has
    curves: of one run, or of several with intervals over their seeds. An evaluation's has the
    scores with intervals and every row beside its truth; a comparison of two says whether the
    difference could be chance, and shows the rows that differ.

    \b
    PATH may be:
      eval.json    a file that `stepcode eval -o` wrote
      out/mine     a dataset, as build-dataset and merge write it
      out/run      the --out of `stepcode train`, also while it goes on
      out/runs     a folder of such runs, those that differ in seeds taken together
      out/micro    the --out of `stepcode train micro`

    \b
    Examples:
      stepcode report out/mine -o dataset.html
      stepcode report out/run -o run.html
      stepcode report out/runs -o seeds.html
      stepcode report out/micro -o micro.html
      stepcode report eval.json -o eval.html
      stepcode report eval.json                    Markdown to stdout
      stepcode report --compare before.json after.json -o compared.html
    """
    from stepcode_cli.report import report as write_report

    raise typer.Exit(write_report(path, output, compared=compare))
