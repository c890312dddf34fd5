import pytest

from stepcode.reason import ReadMode, read_answer, render_answer, render_completion
from stepcode.types import Answer, PredictedStep, Step
from tests.unit.reason_samples import example

EXACT = """\
<reason>
sorted
</reason>
<print>
ys: [1, 2, 3]
_ret: 3
</print>
<answer>
3
</answer>"""


def shown(answer: Answer) -> list[str]:
    return [f"{step.name}: {step.text}" for step in answer.steps]


def round_trip(text: str) -> str:
    """Write a step with this text and read it in strict mode."""
    written = render_answer([PredictedStep("x", text)], text)
    answer = read_answer(written, ReadMode.STRICT)
    assert answer.problems == ()
    assert answer.final == text
    return answer.steps[0].text


def test_completion_is_written_with_a_block_for_each_reason() -> None:
    assert render_completion(example(), reasons=("sorted", "", "")) == EXACT
    alone = render_completion(example(), reasons=("", "last", "done"))
    assert alone.count("<print>") == 2
    assert alone.index("last") < alone.index("_ret: 3") < alone.index("done")


@pytest.mark.parametrize("mode", ReadMode)
def test_exact_text_is_read_without_problems(mode: ReadMode) -> None:
    answer = read_answer(EXACT, mode)
    assert answer.problems == ()
    assert shown(answer) == ["ys: [1, 2, 3]", "_ret: 3"]
    assert answer.reasons == ("sorted", "", "")
    assert answer.final == "3"


def test_spans_are_where_steps_and_answer_stand() -> None:
    answer = read_answer(EXACT)
    assert [EXACT[s.start : s.end] for s in answer.step_spans] == ["ys: [1, 2, 3]", "_ret: 3"]
    assert answer.final_span is not None
    assert EXACT[answer.final_span.start : answer.final_span.end] == "3"


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "two\nlines", "\n", "a\n  b\n\n", "x: 1\ny: 2", "\r\n", "tail \t",
        "\u2028\x0c\x85", "</print>", "<answer>\n4\n</answer>", "</ANSWER >", r"<\print>",
        r"<\\/print>", "<think>", "a\n</print>\n<answer>\n5", "```\n1\n```", "\ud800",
    ],
)  # fmt: skip
def test_whatever_a_step_shows_is_read_back(text: str) -> None:
    assert round_trip(text) == text


def test_step_without_text_has_no_completion() -> None:
    some = example()
    broken = type(some)(
        id=some.id,
        kind=some.kind,
        anchored_code=some.anchored_code,
        anchors=some.anchors,
        given=some.given,
        target=some.target,
        steps=(Step(0, 1, "x", None),),
    )
    with pytest.raises(ValueError, match="step of x has no text"):
        render_completion(broken)
    with pytest.raises(ValueError, match="1 reasons for 2 steps"):
        render_completion(some, reasons=("only one",))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (f"Sure!\n{EXACT}", "no whole block at character 0"),
        (f"{EXACT}\n", "text after the answer"),
        (EXACT.replace("\n", "\r\n"), "no whole block at character 0"),
        (EXACT.replace("<print>", "<Print>"), "no whole block at character 26"),
        (EXACT.replace("</answer>", ""), "no whole block at character 65"),
        (EXACT.replace("sorted", ""), "<reason> is empty at character 0"),
        (EXACT.replace("_ret: 3", "3"), "<print> holds a line that is no step at character 26"),
        (EXACT.replace("sorted", "<print>"), "<reason> holds a bare tag at character 0"),
        (EXACT.replace("\n_ret", "\n</print>\n<print>\n_ret"), "<print> follows <print>"),
        ("", "no whole block at character 0"),
    ],
)
def test_strict_mode_names_the_first_departure(text: str, problem: str) -> None:
    (found,) = read_answer(text, ReadMode.STRICT).problems
    assert found.startswith(problem)


def test_strict_mode_keeps_what_came_before_the_departure() -> None:
    answer = read_answer(EXACT[: EXACT.index("<answer>")], ReadMode.STRICT)
    assert (len(answer.steps), answer.final) == (2, None)


@pytest.mark.parametrize(
    "text",
    [
        EXACT.replace("\n", "\r\n"),
        EXACT.upper().replace("YS", "ys").replace("_RET", "_ret"),
        f"<think>\nIs it <answer>9</answer>?\n</think>\n{EXACT}",
        f"It may be <answer>9</answer>\n</think>\n\n{EXACT}",
        f"<thinking>{EXACT.replace('3', '7')}</thinking>{EXACT}",
        f"```xml\n{EXACT}\n```",
        EXACT.replace("<print>\n", "<print>\n```python\n").replace("\n</print>", "\n```\n</print>"),
        EXACT.replace("</print>\n", ""),
        EXACT.replace("\n</answer>", ""),
        EXACT.replace("</reason>\n", ""),
        EXACT.replace("</", "< /").replace("<print>", "<print >"),
        EXACT.replace("<answer>\n3\n", "<answer>`3`"),
        EXACT.replace("\n_ret", "\n</print>\n<print>\n_ret"),
        EXACT.replace("ys: [", "    ys: [").replace("_ret", "    _ret"),
        EXACT.replace("\n", ""),
        EXACT[: EXACT.index("<answer>")] + "So it is\n3\n",
        f"{EXACT}\n\nIs there anything else?",
        f"<answer>I am not sure</answer>{EXACT}",
    ],
)
def test_lenient_mode_reads_what_was_meant(text: str) -> None:
    answer = read_answer(text)
    assert answer.problems
    if "\n" in text:
        assert shown(answer) == ["ys: [1, 2, 3]", "_ret: 3"]
    assert answer.final == "3"
    assert answer.final_span is not None
    assert text[answer.final_span.start : answer.final_span.end] == "3"


def test_lenient_mode_makes_nothing_up() -> None:
    answer = read_answer("ys: [1, 2, 3]\n\nThe result is 3.")
    assert answer.steps == ()
    assert answer.final == "The result is 3."
    assert answer.problems == ("no <answer> block", "no <print> block", "text outside the blocks",
                               "not in the exact form")  # fmt: skip
    assert read_answer("").final is None
    assert read_answer("<print>\nx: 1\n").final is None


def test_line_that_names_nothing_goes_on_with_the_step_before() -> None:
    answer = read_answer("<print>\nhello\nx: a\nb\n  c: d\ny:\n</print>")
    assert shown(answer) == ["x: a\nb\nc: d", "y: "]
