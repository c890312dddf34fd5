import json
import resource
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from stepcode.dataset.completions import Settled, open_journal, read_completions
from stepcode.dataset.examples import read_example, to_examples
from stepcode.dataset.export import SCHEMAS, ExportFormat, Reasons, export
from stepcode.dataset.read import read_rows
from stepcode.dataset.tables import write_table
from stepcode.errors import DatasetError, MisuseError, StepcodeError
from stepcode.reason import read_answer, score
from stepcode.types import Example
from tests.unit.dataset_samples import build_sample, finish_sample, kept, open_sample

BOTH = [".jsonl", ".parquet"]


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    build_sample(tmp_path / "set")
    return tmp_path / "set"


def examples(dataset: Path) -> list[Example]:
    return [example for row in read_rows(dataset) for example in to_examples(row)]


def read(path: Path) -> list[dict[str, Any]]:
    if path.suffix == ".parquet":
        return pl.read_parquet(path).to_dicts()
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("suffix", BOTH)
def test_sft_has_a_conversation_on_either_side(dataset: Path, suffix: str) -> None:
    path = dataset.parent / f"sft{suffix}"
    made = export(dataset, path, ExportFormat.TRL_SFT)
    records = read(path)
    assert (made.examples, made.left_out) == (len(records), 0)
    for record, example in zip(records, examples(dataset), strict=True):
        ((asked,), (answered,)) = record["prompt"], record["completion"]
        assert (asked["role"], answered["role"]) == ("user", "assistant")
        assert example.given in asked["content"]
        assert score(read_answer(answered["content"]), example).is_perfect


@pytest.mark.parametrize("suffix", BOTH)
def test_grpo_columns_are_the_example(dataset: Path, suffix: str) -> None:
    path = dataset.parent / f"grpo{suffix}"
    export(dataset, path, ExportFormat.TRL_GRPO)
    assert [read_example(record) for record in read(path)] == examples(dataset)


def test_verl_columns_are_verls(dataset: Path) -> None:
    path = dataset.parent / "verl.parquet"
    export(dataset, path, ExportFormat.VERL)
    records = read(path)
    assert list(records[0]) == ["data_source", "prompt", "ability", "reward_model", "extra_info"]
    truths = [json.loads(record["reward_model"]["ground_truth"]) for record in records]
    assert [read_example(truth) for truth in truths] == examples(dataset)
    assert {record["reward_model"]["style"] for record in records} == {"rule"}
    assert {record["data_source"] for record in records} == {"stepcode/jsonl"}
    infos = [record["extra_info"] for record in records]
    assert [info["index"] for info in infos] == list(range(len(records)))
    assert {info["split"] for info in infos} == {"train"}


def test_chat_is_one_conversation_a_line(dataset: Path) -> None:
    path = dataset.parent / "chat.jsonl"
    export(dataset, path, ExportFormat.CHAT, reasons=Reasons.NARRATION)
    for record in read(path):
        assert [message["role"] for message in record["messages"]] == ["user", "assistant"]
        assert "<reason>" in record["messages"][1]["content"]


def test_teacher_reasons_leave_out_what_has_none(dataset: Path) -> None:
    (shard,) = (dataset / "data").iterdir()
    first, second, *rest = examples(dataset)
    with open_journal(shard) as journal:
        journal.add(Settled(first.id, "t", 1, "written by t", ""))
        journal.add(Settled(second.id, "t", 4, None, "wrong answer"))
    made = export(
        dataset, dataset.parent / "t.jsonl", ExportFormat.TRL_SFT, reasons=Reasons.TEACHER
    )
    assert (made.examples, made.left_out) == (1, len(rest) + 1)
    assert "written by t" in (dataset.parent / "t.jsonl").read_text()


def test_journal_forgets_only_the_line_that_was_cut_short(dataset: Path) -> None:
    (shard,) = (dataset / "data").iterdir()
    with open_journal(shard) as journal:
        journal.add(Settled("a", "t", 1, "x", ""))
        journal.add(Settled("b", "t", 4, None, "wrong answer"))
    path = dataset / "completions" / f"{shard.stem}.jsonl"
    path.write_bytes(path.read_bytes() + b'{"id": "c", "mod')
    assert read_completions(shard) == {"a": "x"}
    with open_journal(shard) as journal:
        assert sorted(journal.settled) == ["a", "b"]
        assert journal.is_done("a", "other")
        assert (journal.is_done("b", "t"), journal.is_done("b", "other")) == (True, False)
        with pytest.raises(MisuseError, match="another command"), open_journal(shard):
            pass
    path.write_bytes(b"{}\n")
    with pytest.raises(DatasetError, match="line 1 is damaged"):
        read_completions(shard)


def test_same_dataset_gives_the_same_bytes(dataset: Path) -> None:
    for form in ExportFormat:
        paths = [dataset.parent / f"{form}-{number}.parquet" for number in range(2)]
        for path in paths:
            export(dataset, path, form)
        assert paths[0].read_bytes() == paths[1].read_bytes()


def test_benchmark_is_refused_unless_told_otherwise(tmp_path: Path) -> None:
    with open_sample(tmp_path / "set") as build:
        build.write_block(0, [kept(1)], [], rows_in=1, outcomes={})
        build.finish(blocks=[0], evaluation_only=True, drop_duplicates=False)
    path = tmp_path / "out.jsonl"
    with pytest.raises(DatasetError, match="for evaluation only"):
        export(tmp_path / "set", path, ExportFormat.CHAT)
    assert not path.exists()
    assert export(tmp_path / "set", path, ExportFormat.CHAT, allow_evaluation=True).examples == 2


def test_dataset_without_rows_says_so(tmp_path: Path) -> None:
    with open_sample(tmp_path / "set") as build:
        build.write_block(0, [], [], rows_in=0, outcomes={})
        finish_sample(build, blocks=1)
    with pytest.raises(DatasetError, match="no rows in split 'train', but no rows at all"):
        export(tmp_path / "set", tmp_path / "out.jsonl", ExportFormat.CHAT)


def test_damaged_shard_leaves_what_was_there(dataset: Path) -> None:
    (shard,) = (dataset / "data").iterdir()
    data = bytearray(shard.read_bytes())
    data[100:200] = b"x" * 100
    shard.write_bytes(data)
    for suffix in BOTH:
        path = dataset.parent / f"out{suffix}"
        path.write_bytes(b"before")
        with pytest.raises(DatasetError, match="missing or damaged"):
            export(dataset, path, ExportFormat.CHAT)
        assert path.read_bytes() == b"before"


@pytest.mark.parametrize("suffix", BOTH)
def test_failure_midway_leaves_what_was_there(tmp_path: Path, suffix: str) -> None:
    def batches() -> Iterator[list[dict[str, Any]]]:
        yield [{"messages": [{"role": "user", "content": "x"}]}] * 1000
        raise DatasetError("the second shard is damaged")

    path = tmp_path / f"out{suffix}"
    path.write_bytes(b"before")
    with pytest.raises(DatasetError, match="the second shard is damaged"):
        write_table(path, batches(), SCHEMAS[ExportFormat.CHAT])
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("suffix", BOTH)
def test_disk_that_is_full_is_one_line(dataset: Path, suffix: str) -> None:
    path = dataset.parent / "new" / f"out{suffix}"
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
    try:
        with pytest.raises(StepcodeError, match=r"cannot be written: .*[Ff]ile too large"):
            export(dataset, path, ExportFormat.CHAT)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert not list(path.parent.iterdir())
