"""Anchored code and steps of small programs, one file each in tests/golden/traces.

A change to the anchoring rules shows here as a diff to review: `pytest --update-golden`.
"""

from collections.abc import Callable, Iterator
from inspect import cleandoc

import pytest

from stepcode.anchor import insert_anchors
from stepcode.execute import Sandbox
from stepcode.types import Execution, Outcome, Program
from stepcode.wire import render_step

Golden = Callable[[str, str], None]

PROGRAMS = {
    "branches": (
        """
        def f(n):
            if n < 0:
                kind = "negative"
            elif n == 0:
                kind = "zero"
            else:
                kind = "positive"
            return kind.upper()
        """,
        "f(3)",
    ),
    "loop_with_break_and_else": (
        """
        def f(xs, wanted):
            place = -1
            for i, x in enumerate(xs):
                if x == wanted:
                    place = i
                    break
            else:
                place = len(xs)
            return place, xs[:place]
        """,
        "f([4, 5, 6], 5)",
    ),
    "while_with_two_counters": (
        """
        def f(n):
            steps, largest = 0, n
            while n != 1:
                n = n // 2 if n % 2 == 0 else 3 * n + 1
                largest = max(largest, n)
                steps += 1
            return steps, largest
        """,
        "f(6)",
    ),
    "comprehensions": (
        """
        def f(words):
            lengths = {word: len(word) for word in words}
            long = [word for word in words if lengths[word] > 3]
            letters = sorted({letter for word in long for letter in word})
            return "".join(letters)
        """,
        "f(['tea', 'coffee', 'water'])",
    ),
    "mutated_containers": (
        """
        def f(stack):
            seen = {}
            stack.append(9)
            stack[0] = -1
            seen["last"] = stack.pop()
            del stack[0]
            return stack, seen
        """,
        "f([1, 2, 3])",
    ),
    "exceptions": (
        """
        def f(texts):
            total, bad = 0, []
            for text in texts:
                try:
                    total += int(text)
                except ValueError as error:
                    bad.append(str(error))
                finally:
                    total += 1
            return total, len(bad)
        """,
        "f(['1', 'x', '3'])",
    ),
    "class_with_state": (
        """
        class Account:
            def __init__(self, balance):
                self.balance = balance

            def add(self, amount):
                self.balance += amount
                return self.balance

        def f(amounts):
            account = Account(10)
            last = [account.add(amount) for amount in amounts]
            return last, account.balance
        """,
        "f([5, -3])",
    ),
    "recursion": (
        """
        def f(n, depth=0):
            half = n // 2
            if half == 0:
                return depth
            return f(half, depth + 1)
        """,
        "f(5)",
    ),
    "closure": (
        """
        def f(n):
            count = 0

            def tick(by):
                nonlocal count
                count += by
                return count * n

            first = tick(1)
            second = tick(2)
            return first + second
        """,
        "f(10)",
    ),
    "generator": (
        """
        def pairs(xs):
            before = None
            for x in xs:
                if before is not None:
                    yield before, x
                before = x

        def f(xs):
            found = list(pairs(xs))
            rises = sum(b > a for a, b in found)
            return rises
        """,
        "f([1, 3, 2, 5])",
    ),
    "with_and_match": (
        """
        from contextlib import nullcontext

        def f(shape):
            with nullcontext(2) as scale:
                match shape:
                    case ("circle", r):
                        area = 3 * r * r
                    case ("box", w, h):
                        area = w * h
                    case _:
                        area = 0
                area *= scale
            return area
        """,
        "f(('box', 3, 4))",
    ),
    "own_prints": (
        """
        def f(name):
            greeting = f"hello, {name}"
            print(greeting)
            shout = greeting.upper()
            print(shout, end="!")
            return len(shout)
        """,
        "f('world')",
    ),
    "text_that_needs_escapes": (
        """
        def f(text):
            lines = text.split("\\n")
            joined = "\\t".join(lines)
            quoted = f"'{joined}'"
            return quoted
        """,
        "f('a\\nb: 1')",
    ),
}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.mark.parametrize("policy", ["strict", "paper"])
@pytest.mark.parametrize("name", PROGRAMS)
def test_trace_is_the_golden_one(golden: Golden, sandbox: Sandbox, name: str, policy: str) -> None:
    code, call = PROGRAMS[name]
    anchored = insert_anchors(Program(code=cleandoc(code) + "\n"), policy=policy)
    execution = sandbox.run(anchored, call)
    assert execution.outcome is Outcome.OK
    golden(f"traces/{name}.{policy}.txt", render(anchored.code, execution))


def render(anchored_code: str, execution: Execution) -> str:
    steps = [
        render_step(step.name, "(cannot be shown)" if step.text is None else step.text)
        for step in execution.steps
    ]
    result = f"{execution.call} -> {execution.output}"
    printed = [f"printed: {execution.stdout!r}"] if execution.stdout else []
    return "\n".join([anchored_code, *steps, result, *printed, ""])
