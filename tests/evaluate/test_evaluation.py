"""The file of an evaluation reads back as it was written, and anything else is told from it."""

import json
from pathlib import Path
from typing import Any

import pytest

from stepcode.errors import MisuseError
from stepcode.evaluate.evaluation import cut, read_evaluation, write_evaluation
from tests.evaluate.report_samples import HOSTILE, WRONG, evaluation, row


def test_reading_undoes_writing(tmp_path: Path) -> None:
    written = evaluation(row("\ud800", WRONG, code=HOSTILE))
    write_evaluation(tmp_path / "e.json", written)
    assert read_evaluation(tmp_path / "e.json") == written


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"benchmark": None}, "its 'benchmark' is not as it should be"),
        ({"metrics": {"pass@1": "high"}}, "its 'metrics' is not"),
        ({"metrics": {"pass@1": True}}, "its 'metrics' is not"),
        ({"intervals": {"pass@1": [1]}}, "its 'intervals' is not"),
        ({"scores": {"r": [1]}}, "its 'scores' is not"),
        ({"groups": {"position": {"1": 3}}}, "its 'groups' is not"),
        ({"rows": [{"id": "r"}]}, "its 'rows' is not"),
        (
            {"rows": [{"id": "r", "completions": [{"answer": 3, "verdict": "passed"}]}]},
            "its 'rows'",
        ),
    ],
)
def test_what_is_not_as_it_should_be_is_named(
    change: dict[str, Any], problem: str, tmp_path: Path
) -> None:
    path = tmp_path / "e.json"
    write_evaluation(path, evaluation())
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(MisuseError, match=problem):
        read_evaluation(path)


@pytest.mark.parametrize("text", ["", "{", "[]", "3", '{"metrics": {}}', "[" * 100_000, "\0"])
def test_another_file_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "e.json").write_text(text)
    with pytest.raises(MisuseError, match=r"e\.json: is no evaluation"):
        read_evaluation(tmp_path / "e.json")


def test_a_cut_says_how_much_is_left_out() -> None:
    assert cut("abcdef", 4) == "abcd… [2 more characters]"
    assert cut("abcd", 4) == "abcd"
