"""The page is read in a browser: it filters, searches, marks the first wrong step, and is safe."""

import re
from pathlib import Path

import pytest

from stepcode.evaluate.compare import compare
from stepcode.evaluate.report import Form, render_comparison, render_evaluation
from tests.evaluate.browser import ask_page
from tests.evaluate.report_samples import (
    HOSTILE,
    RIGHT,
    WRONG,
    WRONG_LOGIC,
    completion,
    evaluation,
    row,
    step,
)

SHOWN = "return [...document.querySelectorAll('.row:not([hidden])')].map(one => one.dataset.id);"
PRESS = "[...document.querySelectorAll('button')].find(b => b.textContent === '{}').click();"
FILL = "search.value = '{}'; search.dispatchEvent(new Event('input'));"
PAGE = render_evaluation(evaluation(), Form.PAGE)


def test_a_filter_shows_the_rows_that_it_counts(tmp_path: Path) -> None:
    script = f"""
    const shown = () => {{ {SHOWN} }};
    const press = (button) => {{ button.click(); return [button.textContent, shown()]; }};
    return [...document.querySelectorAll('#filters button')].map(press);
    """
    assert ask_page(PAGE, script, tmp_path) == [
        ["all 6", ["r0", "r1", "r2", "r3", "r4", "r5"]],
        ["right 2", ["r0", "r1"]],
        ["wrong 3", ["r2", "r3", "r4"]],
        ["right answer, wrong logic 1", ["r1"]],
        ["not extracted 1", ["r3"]],
        ["timed out 1", ["r4"]],
        ["unscored 1", ["r5"]],
    ]


def test_search_looks_into_code_and_into_what_the_model_wrote(tmp_path: Path) -> None:
    script = f"""
    const find = (text) => {{ {FILL.replace("'{}'", "text")} {SHOWN} }};
    return ['NEEDLE', 'by luck', 'f(9)', 'nowhere', ''].map(text => find(text).join());
    """
    assert ask_page(PAGE, script, tmp_path) == ["r2", "r1", "r4", "", "r0,r1,r2,r3,r4,r5"]


def test_the_address_keeps_filter_and_search(tmp_path: Path) -> None:
    pressed = PRESS.format("wrong 3") + FILL.format("f(9)") + "return location.hash;"
    kept = ask_page(PAGE, pressed, tmp_path)
    assert ask_page(PAGE, SHOWN, tmp_path, fragment=kept) == ["r4"]


def test_the_first_wrong_step_is_marked_beside_its_truth(tmp_path: Path) -> None:
    marked = "return [...document.querySelectorAll('tr.first td')].map(one => one.textContent);"
    cells = ask_page(PAGE, marked, tmp_path, fragment="#row=r1")
    assert cells == ["2✗", "yassign", "3", "first wrong step7"]


def test_what_a_model_wrote_is_text_and_never_html(tmp_path: Path) -> None:
    script = """
    const text = document.querySelector('pre.text').textContent;
    return [text, document.title, document.images.length, document.scripts.length];
    """
    text, title, images, scripts = ask_page(PAGE, script, tmp_path, fragment="#row=r2")
    assert text == HOSTILE
    assert (title, images) == ("steps: tiny", 0)
    assert scripts == 4  # the data, the page's own, and two of this test's


def test_names_are_text_as_well(tmp_path: Path) -> None:
    page = render_evaluation(evaluation(model=HOSTILE), Form.PAGE)
    title = ask_page(page, "return document.querySelector('h1').textContent;", tmp_path)
    assert title.startswith("steps: </script><script>")


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("fragment", ["", "#row=r1"])
def test_nothing_is_wider_than_the_window(width: int, fragment: str, tmp_path: Path) -> None:
    long = "x" * 3000
    told = completion(long, "failed", step("name" * 30, long, long + "y"), text=long)
    asked = row("r1", told, code=f"def f(): return '{long}'")
    page = render_evaluation(evaluation(asked, model=long), Form.PAGE)
    script = """
    const page = document.documentElement;
    return [innerWidth, page.scrollWidth - page.clientWidth];
    """
    assert ask_page(page, script, tmp_path, fragment=fragment, width=width) == [width, 0]


def test_a_comparison_shows_the_rows_that_differ_with_the_answers_of_both(tmp_path: Path) -> None:
    first = evaluation(row("r0", RIGHT), row("r1", WRONG), row("r2", RIGHT), row("r3", RIGHT))
    second = evaluation(
        row("r0", RIGHT), row("r1", RIGHT), row("r2", WRONG), row("r3", WRONG_LOGIC), model="other"
    )
    page = render_comparison(compare(first, second), Form.PAGE)
    assert ask_page(page, SHOWN, tmp_path) == ["r1", "r2", "r3"]
    pressed = PRESS.format("A is better 1") + SHOWN
    assert ask_page(page, pressed, tmp_path) == ["r2"]
    sides = "return [...document.querySelectorAll('.answer strong')].map(one => one.textContent);"
    assert ask_page(page, sides, tmp_path, fragment="#row=r3") == ["A ", "B "]


def test_the_page_names_nothing_that_it_would_have_to_load() -> None:
    page = render_evaluation(evaluation(row("r0", RIGHT)), Form.PAGE)
    assert re.findall(r"""(?:src|href)\s*=\s*["']?([^"'>]*)""", page) == ["data:,", "#rows"]
    assert "default-src &#x27;none&#x27;" in page
    assert not re.search(r"https?://|@import|url\(", page)
