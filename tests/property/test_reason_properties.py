"""The reader of completions: it undoes the writer, and no text makes it raise."""

import time
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepcode.dataset.examples import read_example, to_examples, to_record
from stepcode.dataset.read import read_rows
from stepcode.reason import (
    ReadMode,
    narrate,
    read_answer,
    render_answer,
    render_completion,
    score,
)
from stepcode.types import Answer, Example, PredictedStep, Span

PIECES = (
    "<reason>", "</reason>", "<print>", "</print>", "<answer>", "</answer>", "<think>", "</think>",
    "<THINKING >", "< / Print>", "<", ">", "\\", "/", "```", "```python\n", "~~~", "`", "\r\n",
    "\n", "\n\n", "  ", ": ", "x: 1", "\ud800", "\0", "\u2028", "é", "(", "[" * 300, "print",
    "<\\/print>",
)  # fmt: skip
TEXT = st.text(max_size=12) | st.lists(st.sampled_from(PIECES), max_size=6).map("".join)
NAME = st.from_regex(r"[A-Za-z_é]\w{0,6}(\.[a-z]{1,3})?", fullmatch=True)


@given(st.lists(st.tuples(NAME, TEXT), max_size=5), TEXT, st.data())
def test_reading_undoes_writing(
    shown: list[tuple[str, str]], final: str, data: st.DataObject
) -> None:
    steps = tuple(PredictedStep(name, text) for name, text in shown)
    reasons = tuple(data.draw(TEXT) for _ in range(len(steps) + 1))
    text = render_answer(steps, final, reasons=reasons)
    for mode in ReadMode:
        answer = read_answer(text, mode)
        read = (answer.steps, answer.reasons, answer.final, answer.problems)
        assert read == (steps, reasons, final, ())


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=30).map("".join))
def test_what_is_strictly_well_formed_has_one_text(text: str) -> None:
    answer = read_answer(text, ReadMode.STRICT)
    if not answer.problems:
        assert answer.final is not None
        assert render_answer(answer.steps, answer.final, reasons=answer.reasons) == text


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> list[Example]:
    """Both tasks of every bundled row."""
    from stepcode_pipelines.build import build_dataset
    from stepcode_pipelines.recipe import load_recipe

    out = Path(tmp_path_factory.mktemp("bundled")) / "out"
    build_dataset(load_recipe("bundled"), out, workers=2)
    return [example for row in read_rows(out) for example in to_examples(row)]


@pytest.mark.slow
def test_every_bundled_completion_is_read_back_and_perfect(examples: list[Example]) -> None:
    assert len(examples) > 600
    for example in examples:
        assert read_example(to_record(example)) == example
        for reasons in ((), narrate(example)):
            text = render_completion(example, reasons=reasons)
            for mode in ReadMode:
                answer = read_answer(text, mode)
                assert (answer.problems, answer.final) == ((), example.target)
                assert score(answer, example).is_perfect
            assert answer.reasons == (reasons or ("",) * (len(example.steps) + 1))
            assert render_answer(answer.steps, example.target, reasons=answer.reasons) == text


@pytest.mark.slow
def test_ten_thousand_mutated_completions_are_read(examples: list[Example]) -> None:
    random = Random(0)
    for _ in range(10_000):
        example = random.choice(examples)
        reasons = narrate(example) if random.random() < 0.5 else ()
        text = mutate(render_completion(example, reasons=reasons), random)
        for mode in ReadMode:
            answer = read_answer(text, mode)
            check_spans(answer, text)
            score(answer, example)


def mutate(text: str, random: Random) -> str:
    for _ in range(random.randint(1, 8)):
        at, to = sorted(random.randrange(len(text) + 1) for _ in range(2))
        match random.randrange(6):
            case 0:
                text = text[:at] + text[to:]
            case 1:
                text = text[:at]
            case 2:
                text = text[:to] + text[at:]
            case 3:
                text = text[:at] + random.choice(PIECES) + text[at:]
            case 4:
                text = text.replace(random.choice(PIECES[:6]), random.choice(PIECES))
            case _:
                text = text[:at] + chr(random.randrange(0x3000)) + text[at + 1 :]
    return text


def check_spans(answer: Answer, text: str) -> None:
    """Steps stand in order inside the text, each where its name is."""
    end = 0
    for step, span in zip(answer.steps, answer.step_spans, strict=True):
        assert end <= span.start <= span.end <= len(text)
        assert step.name.split("<")[0] in text[span.start : span.end]
        end = span.end
    final = answer.final_span or Span(0, 0)
    assert 0 <= final.start <= final.end <= len(text)
    assert len(answer.reasons) == len(answer.steps) + 1


@pytest.mark.parametrize(
    "text",
    ["<" * 300_000, "<print>\n" * 40_000, "<\\" * 150_000, "<print>\n" + "x: 1\n" * 60_000,
     "<" + " " * 300_000, "`" * 300_000, "\n" * 300_000, "<answer>" + "(" * 300_000,
     "<print>\nx: 1" + "\n " * 100_000, "<reason>a" * 40_000, "</think>" * 40_000],
    ids=lambda text: repr(text[:10]),
)  # fmt: skip
def test_long_nonsense_is_read_in_time(text: str) -> None:
    start = time.process_time()
    read_answer(text)
    assert time.process_time() - start < 3
