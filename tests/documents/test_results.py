"""What README claims is what the page on measurements tells how to measure; nothing is left out."""

import pytest

from tests.documents.pages import ROOT, first_column

pytestmark = pytest.mark.skipif(
    not (ROOT / "README.md").is_file(), reason="these tests were copied away from the documents"
)


def test_every_result_of_readme_is_told_how_to_measure() -> None:
    claimed = first_column(ROOT / "README.md", head="what")
    assert first_column(ROOT / "docs" / "results.md", head="number") == claimed
