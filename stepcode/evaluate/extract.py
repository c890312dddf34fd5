"""The answer in what a model said, where a benchmark asks for an assertion or one side of it.

The benchmarks' own ways lose answers that people would accept, so there are two: `official`, to be
compared with published scores, and `lenient`, which looks for the answer wherever it may stand.
"""

import ast
import re
from enum import StrEnum

from stepcode.source.calls import parse_expression

FENCE = re.compile(r"(?:```|~~~)[^\n`]*\n(.*?)(?:```|~~~|\Z)", re.DOTALL)
"""A fenced block and what is in it, also where the end is missing."""
_THOUGHT = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL)
_TAG = re.compile(r"\[/?(?:ANSWER|THOUGHT|PYTHON)\]|</?answer>")
_BLOCK = re.compile(r"\[ANSWER\](.*?)(?:\[/ANSWER\]|\Z)|<answer>(.*?)(?:</answer>|\Z)", re.DOTALL)


class Extractor(StrEnum):
    """Which way an answer is found."""

    OFFICIAL = "official"
    LENIENT = "lenient"


class Side(StrEnum):
    """Which side of `assert f(...) == value` is asked for."""

    OUTPUT = "output"
    INPUT = "input"


def without_thoughts(text: str) -> str:
    """Drop what a model thought aloud before it answered."""
    return _THOUGHT.sub("", text)


def lenient_answer(text: str, side: Side, *, entry: str = "f") -> str | None:
    """Find the value or the call in what a model said; None if there is none to be seen.

    The last block, fence or line that holds one counts; models repeat the question first.
    """
    for piece in reversed(_pieces(without_thoughts(text))):
        found = _from_code(piece, side, entry)
        if found is not None:
            return found
    return None


def _pieces(said: str) -> list[str]:
    """What may hold the answer, the likeliest last: lines, the whole, fences, blocks."""
    blocks = [first or second for first, second in _BLOCK.findall(said)]
    wholes = [_TAG.sub("", said), *FENCE.findall(said), *blocks]
    lines = [line for whole in wholes for line in whole.splitlines()]
    return [piece.strip().strip("`").strip() for piece in (*lines, *wholes)]


def _from_code(piece: str, side: Side, entry: str) -> str | None:
    """Take the side that is asked for from an assertion, an equation or the bare answer."""
    text = piece.removeprefix("assert ").rstrip(";").strip()
    node = parse_expression(text)
    if node is None or isinstance(node, ast.Name):  # a word is no answer
        return None
    sides = [node]
    if isinstance(node, ast.Compare) and all(isinstance(op, ast.Eq) for op in node.ops):
        sides = [node.left, *node.comparators]
    texts = [ast.get_source_segment(text, one) or "" for one in sides]
    if side is Side.INPUT:
        return next((t for t, n in zip(texts, sides, strict=True) if _calls(n, entry)), None)
    if len(sides) > 1 and not any(_calls(one, entry) for one in sides):
        return text  # the value itself is a comparison
    return next((t for t, n in zip(texts, sides, strict=True) if not _calls(n, entry)), None)


def _calls(node: ast.expr, entry: str) -> bool:
    match node:
        case ast.Call(func=ast.Name(id=name)):
            return name == entry
        case _:
            return False
