import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from stepcode.dataset.frames import (
    REJECTED_SCHEMA,
    SCHEMA,
    in_shard_order,
    read_rejected_row,
    read_row,
    to_frame,
    to_rejected_frame,
)
from stepcode.dataset.rows import row_id
from tests.unit.dataset_samples import dropped, kept

ROOT = Path(__file__).parents[2]
INTERFACE_COLUMNS = (
    "id, program_id, source, source_row, license, entry, code, anchored_code, call, output, "
    "anchors, steps, n_steps, stdout, policy, isolation, python, stepcode"
)


def test_columns_are_those_of_the_interface_in_its_order() -> None:
    assert ", ".join(SCHEMA) == INTERFACE_COLUMNS
    rejected = "id, program_id, source, source_row, license, code, call, reason, detail"
    assert ", ".join(REJECTED_SCHEMA) == rejected


def test_frames_without_rows_have_the_whole_schema() -> None:
    assert to_frame([]).schema == SCHEMA
    assert to_rejected_frame([]).schema == REJECTED_SCHEMA


def test_rows_come_back_from_a_frame() -> None:
    rows = [kept(1), kept(2, steps=3)]
    assert [read_row(record) for record in to_frame(rows).to_dicts()] == rows
    bad = [dropped(1), dropped(2)]
    assert [read_rejected_row(record) for record in to_rejected_frame(bad).to_dicts()] == bad


def test_id_depends_on_each_of_its_parts() -> None:
    parts = ["jsonl", "1", "code", "f(1)", "strict"]
    changed = [[*parts[:i], parts[i] + "x", *parts[i + 1 :]] for i in range(len(parts))]
    assert len({row_id(*parts), *(row_id(*other) for other in changed)}) == 6


def test_kept_and_rejected_row_of_one_case_share_their_id() -> None:
    assert kept(5).id == dropped(5).id
    assert kept(5).program_id == dropped(5).program_id


def test_shard_order_does_not_depend_on_the_order_handed_in() -> None:
    rows = [kept(number) for number in range(20)]
    same_id = [replace(rows[0], license="Apache-2.0"), rows[0]]
    one = in_shard_order(to_frame([*rows, *same_id]))
    other = in_shard_order(to_frame([*same_id[::-1], *rows[::-1]]))
    assert one.equals(other)
    assert one["id"].is_sorted()


def test_text_that_utf8_cannot_hold_is_written_as_escapes() -> None:
    bad = replace(dropped(1), code="x = '\ud800'", call="f('\udfff')")
    record = to_rejected_frame([dropped(0), bad]).to_dicts()[1]
    assert record["code"] == "x = '\\ud800'"
    assert record["call"] == "f('\\udfff')"
    assert (
        to_frame([replace(kept(1), source_row="\ud800")]).to_dicts()[0]["source_row"] == "\\ud800"
    )


def test_rows_are_made_without_polars() -> None:
    modules = "stepcode.dataset.rows, stepcode.dataset.filters"
    code = f"import sys, {modules}; print('polars' in sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert run.stdout == "False\n"
