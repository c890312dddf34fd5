"""The text of two literals decides as a run does, and everything else is run."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepcode.evaluate.assertions import Assertion, judge_assertions, literal_verdict
from stepcode.evaluate.programs import Verdict
from stepcode.execute import Sandbox
from stepcode.types import Limits, Outcome, Program

CODE = "def f(x):\n    return [x]\n"
LIMITS = Limits(cpu_seconds=0.5, wall_seconds=5.0)

LITERALS = st.recursive(
    st.integers() | st.floats(allow_nan=False) | st.text(max_size=3) | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=2) | st.tuples(inner) | st.frozensets(st.integers()),
    max_leaves=4,
).map(repr)
ODD = st.sampled_from(
    ["1 == 1", "1, 'said'", "1 if x else 2", "f(1)", "[1", "1\nx = 2", "1 # two", "{[]: 1}", "()",
     "1 and 0", "-True", "not 1", "'a' 'b'", "set()", "nan", "1_0", "...", "b'\\x00'", "f'{1}'",
     "\\\n1", "1;2", "1 == 2 == 3", "", "*[1]", "[*[1]]", "{**{}}", "lambda: 1", "\0", "1e999"]
)  # fmt: skip


def judge(*assertions: Assertion) -> list[Verdict]:
    return judge_assertions(assertions, limits=LIMITS)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(limits=LIMITS) as sandbox:
        yield sandbox


def run_whole(assertion: Assertion, sandbox: Sandbox) -> bool:
    program = Program(code=assertion.program, entry="")
    return sandbox.run(program, "None").outcome is Outcome.OK


@given(LITERALS | ODD, LITERALS | ODD)
def test_verdict_of_the_text_alone_is_that_of_a_run(
    sandbox: Sandbox, reference: str, answer: str
) -> None:
    for said in (answer, reference):
        assertion = Assertion(CODE, reference, said)
        decided = literal_verdict(assertion)
        if decided is not None:
            assert decided == run_whole(assertion, sandbox), assertion.statement


def test_call_is_run() -> None:
    right, wrong = Assertion(CODE, "[2]", "f(2)"), Assertion(CODE, "[2]", "f(3)")
    assert judge(right, wrong) == [Verdict.PASSED, Verdict.FAILED]


def test_equal_literals_below_a_program_that_raises_fail() -> None:
    assert judge(Assertion("raise ValueError", "1", "1")) == [Verdict.FAILED]


def test_program_that_does_not_end_is_told_apart() -> None:
    endless = "while True: pass"
    below = [Assertion(endless, "1", "1"), Assertion(CODE, "1", f"exec({endless!r})")]
    assert judge(*below) == [Verdict.TIMED_OUT, Verdict.TIMED_OUT]


def test_program_left_open_may_be_closed_by_the_answer(sandbox: Sandbox) -> None:
    """So that unequal literals are no proof there: what is above is no Python by itself."""
    assertion = Assertion('text = """', "1", '2"""')
    assert judge(assertion) == [Verdict.PASSED]
    assert run_whole(assertion, sandbox)


@pytest.mark.parametrize("answer", ["exit()", "__import__('os')._exit(0)", "quit(0)"])
def test_answer_that_ends_the_program_is_wrong(answer: str) -> None:
    assert judge(Assertion(CODE, "1", answer)) == [Verdict.FAILED]


def test_answer_that_is_code_never_runs_here(tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("here") / "written"
    writes = Assertion(CODE, "1", f"open({str(file)!r}, 'w').close() or 1")
    assert judge(writes) == [Verdict.FAILED]
    assert not file.exists()
