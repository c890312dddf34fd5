"""The code in docs/training.md does what the text says."""

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch", reason="needs the extra `train`")

from stepcode.reason import render_completion
from stepcode.types import TaskKind
from tests.end_to_end.test_readme import blocks
from tests.train.tiny import make_rows
from tests.unit.reason_samples import example

DOCUMENT = Path(__file__).parents[2] / "docs" / "training.md"

pytestmark = pytest.mark.skipif(
    not DOCUMENT.is_file(), reason="these tests were copied away from the documents"
)


def test_reward_of_one_s_own_is_a_scorer() -> None:
    names: dict[str, Any] = {}  # Any: whatever the document defines
    for block in blocks(DOCUMENT):
        if block.language == "python":
            exec(block.text, names)
    right = render_completion(example(TaskKind.OUTPUT))
    rows = list(make_rows([example(TaskKind.OUTPUT)] * 2))
    scorer = names["ShortAnswers"]()
    short, long = scorer([right, "so " * 1000 + right], rows)
    scorer.truth.close()
    assert short.score.is_perfect
    assert [step.correct for step in long.score.steps] == [True] * len(long.score.steps)
    assert not long.score.final
