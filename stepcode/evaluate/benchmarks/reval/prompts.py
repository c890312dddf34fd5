"""REval's questions: is a line run, what comes after it, what is a variable then, what comes out.

The shape (tags, two examples or one with a thought, what stands last) is REval's, the words ours.
"""

from enum import StrEnum

from stepcode.evaluate.benchmarks.reval.data import Pair, Probe
from stepcode.evaluate.prompts import STOP
from stepcode.reason.prompt import Message


class Kind(StrEnum):
    """What is asked."""

    COVERAGE = "coverage"
    PATH = "path"
    STATE = "state"
    OUTPUT = "output"


_SYSTEM = "You know Python well, and work out exactly what programs do."
_TASK = {
    Kind.COVERAGE: "Say whether a line of a Python program is executed by the call below: YES or "
    "NO.",
    Kind.PATH: "Say which line of a Python program is executed right after a given line, for the "
    "call below. Write the code of that line, any of them if there are several, or -1 if the given "
    "line is the last one or is not executed.",
    Kind.STATE: "Say what an expression is right after a given line of a Python program was "
    "executed, for the call below: its value and its type as `value; type`, at any of the times if "
    "there are several, or Nil if the line is not executed or there is no such value.",
    Kind.OUTPUT: "Complete the assertions about a Python program: write them with values in the "
    "place of `??`.",
}
_AT_ONCE = f"Put nothing but the answer between [ANSWER] and {STOP}."
_THOUGHT = (
    f"Think step by step between [THOUGHT] and [/THOUGHT], then answer between [ANSWER] and {STOP}."
)

_CODE = """\
def longest(words):
    best = ''
    for word in words:
        if len(word) > len(best):
            best = word
    return best"""
_CALL = "longest(['a', 'tree'])"
_SHOWN = {
    Kind.COVERAGE: (
        ("Is line 5 executed: `best = word`?", "'a' is longer than '', so line 5 runs.", "YES"),
        ("Is line 3 executed: `for word in words:`?", "", "YES"),
    ),
    Kind.PATH: (
        (
            "What comes after line 5: `best = word`?",
            "After it the loop goes on at its head.",
            "for word in words:",
        ),
        ("What comes after line 6: `return best`?", "", "-1"),
    ),
    Kind.STATE: (
        (
            "What is `best` after line 5: `best = word`?",
            "Line 5 runs for 'a' and for 'tree'; afterwards best is the one, then the other.",
            "'tree'; str",
        ),
        ("What is `word` after line 3: `for word in words:`?", "", "'a'; str"),
    ),
    Kind.OUTPUT: (
        (
            "assert longest(['a', 'tree']) == ??",
            "'tree' has 4 letters and 'a' has 1.",
            "assert longest(['a', 'tree']) == 'tree'",
        ),
        ("assert longest([]) == ??", "", "assert longest([]) == ''"),
    ),
}


def render_question(
    pair: Pair, kind: Kind, probe: Probe | None, *, with_thought: bool
) -> list[Message]:
    """Write the chat messages of a question."""
    shown = _SHOWN[kind][:1] if with_thought else _SHOWN[kind]
    blocks = [f"{_TASK[kind]} {_THOUGHT if with_thought else _AT_ONCE}"]
    for question, thought, answer in shown:
        ends = f"[THOUGHT]\n{thought}\n[/THOUGHT]\n" if with_thought else ""
        program = _program(_CODE, _CALL, question, kind)
        blocks.append(f"{program}\n{ends}[ANSWER]\n{answer}\n{STOP}")
    start = "[THOUGHT]" if with_thought else "[ANSWER]"
    asked = _program(pair.code, pair.invocation, _question(pair, kind, probe), kind)
    blocks.append(f"{asked}\n{start}\n")
    return [
        {"role": "system", "content": _SYSTEM},
        {"role": "user", "content": "\n\n".join(blocks)},
    ]


def _question(pair: Pair, kind: Kind, probe: Probe | None) -> str:
    if probe is None:
        return pair.output_question
    where = f"line {probe.lineno}: `{pair.line(probe)}`"
    return {
        Kind.COVERAGE: f"Is line {probe.lineno} executed: `{pair.line(probe)}`?",
        Kind.PATH: f"What comes after {where}?",
        Kind.STATE: f"What is `{probe.var}` after {where}?",
    }[kind]


def _program(code: str, call: str, question: str, kind: Kind) -> str:
    lines = code.rstrip().splitlines()
    if kind is Kind.PATH:
        lines = [f"{number}\t{line}" for number, line in enumerate(lines, start=1)]
    shown = "\n".join(lines)
    asked = f"[CALL]\n{call}\n[/CALL]\n[QUESTION]\n{question}\n[/QUESTION]"
    return f"[PYTHON]\n{shown}\n[/PYTHON]\n{asked}"
