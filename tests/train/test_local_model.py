"""A local model answers a benchmark, and a resumed evaluation says what an undisturbed one says."""

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch", reason="needs the extra `train`: torch, transformers and trl")

from stepcode.evaluate.benchmark import Sampling
from stepcode.evaluate.models import Question
from stepcode.evaluate.models.local import LocalModel, load_local_model
from tests.end_to_end.build_samples import write_jsonl
from tests.train.folders import on_one_thread, write_dataset, write_model

Stepcode = Callable[..., subprocess.CompletedProcess[bytes]]

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

ROWS = [
    {"id": f"s{n}", "code": "def f(x):\n    return x", "input": str(n), "output": str(n)}
    for n in range(5)
]
ASKED = (
    "eval",
    "--benchmark",
    "cruxeval-output",
    "--data",
    "rows.jsonl",
    "--model",
    "model",
    "-n",
    "3",
    "--temperature",
    "1",
    "--max-tokens",
    "6",
    "--batch",
    "4",
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    write_model(folder / "model", write_dataset(folder / "set"))
    return folder


@pytest.fixture(autouse=True)
def inputs(made: Path, tmp_path: Path) -> Iterator[None]:
    for name in ("set", "model"):
        (tmp_path / name).symlink_to(made / name)
    write_jsonl(tmp_path / "rows.jsonl", ROWS)
    with on_one_thread():
        yield


def completions(path: Path) -> dict[tuple[str, int], Any]:
    lines = [json.loads(line) for line in path.read_text().splitlines()[1:]]
    return {(line["row"], line["number"]): line for line in lines}


def test_resumed_evaluation_is_that_of_one_that_was_never_ended(
    tmp_path: Path, stepcode_here: Stepcode
) -> None:
    done = stepcode_here(*ASKED, "-o", "whole.json")
    assert done.returncode == 0, done.stderr
    whole = tmp_path / "whole.completions.jsonl"
    said = completions(whole)
    assert len(said) == 15
    assert len({line["text"] for line in said.values()}) > 5
    lines = whole.read_bytes().splitlines(keepends=True)
    ended = tmp_path / "ended.completions.jsonl"
    ended.write_bytes(b"".join(lines[:7]) + lines[7][:20])
    assert stepcode_here(*ASKED, "-o", "ended.json").returncode == 0
    assert completions(ended) == said
    reports = (json.loads((tmp_path / name).read_bytes()) for name in ("whole.json", "ended.json"))
    assert next(reports) == next(reports)


def test_model_is_asked_about_steps_of_a_dataset(tmp_path: Path, stepcode_here: Stepcode) -> None:
    asked = ("--benchmark", "steps", "--data", "set", "--model", "model", "--max-tokens", "5")
    done = stepcode_here("eval", *asked, "-o", "steps.json")
    assert done.returncode == 0, done.stderr
    found = json.loads((tmp_path / "steps.json").read_bytes())
    assert found["metrics"]["step_accuracy"] == 0
    assert found["counts"]["cut"] == len(found["scores"])


def test_folder_without_tokenizer_is_one_line(
    made: Path, tmp_path: Path, stepcode_here: Stepcode
) -> None:
    bare = tmp_path / "bare"
    shutil.copytree(made / "model", bare, ignore=shutil.ignore_patterns("*token*", "*.jinja"))
    done = stepcode_here(*ASKED[:-8], "--model", "bare", "-o", "bare.json")
    assert done.returncode == 2
    assert b"bare: has no tokenizer" in done.stderr
    assert not list(tmp_path.glob("bare.*"))


@pytest.mark.parametrize(
    ("name", "told"),
    [("nowhere", "no such folder"), ("./no/where", "no such"), ("rows.jsonl", "is not a folder")],
)
def test_what_is_no_model_is_one_line(stepcode_here: Stepcode, name: str, told: str) -> None:
    done = stepcode_here(*ASKED[:-8], "--model", name, "-o", "none.json")
    assert done.returncode == 2
    assert f"{name}: {told}".encode() in done.stderr


def test_question_longer_than_the_model_can_read_is_refused_and_the_others_answered(
    made: Path, tmp_path: Path
) -> None:
    short = tmp_path / "short"
    shutil.copytree(made / "model", short)
    config = json.loads((short / "config.json").read_bytes())
    (short / "config.json").write_text(json.dumps(config | {"max_position_embeddings": 40}))
    asked = [Question(str(n), [{"role": "user", "content": "x" * n}], 1, [0]) for n in (9, 99, 30)]
    sampling = Sampling(temperature=0.0, samples=1, max_tokens=20)
    with load_local_model(str(short), sampling, batch=3) as model:
        said = {one.row: one for one in model.complete(asked)}
    assert [said[row].refused == "" for row in ("9", "99", "30")] == [True, False, True]
    assert said["99"].text == ""
    assert said["99"].refused.endswith("tokens, of 40 at most")


def test_greedy_answer_is_that_of_transformers(made: Path) -> None:
    import torch

    sampling = Sampling(temperature=0.0, samples=1, max_tokens=5)
    with load_local_model(str(made / "model"), sampling, batch=2) as model:
        asked = [
            Question(str(n), [{"role": "user", "content": "x = 1" * n}], 1, [0]) for n in (1, 2, 3)
        ]
        said = {one.row: one.text for one in model.complete(asked)}
        assert isinstance(model, LocalModel)
        tokenizer, plain = model._tokenizer, model._model
        for question in asked:
            text = model._render(question.messages)
            ids = tokenizer(text, add_special_tokens=False, return_tensors="pt")["input_ids"]
            with torch.inference_mode():
                written = plain.generate(input_ids=ids, max_new_tokens=5, do_sample=False)
            alone = tokenizer.decode(written[0, ids.size(1) :], skip_special_tokens=True)
            assert said[question.row] == alone
