"""Training files for other people's trainers.

    trl-sft    prompt, completion                     both conversations
    trl-grpo   prompt, and the example                its columns are what rewards need
    verl       data_source, prompt, ability, reward_model, extra_info
    chat       messages

Every row gives two examples. They are written in the order of the shards, a batch at a time, into a
file that appears when it is whole.
"""

import json
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import assert_never

import polars as pl

from stepcode.dataset.completions import read_completions
from stepcode.dataset.examples import to_examples, to_record
from stepcode.dataset.frames import ANCHOR, STEP, Record
from stepcode.dataset.manifest import Manifest, read_manifest
from stepcode.dataset.read import read_shard, split_shards
from stepcode.dataset.rows import Row
from stepcode.dataset.tables import write_table
from stepcode.errors import DatasetError, MisuseError
from stepcode.reason import narrate, render_completion, render_prompt
from stepcode.types import Example, TaskKind

BATCH_EXAMPLES = 1000


class ExportFormat(StrEnum):
    """Whose training file it is."""

    TRL_SFT = "trl-sft"
    TRL_GRPO = "trl-grpo"
    VERL = "verl"
    CHAT = "chat"

    @property
    def has_completions(self) -> bool:
        """Whether it says what to answer; the others let a model try."""
        return self in (ExportFormat.TRL_SFT, ExportFormat.CHAT)


class Reasons(StrEnum):
    """What stands between the steps of a completion."""

    NONE = "none"
    """The verified steps alone."""
    NARRATION = "narration"
    """Which line makes each step so, read off the trace."""
    TEACHER = "teacher"
    """What `build-dataset --teacher-url` kept; examples without are left out."""


@dataclass(frozen=True, slots=True)
class Exported:
    """How many examples were written, and how many have no completion to be written."""

    examples: int
    left_out: int


@dataclass(slots=True)
class Counts:
    """How many examples were read so far, and how many have no completion."""

    written: int = 0
    left_out: int = 0


_MESSAGES = pl.List(pl.Struct({"role": pl.String, "content": pl.String}))

SCHEMAS = {
    ExportFormat.TRL_SFT: pl.Schema({"prompt": _MESSAGES, "completion": _MESSAGES}),
    ExportFormat.TRL_GRPO: pl.Schema(
        {
            "prompt": _MESSAGES,
            "id": pl.String(),
            "kind": pl.String(),
            "anchored_code": pl.String(),
            "anchors": pl.List(ANCHOR),
            "given": pl.String(),
            "target": pl.String(),
            "steps": pl.List(STEP),
        }
    ),
    ExportFormat.VERL: pl.Schema(
        {
            "data_source": pl.String(),
            "prompt": _MESSAGES,
            "ability": pl.String(),
            "reward_model": pl.Struct({"style": pl.String, "ground_truth": pl.String}),
            "extra_info": pl.Struct(
                {"split": pl.String, "index": pl.Int64, "id": pl.String, "kind": pl.String}
            ),
        }
    ),
    ExportFormat.CHAT: pl.Schema({"messages": _MESSAGES}),
}


def export(
    directory: Path,
    path: Path,
    form: ExportFormat,
    *,
    reasons: Reasons = Reasons.NONE,
    split: str = "train",
    allow_evaluation: bool = False,
) -> Exported:
    """Write the examples of one split of a dataset; `.jsonl` or `.parquet` by the path's suffix.

    Raises DatasetError for a public benchmark, unless it is allowed, and if there is nothing to
    write; MisuseError for what does not go together.
    """
    manifest = read_manifest(directory)
    _refuse(directory, path, form, reasons, manifest, allow_evaluation=allow_evaluation)
    shards = split_shards(directory, manifest, split)
    counts = Counts()
    records = _records(shards, form, reasons, split, counts)
    first = next(records, None)
    if first is None:
        raise DatasetError(f"{directory}: {why_empty(reasons, counts)}")
    batches = _in_batches(first, records)
    write_table(path, batches, SCHEMAS[form])
    return Exported(counts.written, counts.left_out)


