"""How questions are put and answers found, for each benchmark that has a program to show."""

import pytest

from stepcode.errors import MisuseError
from stepcode.evaluate.benchmark import Benchmark, Prompting, Reading
from stepcode.evaluate.benchmarks.cruxeval import CruxEval
from stepcode.evaluate.benchmarks.cruxeval import Question as Row
from stepcode.evaluate.benchmarks.generation import Generation, Task
from stepcode.evaluate.benchmarks.livecodebench import LiveCodeBench, Question
from stepcode.evaluate.extract import Extractor, Side

CODE = "def f(x):\n    y = x + 1\n    return y"
ROWS = {"s": Row("s", CODE, "1", "2")}
OUTPUT, INPUT = CruxEval(ROWS, Side.OUTPUT), CruxEval(ROWS, Side.INPUT)
CALLS = LiveCodeBench({"s": Question("s", CODE, "f(x = 1)", "2", "f")})
PROGRAMS = Generation({"s": Task("s", "", "", "assert f(1) == 2", "Add one.")}, rows_published=1)
ANCHOR = "print(f'y: {y!r}')"


def asked(benchmark: Benchmark, prompting: Prompting, *, anchors: bool = False) -> str:
    return benchmark.prompt("s", prompting, anchors=anchors)[-1]["content"]


@pytest.mark.parametrize(
    ("benchmark", "question"),
    [
        (OUTPUT, "assert f(1) == ??"),
        (INPUT, "assert f(??) == 2"),
        (CALLS, "assert f(x = 1) == ??"),
    ],
)
def test_question_stands_last_behind_examples(benchmark: Benchmark, question: str) -> None:
    direct, thought = asked(benchmark, Prompting.DIRECT), asked(benchmark, Prompting.COT)
    assert direct.endswith(f"{CODE}\n{question}\n[/PYTHON]\n[ANSWER]\n")
    assert thought.endswith(f"{CODE}\n{question}\n[/PYTHON]\n[THOUGHT]\n")
    assert (direct.count("[PYTHON]"), thought.count("[PYTHON]")) == (3, 2)


@pytest.mark.parametrize("benchmark", [OUTPUT, INPUT, CALLS])
def test_anchors_are_shown_where_they_are_asked_for(benchmark: Benchmark) -> None:
    for prompting in (Prompting.DIRECT, Prompting.COT):
        assert ANCHOR not in asked(benchmark, prompting)
        assert ANCHOR in asked(benchmark, prompting, anchors=True)
    assert ANCHOR in asked(benchmark, Prompting.STEPS)


@pytest.mark.parametrize(
    ("benchmark", "text", "prompting", "official", "lenient"),
    [
        (OUTPUT, "assert f(1) == 2", Prompting.DIRECT, True, True),
        (OUTPUT, "```python\nassert f(1) == 2\n```", Prompting.DIRECT, False, True),
        (OUTPUT, "1 == 1 [ANSWER] assert f(1) == 2", Prompting.COT, True, True),
        (INPUT, "assert f(1) == 2", Prompting.DIRECT, True, True),
        (CALLS, "assert f(x = 1) == 2\nso", Prompting.DIRECT, True, True),
        (PROGRAMS, "def f(x): return x + 1", Prompting.DIRECT, True, True),
        (PROGRAMS, f"So:\n```python\n{CODE}\n```", Prompting.DIRECT, False, True),
    ],
)
def test_extractor_finds_what_it_says(
    benchmark: Benchmark, text: str, prompting: Prompting, official: bool, lenient: bool
) -> None:
    for extractor, right in ((Extractor.OFFICIAL, official), (Extractor.LENIENT, lenient)):
        found = benchmark.judge({"s": [text]}, Reading(prompting, extractor))
        assert found.scores["s"] == [right], extractor


def test_program_is_asked_for_with_its_tests_and_has_no_anchors() -> None:
    assert "Add one." in asked(PROGRAMS, Prompting.DIRECT)
    assert "assert f(1) == 2" in asked(PROGRAMS, Prompting.DIRECT)
    with pytest.raises(MisuseError, match="none to put anchors into"):
        asked(PROGRAMS, Prompting.STEPS)
