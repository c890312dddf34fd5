"""A model from nothing, and the runs that begin with one."""

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="needs the extra `train`: torch, transformers and trl")
pytest.importorskip("trl", reason="needs the extra `train`: torch, transformers and trl")

from stepcode.errors import RecipeError
from stepcode.train.models import load_tokenizer
from stepcode.train.shape import ModelShape, read_shape
from stepcode.train.untrained import write_untrained
from tests.end_to_end.build_samples import digests
from tests.train.folders import on_one_thread, write_dataset, write_model

Stepcode = Callable[..., subprocess.CompletedProcess[bytes]]

SHAPE = ModelShape(
    layers=1, hidden=16, heads=2, kv_heads=1, intermediate=32, vocabulary=280, tied=True
)
TEXTS = ["<print>\nys: [1, 2, 3]\n</print>\n", "名前 = 1\n" * 3]
SHORT = (
    "--set", "sft.max_steps=2", "--set", "sft.save_steps=1", "--set", "grpo.max_steps=1",
    "--set", "grpo.max_completion_length=4",
)  # fmt: skip


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    with on_one_thread():
        yield


def test_same_shape_and_texts_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_untrained(tmp_path / name, SHAPE, TEXTS)
    assert digests(tmp_path / "a") == digests(tmp_path / "b")


def test_model_has_its_shape_and_reads_back_every_text(tmp_path: Path) -> None:
    from transformers import AutoConfig

    write_untrained(tmp_path / "model", SHAPE, TEXTS)
    assert read_shape(AutoConfig.from_pretrained(tmp_path / "model")) == SHAPE
    tokenizer = load_tokenizer(str(tmp_path / "model"))
    for text in (*TEXTS, "naïve 🎉"):
        assert tokenizer.decode(tokenizer(text)["input_ids"]) == text


@pytest.mark.parametrize(
    ("change", "said"),
    [({"qk_norm": True}, "leave out"), ({"qkv_bias": False}, "leave out"), ({"hidden": 18}, "18")],
)
def test_shape_that_no_qwen2_has_is_refused(
    tmp_path: Path, change: dict[str, int], said: str
) -> None:
    plain = {"layers": 1, "hidden": 16, "heads": 2, "kv_heads": 1, "intermediate": 32}
    shape = ModelShape(**(plain | {"vocabulary": 300, "tied": True} | change))  # type: ignore[arg-type]  # a bool is an int
    with pytest.raises(RecipeError, match=said):
        write_untrained(tmp_path / "model", shape, TEXTS)
    assert not (tmp_path / "model").exists()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_recipe_that_names_no_model_begins_with_an_untrained_one(
    tmp_path: Path, stepcode_here: Stepcode
) -> None:
    write_dataset(tmp_path / "set")
    command = ("train", "tiny", "--data", "set", "--out", "run", *SHORT)
    done = stepcode_here(*command)
    assert [line.partition(",")[0] for line in done.stdout.decode().splitlines()] == [
        "run/sft: 2 steps",
        "run/grpo: 1 steps",
    ]
    run = json.loads((tmp_path / "run" / "run.json").read_bytes())
    assert run["recipe"]["model"]["path"] == "run/untrained"
    before = digests(tmp_path / "run" / "untrained")
    again = stepcode_here(*command)
    assert again.stdout.count(b", trained before\n") == 2
    assert digests(tmp_path / "run" / "untrained") == before


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_tokenizer_goes_with_the_data_until_something_is_saved(
    tmp_path: Path, stepcode_here: Stepcode
) -> None:
    write_dataset(tmp_path / "one")
    write_dataset(tmp_path / "two", blocks=2)
    # What a run leaves that was killed before its first step.
    write_untrained(tmp_path / "run" / "untrained", SHAPE, TEXTS)
    command = ("train", "tiny", "--stage", "sft", "--out")
    stepcode_here(*command, "run", "--data", "one", *SHORT)
    stepcode_here(*command, "fresh", "--data", "one", *SHORT)
    made = [digests(tmp_path / name / "untrained") for name in ("run", "fresh")]
    assert made[0] == made[1]
    other = stepcode_here(*command, "run", "--data", "two", *SHORT)
    assert other.returncode == 2
    assert b"holds sft of another recipe (data.sha256" in other.stderr
    assert digests(tmp_path / "run" / "untrained") == made[0]


@pytest.mark.filterwarnings("ignore")
def test_model_from_nothing_is_trained_in_one_process(
    tmp_path: Path, stepcode_here: Stepcode, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_dataset(tmp_path / "set")
    monkeypatch.setenv("WORLD_SIZE", "2")
    done = stepcode_here("train", "tiny", "--data", "set", "--out", "run", *SHORT)
    assert done.returncode == 2
    assert b"in one process: name one with --model" in done.stderr
    assert not (tmp_path / "run").exists()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_model_that_is_named_is_taken_in_place_of_the_shape(
    tmp_path: Path, stepcode_here: Stepcode
) -> None:
    write_model(tmp_path / "model", write_dataset(tmp_path / "set"))
    command = ("train", "tiny", "--stage", "sft", "--data", "set", "--model", "model")
    done = stepcode_here(*command, "--out", "run", *SHORT)
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "run" / "untrained").exists()
