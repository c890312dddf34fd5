import pytest

from stepcode.dataset.prose import fill_card, read_prose
from stepcode.errors import DatasetError

TEMPLATE = """\
# $title

<!-- prose: summary -->
As written.
<!-- end of prose -->

$rows rows

<!-- prose: limits -->
<!-- end of prose -->
"""
VALUES = {"title": "Traces", "rows": "3"}


def fill(**prose: str) -> str:
    return fill_card(TEMPLATE, VALUES, prose, where="README.md")


def test_what_people_write_comes_back_as_it_is() -> None:
    text = "Costs $5, $title and ${rows}.\n\n\n- a\\b\n"
    card = fill(limits=text)
    assert read_prose(card, where="") == {"summary": "As written.\n", "limits": text}
    assert fill(**read_prose(card, where="")) == card


def test_emptied_place_stays_empty() -> None:
    assert "As written" not in fill(summary="")


def test_card_without_marks_has_no_prose() -> None:
    assert read_prose("# My own card\n", where="") == {}


def test_lines_of_windows_are_read() -> None:
    assert read_prose(fill().replace("\n", "\r\n"), where="")["summary"] == "As written.\n"


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        (("<!-- end of prose -->", ""), "do not fit together"),
        (("<!-- prose: limits -->", ""), "do not fit together"),
        (("prose: limits", "prose: summary"), "two places for prose named 'summary'"),
    ],
)
def test_marks_that_do_not_fit_are_told(changed: tuple[str, str], why: str) -> None:
    with pytest.raises(DatasetError, match=f"README.md: .*{why}"):
        read_prose(fill().replace(*changed, 1), where="README.md")


def test_prose_without_a_place_is_not_lost_in_silence() -> None:
    with pytest.raises(DatasetError, match=r"named 'limit': expected .*did you mean 'limits'"):
        fill(limit="None.\n")
