"""A run that is ended and goes on is the run that was never ended: order, samples, weights."""

import errno
import shutil
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("trl", reason="needs the extra `train`")

import torch
from transformers import TrainerCallback
from trl import GRPOConfig, SFTConfig

from stepcode.dataset.export import ExportFormat
from stepcode.dataset.training import read_training_set
from stepcode.errors import StepcodeError
from stepcode.reason import read_answer
from stepcode.train.failures import plain_training_errors
from stepcode.train.grpo import BiLevelGRPOTrainer
from stepcode.train.models import load_tokenizer
from stepcode.train.rewards import Judged, Row
from stepcode.train.runs import GRPORun, SFTRun, run
from stepcode.train.steplog import LOG, ExampleLog, read_log
from stepcode.types import Score, StepScore
from tests.train.folders import on_one_thread, write_dataset, write_model

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

Start = Callable[..., Any]
COMMON: dict[str, Any] = {
    "learning_rate": 1e-2,
    "logging_steps": 1,
    "save_steps": 1,
    "report_to": "none",
    "use_cpu": True,
    "bf16": False,
    "gradient_checkpointing": False,
    "disable_tqdm": True,
}


class Killed(Exception):
    """What stands for a kill -9 here; the real one is in tests/end_to_end."""


class KillAt(TrainerCallback):  # type: ignore[misc]  # transformers has no types here
    def __init__(self, step: int) -> None:
        self.step = step

    def on_step_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if state.global_step == self.step:
            raise Killed


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    with on_one_thread():
        yield


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("inputs")
    write_model(folder / "model", write_dataset(folder / "set"))
    return folder


def judge_by_length(completions: Sequence[str], rows: Sequence[Row]) -> list[Judged]:
    """Judge so that rewards differ, whatever a model without training says."""
    odd = [len(text) % 2 == 1 for text in completions]
    return [
        Judged(Score(final=is_odd, steps=(StepScore(not is_odd, None),), extra=0), read_answer(""))
        for is_odd in odd
    ]


def start_sft(inputs: Path, out: Path, **options: Any) -> Any:
    examples = ExampleLog(out, rank=0)
    data = read_training_set(inputs / "set", ExportFormat.TRL_SFT)
    settings = {"num_train_epochs": 3, "per_device_train_batch_size": 2, **COMMON, **options}
    return SFTRun(
        model=str(inputs / "model"),
        args=SFTConfig(output_dir=str(out), completion_only_loss=True, **settings),
        train_dataset=data.to_dataset(),
        processing_class=load_tokenizer(str(inputs / "model")),
        examples=examples,
    ), examples


def start_grpo(inputs: Path, out: Path, **options: Any) -> Any:
    examples = ExampleLog(out, rank=0)
    data = read_training_set(inputs / "set", ExportFormat.TRL_GRPO)
    settings = {
        "num_train_epochs": 2,
        "per_device_train_batch_size": 8,
        "num_generations": 4,
        "max_completion_length": 6,
        **COMMON,
        **options,
    }
    return GRPORun(
        model=str(inputs / "model"),
        args=GRPOConfig(output_dir=str(out), **settings),
        train_dataset=data.to_dataset(),
        processing_class=load_tokenizer(str(inputs / "model")),
        scorer=judge_by_length,
        mode="bilevel",
        examples=examples,
    ), examples


def finish(start: Start, inputs: Path, out: Path, **options: Any) -> Path | None:
    out.mkdir(exist_ok=True)
    trainer, examples = start(inputs, out, **options)
    return run(trainer, examples, name="mine", keep=2)


def kill(start: Start, inputs: Path, out: Path, step: int, **options: Any) -> None:
    out.mkdir()
    trainer, examples = start(inputs, out, **options)
    trainer.add_callback(KillAt(step))
    with pytest.raises(Killed):
        run(trainer, examples, name="mine", keep=2)


