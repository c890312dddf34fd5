"""What a program says whatever it is called and however it is laid out.

Two programs have the same form if they differ only in comments, layout, docstrings, imports,
annotations and the names that they define themselves. A changed operator, constant, method or order
of statements is another form.

    def f(xs):  # sum           def total(numbers: list[int]) -> int:
        t = 0                       '''Add them up.'''
        for x in xs:                result = 0
            t += x                  for number in numbers: result += number
        return t                    return result

The tree is written out as tokens. A name of the program's own stands as the distance to where it
last stood: then any stretch of tokens compares by itself, wherever in a program it begins.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from stepcode.dataset.form_writer import FormWriter
from stepcode.source.calls import parse_module

MAX_CHARACTERS = 100_000
"""Longer text has no form: a build refuses such programs, and a parser may take a minute."""


@dataclass(frozen=True, slots=True)
class Form:
    """The tokens of a program."""

    tokens: Sequence[str]
    """Empty for a name that the program defines."""
    back: Sequence[int]
    """For such a name how many tokens back it last stood, 0 if it is new; else -1."""
    functions: Sequence[tuple[int, int]]
    """Where each function begins and ends, its nested ones too."""


def read_form(code: str) -> Form | None:
    """Read the form of a program; None if it is not Python, or too long or deep to be read."""
    module = parse_module(code) if len(code) <= MAX_CHARACTERS else None
    if module is None:
        return None
    writer = FormWriter()
    try:
        writer.write(module.body)
    except RecursionError:
        return None
    return Form(writer.tokens, writer.distances(), sorted(writer.functions))


def form_text(form: Form) -> str:
    """Write a form as one text, names numbered in the order of their first appearance."""
    numbers: list[int] = []
    words: list[str] = []
    known = 0
    for place, (token, back) in enumerate(zip(form.tokens, form.back, strict=True)):
        number = -1
        if back == 0:
            number, known = known, known + 1
        elif back > 0:
            number = numbers[place - back]
        numbers.append(number)
        words.append(token if number < 0 else f"_{number}")
    return "\n".join(words)
