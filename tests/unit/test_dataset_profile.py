"""The distributions of a dataset are those of its rows."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from stepcode.dataset.profile import UNKNOWN, Measured, count_steps, measure_rows
from stepcode.dataset.read import read_rows
from stepcode.dataset.rows import Row
from stepcode.types import Anchor, AnchorKind, Step
from tests.unit.dataset_samples import build_sample, finish_sample, kept, open_sample


def build_rows(out: Path, rows: Sequence[Row]) -> Path:
    """A dataset of just these rows, in two shards where there are two."""
    with open_sample(out) as build:
        for index in range(2):
            block = rows[index::2]
            build.write_block(index, block, [], rows_in=len(block), outcomes={"ok": len(block)})
        finish_sample(build, blocks=2, drop_duplicates=False)
    return out


def measured(out: Path, row: Row) -> Measured:
    [one] = measure_rows(build_rows(out, [row]))
    return one


def test_every_row_is_measured_once(tmp_path: Path) -> None:
    build_sample(tmp_path / "set")
    rows = list(read_rows(tmp_path / "set"))
    found = list(measure_rows(tmp_path / "set"))
    assert [(one.source_row, one.steps) for one in found] == [
        (row.source_row, row.n_steps) for row in rows
    ]


def test_blank_lines_are_not_counted(tmp_path: Path) -> None:
    code = "\n\ndef f(x):\n    \n    y = x\n\n    return y\n\n"
    assert measured(tmp_path / "set", replace(kept(0), code=code)).lines == 3


def test_loops_are_statements_and_no_comprehensions_or_words(tmp_path: Path) -> None:
    code = (
        "def f(xs):\n    for x in xs:\n\twhile x:\n\t\tx -= 1\n    format = forward = 1\n"
        "    return [x for x in xs if 'for' in xs]\n"
    )
    assert measured(tmp_path / "set", replace(kept(0), code=code)).loops == 2


def test_a_row_without_novelty_is_not_said_to_inform_in_no_step(tmp_path: Path) -> None:
    plain = kept(0, steps=2)
    steps = (Step(0, 1, "y", "2", "informative"), Step(0, 2, "y", "2", "repeat"))
    told = replace(kept(1), steps=steps, n_steps=2)
    found = measure_rows(build_rows(tmp_path / "set", [plain, told]))
    assert {one.source_row: one.informative for one in found} == {"0": None, "1": 1}


def test_steps_are_counted_by_the_kind_of_their_own_anchor(tmp_path: Path) -> None:
    anchors = (
        Anchor(0, AnchorKind.LOOP, "x", 2, 2, "f"),
        Anchor(1, AnchorKind.RETURN, "_ret", 4, 3, "f"),
        Anchor(2, AnchorKind.BRANCH, "z", 5, 4, "f"),
    )
    steps = tuple(Step(anchor, 1, "x", "1", None) for anchor in (0, 0, 1))
    # Anchors that are not in the order of their numbers are found all the same.
    row = replace(kept(0), anchors=anchors[::-1], steps=steps, n_steps=3)
    counts = count_steps(build_rows(tmp_path / "set", [row]))
    assert counts.kinds == {"loop": 2, "return": 1}
    assert counts.novelty == {UNKNOWN: 3}


def test_the_counts_of_steps_are_those_of_the_rows(tmp_path: Path) -> None:
    build_sample(tmp_path / "set")
    total: Counter[str] = Counter()
    for row in read_rows(tmp_path / "set"):
        total.update(row.anchors[step.anchor].kind.value for step in row.steps)
    assert count_steps(tmp_path / "set").kinds == dict(total)
