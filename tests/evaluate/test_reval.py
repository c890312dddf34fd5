"""REval: labels by our tracer, answers read as the harness reads them, and its numbers."""

from dataclasses import replace
from pathlib import Path

import pytest

from stepcode.errors import MisuseError, SourceError
from stepcode.evaluate.benchmark import Prompting, Reading, Sandboxing
from stepcode.evaluate.benchmarks.reval import Reval, read_reval
from stepcode.evaluate.benchmarks.reval.answers import (
    NIL,
    answer_region,
    read_coverage,
    read_output,
    read_path,
    read_state,
)
from stepcode.evaluate.benchmarks.reval.data import Pair, Probe
from stepcode.evaluate.benchmarks.reval.labels import Label, label_pairs
from stepcode.evaluate.benchmarks.reval.metrics import ProbeVerdict, consistency

CODE = """\
def f(xs):
    total = 0
    for x in xs:
        if x > 1:
            total += x
    return total
"""
PAIR = Pair(
    task="DREval/0",
    number=0,
    entry="f",
    code=CODE,
    test=None,
    input="([1, 2, 3],)",
    probes=(Probe(5, "total"), Probe(2, "total"), Probe(6, "total"), Probe(4, "x")),
    output_question="assert f([1, 2, 3]) == ??",
)
CLASS_PAIR = Pair(
    task="DREval/85",
    number=1,
    entry="Box",
    code="class Box:\n    def __init__(self, n):\n        self.n = n\n\n"
    "    def grow(self):\n        self.n += 1\n        return self.n\n",
    test="import unittest\n\nclass BoxTestInit(unittest.TestCase):\n    def test_a(self):\n"
    "        self.assertEqual(Box(1).n, 1)\n\nclass BoxTestGrow(unittest.TestCase):\n"
    "    def setUp(self):\n        self.box = Box(1)\n\n    def test_grow(self):\n"
    "        self.assertEqual(self.box.grow(), 2)\n",
    input="assertEqual(self.box.grow(), 2)",
    probes=(Probe(6, "self.n"), Probe(3, "self.n")),
    output_question="assertEqual(self.box.grow(), ??)",
)
CONSTANTS = {"coverage": "NO", "path": "-1", "state": "Nil", "output": "?"}


def labels(pair: Pair) -> tuple[Label, ...]:
    (found,) = label_pairs([pair])
    assert not found.problem
    return found.labels


def test_labels_are_what_the_run_shows() -> None:
    in_loop, first, last, test = labels(PAIR)
    assert in_loop == Label(True, (3,), (("2", "int"), ("5", "int")))
    assert first == Label(True, (3,), (("0", "int"),))
    assert last == Label(True, (-1,), (("5", "int"),))
    assert test.next == (3, 5)


def test_line_that_never_runs_has_no_values_and_no_next() -> None:
    pair = replace(PAIR, input="([],)")
    assert labels(pair)[0] == Label(False, (-1,), None)


def test_class_is_traced_in_its_test_and_not_in_its_set_up() -> None:
    grown, made = labels(CLASS_PAIR)
    assert grown == Label(True, (7,), (("2", "int"),))
    assert made == Label(False, (-1,), None)


def test_callees_and_comprehensions_are_in_the_same_trace() -> None:
    code = "def g(y):\n    z = y + 1\n    return z\n\ndef f(n):\n    a = g(n)\n    return a\n"
    pair = replace(PAIR, code=code, input="(1,)", probes=(Probe(6, "z"), Probe(3, "a")))
    called, returned = labels(pair)
    assert called.next == (2,)
    assert returned == Label(True, (7,), (("2", "int"),))


def test_values_are_those_of_the_moment() -> None:
    code = "def f(n):\n    xs = []\n    for i in range(n):\n        xs.append(i)\n    return xs\n"
    pair = replace(PAIR, code=code, input="(3,)", probes=(Probe(4, "xs"), Probe(4, "(i, xs[0])")))
    appended, both = labels(pair)
    assert [value for value, _ in appended.values or ()] == ["[0]", "[0, 1]", "[0, 1, 2]"]
    assert [value for value, _ in both.values or ()] == ["(0, 0)", "(1, 0)", "(2, 0)"]


