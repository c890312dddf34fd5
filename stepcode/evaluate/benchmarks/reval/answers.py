"""What a model's text says, read as REval reads it; nothing here is evaluated or judged.

Each reader gives None where the text has no answer, which counts as wrong, or as NO for coverage.
The official way is the benchmark's, to the letter. The lenient one takes what people would take:
the last answer that is marked, the inside of a fence, a line with its number or in backticks, a
thought that was never closed.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from stepcode.evaluate.benchmarks.reval.questions import Mode
from stepcode.evaluate.extract import FENCE, Extractor, without_thoughts

NOTHING = -2
"""Stands for a line that the program does not have."""
_CLASS = re.compile(r"<class '(.*)'>")
_GENERIC = re.compile(r"(.*)\[.*\]")
_LINE_NUMBER = re.compile(r"^\d+[\t:.]\s*")
_CURLY = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"'})
_KINDS = {"string": "str", "integer": "int"}
_EMPTY_ASSERTIONS = (
    "assertTrue(True)",
    "assertFalse(False)",
    "assert True",
    "assert False",
)


class Said(StrEnum):
    """A state that is no value."""

    NIL = "Nil"


@dataclass(frozen=True, slots=True)
class StatedValue:
    """A value as text, and the name of its type."""

    text: str
    kind: str
    """In lower case, without generics."""


def read_coverage(text: str, mode: Mode, extractor: Extractor) -> bool | None:
    """Read YES or NO."""
    answer = _answer(text.upper(), mode, extractor)
    if answer is None:
        return None
    if extractor is Extractor.LENIENT:
        words = set(re.findall(r"\b(YES|NO)\b", answer))
    else:
        words = {word for word in ("YES", "NO") if word in answer.strip()[:3]}
    return words == {"YES"} if len(words) == 1 else None


def read_path(text: str, mode: Mode, extractor: Extractor, *, code: str) -> tuple[int, ...] | None:
    """Read a line's text, as the numbers of all lines that have it; -1 is the end."""
    answer = _answer(text, mode, extractor)
    line = (answer or "").split("\n")[0].strip()
    lines = [one.strip() for one in code.split("\n")]
    if extractor is Extractor.LENIENT and line not in lines:
        line = _LINE_NUMBER.sub("", line.strip("`")).strip("` ")
    if line == "-1":
        return (-1,)
    return tuple(number for number, one in enumerate(lines, 1) if one == line and line) or None


def read_state(text: str, mode: Mode, extractor: Extractor) -> StatedValue | Said | None:
    """Read `value; type`, or Nil."""
    answer = _answer(text.translate(_CURLY).strip(), mode, extractor)
    if answer is None:
        return None
    if extractor is Extractor.LENIENT:
        answer = answer.strip("` ")
    if _is_nil(answer) or answer == "[Nil]":
        return Said.NIL
    value, semicolon, kind = answer.rpartition(";")
    if not semicolon:
        return None
    value = value.strip()
    return Said.NIL if _is_nil(value) else StatedValue(value, _kind(kind.strip().lower()))


def _is_nil(text: str) -> bool:
    return text.capitalize() == Said.NIL


def _kind(name: str) -> str:
    for pattern in (_CLASS, _GENERIC):
        match = pattern.match(name)
        name = match.group(1) if match else name
    name = _KINDS.get(name, name)
    return "tuple" if "," in name or "tuple" in name else name


def read_output(text: str, mode: Mode, extractor: Extractor, *, question: str) -> str | None:
    """Read the completed test; lines that it lacks at its beginning are the question's."""
    answer = _answer(text, mode, extractor)
    if answer is None:
        return None
    asked, said = question.strip().split("\n"), answer.strip().split("\n")
    missing = len(asked) - len(said)
    return "\n".join([*asked[:missing], *said]) if missing > 0 else answer


def is_empty_test(answer: str, *, question: str) -> bool:
    """Whether a test is wrong whatever it does: it asserts nothing, or less than was asked."""
    if any(one in answer for one in _EMPTY_ASSERTIONS):
        return True
    return answer.count("assert") < question.count("assert")


def _answer(text: str, mode: Mode, extractor: Extractor) -> str | None:
    """Cut out the part that answers; None where a thought that should end does not."""
    if extractor is Extractor.LENIENT:
        return _lenient_answer(text)
    if mode is Mode.COT and "[/THOUGHT]" not in text:
        return None
    begun = text.partition("[ANSWER]")[2] if "[ANSWER]" in text else text
    answer = begun.partition("[/ANSWER")[0]
    return text if answer == text else answer.strip()  # where nothing marks it, it is as it was


def _lenient_answer(text: str) -> str:
    said = without_thoughts(text).rpartition("[/THOUGHT]")[2]
    parts: Sequence[str] = [part.partition("[/ANSWER")[0] for part in said.split("[ANSWER]")]
    answer = next((part for part in reversed(parts) if part.strip()), "")
    fenced = FENCE.findall(answer)
    return str(fenced[-1] if fenced else answer).strip()
