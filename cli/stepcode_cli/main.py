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
_ISOLATION = "namespaces, landlock or none; default: the strongest that works here."


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


@app.command("build-dataset")
def build_dataset(
    out: Annotated[
        str, typer.Option("--out", metavar="DIR", help="Folder of the dataset, or a URL.")
    ],
    recipe: Annotated[
        str, typer.Argument(metavar="RECIPE", help="A built-in recipe, or a .toml file.")
    ] = "bundled",
    source: Annotated[
        str | None, typer.Option(metavar="NAME", help="Where the programs come from.")
    ] = None,
    input_path: Annotated[
        str | None, typer.Option("--input", metavar="PATH", help="The source's file or folder.")
    ] = None,
    policy: Annotated[
        str | None, typer.Option(help="What is shown: fill (the default), strict or paper.")
    ] = None,
    one_text: Annotated[
        bool, typer.Option("--one-program-one-text", help="The same anchors for all calls.")
    ] = False,
    limit: Annotated[int | None, typer.Option(help="Read only so many input rows.")] = None,
    difficulty: Annotated[
        int | None, typer.Option(help="Of synthetic programs: 1 to 5; 0, all in turn.")
    ] = None,
    mutate: Annotated[
        int | None, typer.Option(metavar="N", help="Add up to N further calls of each program.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="What all choices start from.")] = None,
    cpu_seconds: Annotated[float | None, typer.Option(help="CPU time of one run.")] = None,
    memory_mb: Annotated[int | None, typer.Option(help="Memory of one run.")] = None,
    workers: Annotated[int | None, typer.Option(help="Processes; default: one a core.")] = None,
    isolation: Annotated[str | None, typer.Option(metavar="LEVEL", help=_ISOLATION)] = None,
    decontaminate: Annotated[
        list[str] | None,
        typer.Option(metavar="FILE", help="Reject this benchmark's programs; may be repeated."),
    ] = None,
    split: Annotated[
        float | None, typer.Option(metavar="SHARE", help="Share of programs to set aside as test.")
    ] = None,
    shard: Annotated[
        str | None, typer.Option(metavar="I/N", help="Build part I of N, from 0; see merge.")
    ] = None,
    engine: Annotated[str, typer.Option(help="Where workers run: local or ray.")] = "local",
    teacher_url: Annotated[
        str | None, typer.Option(metavar="URL", help="OpenAI-compatible server; writes reasons.")
    ] = None,
    teacher_model: Annotated[
        str | None, typer.Option(metavar="NAME", help="The model it is asked for.")
    ] = None,
    teacher_rate: Annotated[float, typer.Option(help="Questions a second, at most.")] = 10.0,
    teacher_seconds: Annotated[
        float, typer.Option(help="How long the teacher may take for one answer.")
    ] = 120.0,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Discard a dataset of ours that is there.")
    ] = False,
) -> None:
    """Turn programs and calls into a verified trace dataset.

    Every program runs with and without anchors; only rows that agree in every value are kept, and
    the others are written to rejected/ with their reason. Run again, an interrupted build goes on.

    
    Sources: bundled, jsonl, parquet, folder, hub, cruxeval, livecodebench, reval, humaneval, mbpp,
    synthetic
    
    Examples:
      stepcode build-dataset --out out/bundled
      stepcode build-dataset --source jsonl --input programs.jsonl --out out/mine
      stepcode build-dataset --source cruxeval --input cruxeval.jsonl --out out/cruxeval
      stepcode build-dataset --source synthetic --difficulty 3 --limit 1000 --out out/synthetic
      stepcode build-dataset --decontaminate cruxeval.jsonl --split 0.05 --out out/clean
      stepcode build-dataset my-recipe.toml --out out/mine --workers 8
      stepcode build-dataset --out out/bundled --teacher-url http://localhost:8000/v1 \\
        --teacher-model NAME
    """
    from stepcode_cli.build import build
    from stepcode_cli.isolation import read_isolation
    from stepcode_cli.teach import read_teacher

    overrides = {
        "source": source,
        "path": input_path,
        "policy": policy,
        "one_program_one_text": one_text or None,
        "limit": limit,
        "difficulty": difficulty,
        "mutate": mutate,
        "seed": seed,
        "cpu_seconds": cpu_seconds,
        "memory_mb": memory_mb,
        "decontaminate": tuple(decontaminate) if decontaminate else None,
        "split": split,
    }
    raise typer.Exit(
        build(
            recipe,
            out,
            workers=workers,
            isolation=read_isolation(isolation),
            overwrite=overwrite,
            shard=shard,
            engine=engine,
            teacher=read_teacher(
                teacher_url,
                teacher_model,
                per_second=teacher_rate,
                seconds=teacher_seconds,
                out=out,
                shard=shard,
            ),
            per_second=teacher_rate,
            overrides=overrides,
        )
    )


@app.command()
def merge(
    parts: Annotated[list[str], typer.Argument(metavar="DIR", help="All parts: folders or URLs.")],
    out: Annotated[
        str, typer.Option("--out", metavar="DIR", help="Folder of the dataset, or a URL.")
    ],
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Discard a dataset of ours that is there.")
    ] = False,
) -> None:
    """Make one dataset of the parts that build-dataset --shard has built.

    It has the bytes of a single build. The parts are left as they are, in any order.

    \b
    Examples:
      stepcode build-dataset --shard 0/2 --out parts/0
      stepcode build-dataset --shard 1/2 --out parts/1
      stepcode merge parts/* --out out/bundled
    """
    from stepcode_cli.build import merge as merge_parts

    raise typer.Exit(merge_parts(parts, out, overwrite=overwrite))


