"""What a model said to REval's questions, read as REval's harness reads it; nothing is run here."""

import re
from typing import TypeAlias

from stepcode.evaluate.benchmarks.reval.data import Pair
from stepcode.evaluate.benchmarks.reval.labels import State

NIL: State = ("Nil", None)
_QUOTES = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"'})
_TYPES = {"string": "str", "integer": "int", "none": "nonetype"}
_NOTHING = -2
"""Of a path: no line of the program."""
_GIVEN_AWAY = ("assertTrue(True)", "assertFalse(False)", "assert True", "assert False")

Lines: TypeAlias = frozenset[int]


def answer_region(text: str, *, with_thought: bool) -> str | None:
    """Take what stands between the tags; None where a chain of thought has no end."""
    if with_thought and "[/THOUGHT]" not in text:
        return None
    text = text.partition("[ANSWER]")[2] if "[ANSWER]" in text else text
    return re.split(r"\[/ANSWER\]?", text)[0].strip()


def read_coverage(answer: str | None) -> bool:
    """Say whether a line was said to run; what is empty or ambiguous says that it does not."""
    start = (answer or "").upper()[:3]
    return ("YES" in start) and ("NO" not in start)


def read_path(answer: str | None, code: str) -> Lines:
    """Name the lines, from 1, whose text is the first line of the answer; -1 for none at all."""
    first = (answer or "").strip().split("\n")[0].strip()
    if not first:
        return frozenset({_NOTHING})
    if first == "-1":
        return frozenset({-1})
    lines = enumerate(code.splitlines(), start=1)
    found = frozenset(number for number, line in lines if line.strip() == first)
    return found or frozenset({_NOTHING})


def read_state(answer: str | None) -> State | None:
    """Read `value; type`, or Nil; None for what is neither."""
    if answer is None:
        return None
    text = answer.translate(_QUOTES).strip()
    if text.strip("[]").strip().lower() == "nil":
        return NIL
    value, found, kind = text.rpartition(";")
    if not found:
        return None
    if value.strip().strip("[]") == "Nil":
        return NIL
    return value.strip(), _type_name(kind)


def _type_name(text: str) -> str:
    kind = text.strip().lower()
    wrapped = re.fullmatch(r"<class '(.*)'>", kind)
    kind = re.sub(r"\[.*\]", "", wrapped[1] if wrapped else kind).strip()
    if "," in kind or "tuple" in kind:
        return "tuple"
    return _TYPES.get(kind, kind)


def read_output(answer: str | None, pair: Pair) -> str | None:
    """Make the program that is to run through; None for an answer that is wrong as it stands."""
    if answer is None:
        return None
    question = pair.output_question.rstrip()
    asked, lines = question.split("\n"), answer.rstrip().split("\n")
    if len(lines) < len(asked):
        lines = asked[: len(asked) - len(lines)] + lines
    code = "\n".join(lines)
    if any(given in code for given in _GIVEN_AWAY):
        return None
    if code.count("assert") < question.count("assert"):
        return None
    if pair.test is None:
        return f"{pair.code}\n{code}"
    return f"{pair.code}\n{pair.test}\n{_as_method(code, pair)}"


def _as_method(code: str, pair: Pair) -> str:
    """Run assertions as a method of the test class that the input is of, set up as it is."""
    body = re.sub(r"(?<![\w.])assert(?=[A-Z])", "self.assert", code)
    return _METHOD.format(name=f"{pair.entry}Test", number=pair.number, body=body)


_METHOD = """
_kinds = [k for n, k in list(globals().items())
          if isinstance(k, type) and issubclass(k, unittest.TestCase) and n.startswith({name!r})]
_kind = _kinds[{number}]
_case = _kind(next(n for n in vars(_kind) if n.startswith('test')))
_case.setUp()
exec(compile({body!r}, '<answer>', 'exec'), {{**globals(), 'self': _case}})
"""
