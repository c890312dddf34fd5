"""The code in docs/steps.md does what the text says."""

from pathlib import Path

import pytest

from tests.end_to_end.test_readme import blocks
from tests.unit.dataset_samples import build_sample

DOCUMENT = Path(__file__).parents[2] / "docs" / "steps.md"


@pytest.mark.skipif(not DOCUMENT.is_file(), reason="this test was copied away from the documents")
def test_the_true_completions_of_a_dataset_are_right_in_every_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_sample(tmp_path / "out" / "mine")
    monkeypatch.chdir(tmp_path)
    run = [block.text for block in blocks(DOCUMENT) if block.language == "python"]
    for text in run:
        exec(text, {})
    assert len(run) == 1
