"""The JSON line of `stepcode anchor`: reading undoes writing, whatever the text holds."""

from hypothesis import given
from hypothesis import strategies as st

from stepcode.types import AnchoredProgram, Edit, Program
from stepcode_cli.anchor_json import read_line, render_line
from stepcode_cli.strip import strip_line

EDITS = st.lists(st.tuples(st.text(), st.text(), st.text()))
"""Text that stays, then text of the original, then what stands there instead."""


def anchored_by(parts: list[tuple[str, str, str]]) -> AnchoredProgram:
    original, anchored, edits = "", "", []
    for kept, before, after in parts:
        anchored += kept
        edits.append(Edit(len(anchored), len(anchored) + len(after), before))
        original += kept + before
        anchored += after
    return AnchoredProgram(Program(code=original), anchored, (), tuple(edits), "strict")


@given(EDITS)
def test_reading_a_line_undoes_writing_it(parts: list[tuple[str, str, str]]) -> None:
    anchored = anchored_by(parts)
    text = read_line(render_line("f.py", anchored, encoding="utf-8"))
    assert (text.anchored_code, text.edits) == (anchored.code, anchored.edits)


@given(EDITS)
def test_stripping_a_line_gives_the_original_bytes(parts: list[tuple[str, str, str]]) -> None:
    anchored = anchored_by(parts)
    line = render_line("f.py", anchored, encoding="utf-8")
    assert strip_line(line) == anchored.program.code.encode()
