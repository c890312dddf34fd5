"""Estimates: what makes them grow, that steps are counted exactly, and peaks as measured."""

import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("trl", reason="needs the extra `train`")

from stepcode.errors import MisuseError
from stepcode.train.estimate import TOLERANCE, estimate_memory, estimate_seconds
from stepcode.train.lengths import Lengths
from stepcode.train.plan import Hardware, Plan, Sharding, Stage
from stepcode_pipelines.train_estimate import estimate_stage, refuse_too_little
from stepcode_pipelines.train_options import stage_options
from stepcode_pipelines.train_plan import generation_steps, make_plan
from stepcode_pipelines.train_recipe import TrainRecipe, parse_train_recipe, read_train_table
from tests.train.folders import write_dataset, write_model

pytestmark = pytest.mark.filterwarnings("ignore")

GPU = Hardware(
    name="a GPU", processes=1, memory_bytes=80 * 10**9, flops=3e14, bandwidth=2e12, is_gpu=True
)
LENGTHS = Lengths(examples=1000, prompt=500, completion=300, longest=1500)


def recipe(*settings: str) -> TrainRecipe:
    name = "qwen2.5-coder-7b"
    return parse_train_recipe(name, read_train_table(name, settings))


def plan(stage: Stage, *settings: str, hardware: Hardware = GPU) -> Plan:
    some = recipe(*settings)
    assert some.shape is not None
    options = stage_options(stage, some)
    return make_plan(stage, some, options, shape=some.shape, lengths=LENGTHS, hardware=hardware)


def peak(stage: Stage, *settings: str, hardware: Hardware = GPU) -> float:
    return estimate_memory(plan(stage, *settings, hardware=hardware), hardware).peak


def test_full_training_in_float32_takes_sixteen_bytes_a_parameter() -> None:
    memory = estimate_memory(plan(Stage.SFT), GPU)
    assert memory.weights + memory.gradients + memory.optimizer == 16 * 7_615_616_512
    half = plan(Stage.SFT, "sft.model_init_kwargs.dtype=bfloat16")
    memory = estimate_memory(half, GPU)
    assert memory.weights + memory.gradients + memory.optimizer == 8 * 7_615_616_512


@pytest.mark.parametrize("stage", list(Stage))
def test_memory_shrinks_with_what_is_said_to_shrink_it(stage: Stage) -> None:
    whole = peak(stage)
    assert peak(stage, "lora.r=16") < whole / 2
    assert peak(stage, f"{stage}.per_device_train_batch_size=1", f"{stage}.optim=sgd") < whole
    assert peak(stage, f"{stage}.gradient_checkpointing=false") > whole
    sharings = (Sharding.NONE, Sharding.ZERO1, Sharding.ZERO2, Sharding.ZERO3)
    eight = [replace(GPU, processes=8, sharding=sharing) for sharing in sharings]
    peaks = [peak(stage, hardware=hardware) for hardware in eight]
    assert peaks == sorted(peaks, reverse=True)
    assert len(set(peaks)) == len(peaks)


def test_time_grows_with_work_and_shrinks_with_processes() -> None:
    for stage in Stage:
        once = plan(stage)
        hours = estimate_seconds(once, GPU) / 3600
        assert 0.1 < hours < 100
        slow = replace(GPU, flops=GPU.flops / 2, bandwidth=GPU.bandwidth / 2)
        assert estimate_seconds(once, slow) > 1.5 * 3600 * hours
        eight = replace(GPU, processes=8)
        assert estimate_seconds(replace(once, generated=max(once.generated, 1)), eight) == (
            pytest.approx(3600 * hours / 8)
        )


@pytest.mark.parametrize(
    ("settings", "steps"),
    [
        ((), 1),
        (("grpo.steps_per_generation=16",), 2),
        (("grpo.num_iterations=3",), 3),
        (("grpo.steps_per_generation=12", "grpo.num_iterations=2"), 3),
        (("grpo.generation_batch_size=256",), 4),
    ],
)
def test_completions_last_for_whole_steps(settings: tuple[str, ...], steps: int) -> None:
    options = stage_options(Stage.GRPO, recipe(*settings))
    assert generation_steps(options, processes=1) == steps


def test_too_little_memory_is_refused_with_what_to_change() -> None:
    some = recipe()
    assert some.shape is not None
    options = stage_options(Stage.SFT, some)
    estimate = estimate_stage(
        Stage.SFT, some, options, shape=some.shape, lengths=LENGTHS, hardware=GPU
    )
    says = (
        r"^too little memory for sft: a process needs about 1\d\d\.\d GB \(optimizer 60\.9\), "
        r"a GPU has 80\.0 GB for it; train LoRA adapters, --set lora\.r=16"
    )
    with pytest.raises(MisuseError, match=says):
        refuse_too_little(estimate)
    refuse_too_little(replace(estimate, hardware=replace(GPU, memory_bytes=10**12)))


SHAPES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "weights": (
        {"hidden_size": 512, "vocab_size": 100_000, "tie_word_embeddings": False},
        {"per_device_train_batch_size": 1},
    ),
    "activations": (
        {"hidden_size": 64, "intermediate_size": 256, "num_hidden_layers": 32},
        {"per_device_train_batch_size": 512},
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("largest", list(SHAPES))
def test_measured_peak_is_near_the_estimate(tmp_path: Path, largest: str) -> None:
    shape, options = SHAPES[largest]
    model = write_model(tmp_path / "model", write_dataset(tmp_path / "set", blocks=64), **shape)
    places = f'[data]\npath = "{tmp_path / "set"}"\n[model]\npath = "{model}"\n'
    plain = {"max_steps": 2, "save_strategy": "no", "max_length": 64, **options}
    lines = "".join(f"{name} = {json.dumps(value)}\n" for name, value in plain.items())
    (tmp_path / "r.toml").write_text(f"{places}[sft]\n{lines}")
    estimated, measured = run_and_measure(tmp_path, "r.toml", "--stage", "sft")
    assert measured > 1.3
    assert abs(measured - estimated) < TOLERANCE * measured


def run_and_measure(folder: Path, *arguments: str) -> tuple[float, float]:
    """Run the command alone in a process; gives the peak that it says and the one that it had."""
    script = (
        "import resource, subprocess, sys;"
        "done = subprocess.run(sys.argv[1:], capture_output=True, text=True);"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 / 1e9;"
        "print(done.stdout, done.stderr, f'used {used}')"
    )
    command = [sys.executable, "-m", "stepcode_cli.main", "train", *arguments, "--out", "run"]
    told = subprocess.run(
        [sys.executable, "-c", script, *command],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=True,
        timeout=110,
    ).stdout
    found = re.search(r"memory ([\d.]+) GB", told), re.search(r"used ([\d.]+)", told)
    assert found[0], told
    assert found[1], told
    return float(found[0][1]), float(found[1][1])
