"""Which executions become rows: small named predicates, and `verdict` that asks them in order.

A trace is kept only if the program behaves the same with and without anchors, twice, under two
hash seeds, and if everything it shows is short text that prints the same way every time.
"""

import ast
import re
import warnings
from collections.abc import Iterator

from stepcode.execute.chance import asks_chance
from stepcode.execute.determinism import has_unordered_set
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


def is_literal(text: str) -> bool:
    """Whether text is a Python literal, which nan and inf are not."""
    return _literal(text) is not None


def same_value(left: str, right: str) -> bool:
    """Whether two texts are the same, or literals of equal values; `left` may hold sums."""
    if left == right:
        return True
    a, b = _literal(left) or _literal(_calculated(left)), _literal(right)
    if a is None or b is None:
        return False
    try:
        return bool(a[0] == b[0])
    except RecursionError:
        return False


def _calculated(text: str) -> str:
    """Write a declared value with its sums worked out: REval declares `(3 + 5 + 7, 3 * 5 * 7)`."""
    try:
        return ast.unparse(_Sums().visit(ast.parse(text.strip(), mode="eval")))
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return text


class _Sums(ast.NodeTransformer):
    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.op, ast.USub) and (number := _number(node.operand)) is not None:
            return ast.Constant(-number)
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        left, right = _number(node.left), _number(node.right)
        if left is None or right is None or max(abs(left), abs(right)) > 1e15:
            return node
        match node.op:
            case ast.Add():
                return ast.Constant(left + right)
            case ast.Sub():
                return ast.Constant(left - right)
            case ast.Mult():
                return ast.Constant(left * right)
            case _:
                return node


def _number(node: ast.expr) -> float | None:
    value = node.value if isinstance(node, ast.Constant) else None
    return value if isinstance(value, int | float) else None


def _literal(text: str) -> tuple[object] | None:
    """Evaluate a literal; boxed, because None is one."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return (ast.literal_eval(text.strip()),)
    except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
        return None


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
