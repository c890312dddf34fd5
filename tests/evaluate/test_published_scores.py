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


def test_every_boolean_of_cruxeval_outputs_is_the_published_one(data_dir: Path) -> None:
    folder = data_dir / "cruxeval"
    questions = {
        row["id"]: cruxeval.Question(row["id"], row["code"], row["input"], row["output"])
        for row in read_rows(folder / "cruxeval.jsonl")
    }
    file = folder / "sample_scored_codellama-7b_temp0.2_output.json"
    published = json.loads(file.read_text(encoding="utf-8"))
    scored = cruxeval.score(questions, in_order(published), Side.OUTPUT)
    assert scored.scores == published["raw_scored_generations"]
    assert pass_at_k(scored.scores, 1) == pytest.approx(34.2125)
    assert pass_at_k(scored.scores, 5) == pytest.approx(published["pass_at_5"])
    assert not scored.unscored


@pytest.mark.parametrize(
    ("run", "pass_at_1"),
    [("gpt-4-0613_temp0.2_output", 51.44), ("codellama-7b_temp0.2_output", 28.64)],
)
def test_every_boolean_of_literals_in_livecodebench_is_the_published_one(
    data_dir: Path, run: str, pass_at_1: float
) -> None:
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
