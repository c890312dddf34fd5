"""The flow of the proof in small, with two workers' worth of nothing: a run of a few seconds."""

import json
import math
from pathlib import Path

import pytest

pytest.importorskip("trl")

from stepcode.errors import DatasetError, RecipeError
from stepcode.train.micro.evaluate import ask
from stepcode.train.micro.model import build_model
from stepcode.train.micro.problems import dataset_path, hidden_path, read_problems
from stepcode.train.micro.results import TRAINED, Arm, Job, Result, read_result
from stepcode.train.micro.tasks import Task
from stepcode.train.micro.tokenizer import build_tokenizer
from stepcode_pipelines.micro import read_settings, run
from stepcode_pipelines.sections import read_table
from tests.train.micro_samples import contents, table, tiny_settings

ARMS_OF_REWARDS = [arm for arm in TRAINED if arm is not Arm.CONTINUED_SFT]


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of one seed."""
    folder = tmp_path_factory.mktemp("micro") / "out"
    run(table(), folder, on_message=lambda _: None)
    return folder


def result_of(out: Path, arm: Arm) -> Result:
    found = read_result(Job(Task.SPARSE, 0, arm).path(out))
    assert found is not None
    return found


def test_arms_have_the_same_rollouts(out: Path) -> None:
    for arm in ARMS_OF_REWARDS:
        result = result_of(out, arm)
        assert (result.updates, result.rollouts, result.labelled) == (3, 3 * 3 * 2, 0)


def test_continued_sft_has_the_same_updates_and_compute(out: Path) -> None:
    result = result_of(out, Arm.CONTINUED_SFT)
    assert (result.updates, result.rollouts) == (3, 0)
    assert result.passes == result_of(out, Arm.STEP).passes


def test_warm_up_learned_from_labels_alone(out: Path) -> None:
    result = result_of(out, Arm.WARM_UP)
    assert (result.updates, result.rollouts, result.labelled) == (3, 0, 3 * 4)


def test_all_arms_answer_the_same_held_out_programs(out: Path) -> None:
    lengths = {len(result_of(out, arm).sampled.final) for arm in Arm}
    assert len(lengths) == 1
    assert lengths != {0}


def test_curve_ends_with_the_training(out: Path) -> None:
    assert [point.update for point in result_of(out, Arm.STEP).curve] == [2, 3]


def test_entropy_is_that_of_the_choice_of_each_token(out: Path) -> None:
    import torch

    problems = read_problems(
        dataset_path(out, Task.SPARSE), hidden_path(out, Task.SPARSE), validation=4
    )
    tokenizer = build_tokenizer(one.completion for one in problems.training)
    model = build_model(tokenizer, tiny_settings(), seed=0)
    with torch.no_grad():
        model.lm_head.weight.zero_()  # every word is as likely as any other
    asked = ask(model, tokenizer, problems.held_out, draws=1)
    assert asked.entropy == pytest.approx(math.log(len(tokenizer)), rel=1e-4)


def test_interrupted_run_does_only_what_is_missing_and_gets_the_same_bytes(out: Path) -> None:
    before = contents(out / "runs")
    (out / "runs" / "sparse-0" / f"{Arm.BILEVEL}.json").unlink()
    (out / "runs" / "sparse-0" / f"{Arm.CONTINUED_SFT}.json").unlink()
    messages: list[str] = []
    run(table(), out, on_message=messages.append)
    assert sum(" of 2 runs" in message for message in messages) == 2
    assert contents(out / "runs") == before


def test_warm_up_has_the_same_bytes_anywhere(out: Path, tmp_path: Path) -> None:
    from stepcode.train.micro.arms import run_job

    (tmp_path / "data").symlink_to(out / "data")
    job = Job(Task.SPARSE, 0, Arm.WARM_UP)
    run_job(job, tmp_path, tiny_settings())
    assert job.path(tmp_path).read_bytes() == job.path(out).read_bytes()
    assert job.weights(tmp_path).read_bytes() == job.weights(out).read_bytes()


def test_finished_run_only_writes_its_report_again(out: Path) -> None:
    files = [out / f"micro.{suffix}" for suffix in ("md", "json", "svg")]
    before = [file.read_bytes() for file in files]
    for file in files:
        file.unlink()
    messages: list[str] = []
    text = run(table(), out, on_message=messages.append)
    assert [file.read_bytes() for file in files] == before
    assert not any(" runs" in message for message in messages)
    assert text in files[0].read_text(encoding="utf-8")
    assert json.loads(files[1].read_text())["tasks"]["sparse"]["arms"].keys() == set(Arm)


def test_folder_of_other_settings_is_refused_by_name(out: Path) -> None:
    with pytest.raises(DatasetError, match=r"learning_rate is 0.0003, not 0.001.*another --out"):
        run(table(learning_rate=1e-3), out)


def test_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(DatasetError, match=r"thesis\.tex"):
        run(table(), tmp_path)
    assert [path.name for path in tmp_path.iterdir() if path.name != ".lock"] == ["thesis.tex"]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"seeds": 0}, r"seeds is 0: expected 1 or more"),
        ({"seeds": "three"}, r"seeds is 'three': expected int"),
        ({"seed": 3}, r"unknown key in \[micro\] 'seed'.*did you mean 'seeds'"),
        ({"generations": 1}, r"generations is 1: expected 2 or more"),
        ({"learning_rate": 0.0}, r"learning_rate is 0.0"),
        ({"tasks": ["dense"]}, r"unknown task 'dense': expected some of full, sparse"),
        ({"programs": 20, "validation": 10}, r"too few for 10 of validation"),
        ({"prompts": 1000}, r"2000: more than 1024"),
        ({"hidden": 20}, r"multiple of 16"),
    ],
)
def test_bad_value_is_one_line_before_anything_is_written(
    tmp_path: Path, changes: dict[str, object], told: str
) -> None:
    with pytest.raises(RecipeError, match=told) as caught:
        run(table(**changes), tmp_path / "out")
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_built_in_recipe_is_read() -> None:
    settings = read_settings(read_table("micro", "train"))
    assert settings.seeds >= 3
    assert set(settings.tasks) == set(Task)
