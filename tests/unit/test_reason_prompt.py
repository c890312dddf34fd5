from dataclasses import replace

from stepcode.reason import narrate, render_completion, render_prompt
from stepcode.types import TaskKind
from tests.unit.reason_samples import CODE, example

OUTPUT, INPUT = example(TaskKind.OUTPUT), example(TaskKind.INPUT)


def text(kind: TaskKind) -> str:
    (message,) = render_prompt(example(kind))
    assert message["role"] == "user"
    return message["content"]


def test_output_prompt_gives_the_program_and_the_call_but_not_the_output() -> None:
    asked = text(TaskKind.OUTPUT)
    assert f"```python\n{CODE}```" in asked
    assert "Call: `f([1, 3, 2])`" in asked
    assert "[1, 2, 3]" not in asked


def test_input_prompt_gives_the_output_and_only_whom_to_call() -> None:
    asked = text(TaskKind.INPUT)
    assert f"```python\n{CODE}```" in asked
    assert "Returned value: `3`" in asked
    assert "call of `f`" in asked
    assert "[1, 3, 2]" not in asked


def test_code_with_fences_stays_in_one_block() -> None:
    fenced = replace(OUTPUT, anchored_code='def f():\n    return "```"\n')
    assert "````python\ndef f():" in render_prompt(fenced)[0]["content"]


def test_braces_of_a_program_are_text() -> None:
    braces = replace(OUTPUT, anchored_code="x = '{given} {0}'\n", given="f({})")
    assert "x = '{given} {0}'" in render_prompt(braces)[0]["content"]


def test_narration_names_the_line_and_what_was_shown() -> None:
    assert narrate(OUTPUT) == (
        "`ys = sorted(xs)`: this sets ys.",
        "`_ret = ys[-1]`: this is what is returned, as _ret; last shown: ys = [1, 2, 3].",
        "`f([1, 3, 2])` returns that.",
    )


def test_narration_of_an_input_says_which_it_is() -> None:
    first, *_, last = narrate(INPUT)
    assert first.startswith("Take `f([1, 3, 2])`. `ys = sorted(xs)`")
    assert last == "So `f([1, 3, 2])` returns `3`."


def test_code_that_does_not_parse_is_narrated_by_line() -> None:
    broken = replace(OUTPUT, anchored_code="def f(:\n")
    assert narrate(broken)[0] == "Line 3: this sets ys."
    assert "Line 3" in render_completion(broken, reasons=narrate(broken))


def test_example_without_steps_has_one_reason() -> None:
    assert narrate(replace(INPUT, steps=())) == (
        "Take `f([1, 3, 2])`. So `f([1, 3, 2])` returns `3`.",
    )
