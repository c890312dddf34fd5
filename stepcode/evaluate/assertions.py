"""Whether `assert reference == answer` holds below a program: what CRUXEval and others ask.

    judge_assertions([Assertion("def f(x):\n    return [x]", "[1]", "f(1)")])    # [PASSED]

An answer is text of a model. It is never evaluated in this process: it runs in the sandbox, unless
both sides are literals. Then Python's own parser tells what they are worth, and a run could say
nothing else, see `literal_verdict`.
"""

import ast
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from stepcode.evaluate.benchmark import ALONE, Sandboxing
from stepcode.evaluate.programs import LIMITS, Verdict, run_programs
from stepcode.source.calls import parse_module
from stepcode.types import Limits

_LITERALS = (
    *(ast.Constant, ast.List, ast.Tuple, ast.Set, ast.Dict),
    *(ast.UnaryOp, ast.USub, ast.UAdd, ast.Load),
)


@dataclass(frozen=True, slots=True)
class Assertion:
    """A program, and below it `assert reference == answer`."""

    code: str
    reference: str
    answer: str

    @property
    def statement(self) -> str:
        """The last lines of the program, one if the answer has no line end."""
        return f"assert {self.reference} == {self.answer}"

    @property
    def program(self) -> str:
        """All that is run."""
        return f"{self.code}\n{self.statement}"


def judge_assertions(
    assertions: Sequence[Assertion],
    *,
    limits: Limits = LIMITS,
    sandboxing: Sandboxing = ALONE,
) -> list[Verdict]:
    """Judge each assertion, in order; what is the same is run once."""
    decided = [literal_verdict(one) for one in assertions]
    texts = [_text_to_run(one, literal) for one, literal in zip(assertions, decided, strict=True)]
    ran = [text for text in texts if text is not None]
    judged = iter(run_programs(ran, limits=limits, sandboxing=sandboxing))
    return [Verdict.FAILED if text is None else next(judged) for text in texts]


def _text_to_run(assertion: Assertion, literal: bool | None) -> str | None:
    """Of equal literals only the program above is to be tried; of unequal ones nothing."""
    if literal is None:
        return assertion.program
    return assertion.code if literal else None


def literal_verdict(assertion: Assertion) -> bool | None:
    """Say whether the assertion holds, if the text alone decides it, else None.

    It does if the program above is whole Python, so that the statement starts afresh below it, and
    the statement is one comparison of two literals. A statement that is no Python makes the whole
    none. What is left open is whether the program above gets as far as the statement.
    """
    if not _is_python(assertion.code):
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            body = ast.parse(assertion.statement).body
    except (SyntaxError, ValueError):
        return False
    except (RecursionError, MemoryError):
        return None
    match body:
        case [
            ast.Assert(test=ast.Compare(left=left, ops=[ast.Eq()], comparators=[right]), msg=None)
        ]:
            return _equal(left, right)
        case _:
            return None


def _equal(left: ast.expr, right: ast.expr) -> bool | None:
    if not all(isinstance(node, _LITERALS) for side in (left, right) for node in ast.walk(side)):
        return None
    try:
        return bool(ast.literal_eval(left) == ast.literal_eval(right))
    except TypeError:  # a list as a key: it raises when it runs as well
        return False
    except (ValueError, RecursionError, MemoryError):
        return None


@lru_cache(maxsize=4096)
def _is_python(code: str) -> bool:
    return parse_module(code) is not None
