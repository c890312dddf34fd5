"""`stepcode train` as a user meets it: runs, kills, processes, exports and dry runs."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch", reason="needs the extra `train`: torch, transformers and trl")
pytest.importorskip("trl", reason="needs the extra `train`: torch, transformers and trl")

import torch

from stepcode.dataset.export import ExportFormat, export
from stepcode.train.steplog import read_log
from tests.end_to_end.build_samples import digests, start, wait_for
from tests.train.folders import RECIPE, on_one_thread, write_dataset, write_model

Stepcode = Callable[..., subprocess.CompletedProcess[bytes]]

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    with on_one_thread():
        yield


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    write_model(folder / "model", write_dataset(folder / "set"))
    return folder


@pytest.fixture
def inputs(made: Path, tmp_path: Path) -> Path:
    """A folder with a recipe, a dataset and a model, in which the command runs."""
    for name in ("set", "model"):
        (tmp_path / name).symlink_to(made / name)
    places = '[data]\npath = "set"\n[model]\npath = "model"\n'
    (tmp_path / "r.toml").write_text(places + RECIPE)
    return tmp_path


def record(run: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((run / "run.json").read_bytes())
    return content


def weights(folder: Path) -> bytes:
    return next(folder.glob("*model.safetensors")).read_bytes()


def test_both_stages_make_models_and_a_second_command_does_nothing(
    inputs: Path, stepcode_here: Stepcode
) -> None:
    command = ("train", "r.toml", "--out", "run", "--set", "grpo.max_steps=3")
    done = stepcode_here(*command)
    sft, grpo = done.stdout.decode().splitlines()
    assert sft.startswith("run/sft: 4 steps, loss ")
    assert grpo.startswith("run/grpo: 3 steps, loss ")
    assert "step_accuracy" in grpo
    assert b"memory" in done.stderr
    run = inputs / "run"
    assert {name: stage["status"] for name, stage in record(run)["stages"].items()} == {
        "sft": "done",
        "grpo": "done",
    }
    for stage in ("sft", "grpo"):
        names = {path.name for path in (run / stage).iterdir()}
        assert names >= {"config.json", "model.safetensors", "tokenizer.json", "log.jsonl"}
    assert [line["step"] for line in read_log(run / "sft" / "log.jsonl")] == [1, 2, 3, 4]
    before = digests(run)
    again = stepcode_here(*command)
    assert [line.endswith(", trained before") for line in again.stdout.decode().splitlines()] == [
        True,
        True,
    ]
    assert digests(run) == before


def test_grpo_starts_from_the_sft_of_the_same_folder(inputs: Path, stepcode_here: Stepcode) -> None:
    stepcode_here("train", "r.toml", "--stage", "sft", "--out", "run", "--set", "sft.max_steps=1")
    one_step = ("--set", "sft.max_steps=1", "--set", "grpo.max_steps=1")
    # With a learning rate of 0 the result is what it started from.
    still = ("--set", "grpo.learning_rate=0.0")
    stepcode_here("train", "r.toml", "--stage", "grpo", "--out", "run", *one_step, *still)
    assert weights(inputs / "run" / "grpo") == weights(inputs / "run" / "sft")
    stepcode_here("train", "r.toml", "--stage", "grpo", "--out", "alone", *one_step, *still)
    assert weights(inputs / "alone" / "grpo") == weights(inputs / "model")


@pytest.mark.parametrize("stage", ["sft", "grpo"])
def test_killed_run_goes_on_in_the_order_of_its_data(
    inputs: Path, stepcode_here: Stepcode, stage: str
) -> None:
    command = ("train", "r.toml", "--stage", stage)
    stepcode_here(*command, "--out", "whole")
    process = start(*command, "--out", "killed", tmp_path=inputs)
    wait_for(inputs / "killed" / stage / "checkpoint-2" / "stepcode.json", process, seconds=100)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert record(inputs / "killed")["stages"][stage]["status"] == "running"
    done = stepcode_here(*command, "--out", "killed")
    assert b"resumed at step " in done.stdout
    logs = [read_log(inputs / name / stage / "examples.jsonl") for name in ("whole", "killed")]
    assert logs[0] == logs[1]
    assert len(logs[0]) > 2
    folders = [inputs / name / stage for name in ("whole", "killed")]
    assert weights(folders[0]) == weights(folders[1])
    losses = [[line["loss"] for line in read_log(folder / "log.jsonl")] for folder in folders]
    assert losses[0] == losses[1]


def launch(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command as two processes."""
    torchrun = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    done = subprocess.run(
        [sys.executable, *torchrun, "-m", "stepcode_cli.main", "train", *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done


def cut_back(run: Path, stage: str, step: int) -> None:
    """Leave a finished run as a kill behind a checkpoint would have."""
    for checkpoint in (run / stage).glob("checkpoint-*"):
        if int(checkpoint.name.partition("-")[2]) > step:
            shutil.rmtree(checkpoint)
    (run / stage / "model.safetensors").unlink()
    content = record(run)
    content["stages"][stage]["status"] = "running"
    (run / "run.json").write_text(json.dumps(content))


def test_two_processes_go_on_in_the_order_of_their_second_epoch(inputs: Path) -> None:
    command = ("r.toml", "--stage", "grpo", "--out", "run")
    logs = [inputs / "run" / "grpo" / name for name in ("examples.jsonl", "examples-1.jsonl")]
    launch(inputs, *command)
    whole = [read_log(log) for log in logs]
    assert [len(log) for log in whole] == [8, 8]
    cut_back(inputs / "run", "grpo", 6)
    assert "resumed at step 6" in launch(inputs, *command).stdout
    assert [read_log(log) for log in logs] == whole


def test_two_processes_share_one_run_and_tell_of_it_once(inputs: Path) -> None:
    settings = ("--set", "sft.max_steps=2", "--set", "grpo.max_steps=2")
    done = launch(inputs, "r.toml", "--out", "run", *settings)
    assert [line.partition(",")[0] for line in done.stdout.splitlines()] == [
        "run/sft: 2 steps",
        "run/grpo: 2 steps",
    ]
    assert done.stderr.count("memory") == 2
    for stage, count in (("sft", 4), ("grpo", 1)):
        folder = inputs / "run" / stage
        mine, others = (read_log(folder / name) for name in ("examples.jsonl", "examples-1.jsonl"))
        assert [line["step"] for line in mine] == [line["step"] for line in others] == [1, 2]
        for one, other in zip(mine, others, strict=True):
            assert len(one["examples"]) == count
            assert set(one["examples"]).isdisjoint(other["examples"])
    assert record(inputs / "run")["stages"]["grpo"]["identity"]["processes"] == 2


@pytest.mark.parametrize("suffix", ["jsonl", "parquet"])
@pytest.mark.parametrize("form", [ExportFormat.TRL_SFT, ExportFormat.TRL_GRPO])
def test_exported_file_is_trained_on_like_its_dataset(
    inputs: Path, stepcode_here: Stepcode, form: ExportFormat, suffix: str
) -> None:
    stage = form.value.removeprefix("trl-")
    export(inputs / "set", inputs / f"file.{suffix}", form)
    command = ("train", "r.toml", "--stage", stage, "--set", f"{stage}.max_steps=2")
    stepcode_here(*command, "--out", "from-set")
    done = stepcode_here(*command, "--out", "from-file", "--data", f"file.{suffix}")
    assert done.stdout.startswith(b"from-file/")
    assert weights(inputs / "from-set" / stage) == weights(inputs / "from-file" / stage)


def test_lora_adapter_of_sft_is_trained_further_by_grpo(
    inputs: Path, stepcode_here: Stepcode
) -> None:
    lora = ("--set", "lora.r=4", "--set", "lora.target_modules=all-linear")
    few = ("--set", "sft.max_steps=2", "--set", "grpo.max_steps=1")
    done = stepcode_here("train", "r.toml", "--out", "run", *lora, *few, "--set", "grpo.beta=0.1")
    assert done.returncode == 0
    assert b"of LoRA" in done.stderr
    run = inputs / "run"
    for stage in ("sft", "grpo"):
        config = json.loads((run / stage / "adapter_config.json").read_bytes())
        assert (config["r"], config["base_model_name_or_path"]) == (4, "model")
    # One step with no difference in reward leaves it as SFT has made it, up to the KL's rounding.
    from safetensors.torch import load_file

    before, after = (load_file(run / s / "adapter_model.safetensors") for s in ("sft", "grpo"))
    assert any(tensor.abs().max() > 0 for name, tensor in before.items() if "lora_B" in name)
    assert all(torch.allclose(before[name], after[name], atol=0.05) for name in before)
    refused = stepcode_here("train", "r.toml", "--out", "other", "--model", "run/sft")
    assert refused.returncode == 2
    assert b"is a LoRA adapter, and the recipe has no [lora]" in refused.stderr


def test_changed_recipe_is_refused_and_changed_logging_is_not(
    inputs: Path, stepcode_here: Stepcode
) -> None:
    command = ("train", "r.toml", "--stage", "sft", "--out", "run", "--set", "sft.max_steps=1")
    stepcode_here(*command)
    refused = stepcode_here(*command, "--set", "sft.learning_rate=0.5")
    assert refused.returncode == 2
    assert refused.stderr.count(b"\n") == 1
    assert b"run: holds sft of another recipe (sft.learning_rate is 0.01, not 0.5)" in (
        refused.stderr
    )
    again = stepcode_here(*command, "--set", "sft.logging_steps=2")
    assert again.stdout.endswith(b"trained before\n")


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("sft.loss_type=foo", "[sft] Invalid `loss_type` foo passed"),
        ("sft.model_init_kwargs.dtype=bfloot", "[sft] Invalid `dtype` passed"),
        ("lora.target_modules=nosuch", "[sft] Target modules nosuch not found in the base model"),
    ],
)
def test_option_that_a_trainer_refuses_is_told_and_can_be_mended(
    inputs: Path, stepcode_here: Stepcode, setting: str, says: str
) -> None:
    command = ("train", "r.toml", "--stage", "sft", "--out", "run", "--set", "sft.max_steps=1")
    refused = stepcode_here(*command, "--set", setting)
    assert refused.returncode == 2
    assert refused.stderr.decode().splitlines()[-1].startswith(f"stepcode: {says}")
    assert stepcode_here(*command).returncode == 0


def test_checkpoint_of_another_run_is_refused(inputs: Path, stepcode_here: Stepcode) -> None:
    command = ("train", "r.toml", "--stage", "sft", "--set", "sft.max_steps=1")
    stepcode_here(*command, "--out", "one")
    stepcode_here(*command, "--out", "other", "--set", "sft.seed=1")
    run = record(inputs / "other")
    run["stages"]["sft"]["status"] = "running"
    (inputs / "other" / "run.json").write_text(json.dumps(run))
    shutil.rmtree(inputs / "other" / "sft")
    shutil.copytree(inputs / "one" / "sft", inputs / "other" / "sft")
    refused = stepcode_here(*command, "--out", "other", "--set", "sft.seed=1")
    assert refused.returncode == 2
    assert b"other/sft/checkpoint-1: is of another recipe" in refused.stderr
