"""LibCST need not be asked about a program that leaves no doubt."""

import ast
import io
import tokenize
from random import Random

import libcst
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from stepcode.anchor.doubt import may_be_refused
from stepcode.source import SourceSettings, read_cases

CODES = sorted({case.program.code for case in read_cases(SourceSettings(name="bundled"))})
_LAYOUT = {tokenize.NEWLINE, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}


def spaced_anew(code: str, random: Random) -> str:
    """Add and remove blanks between the tokens of a line, and lines inside brackets."""
    rows = code.splitlines(keepends=True)
    written: list[str] = []
    depth, row, column, begins_line = 0, 1, 0, True
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        while row < token.start[0]:
            written.append(rows[row - 1][column:])
            row, column, begins_line = row + 1, 0, True
        between = rows[row - 1][column : token.start[1]] if row <= len(rows) else ""
        if not begins_line and token.type not in _LAYOUT:
            changed = [between] * 8 + ["", " ", "  "] + ["\n  ", "  # note\n"] * (depth > 0)
            between = random.choice(changed)
        written += (between, token.string)
        depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(token.string, 0)
        row, column = token.end
        begins_line = begins_line and token.type in _LAYOUT
    return "".join(written)


@pytest.mark.filterwarnings("ignore::SyntaxWarning")  # `1if x`, which is among what is tried
@given(st.sampled_from(CODES), st.randoms(use_true_random=False))
def test_program_without_doubt_is_reproduced_by_libcst_however_it_is_spaced(
    code: str, random: Random
) -> None:
    spaced = spaced_anew(code, random)
    try:
        ast.parse(spaced)
    except SyntaxError:
        assume(False)
    assume(not may_be_refused(spaced, depth=1))
    assert libcst.parse_module(spaced).code == spaced
