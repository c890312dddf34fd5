"""What `stepcode train` refuses: one clear line, exit code 2, and nothing written."""

import json
import subprocess
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="needs the extra `train`: torch, transformers and trl")
pytest.importorskip("trl", reason="needs the extra `train`: torch, transformers and trl")

from stepcode.dataset.export import ExportFormat, export
from tests.train.folders import RECIPE, write_dataset, write_model
from tests.unit.dataset_samples import open_sample

Stepcode = Callable[..., subprocess.CompletedProcess[bytes]]

pytestmark = pytest.mark.filterwarnings("ignore")

HUGE = {
    "hidden_size": 8192, "intermediate_size": 29568, "num_hidden_layers": 800,
    "num_attention_heads": 64, "num_key_value_heads": 8, "vocab_size": 152064,
}  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset, a model, and things that are nearly one of them."""
    folder = tmp_path_factory.mktemp("made")
    write_model(folder / "model", write_dataset(folder / "set"))
    for missing in ("tokenizer.json", "config.json", "model.safetensors"):
        lacking = write_model(folder / f"without-{missing}", folder / "set")
        (lacking / missing).unlink()
    huge = write_model(folder / "huge", folder / "set")
    config = json.loads((huge / "config.json").read_bytes())
    odd = write_model(folder / "odd", folder / "set")
    (odd / "config.json").write_text(json.dumps(config | {"num_hidden_layers": 3}))
    del config["layer_types"]
    (huge / "config.json").write_text(json.dumps(config | HUGE))
    with open_sample(folder / "stepless") as build:
        build.write_block(0, [], [], rows_in=0, outcomes={})
        build.finish(blocks=range(1), evaluation_only=False, drop_duplicates=False)
    with open_sample(folder / "benchmark") as build:
        build.finish(blocks=(), evaluation_only=True, drop_duplicates=False)
    for form in ExportFormat:
        export(folder / "set", folder / f"{form}.parquet", form)
    (folder / "answers.jsonl").write_text(
        json.dumps(
            {
                "prompt": [{"role": "user", "content": "1+1"}],
                "completion": [{"role": "assistant", "content": "2"}],
            }
        )
    )
    (folder / "cruxeval.jsonl").write_text(
        json.dumps({"code": "def f(x):\n    return x", "input": "1", "output": "1", "id": "s"})
    )
    damaged = write_dataset(folder / "damaged")
    shard = next((damaged / "data").iterdir())
    shard.write_bytes(shard.read_bytes()[:-9] + b"something")
    (folder / "r.toml").write_text('[data]\npath = "set"\n[model]\npath = "model"\n' + RECIPE)
    (folder / "odd.toml").write_text("[sftt]\nlearning_rate = 1\n")
    return folder


@pytest.fixture
def refused(made: Path, tmp_path: Path, stepcode_here: Stepcode) -> Callable[..., str]:
    """Run a command that is refused, where nothing may be left behind; gives what it says."""
    for entry in made.iterdir():
        (tmp_path / entry.name).symlink_to(entry)

    def run(*arguments: str) -> str:
        done = stepcode_here("train", *arguments)
        assert done.returncode == 2, done.stderr
        assert done.stdout == b""
        assert not (tmp_path / "run").exists()
        lines = done.stderr.decode().splitlines()
        told = [line for line in lines if line.startswith("stepcode: ")]
        assert told == lines[-1:]
        return told[0]

    return run


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--data", "stepless"), "stepless: no row was kept, so there are no steps to train on"),
        (("--data", "benchmark"), "benchmark: is for evaluation only"),
        (("--data", "cruxeval.jsonl"), "cruxeval.jsonl: is cruxeval, a benchmark, for evaluation"),
        (("--data", "answers.jsonl", "--stage", "sft"), "none of its 1 examples has a step"),
        (("--data", "damaged"), "missing or damaged"),
        (("--data", "nowhere"), "nowhere: no such file or folder"),
        (("--data", "model"), "model: not a finished dataset"),
        (("--data", "trl-grpo.parquet"), "is a trl-grpo file, not trl-sft; `stepcode export DIR"),
        (("--data", "trl-sft.parquet", "--stage", "grpo"), "is a trl-sft file, not trl-grpo"),
        (("--data", "verl.parquet"), "is a verl file, not trl-sft"),
        (("--set", "data.split=tset"), "has no rows in split 'tset', but train"),
        (("--model", "nowhere"), "nowhere: no such folder"),
        (("--model", "r.toml"), "r.toml: is not a folder"),
        (("--model", "set"), "set: has no config.json, so it is no model"),
        (("--model", "without-tokenizer.json"), "has no tokenizer (tokenizer.json)"),
        (("--model", "without-config.json"), "has no config.json"),
        (("--model", "without-model.safetensors"), "has no weights"),
        (("--model", "odd"), "odd: cannot be read as a model: "),
        (("--model", "huge"), "too little memory for sft: a process needs about"),
        (("--model", "huge", "--set", "lora.r=8"), "; train a smaller model, or share its weights"),
        (("--set", "sft.learning_rat=1"), "[sft] SFTConfig has no option 'learning_rat'; did you "
         "mean 'learning_rate'?"),
        (("--set", "grpo.num_generation=4"), "did you mean 'num_generations'?"),
        (("--set", "lora.rr=4"), "[lora] LoraConfig has no option 'rr'; did you mean 'r'?"),
        (("--set", "sft.learning_rate=fast"), "learning_rate is 'fast': expected float or int"),
        (("--set", "grpo.num_generations=3"), "must be divisible by num_generations (3)"),
        (("--set", "grpo.num_generations=1"), "[grpo] GRPO requires at least 2 generations"),
        (("--set", "sft.gradient_accumulation_steps=0"), "is 0: expected 1 or more"),
        (("--set", "sft.max_length=4"), "no answer would be left to learn"),
        (("--set", "sft.eval_strategy=steps"), "eval_strategy cannot be set"),
        (("--set", "sft.report_to=trackoi"), "knows no 'trackoi'; did you mean 'trackio'?"),
        (("--set", "grpo.use_vllm=true"), "[grpo] use_vllm needs vllm, which is not installed"),
        (("--set", "sft.optim=adamw_8bit"), "optim is 'adamw_8bit', which needs bitsandbytes"),
        (("--set", "sft.optim=adamw"), "[sft] adamw is not a valid OptimizerNames"),
        (("--set", "grpo.loss_type=sapo"), "do not go with loss_type='sapo'"),
        (("--set", "sft=1"), "--set 'sft=1': expected section.key=value, such as"),
        (("--set", "sft.max_steps"), "expected section.key=value"),
        (("--set", "sft.max_steps="), "expected section.key=value"),
        (("--set", "sfft.max_steps=1"), "there is no section [sfft]; did you mean '[sft]'?"),
        (("--set", "data.kinds=['output'"), "is no TOML value"),
        (("--set", "data.kinds=['outptu']"), "unknown kind 'outptu': expected one of output"),
        (("--set", "data.reasons=narated"), "did you mean 'narration'?"),
        (("--set", "advantage.mode=bilvel"), "did you mean 'bilevel'?"),
        (("--set", "advantage.lambda=1"), "unknown key in [advantage] 'lambda'"),
        (("--set", "assume.sharding=zero4"), "unknown sharding 'zero4'"),
        (("--stage", "stf"), "--stage is 'stf': expected sft, grpo or all; did you mean 'sft'?"),
        (("--set", "model.eos_token=<end>"), "eos_token '<end>' is none of its tokens"),
    ],
)  # fmt: skip
def test_mistake_is_told_in_one_line_before_any_work(
    refused: Callable[..., str], arguments: tuple[str, ...], says: str
) -> None:
    for package in ("vllm", "bitsandbytes"):
        if f"needs {package}" in says and find_spec(package):
            pytest.skip(f"{package} is installed")
    assert says in refused("r.toml", "--out", "run", *arguments)


def test_recipe_with_an_unknown_section_is_refused(refused: Callable[..., str]) -> None:
    assert "unknown section '[sftt]'" in refused("odd.toml", "--out", "run")
    assert "did you mean 'qwen2.5-coder-7b'" in refused("qwen2.5-coder-8b", "--out", "run")
    assert "--out is missing" in refused("r.toml")


def test_folder_of_something_else_is_left_alone(made: Path, stepcode_here: Stepcode) -> None:
    done = stepcode_here("train", str(made / "r.toml"), "--out", str(made / "set"))
    assert done.returncode == 2
    done = stepcode_here(
        *("train", "r.toml", "--data", str(made / "set"), "--model", str(made / "model")),
        *("--out", str(made / "set")),
    )
    assert done.returncode == 2


@pytest.mark.parametrize("missing", ["torch", "trl"])
def test_missing_package_is_named_with_the_extra_that_brings_it(
    refused: Callable[..., str], monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    def without(name: str) -> object:
        return None if name == missing else find_spec(name)

    monkeypatch.setattr("stepcode_cli.train.find_spec", without)
    says = f"stepcode train needs {missing}, which is not installed: pip install 'stepcode[train]'"
    assert refused("r.toml", "--out", "run").endswith(says)


def test_dry_run_says_what_built_in_recipes_need_and_refuses_nothing(
    stepcode_here: Stepcode,
) -> None:
    for recipe, parameters in (("0.5b", "494,032,768"), ("7b", "7,615,616,512")):
        done = stepcode_here("train", f"qwen2.5-coder-{recipe}", "--dry-run")
        assert done.returncode == 0
        assert done.stdout.decode().count(f"{parameters} parameters, trained: all") == 2
    many = ("--set", "sft.per_device_train_batch_size=4096")
    done = stepcode_here("train", "qwen2.5-coder-7b", "--stage", "sft", "--dry-run", *many)
    assert done.returncode == 0


def test_dry_run_looks_at_data_and_a_model_that_are_there(
    made: Path, tmp_path: Path, stepcode_here: Stepcode
) -> None:
    for entry in made.iterdir():
        (tmp_path / entry.name).symlink_to(entry)
    done = stepcode_here("train", "r.toml", "--dry-run")
    assert done.stdout.decode().splitlines()[1].split(", up to")[0] == (
        "  4 steps of 4 sequences from 8 examples"
    )
    assert stepcode_here("train", "r.toml", "--dry-run", "--data", "nowhere").returncode == 2
    assert stepcode_here("train", "r.toml", "--dry-run", "--model", "huge").returncode == 0
