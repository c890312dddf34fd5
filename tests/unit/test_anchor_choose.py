"""The choice: pure, within the budget, for what informs, and silent about the branch taken."""

import ast
from textwrap import dedent

import pytest

from stepcode.anchor.fill import MAX_STEPS
from stepcode.execute import Sandbox, run
from stepcode.execute.isolate import choose_isolation
from stepcode.types import AnchoredProgram, Execution, Limits, Outcome, Program
from stepcode_pipelines.fill import Recorded, fill, fill_one, plan_fill

LIMITS = Limits(cpu_seconds=2.0)


def filled(code: str, call: str) -> AnchoredProgram:
    isolation = choose_isolation(None)
    return fill_one(Program(code=dedent(code)), call, limits=LIMITS, isolation=isolation)


def texts(anchored: AnchoredProgram, call: str) -> list[str]:
    return [f"{step.name}: {step.text}" for step in run(anchored, call).steps]


def test_expression_is_taken_apart_where_the_paper_shows_one_step() -> None:
    code = """\
        def f(text):
            return len(text.strip().split()) * 2
        """
    assert texts(filled(code, "f(' a bcd ')"), "f(' a bcd ')") == [
        "_v1: 'a bcd'",
        "_v2: ['a', 'bcd']",
        "_ret: 4",
    ]


def test_enough_steps_are_left_as_they_are() -> None:
    code = """\
        def f(n):
            a = n * 2
            b = a + 1
            c = b * b
            return c - len(str(a))
        """
    assert texts(filled(code, "f(40)"), "f(40)") == ["a: 80", "b: 81", "c: 6561", "_ret: 6559"]


def test_loop_that_runs_too_often_is_shown_behind_it_only() -> None:
    code = """\
        def f(n):
            total = 0
            for i in range(n):
                total += i * i
            return total
        """
    anchored = filled(code, "f(500)")
    assert "total += i * i\n    print" in anchored.code
    assert len(texts(anchored, "f(500)")) <= MAX_STEPS
    assert texts(filled(code, "f(3)"), "f(3)") == ["_v1: 0", "_v1: 1", "_v1: 4", "total: 5"]


def test_value_that_is_too_long_or_shows_an_address_is_not_shown() -> None:
    code = """\
        def f(n):
            long = 'x' * n
            thing = [object()]
            return len(long) + len(thing)
        """
    names = {step.name for step in run(filled(code, "f(300)"), "f(300)").steps}
    assert "long" not in names
    assert "thing" not in names


def test_value_that_depends_on_the_hash_seed_is_not_shown() -> None:
    code = """\
        def f(words):
            seen = set(words)
            first = list(seen)
            return len(first)
        """
    shown = texts(filled(code, "f(['a', 'b', 'c', 'd'])"), "f(['a', 'b', 'c', 'd'])")
    assert not any(line.startswith(("seen", "first")) for line in shown)


def arms_with_anchors(anchored: AnchoredProgram) -> list[bool]:
    lines = {anchor.line for anchor in anchored.anchors}
    branch = next(n for n in ast.walk(ast.parse(anchored.code)) if isinstance(n, ast.If))
    return [
        any(s.lineno <= line <= (s.end_lineno or 0) for s in block for line in lines)
        for block in (branch.body, branch.orelse)
    ]


@pytest.mark.parametrize("call", ["f(4)", "f(5)"])
def test_every_arm_is_anchored_or_none(call: str) -> None:
    code = """\
        def f(n):
            if n % 2:
                n = n * 3 + 1
                n = n - 1
            else:
                n = n // 2
            m = n * 7
            return m + 1
        """
    assert len(set(arms_with_anchors(filled(code, call)))) == 1


def test_arm_that_nothing_can_be_shown_in_empties_the_other() -> None:
    code = """\
        def f(n):
            if n > 2:
                n = n * 3
            else:
                pass
            return str(n) + 'x'
        """
    assert arms_with_anchors(filled(code, "f(5)")) == [False, False]


def test_choice_for_several_calls_serves_them_all() -> None:
    program = Program(
        code="def f(n):\n    t = 0\n    for i in range(n):\n        t += i\n    return t * 2\n"
    )
    plan = plan_fill(program, max_steps=LIMITS.max_steps)
    runs = []
    with Sandbox(limits=LIMITS) as sandbox:
        for call in ("f(2)", "f(9)", "f(0)"):
            job = plan.job(call)
            assert job is not None
            sandbox.start_job(job)
            execution = sandbox.finish()
            runs.append(Recorded(call, execution, execution))
        anchored = fill(plan, runs)
        steps = [len(sandbox.run(anchored, one.call).steps) for one in runs]
    assert max(steps) <= MAX_STEPS
    assert anchored == fill(plan, runs)


def test_program_that_raises_gets_the_anchors_of_strict() -> None:
    plan = plan_fill(Program(code="def f(x):\n    y = x + 1\n    return 1 / 0\n"), max_steps=1000)
    failed = Execution("", "f(1)", Outcome.RAISED, (), None, "ZeroDivisionError", "", "3.11")
    anchored = fill(plan, [Recorded("f(1)", failed, failed)])
    assert [anchor.name for anchor in anchored.anchors] == ["y", "_ret"]
    assert anchored.policy == "fill"


def test_program_with_more_candidates_than_a_run_records_is_recorded_in_part() -> None:
    lines = "".join(f"    x{i} = x + {i}\n" for i in range(200))
    plan = plan_fill(Program(code=f"def f(x):\n{lines}    return x\n"), max_steps=110)
    assert plan.full is not None
    assert len(plan.full.candidates) == 10
