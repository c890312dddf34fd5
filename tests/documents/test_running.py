"""What runs the pages notices what is wrong with them."""

from pathlib import Path

import pytest

from tests.documents.pages import blocks, commands, substitutes
from tests.documents.running import agrees, run_page


def run(text: str, folder: Path, **chosen: str) -> list[tuple[int, str, bool]]:
    """Run a page; give for each step its exit code, what it printed, and whether that is shown."""
    page, place = folder / "page.md", folder / "place"
    page.write_text(text, encoding="utf-8")
    place.mkdir()
    ran = run_page(blocks(page), place, substitutes=chosen, models=folder)
    return [
        (done.code, done.output, step.shown is None or agrees(step.shown, done.output))
        for step, done in ran
    ]


def console(*lines: str) -> str:
    return "```console\n" + "".join(f"{line}\n" for line in lines) + "```\n"


def test_other_output_than_the_page_shows_is_noticed(tmp_path: Path) -> None:
    assert run(console("$ echo 3", "4"), tmp_path) == [(0, "3\n", False)]


def test_output_that_a_page_leaves_out_is_noticed(tmp_path: Path) -> None:
    assert run(console("$ echo 3"), tmp_path) == [(0, "3\n", False)]


def test_nothing_is_run_after_a_command_that_fails(tmp_path: Path) -> None:
    assert run(console("$ false", "$ echo 3", "3"), tmp_path)[0][0] == 1
    assert not (tmp_path / "steps" / "1.out").exists()


def test_line_that_is_no_shell_fails_alone(tmp_path: Path) -> None:
    ran = run(console("$ echo 3", "3", "$ echo 'open"), tmp_path)
    assert ran[0] == (0, "3\n", True)
    assert ran[1][0] != 0


def test_what_a_command_exports_the_next_one_has(tmp_path: Path) -> None:
    text = console("$ export ROWS=1000") + console("$ echo $ROWS rows", "1000 rows")
    assert run(text, tmp_path)[1] == (0, "1000 rows\n", True)


def test_substitute_takes_the_place_of_an_exported_value(tmp_path: Path) -> None:
    text = console("$ export ROWS=1000", "$ echo $ROWS", "60")
    assert run(text, tmp_path, ROWS="60")[1] == (0, "60\n", True)


def test_file_and_code_of_a_page_are_together(tmp_path: Path) -> None:
    text = "```json title=set/rows.json\n[1, 2]\n```\n"
    text += '```python\nimport json\n\nassert json.load(open("set/rows.json")) == [1, 2]\n```\n'
    assert [code for code, _, _ in run(text, tmp_path)] == [0, 0]


def test_code_that_fails_is_noticed(tmp_path: Path) -> None:
    assert run("```python\nassert False\n```\n", tmp_path)[0][0] == 1


def test_command_goes_on_behind_a_backslash(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(console("$ echo a \\", "    b", "a b", "$ true"))
    first, second = commands(blocks(page)[0])
    assert (first.text, first.shown, first.line) == ("echo a \\\n    b", "a b\n", 2)
    assert (second.text, second.line) == ("true", 5)


def test_indented_and_nested_blocks_are_blocks(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("text\n\n    stepcode one\n\n- item\n\n  ~~~bash\n  stepcode two\n  ~~~\n")
    assert [(one.language, one.text) for one in blocks(page)] == [
        ("", "stepcode one\n"),
        ("bash", "stepcode two\n"),
    ]


def test_page_says_itself_what_its_test_sets(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("The test of this\npage sets `ROWS=60`.\n")
    assert substitutes(page) == {"ROWS": "60"}


@pytest.mark.parametrize(
    ("shown", "output", "agree"),
    [
        ("a\n...\nc\n", "a\nb\nb\nc\n", True),
        ("a ... c\n", "a b c\n", True),
        ("a\n...\nc\n", "a\nb\n", False),
        ("a.c\n", "abc\n", False),
        ("", "a\n", False),
    ],
)
def test_three_dots_stand_for_any_text_and_nothing_else_does(
    shown: str, output: str, agree: bool
) -> None:
    assert agrees(shown, output) is agree