def deterministic(log: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out what is measured, and a sum that TRL's SFTTrainer does not save."""
    measured = ("time", "second", "num_tokens")
    return [
        {name: value for name, value in line.items() if not any(m in name for m in measured)}
        for line in log
    ]


@pytest.mark.parametrize(
    ("start", "options", "steps"),
    [
        (start_sft, {}, (2, 4, 7)),
        (start_sft, {"gradient_accumulation_steps": 3}, (3,)),
        (start_grpo, {}, (3, 4, 6)),
        (start_grpo, {"steps_per_generation": 2, "num_iterations": 2, "save_steps": 4}, (6,)),
    ],
    ids=["sft", "sft accumulating", "grpo", "grpo reusing completions"],
)
def test_run_goes_on_as_if_it_had_never_been_ended(
    inputs: Path, tmp_path: Path, start: Start, options: dict[str, Any], steps: tuple[int, ...]
) -> None:
    whole = tmp_path / "whole"
    assert finish(start, inputs, whole, **options) is None
    examples = read_log(whole / "examples.jsonl")
    assert len({str(line["examples"]) for line in examples}) > 1
    for step in steps:
        ended = tmp_path / f"ended-{step}"
        kill(start, inputs, ended, step, **options)
        assert finish(start, inputs, ended, **options) is not None
        assert read_log(ended / "examples.jsonl") == examples
        assert deterministic(read_log(ended / LOG)) == deterministic(read_log(whole / LOG))
        weights = (path / "model.safetensors" for path in (whole, ended))
        assert next(weights).read_bytes() == next(weights).read_bytes()


def test_epochs_of_grpo_have_orders_of_their_own(inputs: Path, tmp_path: Path) -> None:
    finish(start_grpo, inputs, tmp_path / "out")
    steps = [line["examples"] for line in read_log(tmp_path / "out" / "examples.jsonl")]
    first, second = list(chain(*steps[:4])), list(chain(*steps[4:]))
    assert sorted(first) == sorted(second)
    assert first != second


def test_trainer_alone_goes_on_in_the_order_of_a_later_epoch(inputs: Path, tmp_path: Path) -> None:
    data = read_training_set(inputs / "set", ExportFormat.TRL_GRPO).to_dataset()
    asked: dict[str, list[list[str]]] = {"whole": [], "ended": []}

    def train(name: str, *callbacks: Any, resume: str | None = None) -> None:
        def judge(completions: Sequence[str], rows: Sequence[Row]) -> list[Judged]:
            asked[name].append([row["id"] for row in rows])
            return judge_by_length(completions, rows)

        settings = {"num_train_epochs": 3, "per_device_train_batch_size": 8, "num_generations": 4}
        BiLevelGRPOTrainer(
            str(inputs / "model"),
            args=GRPOConfig(output_dir=str(tmp_path / name), **settings, **COMMON),
            train_dataset=data,
            processing_class=load_tokenizer(str(inputs / "model")),
            callbacks=list(callbacks),
            scorer=judge,
        ).train(resume_from_checkpoint=resume)

    train("whole")
    with pytest.raises(Killed):
        train("ended", KillAt(9))
    train("ended", resume=str(tmp_path / "ended" / "checkpoint-9"))
    assert asked["ended"] == asked["whole"]
    assert asked["whole"][:4] != asked["whole"][4:8]


def test_run_whose_gradients_are_no_numbers_ends_in_one_line(inputs: Path, tmp_path: Path) -> None:
    with pytest.raises(StepcodeError, match=r"gradients of step \d are no numbers .*learning_rate"):
        finish(start_sft, inputs, tmp_path / "out", learning_rate=1e38)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"), "memory did not"),
        (MemoryError(), "memory did not"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory"), "memory did not"),
        (RuntimeError("PytorchStreamWriter failed writing file data/3"), "make room"),
        (RuntimeError("[enforce fail at inline_container.cc:672] . unexpected pos 6"), "make room"),
        (OSError(errno.ENOSPC, "No space left on device"), "make room"),
    ],
)
def test_fault_of_the_machine_is_one_line(error: Exception, told: str) -> None:
    with pytest.raises(StepcodeError, match=told), plain_training_errors(Path("out")):
        raise error


def test_fault_of_the_code_stays_what_it_is() -> None:
    with pytest.raises(RuntimeError, match="shapes"), plain_training_errors(Path("out")):
        raise RuntimeError("shapes do not match")


def test_half_written_checkpoint_is_ignored(inputs: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    kill(start_sft, inputs, out, 3)
    shutil.copytree(out / "checkpoint-3", out / "checkpoint-9")
    (out / "checkpoint-9" / "stepcode.json").unlink()
    checkpoint = finish(start_sft, inputs, out)
    assert checkpoint == out / "checkpoint-3"
    assert read_log(out / LOG)[-1]["step"] == 12
    kept = {path.name for path in out.glob("checkpoint-*")}
    assert kept == {"checkpoint-11", "checkpoint-12"}
