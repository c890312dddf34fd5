"""Scores that others have published, down to each boolean."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from stepcode.evaluate.benchmarks import cruxeval, livecodebench
from stepcode.evaluate.extract import Side
from stepcode.evaluate.passk import pass_at_k
from stepcode.literals import is_literal

Published = dict[str, Any]  # Any: JSON


def read_rows(path: Path) -> list[Published]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def in_order(published: Published) -> dict[str, Sequence[str]]:
    return dict(published["raw_generations"])


@pytest.mark.parametrize(
    ("side", "run", "pass_at_1"),
    [
        (Side.OUTPUT, "codellama-7b_temp0.2_output", 34.2125),
        (Side.INPUT, "codellama-7b_temp0.2_input", 35.95),
    ],
)
def test_every_boolean_of_cruxeval_is_the_published_one(
    data_dir: Path, side: Side, run: str, pass_at_1: float
) -> None:
    folder = data_dir / "cruxeval"
    file = folder / f"sample_scored_{run}.json"
    if not file.is_file():
        pytest.skip(f"no {file.name} beside CRUXEval's questions")
    questions = {
        row["id"]: cruxeval.Question(row["id"], row["code"], row["input"], row["output"])
        for row in read_rows(folder / "cruxeval.jsonl")
    }
    published = json.loads(file.read_text(encoding="utf-8"))
    scored = cruxeval.score(questions, in_order(published), side)
    assert scored.scores == published["raw_scored_generations"]
    assert pass_at_k(scored.scores, 1) == pytest.approx(pass_at_1)
    assert pass_at_k(scored.scores, 5) == pytest.approx(published["pass_at_5"])
    assert not scored.unscored


PUBLISHED_RUNS = {
    "gpt-4-1106-preview+cot": 82.21,
    "gpt-4-0613+cot": 68.56,
    "gpt-4-0613": 51.44,
    "claude-2+cot": 48.48,
    "deepseek-instruct-33b+cot": 43.26,
    "gpt-3.5-turbo-0613": 41.98,
    "gpt-3.5-turbo-0613+cot": 41.86,
    "deepseek-instruct-6.7b": 40.19,
    "phind": 34.99,
    "mixtral-8x7b": 34.38,
    "codellama-7b": 28.64,
    "phi-1": 25.05,
    "starcoderbase-7b": 23.63,
}


@pytest.mark.parametrize(("model", "pass_at_1"), PUBLISHED_RUNS.items())
def test_every_boolean_of_literals_in_livecodebench_is_the_published_one(
    data_dir: Path, model: str, pass_at_1: float
) -> None:
    run = f"{model}_temp0.2_output"
    if not (data_dir / "livecodebench" / "eval_results" / f"{run}.json").is_file():
        pytest.skip(f"no generations of {model} among LiveCodeBench's")
    folder = data_dir / "livecodebench"
    questions = {
        row["id"]: livecodebench.Question(row["id"], "", "", row["output_literal_recovered"])
        for row in read_rows(folder / "recovered_outputs.jsonl")
    }
    file = folder / "eval_results" / f"{run}.json"
    published = json.loads(file.read_text(encoding="utf-8"))
    answers = in_order(published)
    scored = livecodebench.score(questions, answers)
    literals = 0
    for row, said in answers.items():
        theirs = published["raw_scored_generations"][row]
        for answer, ours, right in zip(said, scored.scores[row], theirs, strict=True):
            if is_literal(answer):
                literals += 1
                assert ours == right, (row, answer)
    assert literals > 4000
    assert pass_at_k(published["raw_scored_generations"], 1) == pytest.approx(pass_at_1, abs=0.005)
