"""Whether a model knows what an expression is: values are evaluated in the sandbox, or read."""

import ast
import json
from collections.abc import Sequence
from dataclasses import dataclass

from stepcode.evaluate.benchmarks.reval.answers import Said, StatedValue
from stepcode.evaluate.benchmarks.reval.bundle import bundled_program
from stepcode.evaluate.benchmarks.reval.inside.answer import ARRAYS
from stepcode.evaluate.benchmarks.reval.labels import Label, Value
from stepcode.evaluate.benchmarks.reval.values import literal_value, matches
from stepcode.evaluate.programs import LIMITS, Verdict
from stepcode.execute import run_all
from stepcode.execute.isolate import Isolation
from stepcode.types import Execution, Outcome, Program

_FILES = ("encode", "answer")
_DATES = frozenset({"datetime", "datetime.datetime"})


@dataclass(frozen=True, slots=True)
class ReadValue:
    """A value that a model states, and the type that it says it has."""

    kind: str | None
    """None if there is no such type."""
    value: Value


def judge_states(
    said: Sequence[StatedValue | Said | None],
    labels: Sequence[Label],
    *,
    isolation: Isolation | None = None,
    workers: int = 1,
) -> list[Verdict]:
    """Judge what was said of expressions by their labels, in order; None is wrong."""
    stated = list(dict.fromkeys(one for one in said if isinstance(one, StatedValue)))
    read = _read_values(stated, isolation=isolation, workers=workers)
    return [
        _verdict(read[one] if isinstance(one, StatedValue) else one, label)
        for one, label in zip(said, labels, strict=True)
    ]


def _verdict(said: ReadValue | Verdict | Said | None, label: Label) -> Verdict:
    if isinstance(said, Verdict):
        return Verdict.FAILED if said is Verdict.PASSED else said
    if said is None or (said is Said.NIL) != (label.values is None):
        return Verdict.FAILED
    if isinstance(said, Said) or label.values is None:
        return Verdict.PASSED
    try:
        is_right = matches(said.kind, said.value, label.values)
    except (ValueError, TypeError, KeyError, ArithmeticError, RecursionError, SyntaxError):
        is_right = False  # what the answer's own code made of it is no value
    return Verdict.PASSED if is_right else Verdict.FAILED


def _read_values(
    stated: Sequence[StatedValue], *, isolation: Isolation | None, workers: int
) -> dict[StatedValue, ReadValue | Verdict]:
    """Read values, in the sandbox unless they are literals; a verdict where there is none."""
    read: dict[StatedValue, ReadValue | Verdict] = {}
    read |= {one: value for one in stated if (value := _literal(one)) is not None}
    rest = [one for one in stated if one not in read]
    for is_guarded in (True, False):
        # Only dates need a package, and nothing of them is evaluated.
        these = [one for one in rest if (one.kind not in _DATES) is is_guarded]
        executions = run_all(
            [(_program(one), _call(one)) for one in these],
            limits=LIMITS,
            isolation=isolation,
            workers=workers if len(these) > 1 else 1,
            is_guarded=is_guarded,
        )
        read |= zip(these, map(_read, executions), strict=True)
    return read


def _literal(stated: StatedValue) -> ReadValue | None:
    if stated.text == "None" and stated.kind not in {"str"} | _DATES | ARRAYS:
        return ReadValue("NoneType", Value("NoneType", "None", None))
    value = literal_value(stated.text, stated.kind)
    return None if value is None else ReadValue(stated.kind, value)


def _program(stated: StatedValue) -> Program:
    """Write what evaluates; numpy has to be named for the sandbox to have it."""
    needs_numpy = any(name in f"{stated.kind} {stated.text}" for name in ("numpy", "np."))
    start = "import numpy\n" if needs_numpy else ""
    return Program(code=f"{start}{bundled_program(_FILES)}", entry="")


def _call(stated: StatedValue) -> str:
    name = "read_date" if stated.kind in _DATES else "evaluate"
    return f"{name}({stated.text!r}, {stated.kind!r})"


def _read(execution: Execution) -> ReadValue | Verdict:
    match execution.outcome:
        case Outcome.OK:
            return _from_json(execution.output or "")
        case Outcome.TIMED_OUT:
            return Verdict.TIMED_OUT
        case Outcome.LOST:
            return Verdict.UNSCORED
        case _:
            return Verdict.FAILED


def _from_json(text: str) -> ReadValue | Verdict:
    try:
        found = json.loads(ast.literal_eval(text))
        return ReadValue(found["kind"], Value(**found["value"])) if found else Verdict.FAILED
    except (ValueError, TypeError, KeyError, SyntaxError, RecursionError, MemoryError):
        return Verdict.FAILED
