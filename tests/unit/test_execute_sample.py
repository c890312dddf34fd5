"""A sample of a run: the first visits of each anchor, and of long values the beginning."""

from stepcode.execute import Sandbox
from stepcode.execute.child import SAMPLE_BYTES
from stepcode.execute.job import prepare
from stepcode.types import Outcome
from tests.unit.execute_samples import anchored

CODE = """
    def f(n):
        for i in range(n):
            print(f'i: {i!r}')
        x = 'x' * n
        print(f'x: {x!r}')
        return n
    """


def test_sample_has_the_first_visits_of_each_anchor_and_no_long_text() -> None:
    with Sandbox() as sandbox:
        sandbox.start_job(prepare(anchored(CODE), "f(5000)", most_visits=3))
        sampled = sandbox.finish()
    assert (sampled.outcome, sampled.output) == (Outcome.OK, "5000")
    shown = [(step.name, step.visit, step.text) for step in sampled.steps]
    assert shown[:3] == [("i", 1, "0"), ("i", 2, "1"), ("i", 3, "2")]
    assert [(name, len(text or "")) for name, _, text in shown[3:]] == [("x", SAMPLE_BYTES)]


def test_run_that_is_no_sample_ends_at_its_limit_of_steps() -> None:
    with Sandbox() as sandbox:
        assert sandbox.run(anchored(CODE), "f(5000)").outcome is Outcome.TOO_MANY_STEPS


def test_sample_that_is_shown_while_it_is_shown_is_not_taken_for_tampering() -> None:
    code = """
    class A:
        def __repr__(self):
            y = 1
            print(f'y: {y!r}')
            return 'A'
    def f():
        a = A()
        for _ in range(5):
            print(f'a: {a!r}')
        return 1
    """
    with Sandbox() as sandbox:
        sandbox.start_job(prepare(anchored(code), "f()", most_visits=2))
        sampled = sandbox.finish()
    assert [step.name for step in sampled.steps] == ["y", "a", "y", "a"]
