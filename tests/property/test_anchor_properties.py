"""What must hold for every program: anchors change its text and nothing else."""

import ast
import codecs
import json
import re
from pathlib import Path

import pytest
from hypothesis import assume, given, reject
from hypothesis import strategies as st

from stepcode import wire
from stepcode.anchor import insert_anchors, line_map, strip_anchors
from stepcode.anchor.files import SourceText, encode_source, read_source
from stepcode.errors import AnchorError, StripError
from stepcode.execute import Sandbox
from stepcode.types import AnchoredProgram, Edit, Limits, Program
from tests.property.programs import programs
from tests.unit.anchor_samples import tree_without_anchors

_LINE_END = re.compile(r"\r\n|\r|\n")
_CALL = "f([3, 1, 2], [5])"


def anchor(code: str, policy: str = "strict") -> AnchoredProgram:
    """Anchor a drawn program; Hypothesis fails the test if too many of them are refused."""
    try:
        return insert_anchors(Program(code=code), policy=policy)
    except AnchorError:
        reject()


@given(programs(), st.sampled_from(["strict", "paper"]))
def test_strip_undoes_insert_and_inserting_again_changes_nothing(code: str, policy: str) -> None:
    anchored = anchor(code, policy)
    assert strip_anchors(anchored.code, anchored.edits) == code
    again = insert_anchors(Program(code=anchored.code), policy=policy)
    assert (again.code, again.anchors, again.edits) == (anchored.code, (), ())


@given(programs())
def test_tree_without_its_anchors_is_the_original_tree(code: str) -> None:
    anchored = anchor(code)
    assert tree_without_anchors(anchored) == ast.dump(ast.parse(code))


@given(programs())
def test_every_anchor_stands_on_its_line_and_every_line_is_mapped(code: str) -> None:
    anchored = anchor(code)
    lines = _LINE_END.split(anchored.code)
    for placed in anchored.anchors:
        text = wire.render_anchor(placed.name, conversion="!r")
        assert lines[placed.line - 1].strip(" \t\f") == text
    original = _LINE_END.split(code)
    assert [placed.index for placed in anchored.anchors] == list(range(len(anchored.anchors)))
    for number, target in enumerate(line_map(anchored), start=1):
        head = original[number - 1].strip(" \t\f").partition(";")[0].rstrip()
        if not head.startswith("return"):
            suite = re.match(r"(if|elif|else|try|except|finally|for|while|with)\b[^:]*", head)
            assert (suite[0] if suite else head) in lines[target - 1]


@pytest.fixture(scope="module")
def sandbox():  # type: ignore[no-untyped-def]  # a generator fixture
    with Sandbox(limits=Limits(cpu_seconds=2, wall_seconds=8)) as sandbox:
        yield sandbox


@given(code=programs())
def test_anchored_program_does_what_the_original_does(sandbox: Sandbox, code: str) -> None:
    anchored = anchor(code)
    original = sandbox.run(Program(code=code), _CALL)
    recorded = sandbox.run(anchored, _CALL)
    assert (original.outcome, original.output, original.error, original.stdout) == (
        recorded.outcome,
        recorded.output,
        recorded.error,
        recorded.stdout,
    )


@given(code=programs())
def test_recorded_steps_are_what_the_anchors_print(sandbox: Sandbox, code: str) -> None:
    anchored = anchor(code)
    recorded = sandbox.run(anchored, _CALL)
    printed = sandbox.run(Program(code=anchored.code), _CALL)
    assume(not recorded.stdout)  # a program that raises has shown its steps up to there
    lines = [wire.render_step(step.name, step.text or "") for step in recorded.steps]
    assert printed.stdout.splitlines() == lines


@given(st.from_regex(r"[^\W\d]\w{0,5}(\.[^\W\d]\w{0,5})?", fullmatch=True), st.text())
def test_wire_reads_back_what_it_writes(name: str, text: str) -> None:
    for conversion in ("", "!r"):
        line = wire.read_anchor(wire.render_anchor(name, conversion=conversion))
        assert line == wire.AnchorLine(name, conversion)
    assert wire.read_step(wire.render_step(name, text)) == wire.StepLine(name, text)


@given(programs(), st.sampled_from(["utf-8", "utf-8-sig", "latin-1", "cp1252"]))
def test_bytes_of_a_file_survive_the_round_trip(code: str, encoding: str) -> None:
    cookie = f"# -*- coding: {encoding.removesuffix('-sig')} -*-\n"
    data = (cookie + "# é\n" + code).encode(encoding)
    source = read_source(data)
    assert encode_source(source) == data
    anchored = anchor(source.code)
    stripped = strip_anchors(anchored.code, anchored.edits)
    assert encode_source(SourceText(stripped, source.encoding)) == data


@pytest.mark.parametrize(
    "data",
    [
        b"# coding: no-such\n",
        codecs.BOM_UTF8 + b"# coding: latin-1\n",
        b"\xff\xfe",
        b"x = '\xe9'\n",
    ],
)
def test_file_of_unknown_encoding_is_refused(data: bytes) -> None:
    with pytest.raises(AnchorError, match="cannot be decoded"):
        read_source(data)


@pytest.mark.parametrize("edit", [Edit(3, 2, ""), Edit(0, 99, ""), Edit(-1, 1, "")])
def test_edits_of_other_code_are_refused(edit: Edit) -> None:
    with pytest.raises(StripError, match="other code"):
        strip_anchors("x = 1\n", [edit])


def test_cruxeval_is_anchored_as_measured(data_dir: Path) -> None:
    """The paper's rules leave few steps on CRUXEval; the figures are the ones measured for them."""
    path = data_dir / "cruxeval" / "cruxeval.jsonl"
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    counts = []
    with Sandbox() as sandbox:
        for row in rows[::8]:
            execution = sandbox.run(insert_anchors(Program(code=row["code"])), f"f({row['input']})")
            assert execution.output == row["output"]
            counts.append(len(execution.steps))
    assert 1.7 < sum(counts) / len(counts) < 2.4
    assert max(counts) <= 10


@given(programs())
def test_shortcut_for_plain_programs_finds_what_the_walk_finds(code: str) -> None:
    function = "def f(a, b):" + code.partition("def f(a, b):")[2]
    shortcut = anchor(function)
    # A comment that mentions a class makes it a program that is walked, and changes nothing else.
    walked = anchor(f"{function}\n# class")
    assert [(a.kind, a.name, a.line) for a in shortcut.anchors] == [
        (a.kind, a.name, a.line) for a in walked.anchors
    ]
