"""How the sides of an assertion are asked for: examples first, in the shape that CRUXEval set.

The shape (its tags, two examples or one with a thought, what stands last) makes results comparable;
the words are ours.
"""

from dataclasses import dataclass

from stepcode.anchor import insert_anchors
from stepcode.errors import AnchorError
from stepcode.evaluate.extract import Side
from stepcode.reason.prompt import Message, render_prompt
from stepcode.types import AnchoredProgram, Example, Program, TaskKind

STOP = "[/ANSWER]"
"""What ends an answer."""

_SYSTEM = "You know Python well, and work out exactly what programs do."
_OUTPUT = (
    "Below is a Python program and an assertion about it that lacks the value on its right. Write "
    "the assertion once more with that value, as a literal: no call, no expression. Write it even "
    "if it takes many steps to find."
)
_INPUT = (
    "Below is a Python program and an assertion about it that lacks the arguments of the call. "
    "Write the assertion once more with arguments, as literals, that make it true; where several "
    "do, any of them."
)
_AT_ONCE = " Put nothing but the assertion between [ANSWER] and [/ANSWER]."
_WITH_THOUGHT = (
    " First go through the run step by step below [THOUGHT], then put the assertion between "
    "[ANSWER] and [/ANSWER]."
)


@dataclass(frozen=True, slots=True)
class _Shown:
    """An example for a model to go by."""

    code: str
    call: str
    blank: str
    """The call without its arguments."""
    value: str
    thought: dict[Side, str]

    def question(self, side: Side) -> str:
        if side is Side.OUTPUT:
            return f"assert {self.call} == ??"
        return f"assert {self.blank} == {self.value}"


_FIRST = _Shown(
    "def f(words):\n    for i, word in enumerate(words):\n        if len(word) > 3:\n"
    "            words[i] = word[:2]\n    return '-'.join(words)",
    "f(['maple', 'oak', 'birch'])",
    "f(??)",
    "'ma-oak-bi'",
    {
        Side.OUTPUT: "words is ['maple', 'oak', 'birch'].\ni is 0 and word is 'maple', which has 5 "
        "letters: words[0] becomes 'ma'.\ni is 1 and word is 'oak', which has 3: nothing changes.\n"
        "i is 2 and word is 'birch', which has 5: words[2] becomes 'bi'.\nwords is ['ma', 'oak', "
        "'bi'], joined by dashes: 'ma-oak-bi'.",
        Side.INPUT: "The value has the pieces 'ma', 'oak' and 'bi', so there were three words.\nA "
        "word of more than 3 letters is cut to its first two; one of 3 stays.\nSo 'oak' stood as "
        "it is, the first word began with 'ma' and the last with 'bi', both longer than 3.\n"
        "['maple', 'oak', 'birch'] is such a list.",
    },
)
_SECOND = _Shown(
    "def f(n, step):\n    total = 0\n    while n > 0:\n        total += n\n        n -= step\n"
    "    return total, n",
    "f(7, 3)",
    "f(??)",
    "(12, -2)",
    {},
)


def assertion_prompt(code: str, question: str, side: Side, *, with_thought: bool) -> list[Message]:
    """Ask for a side of an assertion about a program, which stands below it with `??`."""
    shown = [_FIRST] if with_thought else [_FIRST, _SECOND]
    task = _OUTPUT if side is Side.OUTPUT else _INPUT
    blocks = [task + (_WITH_THOUGHT if with_thought else _AT_ONCE)]
    blocks += [_example(one, side, with_thought=with_thought) for one in shown]
    start = "[THOUGHT]" if with_thought else "[ANSWER]"
    blocks.append(f"{_program(code, question)}\n{start}\n")
    return [
        {"role": "system", "content": _SYSTEM},
        {"role": "user", "content": "\n\n".join(blocks)},
    ]


def steps_prompt(code: str, *, entry: str, given: str, kind: TaskKind) -> list[Message]:
    """Ask as stepcode trains; `given` is the call, or in input prediction the returned value."""
    anchored = with_anchors(code, entry)
    example = Example(
        id="",
        kind=kind,
        anchored_code=anchored.code,
        anchors=anchored.anchors,
        given=given,
        target=f"{entry}()",
        steps=(),
    )
    return render_prompt(example)


def with_anchors(code: str, entry: str) -> AnchoredProgram:
    """Put the print anchors of the policy `strict` into a program; none where it is refused."""
    program = Program(code=code, entry=entry)
    try:
        return insert_anchors(program)
    except AnchorError:
        return AnchoredProgram(program, code, (), (), "strict")


def _example(one: _Shown, side: Side, *, with_thought: bool) -> str:
    parts = [_program(one.code, one.question(side))]
    if with_thought:
        parts.append(f"[THOUGHT]\n{one.thought[side]}\n[/THOUGHT]")
    parts.append(f"[ANSWER]\nassert {one.call} == {one.value}\n{STOP}")
    return "\n".join(parts)


def _program(code: str, question: str) -> str:
    return f"[PYTHON]\n{code.rstrip()}\n{question}\n[/PYTHON]"
