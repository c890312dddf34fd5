"""Our own benchmark: steps judged by what the interpreter printed, whatever the answer is."""

from pathlib import Path

import pytest

from stepcode.dataset.examples import to_examples
from stepcode.dataset.read import read_rows
from stepcode.errors import MisuseError
from stepcode.evaluate.benchmark import Judgement, Prompting, Reading
from stepcode.evaluate.benchmarks.steps import Steps, read_steps
from stepcode.evaluate.extract import Extractor
from stepcode.reason import render_answer, render_completion, render_prompt
from stepcode.source import SourceSettings
from stepcode.types import Example, PredictedStep, TaskKind
from stepcode_pipelines.build import build_dataset
from stepcode_pipelines.recipe import Recipe
from tests.end_to_end.build_samples import write_jsonl

CODE = """\
def f(x):
    y = x + 1
    z = [y, x]
    if y > 2:
        z.append(y * 2)
    return z
"""
READING = Reading(Prompting.STEPS, Extractor.LENIENT)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("steps")
    rows = [{"id": str(n), "code": CODE, "input": str(n)} for n in range(4)]
    path = write_jsonl(folder / "rows.jsonl", rows)
    recipe = Recipe(source=SourceSettings(name="jsonl", path=str(path)))
    build_dataset(recipe, folder / "set", workers=1)
    return folder / "set"


@pytest.fixture(scope="module")
def benchmark(dataset: Path) -> Steps:
    return read_steps(str(dataset))


@pytest.fixture(scope="module")
def examples(dataset: Path) -> dict[str, Example]:
    return {one.id: one for row in read_rows(dataset) for one in to_examples(row)}


def judge(benchmark: Steps, texts: dict[str, list[str]]) -> Judgement:
    return benchmark.judge(texts, READING)


def with_steps(example: Example, *, wrong: int, final: str = "") -> str:
    """A completion whose first steps are wrong, with the right answer unless one is given."""
    steps = [
        PredictedStep(step.name, "'no'" if place < wrong else step.text or "")
        for place, step in enumerate(example.steps)
    ]
    return render_answer(steps, final or example.target)


def test_every_row_is_asked_twice_as_in_training(
    benchmark: Steps, examples: dict[str, Example]
) -> None:
    assert benchmark.ids == list(examples)
    for row in benchmark.ids:
        prompt = benchmark.prompt(row, Prompting.STEPS, anchors=True)
        assert prompt == render_prompt(examples[row])


def test_right_completions_are_all_right(benchmark: Steps, examples: dict[str, Example]) -> None:
    found = judge(benchmark, {row: [render_completion(one)] for row, one in examples.items()})
    assert found.metrics == {
        "step_accuracy": 100,
        "final_accuracy": 100,
        "gap": 0,
        "path_consistency": 100,
        "right_by_wrong_logic": 0,
    }
    assert set(found.counts) == {"passed"}
    assert all(low == high for low, high in found.intervals.values())


def test_right_answer_by_wrong_steps_comes_to_light(
    benchmark: Steps, examples: dict[str, Example]
) -> None:
    outputs = {row: one for row, one in examples.items() if one.kind is TaskKind.OUTPUT}
    found = judge(benchmark, {row: [with_steps(one, wrong=1)] for row, one in outputs.items()})
    steps = sum(len(one.steps) for one in outputs.values())
    share = 100 * (steps - len(outputs)) / steps
    assert found.metrics["final_accuracy"] == 100
    assert found.metrics["right_by_wrong_logic"] == 100
    assert found.metrics["step_accuracy"] == pytest.approx(share)
    assert found.metrics["path_consistency"] == pytest.approx(share)
    assert found.metrics["gap"] == pytest.approx(100 - share)
    assert found.groups["position"]["1"]["step_accuracy"] == 0
    assert found.groups["position"]["2"]["step_accuracy"] == 100


def test_wrong_answer_keeps_its_right_steps(benchmark: Steps, examples: dict[str, Example]) -> None:
    row, one = next(iter(examples.items()))
    found = judge(benchmark, {row: [with_steps(one, wrong=0, final="'no'"), ""]})
    assert found.scores[row] == [False, False]
    assert found.counts == {"failed": 1, "not_extracted": 1}
    assert found.metrics["step_accuracy"] == 50
    assert "path_consistency" not in found.metrics


def test_proposed_call_is_run_and_its_own_steps_are_the_truth(
    benchmark: Steps, examples: dict[str, Example]
) -> None:
    row, one = next((r, e) for r, e in examples.items() if e.kind is TaskKind.INPUT)
    entry = one.target.partition("(")[0]
    found = judge(benchmark, {row: [render_answer([], f"{entry}(12345)")]})
    (detail,) = found.details[row]
    assert detail.verdict == "failed"
    assert ("y", "12346") in [(step.name, step.text) for step in detail.steps]


def test_groups_count_every_step_once(benchmark: Steps, examples: dict[str, Example]) -> None:
    found = judge(benchmark, {row: [render_completion(one)] for row, one in examples.items()})
    steps = sum(len(one.steps) for one in examples.values())
    for title in ("position", "anchor"):
        assert sum(numbers["n"] for numbers in found.groups[title].values()) == steps
    for title in ("task", "number of steps"):
        assert sum(numbers["n"] for numbers in found.groups[title].values()) == len(examples)


def test_other_prompts_are_refused(benchmark: Steps) -> None:
    with pytest.raises(MisuseError, match="--prompt is cot: this benchmark asks for steps"):
        benchmark.prompt(benchmark.ids[0], Prompting.COT, anchors=False)
