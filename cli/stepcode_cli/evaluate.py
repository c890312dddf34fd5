"""`stepcode eval`: ask or read, score in the sandbox, and say how good and how sure that is."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from stepcode.errors import EndpointError, MissingExtraError, MisuseError, StepcodeError
from stepcode_cli.isolation import read_isolation, settle_isolation
from stepcode_cli.quiet import quiet, quiet_hub
from stepcode_cli.teach import KEY
from stepcode_cli.words import read_word

if TYPE_CHECKING:
    from stepcode.evaluate.benchmark import Sampling, Sandboxing
    from stepcode.evaluate.evaluation import Evaluation
    from stepcode.evaluate.models import OpenModel
    from stepcode_pipelines.evaluate import Asked

OnProgress = Callable[[int, int], None]


def evaluate(
    *,
    benchmark: str,
    data: str,
    model: str | None,
    base_url: str | None,
    generations: str | None,
    prompt: str | None,
    anchors: bool,
    extractor: str | None,
    samples: int | None,
    temperature: float | None,
    max_tokens: int | None,
    limit: int | None,
    concurrency: int,
    batch: int,
    workers: int | None,
    isolation: str | None,
    output: str | None,
) -> int:
    """Evaluate and print the scores; returns the exit code."""
    quiet_hub()
    from stepcode.evaluate.benchmark import Prompting, Sandboxing
    from stepcode.evaluate.benchmarks import BenchmarkName
    from stepcode.evaluate.evaluation import write_evaluation
    from stepcode.evaluate.extract import Extractor
    from stepcode_pipelines.engines import local_cores
    from stepcode_pipelines.evaluate import Asked

    asked = Asked(
        benchmark=read_word("--benchmark", benchmark, BenchmarkName),
        data=data,
        prompting=None if prompt is None else read_word("--prompt", prompt, Prompting),
        anchors=anchors,
        extractor=None if extractor is None else read_word("--extractor", extractor, Extractor),
        samples=samples,
        temperature=temperature,
        max_tokens=max_tokens,
        limit=limit,
    )
    for option, number in (("concurrency", concurrency), ("batch", batch), ("workers", workers)):
        if number is not None and number < 1:
            raise MisuseError(f"--{option} is {number}: expected 1 or more")
    _require_one_source(model, base_url, generations)
    sandboxing = Sandboxing(settle_isolation(read_isolation(isolation)), workers or local_cores())
    if generations is not None:
        found = _score_file(asked, Path(generations), sandboxing)
    else:
        out = Path(output or f"out/{asked.benchmark}-{Path(model or '').name}.json")
        opening = _opener(model or "", base_url, concurrency=concurrency, batch=batch)
        found = _ask(asked, model or "", opening, out, sandboxing)
        output = str(out)
    if output is not None:
        write_evaluation(Path(output), found)
    print(describe(found))
    _warn_of_silence(found)
    if output is not None:
        print(f"{output}: written", file=sys.stderr)
    return 0


def describe(evaluation: "Evaluation") -> str:
    """Say in a few lines how good the model is, how sure that is, and what went wrong."""
    rows, counts = len(evaluation.scores), dict(evaluation.counts)
    total = sum(len(row["completions"]) for row in evaluation.rows)
    lines = [f"{evaluation.benchmark}  {evaluation.model}  {rows} rows, {total} answers"]
    width = max(map(len, evaluation.metrics), default=0)
    for name, value in evaluation.metrics.items():
        between = evaluation.intervals.get(name)
        sure = f"   95 % {between.low:.2f} to {between.high:.2f}" if between else ""
        others = [
            f"   {baseline} {numbers[name]:.2f}"
            for baseline, numbers in evaluation.baselines.items()
            if name in numbers
        ]
        lines.append(f"  {name:<{width}}  {value:6.2f}{sure}{''.join(others)}")
    lost = counts.pop("not_extracted", 0)
    lines.append(f"  no answer found in {100 * lost / max(1, total):.1f} % of completions")
    lines.append("  " + ", ".join(f"{name} {number}" for name, number in counts.items()))
    return "\n".join(lines)


def _score_file(asked: "Asked", file: Path, sandboxing: "Sandboxing") -> "Evaluation":
    from stepcode_pipelines.evaluate import evaluate_generations, open_asked

    benchmark, ids = open_asked(asked)
    _warn_of_rows(asked, benchmark.rows_published, len(benchmark.ids))
    return evaluate_generations(asked, benchmark, ids, file, sandboxing)


def _ask(
    asked: "Asked",
    name: str,
    opening: "Callable[[Sampling], OpenModel]",
    out: Path,
    sandboxing: "Sandboxing",
) -> "Evaluation":
    from stepcode_pipelines.evaluate import (
        choose_sampling,
        completions_path,
        evaluate_model,
        open_asked,
    )

    benchmark, ids = open_asked(asked)
    _warn_of_rows(asked, benchmark.rows_published, len(benchmark.ids))
    sampling = choose_sampling(asked, benchmark)
    try:
        with _progress() as on_progress:
            return evaluate_model(
                asked,
                benchmark,
                ids,
                name,
                sampling,
                opening,
                out,
                sandboxing,
                on_progress=on_progress,
            )
    except EndpointError as error:
        raise EndpointError(f"{error}; {_go_on(completions_path(out))}") from error
    except KeyboardInterrupt:
        raise StepcodeError(f"interrupted; {_go_on(completions_path(out))}") from None


def _go_on(kept: Path) -> str:
    if kept.exists():
        return f"what was said is in {kept}; run the same command to go on"
    return "nothing was said yet; run the same command to try again"


def _require_one_source(model: str | None, base_url: str | None, generations: str | None) -> None:
    if generations is not None and (model is not None or base_url is not None):
        raise MisuseError("--generations is scored as it is: leave out --model and --base-url")
    if generations is None and model is None:
        raise MisuseError(
            "nothing to evaluate: give --model PATH, --base-url URL with --model NAME, or "
            "--generations FILE"
        )


def _opener(
    model: str, base_url: str | None, *, concurrency: int, batch: int
) -> "Callable[[Sampling], OpenModel]":
    """Say how the model is opened once it is known how it is asked."""
    if base_url is not None:
        from stepcode.evaluate.models.served import serve_model
        from stepcode.reason.endpoint import Endpoint

        endpoint = Endpoint(base_url, model, key=os.environ.get(KEY, ""), seconds=600.0)
        return lambda sampling: serve_model(endpoint, sampling, concurrency=concurrency)
    for needed in ("torch", "transformers"):
        if find_spec(needed) is None:
            raise MissingExtraError(
                f"stepcode eval --model needs {needed}: pip install 'stepcode[train]'; or serve "
                "the model elsewhere and give its --base-url"
            )
    quiet()
    if find_spec("vllm") is not None and _has_gpu():
        from stepcode.evaluate.models.vllm import load_vllm_model

        return lambda sampling: load_vllm_model(model, sampling)
    from stepcode.evaluate.models.local import load_local_model

    return lambda sampling: load_local_model(model, sampling, batch=batch)


def _has_gpu() -> bool:
    import torch

    return bool(torch.cuda.is_available())


def _warn_of_rows(asked: "Asked", published: int, there: int) -> None:
    if published and there != published and asked.limit is None:
        print(
            f"stepcode: warning: {asked.data} has {there} rows and the published benchmark "
            f"{published}: the scores are not comparable",
            file=sys.stderr,
        )


def _warn_of_silence(found: "Evaluation") -> None:
    said = [one["text"] for row in found.rows for one in row["completions"] if "text" in one]
    if said and not any(text.strip() for text in said):
        silent = f"none of {len(said)} completions has any text: the scores say nothing"
        print(f"stepcode: warning: {silent} of what {found.model} knows", file=sys.stderr)


@contextmanager
def _progress() -> Iterator[OnProgress]:
    """Show how far the asking is on stderr, if that is a terminal."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("completions", total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)
