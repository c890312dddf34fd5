"""Small examples and answers for the tests of reasoning."""

from stepcode.reason import read_answer
from stepcode.types import (
    Anchor,
    AnchorKind,
    Answer,
    Example,
    Execution,
    Outcome,
    Step,
    TaskKind,
)

CODE = """\
def f(xs):
    ys = sorted(xs)
    print(f'ys: {ys!r}')
    _ret = ys[-1]
    print(f'_ret: {_ret!r}')
    return _ret
"""
ANCHORS = (
    Anchor(0, AnchorKind.ASSIGN, "ys", 3, 2, "f"),
    Anchor(1, AnchorKind.RETURN, "_ret", 5, 3, "f"),
)


def steps(*shown: str) -> tuple[Step, ...]:
    """Steps as printed, `x: 1`."""
    pairs = (line.split(": ", 1) for line in shown)
    return tuple(Step(number, 1, name, text) for number, (name, text) in enumerate(pairs))


def example(kind: TaskKind = TaskKind.OUTPUT, *shown: str, code: str = CODE) -> Example:
    given, target = "f([1, 3, 2])", "3"
    if kind is TaskKind.INPUT:
        given, target = target, given
    return Example(
        id=f"row-{kind.value}",
        kind=kind,
        anchored_code=code,
        anchors=ANCHORS,
        given=given,
        target=target,
        steps=steps(*(shown or ("ys: [1, 2, 3]", "_ret: 3"))),
    )


def claims(*shown: str, final: str = "3") -> Answer:
    """What is read from a text with these steps and this answer."""
    blocks = "".join(f"<print>\n{line}\n</print>\n" for line in shown)
    return read_answer(f"{blocks}<answer>\n{final}\n</answer>")


def executed(
    call: str, output: str | None, *shown: str, outcome: Outcome = Outcome.OK
) -> Execution:
    return Execution("p", call, outcome, steps(*shown), output, None, "", "3.11.7")
