"""What a training run reads: a dataset of ours, or a file that `stepcode export` wrote.

    set = read_training_set(Path("out/mine"), ExportFormat.TRL_SFT, reasons=Reasons.NARRATION)
    set.to_dataset()                                              # columns id, prompt, completion

The columns are those of the export, and `id` names each example. Everything is in memory: a hundred
thousand examples are a few hundred megabytes.
"""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
from datasets import Dataset

from stepcode.dataset.examples import to_record
from stepcode.dataset.export import (
    SCHEMAS,
    Counts,
    ExportFormat,
    Reasons,
    completed_examples,
    refuse_evaluation,
    why_empty,
)
from stepcode.dataset.frames import Record
from stepcode.dataset.manifest import NAME, read_manifest, require_unchanged
from stepcode.dataset.read import split_shards
from stepcode.errors import DatasetError, MisuseError, SourceError
from stepcode.reason import render_prompt
from stepcode.source.recognize import recognize_benchmark
from stepcode.types import Example, TaskKind

_BOTH = tuple(TaskKind)


@dataclass(frozen=True, slots=True)
class TrainingSet:
    """Examples in the form that a trainer takes."""

    frame: pl.DataFrame
    sha256: str
    """Of what it was read from."""
    left_out: int = 0
    """Examples without a completion."""
    origin: Mapping[str, Any] = field(default_factory=dict)
    """Of a dataset: its rows by source and licence, and whether it is for evaluation only."""

    def to_dataset(self) -> Dataset:
        """Hand the examples to a trainer."""
        return Dataset.from_polars(self.frame)


def read_training_set(
    path: Path,
    form: ExportFormat,
    *,
    split: str = "train",
    reasons: Reasons = Reasons.NONE,
    kinds: Collection[TaskKind] = _BOTH,
    allow_evaluation: bool = False,
) -> TrainingSet:
    """Read examples for SFT (`trl-sft`) or GRPO (`trl-grpo`), all of which must be whole.

    `split` and `reasons` are of datasets; a file has its completions and no splits. Raises
    DatasetError for a benchmark, for what has no steps, and for what is neither dataset nor export.
    """
    if path.is_dir():
        found = _read_folder(
            path,
            form,
            split=split,
            reasons=reasons,
            kinds=kinds,
            allow_evaluation=allow_evaluation,
        )
    else:
        found = _read_file(path, form, kinds)
    if not _has_steps(found.frame, form):
        hint = "training needs programs with anchors: build-dataset makes such a dataset"
        raise DatasetError(f"{path}: none of its {found.frame.height} examples has a step; {hint}")
    return found


def _read_folder(
    directory: Path,
    form: ExportFormat,
    *,
    split: str,
    reasons: Reasons,
    kinds: Collection[TaskKind],
    allow_evaluation: bool,
) -> TrainingSet:
    manifest = read_manifest(directory)
    if not allow_evaluation:
        refuse_evaluation(directory, manifest)
    if not manifest.rows["kept"]:
        raise DatasetError(f"{directory}: no row was kept, so there are no steps to train on")
    shards = split_shards(directory, manifest, split)
    for shard in manifest.shards:
        if directory / shard.path in shards:
            require_unchanged(directory, shard)
    counts = Counts()
    wanted = reasons if form.has_completions else None
    records = [
        _record(form, example, completion)
        for _, example, completion in completed_examples(shards, wanted, counts, kinds=kinds)
    ]
    if not records:
        raise DatasetError(f"{directory}: {why_empty(reasons, counts)}")
    digest = hashlib.sha256((directory / NAME).read_bytes()).hexdigest()
    origin = {
        "sources": dict(manifest.sources),
        "licenses": dict(manifest.licenses),
        "evaluation_only": manifest.evaluation_only,
    }
    return TrainingSet(pl.DataFrame(records, _schema(form)), digest, counts.left_out, origin)


def _record(form: ExportFormat, example: Example, completion: str) -> Record:
    prompt = render_prompt(example)
    if form is ExportFormat.TRL_GRPO:
        return {"prompt": prompt} | to_record(example)
    answer = [{"role": "assistant", "content": completion}]
    return {"id": example.id, "prompt": prompt, "completion": answer}


def _schema(form: ExportFormat) -> pl.Schema:
    schema = SCHEMAS[form]
    return schema if "id" in schema else pl.Schema({"id": pl.String()} | dict(schema))


def _read_file(path: Path, form: ExportFormat, kinds: Collection[TaskKind]) -> TrainingSet:
    if path.suffix not in (".jsonl", ".parquet"):
        what = "no such file or folder" if not path.exists() else "is no training file"
        raise DatasetError(f"{path}: {what}; expected a dataset's folder, or .jsonl or .parquet")
    _refuse_other_columns(path, form, _columns(path))
    frame = _read_frame(path, form)
    if form is ExportFormat.TRL_GRPO:
        frame = frame.filter(pl.col("kind").is_in([kind.value for kind in kinds]))
    elif set(kinds) != set(_BOTH):
        raise MisuseError(f"{path}: a {form} file does not say kinds; name the dataset it is of")
    else:
        # Its examples are numbered, for want of ids.
        numbers = pl.int_range(frame.height).cast(pl.String)
        frame = frame.select(numbers.alias("id"), *SCHEMAS[form])
    if frame.is_empty():
        raise DatasetError(f"{path}: holds no examples to train on")
    with path.open("rb") as stream:
        return TrainingSet(frame, hashlib.file_digest(stream, "sha256").hexdigest())


def _columns(path: Path) -> set[str]:
    try:
        if path.suffix == ".parquet":
            return set(pl.read_parquet_schema(path))
        with path.open(encoding="utf-8") as file:
            first = json.loads(file.readline() or "{}")
        return set(first) if isinstance(first, dict) else set()
    except OSError as error:
        raise DatasetError(f"{path}: cannot be read: {error.strerror}") from error
    except (ValueError, pl.exceptions.PolarsError) as error:
        raise DatasetError(f"{path}: is no training file: {error}") from error


def _read_frame(path: Path, form: ExportFormat) -> pl.DataFrame:
    schema = SCHEMAS[form]
    try:
        if path.suffix == ".parquet":
            return pl.read_parquet(path, columns=list(schema)).cast(schema)
        return pl.read_ndjson(path, schema=schema).select(*schema)
    except pl.exceptions.PolarsError as error:
        why = str(error).splitlines()[0]
        raise DatasetError(f"{path}: is not whole as {form}: {why}") from error


def _refuse_other_columns(path: Path, form: ExportFormat, columns: set[str]) -> None:
    """Say what else a file is, if it is not of the form."""
    if set(SCHEMAS[form]) <= columns:
        return
    export = f"`stepcode export DIR --format {form}` writes what is needed"
    for other, schema in SCHEMAS.items():
        if set(schema) <= columns:
            raise DatasetError(f"{path}: is a {other} file, not {form}; {export}")
    try:
        benchmark = recognize_benchmark(str(path)).benchmark
    except SourceError:
        missing = ", ".join(sorted(set(SCHEMAS[form]) - columns))
        what = f"is no {form} file: it has no column {missing}"
    else:
        what = f"is {benchmark}, a benchmark, for evaluation only and never to be trained on"
    raise DatasetError(f"{path}: {what}; {export}")


def _has_steps(frame: pl.DataFrame, form: ExportFormat) -> bool:
    if form is ExportFormat.TRL_GRPO:
        return bool(frame.select((pl.col("steps").list.len() > 0).any()).item())
    last = pl.col("completion").list.last().struct.field("content")
    return bool(frame.select(last.str.contains("<print>", literal=True).any()).item())