def test_program_that_cannot_be_run_is_named_with_the_reason() -> None:
    (found,) = label_pairs([replace(PAIR, code="import nowhere_to_be_found\n" + CODE)])
    assert "nowhere_to_be_found" in found.problem
    assert not found.labels


@pytest.mark.parametrize(
    ("state", "right"),
    [
        (("5", "int"), True),
        (("2", "int"), True),
        (("4", "int"), False),
        (("5", "float"), False),
        (("'5'", "str"), False),
        (NIL, False),
        (("[", "int"), False),
        (("f([5])", "int"), False),
    ],
)
def test_states_are_judged_where_the_program_ran(
    state: tuple[str, str | None], right: bool
) -> None:
    (found,) = label_pairs([PAIR], states={PAIR.id: [[state], [], [], []]})
    assert found.labels[0].states == (right,)


@pytest.mark.parametrize(
    ("value", "state", "right"),
    [
        ("None", ("None", "nonetype"), True),
        ("1.0", ("1.0000001", "float"), True),
        ("1.0", ("1.1", "float"), False),
        ("'a b'", ("a b", "str"), True),
        ("(1, 2)", ("(1, 2)", "tuple"), True),
        ("True", ("1", "int"), False),
        ("1", ("True", "bool"), False),
    ],
)
def test_value_and_type_have_to_be_right(
    value: str, state: tuple[str, str | None], right: bool
) -> None:
    code = f"def f():\n    x = {value}\n    return x\n"
    pair = replace(PAIR, code=code, input="()", probes=(Probe(2, "x"),))
    (found,) = label_pairs([pair], states={pair.id: [[state]]})
    assert found.labels[0].states == (right,)


@pytest.mark.parametrize(
    "evil", ["__import__('os')._exit(0)", "exit()", "globals().update(_equal=lambda *_: True) or 4"]
)
def test_state_that_does_harm_harms_itself_alone(evil: str) -> None:
    states = [[(evil, "int"), ("2", "int"), ("4", "int")], [("0", "int")], [], []]
    (found,) = label_pairs([PAIR], states={PAIR.id: states})
    assert found.labels[0].states[1:] == (True, False)
    assert found.labels[1].states == (True,)


def test_numbers_are_over_runs_that_were_asked_about_whole() -> None:
    benchmark = Reval([PAIR, CLASS_PAIR])
    texts = {row: [CONSTANTS[row.rpartition("/")[2]]] for row in benchmark.ids[:5]}
    found = benchmark.judge(texts, None)
    assert set(found.scores) == set(texts)
    assert found.metrics == {}


def test_state_that_a_model_wrote_never_runs_here(tmp_path: Path) -> None:
    target = tmp_path / "written"
    evil = f"__import__('pathlib').Path({str(target)!r}).write_text('x')"
    (found,) = label_pairs([PAIR], states={PAIR.id: [[(evil, "int")], [], [], []]})
    assert found.labels[0].states == (False,)
    assert not target.exists()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("YES", True),
        ("yes.", True),
        ("NO", False),
        ("", False),
        (None, False),
        ("maybe YES", False),
    ],
)
def test_coverage_is_read_from_the_first_three_characters(answer: str | None, said: bool) -> None:
    assert read_coverage(answer) == said


@pytest.mark.parametrize(
    ("answer", "lines"),
    [
        ("total += x\nbecause", {5}),
        ("-1", {-1}),
        ("", {-2}),
        (None, {-2}),
        ("5", {-2}),
        ("`total += x`", {-2}),
    ],
)
def test_path_is_the_text_of_a_line(answer: str | None, lines: set[int]) -> None:
    assert read_path(answer, CODE) == lines


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ("[1, 2]; list", ("[1, 2]", "list")),
        ("'a; b'; str", ("'a; b'", "str")),
        ("\u2018a\u2019; String", ("'a'", "str")),
        ("{1: 2}; dict[int, int]", ("{1: 2}", "dict")),
        ("1; <class 'int'>", ("1", "int")),
        ("(1, 2); int, int", ("(1, 2)", "tuple")),
        ("nil", NIL),
        ("[Nil]", NIL),
        ("Nil; NoneType", NIL),
        ("5", None),
        (None, None),
    ],
)
def test_state_is_a_value_with_its_type(
    answer: str | None, state: tuple[str, str | None] | None
) -> None:
    assert read_state(answer) == state


