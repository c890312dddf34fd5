"""What training reads: datasets and exports come to the same, everything else is refused."""

import json
import re
from pathlib import Path

import polars as pl
import pytest

from stepcode.dataset.examples import read_example, to_examples
from stepcode.dataset.export import ExportFormat, Reasons, export
from stepcode.dataset.read import read_rows
from stepcode.dataset.training import TrainingSet, read_training_set
from stepcode.errors import DatasetError, MisuseError
from stepcode.reason import narrate, render_completion, render_prompt
from stepcode.types import TaskKind
from tests.unit.dataset_samples import build_sample

FORMS = [ExportFormat.TRL_SFT, ExportFormat.TRL_GRPO]


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    build_sample(tmp_path / "set", blocks=2)
    return tmp_path / "set"


def read(path: Path, form: ExportFormat, **options: object) -> TrainingSet:
    return read_training_set(path, form, **options)  # type: ignore[arg-type]  # of several types


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("suffix", ["jsonl", "parquet"])
def test_export_holds_the_examples_of_its_dataset(
    dataset: Path, tmp_path: Path, form: ExportFormat, suffix: str
) -> None:
    export(dataset, tmp_path / f"file.{suffix}", form)
    mine, theirs = read(dataset, form), read(tmp_path / f"file.{suffix}", form)
    columns = pl.exclude("id") if form is ExportFormat.TRL_SFT else pl.all()
    assert mine.frame.select(columns).equals(theirs.frame.select(columns))
    assert theirs.frame["id"].n_unique() == theirs.frame.height > 0
    assert mine.to_dataset().column_names == mine.frame.columns


def test_examples_are_those_of_the_rows_in_order(dataset: Path) -> None:
    examples = [example for row in read_rows(dataset) for example in to_examples(row)]
    grpo = read(dataset, ExportFormat.TRL_GRPO)
    assert [read_example(record) for record in grpo.frame.to_dicts()] == examples
    sft = read(dataset, ExportFormat.TRL_SFT, reasons=Reasons.NARRATION)
    assert sft.frame.to_dicts()[0] == {
        "id": examples[0].id,
        "prompt": render_prompt(examples[0]),
        "completion": [
            {
                "role": "assistant",
                "content": render_completion(examples[0], reasons=narrate(examples[0])),
            }
        ],
    }


@pytest.mark.parametrize("form", FORMS)
def test_one_kind_of_task_is_half_of_the_examples(dataset: Path, form: ExportFormat) -> None:
    both = read(dataset, form).frame
    one = read(dataset, form, kinds=[TaskKind.INPUT]).frame
    assert one.equals(both.filter(pl.col("id").str.ends_with("-input")))
    assert 2 * one.height == both.height


def test_file_of_sft_does_not_say_kinds(dataset: Path, tmp_path: Path) -> None:
    export(dataset, tmp_path / "sft.jsonl", ExportFormat.TRL_SFT)
    with pytest.raises(MisuseError, match="does not say kinds; name the dataset"):
        read(tmp_path / "sft.jsonl", ExportFormat.TRL_SFT, kinds=[TaskKind.INPUT])
    export(dataset, tmp_path / "grpo.jsonl", ExportFormat.TRL_GRPO)
    kinds = read(tmp_path / "grpo.jsonl", ExportFormat.TRL_GRPO, kinds=[TaskKind.INPUT])
    assert set(kinds.frame["kind"]) == {"input"}


@pytest.mark.parametrize("form", FORMS)
def test_examples_without_any_step_are_refused(
    dataset: Path, tmp_path: Path, form: ExportFormat
) -> None:
    export(dataset, tmp_path / "file.jsonl", form)
    lines = [json.loads(line) for line in (tmp_path / "file.jsonl").read_text().splitlines()]
    for line in lines:
        if form is ExportFormat.TRL_GRPO:
            line["steps"] = []
        else:
            line["completion"][0]["content"] = "<answer>\n1\n</answer>"
    (tmp_path / "file.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    with pytest.raises(DatasetError, match=f"none of its {len(lines)} examples has a step"):
        read(tmp_path / "file.jsonl", form)


def test_damage_that_leaves_the_length_is_found(dataset: Path) -> None:
    shard = next((dataset / "data").iterdir())
    content = bytearray(shard.read_bytes())
    content[len(content) // 2] ^= 1
    shard.write_bytes(content)
    with pytest.raises(DatasetError, match="missing or damaged"):
        read(dataset, ExportFormat.TRL_SFT)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.jsonl", "", "is no trl-sft file: it has no column completion, prompt"),
        ("a.jsonl", "{", "a.jsonl: is no training file"),
        ("a.jsonl", "[1]", "it has no column completion, prompt"),
        ("a.jsonl", '{"prompt": 1, "completion": 2}', "a.jsonl: is not whole as trl-sft"),
        ("a.parquet", "PAR1", "a.parquet: is no training file"),
        ("a.csv", "prompt,completion", "a.csv: is no training file; expected a dataset's folder"),
        (
            "a.jsonl",
            '{"task_id": "HumanEval/0", "prompt": "p", "canonical_solution": "", "test": "t", '
            '"entry_point": "f"}',
            "is humaneval, a benchmark, for evaluation only",
        ),
    ],
)
def test_file_of_something_else_is_refused(
    tmp_path: Path, name: str, content: str, says: str
) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(DatasetError, match=re.escape(says)):
        read(tmp_path / name, ExportFormat.TRL_SFT)