def refuse_evaluation(directory: Path, manifest: Manifest) -> None:
    """Raise if a dataset is of a benchmark, which is never to be trained on."""
    if manifest.evaluation_only:
        benchmark = ", ".join(manifest.sources)
        raise DatasetError(
            f"{directory}: is for evaluation only ({benchmark}), not for training; "
            "--allow-evaluation takes it all the same"
        )


def _refuse(
    directory: Path,
    path: Path,
    form: ExportFormat,
    reasons: Reasons,
    manifest: Manifest,
    *,
    allow_evaluation: bool,
) -> None:
    if not allow_evaluation:
        refuse_evaluation(directory, manifest)
    if reasons is not Reasons.NONE and not form.has_completions:
        raise MisuseError(f"{form} has prompts and no completions, so no place for reasons")
    suffixes = (".parquet",) if form is ExportFormat.VERL else (".jsonl", ".parquet")
    if path.suffix not in suffixes:
        raise MisuseError(f"{path}: {form} goes to a file ending in {' or '.join(suffixes)}")
    if path.is_dir():
        raise MisuseError(f"{path}: is a folder, not a file to write")
    if path.resolve().is_relative_to(directory.resolve()):
        raise MisuseError(f"{path}: is inside the dataset; write to another folder")


def why_empty(reasons: Reasons, counts: Counts) -> str:
    """Say why no example is there to be written."""
    hint = "build-dataset --teacher-url writes some"
    return f"none of {counts.left_out} examples has {reasons} reasons; {hint}"


def completed_examples(
    shards: Iterable[Path],
    reasons: Reasons | None,
    counts: Counts,
    *,
    kinds: Collection[TaskKind] = tuple(TaskKind),
) -> Iterator[tuple[Row, Example, str]]:
    """Read the examples of shards with their completions, which are empty if no reasons are asked.

    An example for which there is no completion is left out, and counted.
    """
    for shard in shards:
        complete = _completer(shard, reasons) if reasons is not None else lambda _: ""
        for row in read_shard(shard):
            for example in to_examples(row):
                if example.kind not in kinds:
                    continue
                completion = complete(example)
                if completion is None:
                    counts.left_out += 1
                    continue
                yield row, example, completion
                counts.written += 1


def _records(
    shards: Iterable[Path], form: ExportFormat, reasons: Reasons, split: str, counts: Counts
) -> Iterator[Record]:
    wanted = reasons if form.has_completions else None
    for row, example, completion in completed_examples(shards, wanted, counts):
        yield _record(form, example, row, completion, split=split, index=counts.written)


def _completer(shard: Path, reasons: Reasons) -> Callable[[Example], str | None]:
    match reasons:
        case Reasons.NONE:
            return render_completion
        case Reasons.NARRATION:
            return lambda example: render_completion(example, reasons=narrate(example))
        case Reasons.TEACHER:
            written = read_completions(shard)
            return lambda example: written.get(example.id)
        case _:
            assert_never(reasons)


def _record(
    form: ExportFormat, example: Example, row: Row, completion: str, *, split: str, index: int
) -> Record:
    prompt = render_prompt(example)
    answer = [{"role": "assistant", "content": completion}]
    match form:
        case ExportFormat.TRL_SFT:
            return {"prompt": prompt, "completion": answer}
        case ExportFormat.TRL_GRPO:
            return {"prompt": prompt} | to_record(example)
        case ExportFormat.VERL:
            truth = json.dumps(to_record(example), ensure_ascii=False)
            return {
                "data_source": f"stepcode/{row.source}",
                "prompt": prompt,
                "ability": "code",
                "reward_model": {"style": "rule", "ground_truth": truth},
                "extra_info": {
                    "split": split,
                    "index": index,
                    "id": example.id,
                    "kind": example.kind.value,
                },
            }
        case ExportFormat.CHAT:
            return {"messages": prompt + answer}
        case _:
            assert_never(form)


def _in_batches(first: Record, records: Iterator[Record]) -> Iterator[list[Record]]:
    batch = [first, *islice(records, BATCH_EXAMPLES - 1)]
    while batch:
        yield batch
        batch = list(islice(records, BATCH_EXAMPLES))
