"""REval as `stepcode eval` asks it."""

from pathlib import Path

import pytest

from stepcode.errors import MisuseError, SourceError
from stepcode.evaluate.benchmark import Prompting, Sandboxing
from stepcode.evaluate.benchmarks.reval.benchmark import Reval, read_reval

CONSTANTS = {"coverage": "NO", "path": "-1", "state": "Nil", "output": "?"}


@pytest.fixture
def benchmark(data_dir: Path) -> Reval:
    return read_reval(str(data_dir / "reval" / "DREval_data.jsonl"))


@pytest.mark.slow
def test_constant_answers_are_their_own_baseline(benchmark: Reval) -> None:
    texts = {row: [CONSTANTS[row.rpartition("/")[2]]] for row in benchmark.ids[:500]}
    found = benchmark.judge(texts, None, Sandboxing(workers=2))
    (baseline,) = found.baselines.values()
    assert found.metrics == baseline
    assert set(found.scores) == set(texts)
    assert found.metrics["output_accuracy"] == 0
    assert all(row in found.details for row in texts)
    assert benchmark.truth(benchmark.ids[0]).expected in ("YES", "NO")


def test_every_question_has_a_prompt_and_no_anchors(benchmark: Reval) -> None:
    assert len(benchmark.ids) == 3 * 3152 + 690
    prompts = {
        benchmark.prompt(row, Prompting.COT, anchors=False)[0]["content"]
        for row in benchmark.ids[:20]
    }
    assert len(prompts) == 20
    with pytest.raises(MisuseError, match="--prompt direct or cot"):
        benchmark.prompt(benchmark.ids[0], Prompting.STEPS, anchors=False)


def test_data_without_its_tasks_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"DREval_(data|tasks)\.jsonl: no such file"):
        read_reval(str(tmp_path / "DREval_data.jsonl"))
