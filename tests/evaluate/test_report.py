"""A report says what the evaluation says, small enough to be opened, in three forms."""

import json
import random

from stepcode.evaluate.compare import compare
from stepcode.evaluate.report import Form, render_comparison, render_evaluation
from stepcode.evaluate.report.fit import embed, fit
from stepcode.evaluate.report.rows import shown_rows
from tests.evaluate.report_samples import RIGHT, WRONG, Record, completion, evaluation, row, step

CHARACTERS = "abc <>&\"'\\\n\u2028é\U0001f600\ud800"


def rambling(chance: random.Random, length: int) -> str:
    return "".join(chance.choices(CHARACTERS, k=length))


def big_rows(rows: int, *, answers: int, length: int) -> list[Record]:
    """Rows of as much text as an evaluation keeps."""
    chance = random.Random(0)
    return [
        row(
            f"sample_{number}",
            *(
                completion(
                    rambling(chance, 20), "failed",
                    *(step("total", rambling(chance, 10), rambling(chance, 10)) for _ in range(5)),
                    text=rambling(chance, length),
                )
                for _ in range(answers)
            ),
            code=rambling(chance, 400),
        )
        for number in range(rows)
    ]  # fmt: skip


def size(page: str) -> int:
    return len(page.encode("utf-8", "backslashreplace"))


def test_a_page_of_800_rows_stays_under_three_megabytes() -> None:
    page = render_evaluation(evaluation(*big_rows(800, answers=2, length=2000)), Form.PAGE)
    assert 1_000_000 < size(page) < 3_000_000
    assert '"id":"sample_799"' in page
    assert "Only the first" not in page


def test_rows_that_do_not_fit_at_all_are_left_out_and_it_says_so() -> None:
    rows = shown_rows(big_rows(20, answers=2, length=2000))
    fitted = fit(rows, most_bytes=20_000)
    assert 0 < len(fitted.rows) < 20
    assert f"Only the first {len(fitted.rows)} of 20 rows are shown" in fitted.note
    assert sum(size(embed(one)) for one in fitted.rows) <= 20_000


def test_what_fits_is_shown_whole() -> None:
    rows = shown_rows(big_rows(2, answers=1, length=2000))
    assert [one["answers"][0]["text"] for one in fit(rows).rows] == [
        one["answers"][0]["text"] for one in rows
    ]


def test_answers_that_look_the_same_are_shown_once_with_their_number() -> None:
    rows = fit(shown_rows([row("r", RIGHT, WRONG, RIGHT, RIGHT)])).rows
    assert [(one["says"], one["count"]) for one in rows[0]["answers"]] == [("3", 3), ("4", 1)]


def test_a_very_long_trace_is_cut_and_still_says_where_it_goes_wrong() -> None:
    steps = [step("x", "1", "1")] * 500 + [step("x", "1", "2")]
    answer = fit(shown_rows([row("r", completion("3", "failed", *steps))])).rows[0]["answers"][0]
    assert (len(answer["steps"]), answer["more_steps"], answer["wrong"]) == (200, 301, 500)


def test_an_answer_that_is_not_judged_is_neither_right_nor_wrong() -> None:
    skipped = shown_rows([row("r", completion("f(1)", "skipped"))])[0]
    assert skipped["tags"] == ["skipped"]


def test_embedded_json_cannot_end_its_script_and_reads_back() -> None:
    data = {"text": "</script><!-- \u2028 \ud800"}
    text = embed(data)
    assert "<" not in text
    assert json.loads(text.encode("utf-8", "backslashreplace")) == data


def test_markdown_has_scores_with_intervals_and_baselines() -> None:
    text = render_evaluation(evaluation(), Form.MARKDOWN)
    assert "| step accuracy | 50.00 | 41.50 to 58.25 | 12.50 |" in text
    assert "| final accuracy | 40.00 | - | - |" in text
    assert "6 rows" not in text
    assert "5 rows, 5 answers, 1 (20.0 %) without an answer" in text
    assert "## Right answer, wrong logic: 1 rows\n\n- r1" in text


def test_markdown_keeps_names_from_being_markdown() -> None:
    text = render_evaluation(evaluation(model="a|b <b>\n# c"), Form.MARKDOWN)
    assert text.startswith("# steps: a\\|b \\<b\\> \\# c\n\n")


def test_json_has_the_numbers_and_the_ids_of_each_case() -> None:
    found = json.loads(render_evaluation(evaluation(), Form.JSON))
    assert found["metrics"]["step_accuracy"] == 50.0
    assert found["cases"]["right answer, wrong logic"] == ["r1"]
    assert found["cases"]["wrong"] == ["r2", "r3", "r4"]
    assert "rows" not in found


def test_json_of_a_comparison_has_its_significance_and_differences() -> None:
    first, second = (
        evaluation(row("a", RIGHT), row("b", WRONG)),
        evaluation(row("a", RIGHT), row("b", RIGHT), model="other"),
    )
    found = json.loads(render_comparison(compare(first, second), Form.JSON))
    assert found["paired"][0]["difference"] == 50
    assert found["differences"]["B is better"] == ["b"]
    assert (found["a"]["model"], found["b"]["model"]) == ("tiny", "other")


def test_markdown_of_a_comparison_has_both_scores_beside_each_other() -> None:
    first, second = evaluation(row("a", RIGHT)), evaluation(row("a", WRONG), model="other")
    text = render_comparison(compare(first, second), Form.MARKDOWN)
    assert "| final accuracy | 100.00 | - | 0.00 | - | -100.00 |" in text
    assert "| B - A | -100.00 |" in text


def test_an_evaluation_without_rows_or_groups_has_a_report_all_the_same() -> None:
    from dataclasses import replace

    bare = replace(evaluation(), rows=(), groups={}, baselines={}, intervals={})
    page = render_evaluation(bare, Form.PAGE)
    assert "There are none to show." in page
    assert "<svg" not in page