def test_thought_without_end_has_no_answer() -> None:
    assert answer_region("[THOUGHT] hm [ANSWER] YES", with_thought=True) is None
    assert answer_region("hm [/THOUGHT][ANSWER] YES [/ANSWER] so", with_thought=True) == "YES"
    assert answer_region("YES [/ANSWER", with_thought=False) == "YES"


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        ("assert f([1, 2, 3]) == 5", True),
        ("assert f([1, 2, 3]) == 6", False),
        ("assert True", False),
        ("f([1, 2, 3]) == 5", False),
    ],
)
def test_output_is_right_if_its_assertions_hold(answer: str, right: bool) -> None:
    benchmark = Reval([PAIR])
    found = benchmark.judge({"DREval/0/0/output": [f"[ANSWER]{answer}[/ANSWER]"]}, Reading())
    assert found.scores == {"DREval/0/0/output": [right]}


@pytest.mark.parametrize(("answer", "right"), [("2", True), ("3", False)])
def test_output_of_a_class_is_a_method_of_its_test(answer: str, right: bool) -> None:
    benchmark = Reval([CLASS_PAIR])
    text = CLASS_PAIR.output_question.replace("??", answer)
    found = benchmark.judge({"DREval/85/1/output": [text]}, None)
    assert found.scores == {"DREval/85/1/output": [right]}


def test_missing_lines_of_an_output_are_those_of_the_question() -> None:
    pair = replace(PAIR, output_question="x = [1, 2, 3]\nassert f(x) == ??")
    program = read_output("assert f(x) == 5", pair)
    assert program is not None
    assert program.endswith("x = [1, 2, 3]\nassert f(x) == 5")


@pytest.mark.parametrize(
    ("right", "worth"),
    [
        ("csp", 0.5), ("cspo", 1), ("cs", 0.25), ("c", 0.125), ("", 0), ("spo", 0), ("cp", 0),
        ("co", 0), ("cso", 0),
    ],
)  # fmt: skip
def test_later_success_behind_a_failure_earns_nothing(right: str, worth: float) -> None:
    verdict = ProbeVerdict(True, "c" in right, "s" in right, "p" in right, "o" in right)
    assert consistency(verdict) == worth


def test_constant_answers_are_their_own_baseline() -> None:
    benchmark = Reval([PAIR, CLASS_PAIR])
    texts = {row: [CONSTANTS[row.rpartition("/")[2]]] for row in benchmark.ids}
    found = benchmark.judge(texts, None)
    assert found.metrics == found.baselines["NO, Nil, -1"]
    assert found.metrics["coverage_f1"] == 0
    assert found.metrics["output_accuracy"] == 0
    assert found.metrics["coverage_accuracy"] == pytest.approx(100 / 6)


def test_every_question_has_a_prompt_of_its_own() -> None:
    benchmark = Reval([PAIR])
    for prompting, end in ((Prompting.DIRECT, "[ANSWER]\n"), (Prompting.COT, "[THOUGHT]\n")):
        prompts = {
            benchmark.prompt(r, prompting, anchors=False)[1]["content"] for r in benchmark.ids
        }
        assert len(prompts) == len(benchmark.ids)
        assert all(prompt.endswith(end) and "f([1, 2, 3])" in prompt for prompt in prompts)
    with pytest.raises(MisuseError, match="--prompt direct or cot"):
        benchmark.prompt(benchmark.ids[0], Prompting.STEPS, anchors=False)


def test_data_without_its_tasks_is_refused(tmp_path: Path) -> None:
    (tmp_path / "DREval_data.jsonl").write_text("{}\n")
    with pytest.raises(SourceError, match=r"needs DREval_tasks\.jsonl beside it"):
        read_reval(str(tmp_path / "DREval_data.jsonl"))


@pytest.mark.slow
def test_labels_have_the_published_shares(data_dir: Path) -> None:
    """Those of the HumanEval part, which needs no packages; 945 of 1,157 probes are covered."""
    benchmark = read_reval(str(data_dir / "reval" / "DREval_data.jsonl"))
    pairs = [pair for pair in benchmark._pairs if pair.test is None]
    found = [
        label
        for one in label_pairs(pairs, sandboxing=Sandboxing(workers=2))
        for label in one.labels
    ]
    assert len(benchmark.ids) == 3 * 3152 + 690
    assert len(found) == 1157
    assert sum(label.covered for label in found) == 945
