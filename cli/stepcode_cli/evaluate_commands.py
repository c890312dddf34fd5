"""The command that scores models."""

from typing import Annotated

import typer

from stepcode_cli.words import ISOLATION_HELP


def evaluate(
    benchmark: Annotated[str, typer.Option(metavar="NAME", help="Which benchmark.")],
    data: Annotated[
        str, typer.Option(metavar="PATH", help="Its file, or a dataset's id on the Hub.")
    ],
    model: Annotated[
        str | None,
        typer.Option(metavar="PATH", help="A model's folder or name; with --base-url its name."),
    ] = None,
    base_url: Annotated[
        str | None, typer.Option(metavar="URL", help="Ask an OpenAI-compatible server.")
    ] = None,
    generations: Annotated[
        str | None, typer.Option(metavar="FILE", help="Score what is there, and ask nobody.")
    ] = None,
    prompt: Annotated[
        str | None, typer.Option(help="direct, cot, or steps: as stepcode trains.")
    ] = None,
    anchors: Annotated[
        bool, typer.Option("--anchors", help="Show programs with print anchors.")
    ] = False,
    extractor: Annotated[
        str | None,
        typer.Option(help="official or lenient; default: the benchmark's own, where it fits."),
    ] = None,
    samples: Annotated[
        int | None, typer.Option("-n", help="Answers to each question; default: the benchmark's.")
    ] = None,
    temperature: Annotated[float | None, typer.Option(help="Default: the benchmark's.")] = None,
    max_tokens: Annotated[int | None, typer.Option(help="Longest completion.")] = None,
    limit: Annotated[int | None, typer.Option(help="Only the first rows.")] = None,
    concurrency: Annotated[int, typer.Option(help="Questions to a server at a time.")] = 16,
    batch: Annotated[int, typer.Option(help="Questions to a local model at a time.")] = 32,
    workers: Annotated[int | None, typer.Option(help="Processes; default: one a core.")] = None,
    isolation: Annotated[str | None, typer.Option(metavar="LEVEL", help=ISOLATION_HELP)] = None,
    output: Annotated[
        str | None, typer.Option("-o", "--output", metavar="FILE", help="The evaluation, JSON.")
    ] = None,
) -> None:
    """Score a model on a benchmark, to the boolean as the benchmark's own harness does.

    Answers run in the sandbox, never here. What a model says is kept beside the evaluation, so the
    same command goes on where it was ended. A key for a server is read from STEPCODE_API_KEY.

    A file of generations in a benchmark's own form holds answers that were found already and is
    scored as it is. The extractor reads what stepcode eval has kept, *.completions.jsonl, and other
    files where --extractor is given.

    Benchmarks: cruxeval-output, cruxeval-input, livecodebench-exec, reval, humaneval, mbpp; steps,
    on a dataset of build-dataset

    \b
    Examples:
      stepcode eval --benchmark cruxeval-output --data cruxeval.jsonl --generations said.json
      stepcode eval --benchmark cruxeval-output --data cruxeval.jsonl --model out/run/grpo \\
        --prompt steps -n 1 --temperature 0 -o out/crux.json
      stepcode eval --benchmark cruxeval-output --data cruxeval.jsonl --extractor lenient \\
        --generations out/crux.completions.jsonl
      stepcode eval --benchmark livecodebench-exec --data livecodebench/execution-v2 \\
        --base-url http://localhost:8000/v1 --model NAME --prompt cot
    """
    from stepcode_cli.evaluate import evaluate as run

    raise typer.Exit(
        run(
            benchmark=benchmark,
            data=data,
            model=model,
            base_url=base_url,
            generations=generations,
            prompt=prompt,
            anchors=anchors,
            extractor=extractor,
            samples=samples,
            temperature=temperature,
            max_tokens=max_tokens,
            limit=limit,
            concurrency=concurrency,
            batch=batch,
            workers=workers,
            isolation=isolation,
            output=output,
        )
    )
