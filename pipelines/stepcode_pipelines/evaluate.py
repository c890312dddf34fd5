"""Evaluate: questions of a benchmark -> what a model says -> verdicts in the sandbox -> scores.

    OUT.json                      the evaluation
    OUT.completions.jsonl         what the model has said; run again, only what is missing is asked

What was said elsewhere is judged by `evaluate_generations`, and nothing is asked.
"""

import hashlib
import json
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from stepcode import __version__
from stepcode.dataset.folder import differences
from stepcode.dataset.manifest import NAME as MANIFEST
from stepcode.errors import DatasetError, MisuseError, StepcodeError
from stepcode.evaluate.benchmark import Benchmark, Prompting, Reading, Sampling, Sandboxing
from stepcode.evaluate.benchmarks import BenchmarkName, open_benchmark
from stepcode.evaluate.completions import Completion, open_completions
from stepcode.evaluate.evaluation import Evaluation
from stepcode.evaluate.extract import Extractor
from stepcode.evaluate.generations import Generations, read_generations
from stepcode.evaluate.models import OpenModel, Question, fingerprint
from stepcode.evaluate.scores import sum_up

_DRAWN = ("prompt", "anchors", "temperature", "max_tokens")
"""What the evaluation of completions that are there already can say of how they were drawn."""

