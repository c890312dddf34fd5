"""Which executions become rows: small named predicates, and `verdict` that asks them in order.

A trace is kept only if the program behaves the same with and without anchors, twice, under two
hash seeds, and if everything it shows is short text that prints the same way every time.
"""

import re
from collections.abc import Iterator

from stepcode.execute.chance import asks_chance
from stepcode.execute.determinism import has_unordered_set
from stepcode.literals import is_literal, same_value
from stepcode.types import Case, Execution, Outcome, Reason, Rejection, Step

MAX_STEPS = 10
MAX_VALUE_CHARS = 200
MAX_DETAIL_CHARS = 200

_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]{6,}")


def verdict(
    case: Case, original: Execution, first: Execution, second: Execution
) -> Rejection | None:
    """Say why a case is not kept, or None if it is.

    `original` ran the program without anchors, `first` and `second` with them, `second` under
    another hash seed. The first question that fails gives the reason, and they go from cause to
    consequence: how the runs ended; an address (which makes any two runs differ, so it is asked
    before them); whether the runs agree; whether the output is the declared one; set order; whether
    they agreed by chance. What is left is only a matter of form, and what no other policy could
    mend comes first: an output that is no literal, a value too long, then no steps and too many.
    """
    return (
        _ended_badly(original, first, second)
        or _shows_address(first, original)
        or _anchors_change_result(original, first, second)
        or _differs_from_declared(case.declared, first)
        or _is_unstable(first, second)
        or _asks_chance(case.program.code)
        or _breaks_form(first)
    )


def clip(text: str) -> str:
    """Shorten text for a detail, visibly."""
    return text if len(text) <= MAX_DETAIL_CHARS else text[: MAX_DETAIL_CHARS - 1] + "…"


def shows_address(text: str) -> bool:
    """Whether text holds a memory address."""
    return " at 0x" in text and _ADDRESS.search(text) is not None


def _ended_badly(original: Execution, first: Execution, second: Execution) -> Rejection | None:
    if original.outcome is not Outcome.OK:
        return _rejection(Reason(original.outcome.value), original.error or original.outcome.value)
    for run in (first, second):
        if run.outcome in (Outcome.LOST, Outcome.TAMPERED):
            return _rejection(Reason(run.outcome.value), f"with anchors: {run.error}")
    if first.outcome is not second.outcome:
        detail = f"two runs with anchors ended differently: {_ending(first)}; {_ending(second)}"
        return _rejection(Reason.UNSTABLE, detail)
    if first.outcome is Outcome.TOO_MANY_STEPS:
        return _rejection(Reason.TOO_MANY_STEPS, f"more than {len(first.steps)} steps")
    if first.outcome is not Outcome.OK:
        detail = f"runs without anchors, but with them: {_ending(first)}"
        return _rejection(Reason.RESULT_CHANGED, detail)
    return None


def _ending(run: Execution) -> str:
    return run.outcome.value if run.error is None else f"{run.outcome.value} ({run.error})"


def _shows_address(first: Execution, original: Execution) -> Rejection | None:
    for where, text in (*_shown(first), ("stdout", first.stdout), ("stdout", original.stdout)):
        if shows_address(text):
            return _rejection(Reason.ADDRESS, f"{where} shows a memory address: {text}")
    return None


def _anchors_change_result(
    original: Execution, first: Execution, second: Execution
) -> Rejection | None:
    for step in first.steps:
        if step.text is None:
            return _rejection(Reason.RESULT_CHANGED, f"printing {step.name} raises")
    if (original.output, original.stdout) == (first.output, first.stdout):
        return None
    if (first.output, first.stdout) != (second.output, second.stdout):
        return _rejection(Reason.UNSTABLE, _difference(first, second, "one run", "another"))
    detail = _difference(original, first, "without anchors", "with them")
    return _rejection(Reason.RESULT_CHANGED, detail)


def _difference(left: Execution, right: Execution, here: str, there: str) -> str:
    if left.output != right.output:
        return f"{here} returns {_brief(left.output)}, {there} {_brief(right.output)}"
    return f"{here} prints {_brief(left.stdout)}, {there} {_brief(right.stdout)}"


def _differs_from_declared(declared: str | None, first: Execution) -> Rejection | None:
    if declared is None or first.output is None or same_value(declared, first.output):
        return None
    if is_literal(declared) and not is_literal(first.output):
        return None  # a Counter may equal a dict: that it is no literal is all that is certain
    detail = f"declared {_brief(declared)}, got {_brief(first.output)}"
    return _rejection(Reason.OUTPUT_DIFFERS, detail)


def _is_unstable(first: Execution, second: Execution) -> Rejection | None:
    if (first.output, first.stdout) != (second.output, second.stdout):
        return _rejection(Reason.UNSTABLE, _difference(first, second, "one run", "another"))
    if first.steps != second.steps:
        return _rejection(Reason.UNSTABLE, _different_step(first.steps, second.steps))
    for where, text in _shown(first):
        if "{" in text and has_unordered_set(text):
            return _rejection(Reason.UNSTABLE, f"{where} depends on set order: {text}")
    return None


def _asks_chance(code: str) -> Rejection | None:
    asked = asks_chance(code)
    if not asked:
        return None
    return _rejection(Reason.UNSTABLE, f"uses {asked}, which may be different the next time")


def _different_step(first: tuple[Step, ...], second: tuple[Step, ...]) -> str:
    for number, (a, b) in enumerate(zip(first, second, strict=False), start=1):
        if a != b:
            shown = f"{a.name}: {_brief(a.text)} in one run, {b.name}: {_brief(b.text)} in another"
            return f"step {number} shows {shown}"
    return f"{len(first)} steps in one run, {len(second)} in another"


def _breaks_form(first: Execution) -> Rejection | None:
    output = first.output or ""
    if not is_literal(output):
        return _rejection(Reason.NOT_LITERAL, f"output is no literal: {output}")
    for where, text in _shown(first):
        if len(text) > MAX_VALUE_CHARS:
            detail = f"{where} has {len(text)} characters, over {MAX_VALUE_CHARS}: {text}"
            return _rejection(Reason.VALUE_TOO_LONG, detail)
    if not first.steps:
        return _rejection(Reason.NO_STEPS, "no anchor fired")
    if len(first.steps) > MAX_STEPS:
        return _rejection(Reason.TOO_MANY_STEPS, f"{len(first.steps)} steps, over {MAX_STEPS}")
    return None


def _shown(run: Execution) -> Iterator[tuple[str, str]]:
    """Every value a run shows, with its place: the output, then the steps."""
    yield "output", run.output or ""
    for number, step in enumerate(run.steps, start=1):
        yield f"step {number} ({step.name})", step.text or ""


def _brief(text: str | None) -> str:
    """A value short enough that a detail can name two of them."""
    text = "nothing" if text is None else text
    return text if len(text) <= 60 else text[:59] + "…"


def _rejection(reason: Reason, detail: str) -> Rejection:
    return Rejection(reason, clip(detail))
