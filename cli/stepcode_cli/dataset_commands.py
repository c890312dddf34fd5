"""The commands that make datasets, join and show them, and write what others train on."""

from typing import Annotated

import typer

from stepcode_cli.words import ISOLATION_HELP


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
    isolation: Annotated[str | None, typer.Option(metavar="LEVEL", help=ISOLATION_HELP)] = None,
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

    Sources: bundled, jsonl, parquet, folder, hub, cruxeval, livecodebench, reval, humaneval, mbpp,
    synthetic

    \b
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


def show(
    directory: Annotated[str, typer.Argument(metavar="DIR", help="A dataset.")],
    row_id: Annotated[
        str, typer.Argument(metavar="ROW_ID", help="A row's id, or the start of it.")
    ] = "",
    sample: Annotated[bool, typer.Option("--sample", help="Show a row with 3 steps.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Show the statistics of a dataset, or one row with its trace beside the code.

    \b
    Examples:
      stepcode show out/bundled
      stepcode show out/bundled --sample
      stepcode show out/bundled 3f2a
    """
    from pathlib import Path

    from stepcode_cli.show import show as show_dataset

    show_dataset(Path(directory), row_id, sample=sample, as_json=as_json)


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
