"""The page of a dataset is read in a browser: chosen from, gone through, at any width."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from stepcode.dataset.rows import rejected_row
from stepcode.evaluate.report import Form, render_document
from stepcode.evaluate.report.arms import runs_document
from stepcode.types import Reason, Rejection, Step
from tests.evaluate.browser import ask_page
from tests.evaluate.report_samples import HOSTILE
from tests.evaluate.test_report_datasets import build, odd_rows, render
from tests.evaluate.training_run_samples import steady, write_run
from tests.unit.dataset_samples import case, dropped, kept

WIDTHS = [1280, 500, 390]
SHOWN = "return cards.filter(one => !one.card.hidden).map(one => one.row.facts[0][1]);"
CHOOSE = """
const choose = (name, value) => {{
  const select = document.querySelector(`select[name=${{name}}]`);
  select.value = value;
  select.dispatchEvent(new Event('change'));
}};
"""


@pytest.fixture
def page(tmp_path: Path) -> str:
    """Rows of one to three steps, and two rejected ones."""
    rows = [replace(kept(n, steps=n), call=f"f({n})") for n in (1, 2, 3)]
    rejected = [
        replace(dropped(7), detail="first"),
        rejected_row(case(8), Rejection(Reason.RAISED, HOSTILE), "strict"),
    ]
    return render(build(tmp_path / "set", rows, rejected))


def test_rows_are_chosen_by_their_properties(page: str, tmp_path: Path) -> None:
    choices: list[dict[str, str]] = [
        {"outcome": "kept"},
        {"steps": "2"},
        {"kind": "assign"},
        {"reason": "bad_row"},
        {"reason": "bad_row", "steps": "2"},
    ]
    script = f"""
    const shown = () => {{{{ {SHOWN} }}}};
    return {json.dumps(choices).replace("{", "{{").replace("}", "}}")}.map((chosen) => {{{{
      for (const name of selects.keys()) choose(name, chosen[name] || '');
      return shown();
    }}}});
    """
    assert ask_page(page, (CHOOSE + script).format(), tmp_path) == [
        ["f(3)", "f(2)", "f(1)"],
        ["f(2)"],
        ["f(3)", "f(2)", "f(1)"],
        ["bad_row: first"],
        [],
    ]


def test_the_address_keeps_what_is_chosen(page: str, tmp_path: Path) -> None:
    kept_hash = ask_page(
        page, CHOOSE.format() + "choose('steps', '2'); return location.hash;", tmp_path
    )
    assert kept_hash == "#steps=2"
    assert ask_page(page, SHOWN, tmp_path, fragment=kept_hash) == ["f(2)"]


def test_next_and_previous_go_through_the_rows_that_are_on_show(page: str, tmp_path: Path) -> None:
    script = """
    choose('outcome', 'kept');
    const open = () => cards.filter(one => one.card.open).map(one => one.row.facts[0][1]).join();
    const press = (id) => { document.getElementById(id).click(); return open(); };
    return ['next', 'next', 'next', 'next', 'previous'].map(press);
    """
    assert ask_page(page, CHOOSE.format() + script, tmp_path) == [
        "f(3)", "f(2)", "f(1)", "f(1)", "f(2)",
    ]  # fmt: skip


def test_each_step_stands_at_the_line_of_its_anchor(page: str, tmp_path: Path) -> None:
    script = """
    choose('steps', '2'); document.getElementById('next').click();
    return [...document.querySelectorAll('.listing tr')].map(
      line => [line.className, ...[...line.children].map(one => one.textContent)]);
    """
    assert ask_page(page, CHOOSE.format() + script, tmp_path) == [
        ["", "1", "def f(x):", ""],
        ["", "2", "    y = x + 2", ""],
        ["anchor", "3", "    print(f'y: {y!r}')", "1. y: 2assign2. y: 2assign"],
        ["", "4", "    return y", ""],
    ]


def test_steps_of_code_that_is_cut_are_not_lost(tmp_path: Path) -> None:
    row = replace(kept(0, steps=2), anchored_code="x = 1")
    script = """
    document.getElementById('next').click();
    return [...document.querySelectorAll('.listing .step')].length;
    """
    assert ask_page(render(build(tmp_path / "set", [row])), script, tmp_path) == 2


def test_a_rejected_row_shows_its_detail_as_text(page: str, tmp_path: Path) -> None:
    script = """
    choose('reason', 'raised'); document.getElementById('next').click();
    const told = document.querySelector('.row[open] code').textContent;
    return [told, document.title, document.images.length];
    """
    assert ask_page(page, CHOOSE.format() + script, tmp_path) == [f"raised: {HOSTILE}", "set", 0]


def test_what_would_turn_the_code_around_is_written_out(tmp_path: Path) -> None:
    row = replace(kept(0), anchored_code="x = '\u202eabc\x1b'\r\ny = 2\r\n")
    script = """
    document.getElementById('next').click();
    return [...document.querySelectorAll('.listing td:nth-child(2)')].map(one => one.textContent);
    """
    lines = ask_page(render(build(tmp_path / "set", [row])), script, tmp_path)
    assert lines == ["x = '\\u202eabc\\u001b'", "y = 2", "further steps"]


def wide(page: str, folder: Path, width: int) -> Any:  # Any: JSON
    """How much wider than the window a page is, all rows open."""
    script = """
    for (const one of typeof cards === 'undefined' ? [] : cards) {
      one.card.open = true;
      fill(one.card, one.row);
    }
    const page = document.documentElement;
    return [innerWidth, page.scrollWidth - page.clientWidth];
    """
    return ask_page(page, script, folder, width=width)


@pytest.mark.parametrize("width", WIDTHS)
def test_no_row_is_wider_than_the_window(width: int, tmp_path: Path) -> None:
    long = replace(kept(70), steps=(Step(0, 1, "n" * 300, "v" * 200),), call="f(" + "1" * 900 + ")")
    rejected = [rejected_row(case(8), Rejection(Reason.RAISED, HOSTILE * 40), "strict")]
    page = render(build(tmp_path / ("d" * 200), [*odd_rows(), long], rejected, note="n" * 500))
    assert wide(page, tmp_path, width) == [width, 0]


@pytest.mark.parametrize("width", WIDTHS)
def test_no_curve_is_wider_than_the_window(width: int, tmp_path: Path) -> None:
    for seed in range(2):
        lines = steady(30, step_accuracy=0.5, final_accuracy=0.2, gap=-0.3, loss=123456.0)
        named = tmp_path / "runs" / f"{'r' * 90}{seed}"
        write_run(named, lines, grpo={"seed": seed}, data={"path": "x" * 300})
    page = render_document(runs_document(tmp_path / "runs"), Form.PAGE)
    assert wide(page, tmp_path, width) == [width, 0]
