"""The two worked examples of every prompt: a function and a class.

Each answer is checked by the tests against what the tracer says.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from stepcode.evaluate.benchmarks.reval.data import Probe
from stepcode.evaluate.benchmarks.reval.invocations import SETUP, THE_TEST
from stepcode.evaluate.benchmarks.reval.questions import Task


@dataclass(frozen=True, slots=True)
class ShotAnswer:
    """What a good answer says, and the thought before it."""

    thought: str
    text: str


@dataclass(frozen=True, slots=True)
class Shot:
    """A program, its run, and for each task a question and its answer."""

    code: str
    invocation: str
    short_invocation: str
    question: str
    """The test to be completed."""
    probes: Mapping[Task, Probe]
    answers: Mapping[Task, ShotAnswer]
    is_class: bool


_GAP = Shot(
    is_class=False,
    code="""\
def first_gap(numbers):
    previous = None
    for number in sorted(numbers):
        if previous is not None and number - previous > 1:
            return previous + 1
        previous = number
    return None
""",
    invocation="first_gap([4, 2, 7])",
    short_invocation="first_gap([4, 2, 7])",
    question="assert first_gap([4, 2, 7]) == ??",
    probes={
        Task.COVERAGE: Probe(7, "previous"),
        Task.PATH: Probe(6, "previous"),
        Task.STATE: Probe(6, "previous"),
        Task.OUTPUT: Probe(7, "previous"),
    },
    answers={
        Task.COVERAGE: ShotAnswer(
            "The loop goes over [2, 4, 7]. At 2 there is no previous number, so 2 becomes it. At 4 "
            "the difference to 2 is more than 1, so the function returns inside the loop and line "
            "7 is never reached.",
            "NO",
        ),
        Task.PATH: ShotAnswer(
            "The loop goes over [2, 4, 7]. At 2 the condition is false, so line 6 runs and the "
            "loop's own line comes next, to fetch 4.",
            "for number in sorted(numbers):",
        ),
        Task.STATE: ShotAnswer(
            "Line 6 runs once, for the smallest number, 2. At 4 the function returns. So after "
            "line 6 `previous` is 2.",
            "2; int",
        ),
        Task.OUTPUT: ShotAnswer(
            "The loop goes over [2, 4, 7]. At 4 the difference to 2 is more than 1, so the "
            "function returns 2 + 1.",
            "assert first_gap([4, 2, 7]) == 3",
        ),
    },
)
_SHELF = Shot(
    is_class=True,
    code="""\
class Shelf:
    def __init__(self):
        self.books = {}

    def add(self, title, copies=1):
        if copies < 1:
            return False
        self.books[title] = self.books.get(title, 0) + copies
        return True
""",
    invocation=f"{SETUP}\n# self.shelf = Shelf()\nself.shelf.add('Emma', 2)\n"
    "self.shelf.add('Emma')\nassertEqual(self.shelf.books, {'Emma': 3})",
    short_invocation=THE_TEST,
    question=f"{SETUP}\n# self.shelf = Shelf()\nself.shelf.add('Emma', 2)\n"
    "self.shelf.add('Emma')\nassertEqual(self.shelf.books, ??)",
    probes={
        Task.COVERAGE: Probe(8, "self.books"),
        Task.PATH: Probe(7, "copies"),
        Task.STATE: Probe(8, "self.books"),
        Task.OUTPUT: Probe(8, "self.books"),
    },
    answers={
        Task.COVERAGE: ShotAnswer(
            "Both calls of `add` are for at least one copy, so neither returns at line 7, and both "
            "reach line 8.",
            "YES",
        ),
        Task.PATH: ShotAnswer(
            "Both calls of `add` are for at least one copy, so the condition is false both times "
            "and line 7 never runs.",
            "-1",
        ),
        Task.STATE: ShotAnswer(
            "The first call puts two copies on the empty shelf, so after line 8 `self.books` is "
            "{'Emma': 2}; after the second call's it is {'Emma': 3}. Either will do.",
            "{'Emma': 2}; dict",
        ),
        Task.OUTPUT: ShotAnswer(
            "The first call puts two copies of Emma on the empty shelf and the second one more, "
            "which makes three.",
            "self.shelf.add('Emma', 2)\nself.shelf.add('Emma')\n"
            "assertEqual(self.shelf.books, {'Emma': 3})",
        ),
    },
)
SHOTS = (_GAP, _SHELF)
