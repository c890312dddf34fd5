"""The `stepcode` command: every word a user can type.

A command, here and in dataset_commands.py, only states its options; its body imports the flow and
calls it, so that `stepcode --help` loads nothing heavy. Results go to stdout, everything else to
stderr; exit codes are 0 done, 1 failed, 2 misused.
"""

from typing import Annotated

import typer

import stepcode
from stepcode_cli import dataset_commands, evaluate_commands, push_command, report_command
from stepcode_cli.failures import OneLineFailures
from stepcode_cli.words import ISOLATION_HELP

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
    """Verified execution traces for code models: anchor, run, build datasets, train, evaluate."""


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


app.command("build-dataset")(dataset_commands.build_dataset)
app.command()(dataset_commands.merge)


@app.command()
def trace(
    path: Annotated[str, typer.Argument(metavar="FILE", help="A Python file; - is stdin.")],
    call: Annotated[str, typer.Argument(metavar="CALL", help="The call to run: 'f([1, 2])'.")],
    policy: Annotated[str, typer.Option(help="What is shown: fill, strict or paper.")] = "strict",
    cpu_seconds: Annotated[float, typer.Option(help="CPU time of the run.")] = 5.0,
    memory_mb: Annotated[int, typer.Option(help="Memory of the run.")] = 1024,
    isolation: Annotated[str | None, typer.Option(metavar="LEVEL", help=ISOLATION_HELP)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Run one call and show every step beside the code.

    The exit code is 1 if the call raises, does not end or is ended by a limit.

    \b
    Examples:
      stepcode trace f.py 'f([1, 2])'
      stepcode trace f.py 'f([1, 2])' --policy paper --json
    """
    from stepcode_cli.isolation import read_isolation
    from stepcode_cli.trace import trace as show_trace
    from stepcode_pipelines.limits import choose_limits

    limits = choose_limits({"cpu_seconds": cpu_seconds, "memory_mb": memory_mb})
    level = read_isolation(isolation)
    raise typer.Exit(
        show_trace(path, call, policy=policy, limits=limits, isolation=level, as_json=as_json)
    )


app.command()(dataset_commands.show)
app.command()(dataset_commands.export)
app.command()(report_command.report)
app.command()(push_command.push)


@app.command()
def train(
    recipe: Annotated[
        str, typer.Argument(metavar="RECIPE", help="A built-in recipe, or a .toml file.")
    ],
    stage: Annotated[str, typer.Option(help="sft, grpo, or all: one after the other.")] = "all",
    out: Annotated[
        str | None, typer.Option("--out", metavar="DIR", help="Folder of the run and its models.")
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(metavar="PATH", help="A dataset, or a file that export wrote for TRL."),
    ] = None,
    model: Annotated[
        str | None, typer.Option(metavar="PATH", help="A model's folder, or its name on the Hub.")
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="SECTION.KEY=VALUE", help="Any value of a recipe; may be repeated."
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what memory and time it would need.")
    ] = False,
    allow_evaluation: Annotated[
        bool, typer.Option("--allow-evaluation", help="Train even on a benchmark.")
    ] = False,
) -> None:
    """Train a model on verified traces: SFT warm-up, then GRPO with credit for each step.

    Options of TRL and peft have their own names: sft.*, grpo.* and lora.*. Run again, a run that
    was ended goes on from its last checkpoint. Start it under torchrun or accelerate launch for
    many GPUs. Needs the extra: pip install 'stepcode[train]'

    Recipes: tiny (no GPU, no download), qwen2.5-coder-0.5b, qwen2.5-coder-7b, micro

    \b
    Examples:
      stepcode train tiny --data out/mine --out out/tiny
      stepcode train qwen2.5-coder-0.5b --data out/mine --out out/run
      stepcode train qwen2.5-coder-0.5b --data sft.jsonl --stage sft --out out/run
      stepcode train qwen2.5-coder-7b --dry-run
      stepcode train mine.toml --out out/run --set lora.r=16 --set grpo.learning_rate=1e-5
    """
    from stepcode_cli.train import train as train_model

    raise typer.Exit(
        train_model(
            recipe,
            stage=stage,
            out=out,
            data=data,
            model=model,
            settings=settings or [],
            dry_run=dry_run,
            allow_evaluation=allow_evaluation,
        )
    )


app.command("eval")(evaluate_commands.evaluate)


@app.command()
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Show how programs are isolated on this machine, and what each command still needs.

    The exit code is 0 if programs can be run isolated, else 1.
    """
    from stepcode_cli.doctor import doctor as show_report

    names = list(typer.main.get_group(app).commands)
    raise typer.Exit(show_report(names, as_json=as_json))


if __name__ == "__main__":
    main()