OnProgress = Callable[[int, int], None]
"""Told how many completions there are, and how many there will be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is evaluated, and how; None leaves it to the benchmark."""

    benchmark: BenchmarkName
    data: str
    """A file, or a dataset's id on the Hub."""
    prompting: Prompting | None = None
    anchors: bool = False
    """Whether programs are shown with print anchors."""
    extractor: Extractor | None = None
    samples: int | None = None
    temperature: float | None = None
    max_tokens: int | None = None
    limit: int | None = None
    """Only the first rows."""

    def __post_init__(self) -> None:
        """Refuse numbers that nothing could come of."""
        for name in ("samples", "max_tokens", "limit"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise MisuseError(f"{name.replace('_', '-')} is {value}: expected 1 or more")
        if self.temperature is not None and not 0 <= self.temperature <= 2:
            raise MisuseError(f"temperature is {self.temperature}: expected 0 to 2")


def open_asked(asked: Asked) -> tuple[Benchmark, Sequence[str]]:
    """Read the benchmark, and say which of its rows are asked for."""
    benchmark = open_benchmark(asked.benchmark, asked.data)
    return benchmark, list(benchmark.ids)[: asked.limit]


def evaluate_generations(
    asked: Asked, benchmark: Benchmark, ids: Sequence[str], file: Path, sandboxing: Sandboxing
) -> Evaluation:
    """Score what is in a file.

    Answers are judged as they are; completions of `stepcode eval`, and what is said to be some by
    naming an extractor or a prompt, are read first.
    """
    found = read_generations(file, benchmark.ids, limit=asked.limit)
    samples = len(found.texts[ids[0]])
    if asked.samples is not None and asked.samples != samples:
        raise MisuseError(f"{file}: has {samples} generations of each row, not {asked.samples}")
    reading = _reading_of(asked, benchmark, file, found)
    judgement = benchmark.judge(found.texts, reading, sandboxing)
    drawn = {name: found.settings[name] for name in _DRAWN if name in found.settings}
    if reading is not None:
        drawn |= {"prompt": reading.prompting, "extractor": reading.extractor}
    said = {"generations": file.name, "generations_sha256": _sha256(file), "samples": samples}
    return sum_up(
        asked.benchmark,
        found.settings.get("model", file.name),
        benchmark,
        judgement,
        settings=_settings(asked, benchmark, len(ids), sandboxing) | drawn | said,
        completions=found.completions,
    )


def _reading_of(
    asked: Asked, benchmark: Benchmark, file: Path, found: Generations
) -> Reading | None:
    """Say how the texts of a file were asked for; None if they are answers already."""
    prompting = asked.prompting
    if found.completions is None:
        if prompting is None and asked.extractor is None:
            return None
    else:
        prompting = _prompting_there(asked, benchmark, file, found.settings)
    return Reading(prompting or benchmark.prompting, asked.extractor or benchmark.extractor)


def _prompting_there(
    asked: Asked, benchmark: Benchmark, file: Path, there: Mapping[str, Any]
) -> Prompting:
    """Say how completions were asked for, if it was about these questions. Any: JSON."""
    ours = {"benchmark": asked.benchmark.value, "data": _data_sha256(asked.data, benchmark)}
    other = next(differences({name: there.get(name) for name in ours}, ours), "")
    if other:
        raise DatasetError(f"{file}: holds completions of other questions: its {other}")
    prompting = Prompting(there["prompt"])
    if asked.prompting not in (None, prompting):
        raise MisuseError(f"{file}: was asked for with --prompt {prompting}: leave --prompt out")
    return prompting


def choose_sampling(asked: Asked, benchmark: Benchmark) -> Sampling:
    """Say how completions are drawn: as the benchmark does, but for what was asked otherwise."""
    own = benchmark.sampling(asked.prompting or benchmark.prompting)
    sampling = replace(
        own,
        temperature=own.temperature if asked.temperature is None else asked.temperature,
        samples=asked.samples or own.samples,
        max_tokens=asked.max_tokens or own.max_tokens,
    )
    if sampling.temperature == 0 and sampling.samples > 1:
        raise MisuseError(
            f"-n is {sampling.samples} at temperature 0, where all answers are the same: "
            "use -n 1, or a temperature above 0"
        )
    return sampling


def evaluate_model(
    asked: Asked,
    benchmark: Benchmark,
    ids: Sequence[str],
    name: str,
    sampling: Sampling,
    open_model: Callable[[Sampling], OpenModel],
    out: Path,
    sandboxing: Sandboxing,
    *,
    on_progress: OnProgress = lambda done, total: None,
) -> Evaluation:
    """Ask a model what it has not been asked yet, and score all it said."""
    prompting = asked.prompting or benchmark.prompting
    reading = Reading(prompting, asked.extractor or benchmark.extractor)
    drawn = {"temperature": sampling.temperature, "max_tokens": sampling.max_tokens}
    decisive = {
        "benchmark": asked.benchmark,
        "data": _data_sha256(asked.data, benchmark),
        "model": name,
        "weights": fingerprint(name),
        "prompt": prompting,
        "anchors": asked.anchors,
        **drawn,
    }
    with open_completions(completions_path(out), decisive) as completions:
        questions = [
            Question(
                row,
                benchmark.prompt(row, prompting, anchors=asked.anchors),
                sampling.samples,
                [n for n in range(sampling.samples) if (row, n) not in completions],
            )
            for row in ids
        ]
        total = len(ids) * sampling.samples
        done = total - sum(len(question.missing) for question in questions)
        on_progress(done, total)
        if done < total:
            with open_model(sampling) as model:
                for one in model.complete(questions):
                    completions.add(one)
                    done += 1
                    on_progress(done, total)
        said = {row: completions.of(row, sampling.samples) for row in ids}
    _refuse_refusals(name, said, completions_path(out))
    texts = {row: [one.text for one in ones] for row, ones in said.items()}
    judgement = benchmark.judge(texts, reading, sandboxing)
    settings = _settings(asked, benchmark, len(ids), sandboxing) | {
        "prompt": prompting,
        "anchors": asked.anchors,
        "extractor": reading.extractor,
        "samples": sampling.samples,
        "top_p": sampling.top_p,
        **drawn,
    }
    return sum_up(asked.benchmark, name, benchmark, judgement, settings=settings, completions=said)


def _refuse_refusals(name: str, said: Mapping[str, Sequence[Completion]], kept: Path) -> None:
    """Refuse to score a model that could read no question: its zero would say nothing of it."""
    every = [one for row in said.values() for one in row]
    if all(one.refused for one in every):
        raise StepcodeError(
            f"{name}: refused all {len(every)} questions, the first because {every[0].refused}; "
            f"remove {kept} to ask again"
        )


def completions_path(out: Path) -> Path:
    """Say where an evaluation keeps what a model has said."""
    return out.with_suffix(".completions.jsonl")


def _settings(
    asked: Asked, benchmark: Benchmark, rows: int, sandboxing: Sandboxing
) -> dict[str, Any]:  # Any: JSON
    return {
        "data": asked.data
        if "/" in asked.data and not Path(asked.data).exists()
        else Path(asked.data).name,
        "data_sha256": _data_sha256(asked.data, benchmark),
        "rows": rows,
        "isolation": sandboxing.isolation,
        "python": platform.python_version(),
        "stepcode": __version__,
    }


def _data_sha256(data: str, benchmark: Benchmark) -> str:
    """Of a file, of a dataset's manifest, or of all questions where the Hub's loader read them."""
    path = Path(data) / MANIFEST if Path(data).is_dir() else Path(data)
    if path.is_file():
        return _sha256(path)
    asked = ((row, repr(benchmark.truth(row))) for row in benchmark.ids)
    return hashlib.sha256(json.dumps(list(asked)).encode()).hexdigest()


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
