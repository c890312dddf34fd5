"""The page on the data format says what the code writes: the same columns and the same words."""

import re

import pytest

from stepcode.anchor.novelty import Novelty
from stepcode.dataset.frames import ANCHOR, REJECTED_COLUMNS, SCHEMA, STEP
from stepcode.types import AnchorKind
from tests.documents.pages import ROOT, first_column

PAGE = ROOT / "docs" / "data-format.md"

pytestmark = pytest.mark.skipif(
    not PAGE.is_file(), reason="these tests were copied away from the documents"
)


def code(*words: str) -> list[str]:
    return [f"`{word}`" for word in words]


def test_tables_have_the_columns_of_the_schema_in_order() -> None:
    assert first_column(PAGE, head="column") == code(*SCHEMA)
    assert first_column(PAGE, head="of an anchor") == code(*(one.name for one in ANCHOR.fields))
    assert first_column(PAGE, head="of a step") == code(*(one.name for one in STEP.fields))


def test_rejected_rows_have_the_columns_that_are_listed() -> None:
    section = PAGE.read_text(encoding="utf-8").split("## Columns of `rejected`")[1]
    listed = section.partition(". ")[0]
    assert re.findall(r"`(\w+)`", listed) == list(REJECTED_COLUMNS)


def test_kinds_and_novelties_are_all_named() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert not [word for word in code(*AnchorKind, *Novelty) if word not in text]
