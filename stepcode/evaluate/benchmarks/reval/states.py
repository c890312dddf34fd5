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
    stated = dict.fromkeys(one for one in said if isinstance(one, StatedValue))
    read = dict(zip(stated, _read_values(list(stated), isolation, workers), strict=True))
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
    stated: Sequence[StatedValue], isolation: Isolation | None, workers: int
) -> list[ReadValue | Verdict]:
    """Read values, in the sandbox unless they are literals; a verdict where there is none."""
    known = [_literal(one) for one in stated]
    open_ones = [one for one, value in zip(stated, known, strict=True) if value is None]
    ran: dict[StatedValue, ReadValue | Verdict] = {}
    for group, is_guarded in ((False, True), (True, False)):
        members = [one for one in open_ones if (one.kind in _DATES) is group]
        executions = run_all(
            [(_program(one), _call(one)) for one in members],
            limits=LIMITS,
            isolation=isolation,
            workers=workers if len(members) > 1 else 1,
            is_guarded=is_guarded,
        )
        ran |= zip(members, map(_read, executions), strict=True)
    return [ran[one] if value is None else value for one, value in zip(stated, known, strict=True)]


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
    """A date is read by a library, and nothing of it is evaluated."""
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
