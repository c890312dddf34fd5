"""`stepcode export` as a user meets it, and each of its files in the library that reads it."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from datasets import load_dataset

from tests.end_to_end.build_samples import row, write_jsonl

Stepcode = Callable[..., subprocess.CompletedProcess[bytes]]

COLUMNS = {
    "trl-sft": {"prompt", "completion"},
    "trl-grpo": {
        "prompt", "id", "kind", "anchored_code", "anchors", "given", "target", "steps",
    },
    "verl": {"data_source", "prompt", "ability", "reward_model", "extra_info"},
    "chat": {"messages"},
}  # fmt: skip


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from stepcode_pipelines.build import build_dataset
    from stepcode_pipelines.recipe import load_recipe

    folder = tmp_path_factory.mktemp("export")
    path = write_jsonl(folder / "in.jsonl", [row(1), row(2)])
    recipe = load_recipe("bundled", source="jsonl", path=str(path))
    build_dataset(recipe, folder / "out", workers=1)
    return folder / "out"


@pytest.mark.parametrize("form", COLUMNS)
@pytest.mark.parametrize("suffix", ["jsonl", "parquet"])
def test_datasets_loads_every_export(
    stepcode_here: Stepcode, built: Path, tmp_path: Path, form: str, suffix: str
) -> None:
    if (form, suffix) == ("verl", "jsonl"):
        pytest.skip("verl reads Parquet")
    name = f"new/train.{suffix}"
    done = stepcode_here("export", str(built), "--format", form, "-o", name)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == f"{name}: 4 examples as {form}\n".encode()
    reader = "json" if suffix == "jsonl" else "parquet"
    loaded = load_dataset(
        reader, data_files=str(tmp_path / name), split="train", cache_dir=str(tmp_path / "cache")
    )
    assert set(loaded.column_names) == COLUMNS[form]
    assert loaded.num_rows == 4
    messages = loaded[0]["messages" if form == "chat" else "prompt"]
    assert messages[0]["role"] == "user"
    assert "def f(x):" in messages[0]["content"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--format", "trl-sfft", "-o", "x.jsonl"], "did you mean 'trl-sft'?"),
        (["--format", "alpaca", "-o", "x.jsonl"], "trl-sft, trl-grpo, verl or chat"),
        (["--format", "chat", "-o", "x.csv"], "x.csv: chat goes to a file ending in .jsonl or"),
        (["--format", "verl", "-o", "x.jsonl"], "verl goes to a file ending in .parquet"),
        (["--format", "chat", "-o", "x.jsonl", "--reasons", "mine"], "--reasons is 'mine'"),
        (["--format", "trl-grpo", "-o", "x.jsonl", "--reasons", "narration"], "no place for"),
        (["--format", "chat", "-o", "x.jsonl", "--reasons", "teacher"], "none of 4 examples has"),
        (["--format", "chat", "-o", "x.jsonl", "--split", "test"], "no rows in split 'test'"),
    ],
)
def test_misuse_is_one_line(
    stepcode_here: Stepcode, built: Path, tmp_path: Path, arguments: list[str], says: str
) -> None:
    done = stepcode_here("export", str(built), *arguments)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.count(b"\n") == 1
    assert says in done.stderr.decode()
    assert not list(tmp_path.glob("x.*"))


def test_export_stays_out_of_the_dataset(stepcode_here: Stepcode, built: Path) -> None:
    done = stepcode_here("export", str(built), "--format", "chat", "-o", str(built / "x.jsonl"))
    assert done.returncode == 2
    assert b"is inside the dataset" in done.stderr
