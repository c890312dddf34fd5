"""Reports: what a page shows, that it shows text as text, and when a difference is told."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from stepcode.errors import DatasetError, MisuseError
from stepcode.evaluate.evaluation import (
    Detail,
    Evaluation,
    RowDetail,
    StepDetail,
    read_evaluation,
    write_evaluation,
)
from stepcode.evaluate.report.compare import compare, sign_test
from stepcode.evaluate.report.markdown import render_comparison, render_markdown
from stepcode.evaluate.report.page import render_comparison_page, render_page

EVIL = "</pre></script><script>alert(1)</script><img src=x onerror=alert(2)>"
STEPS = (
    StepDetail("x", "1", "x: 1", True, "assign"),
    StepDetail("y", "2", "y: 3", False, "assign"),
    StepDetail("z", "3", None, False, "return"),
)


def evaluation(right: list[list[bool]], *, model: str = "m", **changes: Any) -> Evaluation:
    def said(is_right: bool) -> Detail:
        return Detail("1", "passed" if is_right else "failed", "said 1", True, STEPS)

    rows = tuple(
        RowDetail(
            f"r{n}",
            "def f(): pass",
            "f()",
            "None",
            tuple(map(said, ones)),
        )
        for n, ones in enumerate(right)
    )
    made = Evaluation(
        benchmark="steps",
        model=model,
        settings={"data_sha256": "abc", "samples": 1},
        metrics={"final_accuracy": 50.0},
        intervals={"final_accuracy": (40.0, 60.0)},
        scores={f"r{n}": ones for n, ones in enumerate(right)},
        counts={"passed": 1, "failed": 1},
        rows=rows,
        groups={"position": {"1": {"n": 2, "step_accuracy": 50.0}}},
    )
    return replace(made, **changes)


def test_evaluation_is_read_as_it_was_written(tmp_path: Path) -> None:
    one = evaluation([[True], [False]])
    write_evaluation(tmp_path / "one.json", one)
    assert read_evaluation(tmp_path / "one.json") == one


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format": 1}', '{"format": 99}'])
def test_other_files_are_no_evaluation(tmp_path: Path, content: str) -> None:
    (tmp_path / "other.json").write_text(content)
    with pytest.raises(DatasetError, match=r"other\.json"):
        read_evaluation(tmp_path / "other.json")


def test_page_shows_scores_rows_and_the_first_wrong_step() -> None:
    page = render_page(evaluation([[True], [False]]))
    assert "40.00 to 60.00" in page
    assert page.count("<details class=row") == 2
    assert page.count("class='wrong first'") == 2
    assert page.count("<td>y: 2</td><td>y: 3</td>") == 2
    assert page.count("<td>z: 3</td><td>-</td>") == 2
    assert 'data-kinds="lucky passed"' in page
    assert "right answer, wrong steps" in page


def test_text_of_models_and_programs_is_shown_and_never_runs() -> None:
    row = RowDetail(EVIL, EVIL, EVIL, EVIL, (Detail(EVIL, "failed", EVIL + "!", True, STEPS),))
    evil = evaluation([[False]], model=EVIL, rows=(row,), settings={EVIL: EVIL})
    for page in (render_page(evil), render_comparison_page(compare(evil, evil))):
        assert "<img" not in page
        assert page.count("<script>") == 1
        assert page.count("&lt;img src=x onerror=alert(2)&gt;") >= 5


def test_page_loads_nothing() -> None:
    page = render_page(evaluation([[True]]))
    assert not re.search(r"https?:|//[a-z]|@import|url\(", page.replace("// Shows", ""))


def test_same_answers_are_shown_once_with_their_number() -> None:
    assert render_page(evaluation([[True, True, True]])).count("<div class=said>") == 1


def test_markdown_has_scores_and_groups() -> None:
    text = render_markdown(evaluation([[True]], model="a|b"))
    assert "| final_accuracy | 50.00 | 40.00 to 60.00 |" in text
    assert "## By position" in text
    assert "a|b" in text


def test_difference_is_told_from_chance_only_where_both_tests_say_so() -> None:
    same = [[True]] * 20 + [[False]] * 20
    better = [[True]] * 30 + [[False]] * 10
    found = compare(evaluation(same), evaluation(better, model="n"))
    assert found.difference == 25
    assert (len(found.better), len(found.worse)) == (10, 0)
    assert found.p == pytest.approx(2 / 1024)
    assert "told from chance" in render_comparison(found)
    assert "not told" not in render_comparison(found)
    few = compare(evaluation(same), evaluation([[True]] * 21 + [[False]] * 19))
    assert "not told from chance" in render_comparison(few)


@pytest.mark.parametrize(
    ("better", "worse", "p"), [(0, 0, 1), (1, 0, 1), (5, 0, 0.0625), (3, 3, 1)]
)
def test_sign_test_is_exact(better: int, worse: int, p: float) -> None:
    assert sign_test(better, worse) == pytest.approx(p)
    assert sign_test(worse, better) == pytest.approx(p)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"benchmark": "mbpp"}, "the one is of steps and the other of mbpp"),
        ({"settings": {"data_sha256": "def"}}, "different data files"),
        ({"scores": {"r0": [True]}}, "the one has 2 rows and the other 1"),
    ],
)
def test_what_cannot_be_compared_is_refused(changes: dict[str, Any], told: str) -> None:
    one = evaluation([[True], [False]])
    with pytest.raises(MisuseError, match=told):
        compare(one, evaluation([[True], [False]], **changes))