@app.command()
def trace(
    path: Annotated[str, typer.Argument(metavar="FILE", help="A Python file; - is stdin.")],
    call: Annotated[str, typer.Argument(metavar="CALL", help="The call to run: 'f([1, 2])'.")],
    policy: Annotated[str, typer.Option(help="What is shown: fill, strict or paper.")] = "strict",
    cpu_seconds: Annotated[float, typer.Option(help="CPU time of the run.")] = 5.0,
    memory_mb: Annotated[int, typer.Option(help="Memory of the run.")] = 1024,
    isolation: Annotated[str | None, typer.Option(metavar="LEVEL", help=_ISOLATION)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Run one call and show every step beside the code.

    The exit code is 1 if the call raises, does not end or is ended by a limit.

    
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


@app.command()
def show(
    directory: Annotated[str, typer.Argument(metavar="DIR", help="A dataset.")],
    row_id: Annotated[
        str, typer.Argument(metavar="ROW_ID", help="A row's id, or the start of it.")
    ] = "",
    sample: Annotated[bool, typer.Option("--sample", help="Show a row with 3 steps.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Show the statistics of a dataset, or one row with its trace beside the code.

    
    Examples:
      stepcode show out/bundled
      stepcode show out/bundled --sample
      stepcode show out/bundled 3f2a
    """
    from pathlib import Path

    from stepcode_cli.show import show as show_dataset

    show_dataset(Path(directory), row_id, sample=sample, as_json=as_json)


@app.command()
def export(
    directory: Annotated[str, typer.Argument(metavar="DIR", help="A dataset.")],
    form: Annotated[
        str, typer.Option("--format", metavar="NAME", help="trl-sft, trl-grpo, verl or chat.")
    ],
    output: Annotated[
        str,
        typer.Option("-o", "--output", metavar="PATH", help="A .jsonl or .parquet file."),
    ],
    reasons: Annotated[
        str, typer.Option(help="Between the steps of completions: none, narration or teacher.")
    ] = "none",
    split: Annotated[str, typer.Option(help="Which rows, where the dataset is split.")] = "train",
    allow_evaluation: Annotated[
        bool, typer.Option("--allow-evaluation", help="Write even a benchmark's rows.")
    ] = False,
) -> None:
    """Write a dataset as a training file for TRL, verl, or anything that reads chats.

    Every row gives two examples: to predict the output of the call, and a call that has the output.

    \b
    Examples:
      stepcode export out/mine --format trl-sft -o sft.jsonl --reasons narration
      stepcode export out/mine --format trl-grpo -o grpo.parquet
      stepcode export out/mine --format verl -o train.parquet
    """
    from stepcode_cli.export import export as write_export

    raise typer.Exit(
        write_export(
            directory,
            output,
            form=form,
            reasons=reasons,
            split=split,
            allow_evaluation=allow_evaluation,
        )
    )


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

    
    Examples:
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


if __name__ == "__main__":
    main()
