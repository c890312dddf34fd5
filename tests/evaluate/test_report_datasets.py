"""The report of a dataset says what is in it, in all three forms, whatever is in it."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from stepcode.dataset.read import read_rows
from stepcode.dataset.rows import RejectedRow, Row, rejected_row
from stepcode.errors import DatasetError
from stepcode.evaluate.report import Form, render_document
from stepcode.evaluate.report.datasets import MOST_KEPT, MOST_REJECTED, dataset_document
from stepcode.types import Reason, Rejection, Step
from tests.evaluate.html_check import problems_of
from tests.evaluate.report_samples import HOSTILE
from tests.unit.dataset_samples import build_sample, case, dropped, finish_sample, kept


def build(
    out: Path, rows: Sequence[Row], rejected: Sequence[RejectedRow] = (), **recipe: object
) -> Path:
    from stepcode.dataset.parquet import open_build

    settings = {"source": {"name": "jsonl"}} | recipe
    with open_build(out, settings, isolation="none", overwrite=False) as one:
        size = len(rows) + len(rejected)
        one.write_block(0, rows, rejected, rows_in=size, outcomes={"ok": len(rows)})
        finish_sample(one, blocks=1, drop_duplicates=False)
    return out


def render(folder: Path, form: Form = Form.PAGE) -> str:
    return render_document(dataset_document(folder), form)


def data_of(page: str) -> Mapping[str, Any]:  # Any: JSON
    """What the rows of a page are shown from."""
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)
    assert found is not None
    data: Mapping[str, Any] = json.loads(found[1].encode("utf-8", "backslashreplace"))
    return data


def tables_of(folder: Path) -> dict[str, list[dict[str, str]]]:
    tables: dict[str, list[dict[str, str]]] = json.loads(render(folder, Form.JSON))["tables"]
    return tables


def odd_rows() -> list[Row]:
    """Rows with texts that would break a page that is not careful."""
    texts = [HOSTILE, "\u202e\x00\x1b[31m", "x" * 200, "漢字 \U0001f600 العربية", "\ud800"]
    return [
        replace(kept(n), code=text, anchored_code=f"{text}\n{text}", call=text, stdout=text)
        for n, text in enumerate(texts)
    ] + [replace(kept(9, text=HOSTILE), anchored_code="x = 1; " * 5000, source_row=HOSTILE)]


def test_the_shares_are_those_of_the_rows(tmp_path: Path) -> None:
    rows = [kept(n, steps=1 + n % 2) for n in range(3)]
    out = build(tmp_path / "set", rows, [dropped(7)])
    tables = tables_of(out)
    assert tables["Rows in"] == [
        {"rows in": "kept", "rows": "3", "%": "75.0"},
        {"rows in": "rejected", "rows": "1", "%": "25.0"},
    ]
    assert tables["Reasons for rejection"] == [{"reason": "bad_row", "rows": "1", "%": "100.0"}]
    assert tables["Steps"] == [
        {"steps of a row": "1", "rows": "2", "%": "66.7"},
        {"steps of a row": "2", "rows": "1", "%": "33.3"},
    ]
    kinds = {"what the anchor follows": "assign", "steps": "4", "%": "100.0"}
    assert tables["Kinds of anchors"] == [kinds]
    assert tables["Outcomes"] == [{"how the program ended": "ok", "runs": "3", "%": "100.0"}]
    assert tables["Difficulty: lines"] == [{"of the program": "1 to 3", "rows": "3", "%": "100.0"}]


def test_that_nothing_was_rejected_is_said(tmp_path: Path) -> None:
    found = tables_of(build(tmp_path / "set", [kept(0)]))["Rows in"]
    assert found[1] == {"rows in": "rejected", "rows": "0", "%": "0.0"}


def test_page_markdown_and_json_say_the_same_numbers(tmp_path: Path) -> None:
    build_sample(tmp_path / "set")
    page, text = render(tmp_path / "set"), render(tmp_path / "set", Form.MARKDOWN)
    for rows in tables_of(tmp_path / "set").values():
        for row in rows:
            cells = [one.replace("_", "\\_").replace("[", "\\[") for one in row.values()]
            assert f"| {' | '.join(cells)} |" in text
            first, *others = row.values()
            columns = "".join(f"<td>{one}</td>" for one in others)
            assert f'<tr><th scope="row">{first}</th>{columns}' in page


def test_the_level_of_synthetic_programs_follows_from_their_row(tmp_path: Path) -> None:
    rows = [replace(kept(n), source="synthetic", source_row=name) for n, name in enumerate(
        ["0", "1", "4", "5", "5~1"]
    )]  # fmt: skip
    mixed = build(tmp_path / "mixed", rows, source={"name": "synthetic", "difficulty": 0})
    found = {one["level"]: one["rows"] for one in tables_of(mixed)["Difficulty: level"]}
    assert found == {"1": "3", "2": "1", "5": "1"}
    single = build(tmp_path / "single", rows, source={"name": "synthetic", "difficulty": 3})
    assert [one["level"] for one in tables_of(single)["Difficulty: level"]] == ["3"]
    assert tables_of(build(tmp_path / "other", rows))["Difficulty: level"] == []


def test_the_page_says_what_stands_for_difficulty(tmp_path: Path) -> None:
    build_sample(tmp_path / "set")
    assert "Rows carry no difficulty of their own." in render(tmp_path / "set")


def test_a_kept_row_has_each_step_at_the_line_of_its_anchor(tmp_path: Path) -> None:
    out = build(tmp_path / "set", [kept(1, steps=2)])
    [row] = data_of(render(out))["rows"]
    assert row["code"].split("\n")[2] == "    print(f'y: {y!r}')"
    assert row["anchors"] == [3]
    assert row["trace"] == [[3, "y", "assign", "2"], [3, "y", "assign", "2"]]
    assert row["facts"] == [["Call", "f(1)"], ["Output", "2"], ["Row of its source", "jsonl 1"]]


def test_a_rejected_row_has_its_reason_and_detail(tmp_path: Path) -> None:
    out = build(tmp_path / "set", [kept(1)], [dropped(2, detail="broken JSON, line 3")])
    shown = data_of(render(out))["rows"][1]
    assert shown["facts"][0] == ["Rejected", "bad_row: broken JSON, line 3"]
    assert shown["is"] == {"outcome": ["rejected"], "reason": ["bad_row"], "source": ["jsonl"]}


def test_rows_can_be_chosen_by_what_tells_them_apart(tmp_path: Path) -> None:
    rows = [kept(n, steps=n) for n in (1, 2, 10)]
    out = build(tmp_path / "set", rows, [dropped(20), rejected_row(
        case(21), Rejection(Reason.RAISED, "boom"), "strict"
    )])  # fmt: skip
    choices = data_of(render(out))["choices"]
    assert choices["outcome"] == ["kept", "rejected"]
    assert choices["steps"] == ["1", "2", "10"]
    assert choices["reason"] == ["bad_row", "raised"]
    assert choices["kind"] == ["assign"]
    assert "source" not in choices


def test_a_large_dataset_has_a_small_page_that_says_which_rows_it_shows(tmp_path: Path) -> None:
    rows = [kept(n, steps=1 + n % 4) for n in range(MOST_KEPT + 200)]
    rejected = [dropped(n) for n in range(5000, 5000 + MOST_REJECTED + 50)]
    page = render(build(tmp_path / "set", rows, rejected))
    assert len(page) < 3_000_000
    assert len(data_of(page)["rows"]) == MOST_KEPT + MOST_REJECTED
    assert "A sample: 1,000 of 1,200 kept rows, taken in turn from each number of steps" in page
    assert "500 of 550 rejected ones" in page


def test_long_programs_do_not_make_a_large_page(tmp_path: Path) -> None:
    rows = [replace(kept(n), anchored_code="é" * 20_000) for n in range(600)]
    page = render(build(tmp_path / "set", rows))
    assert len(page.encode()) < 3_000_000


def test_the_same_dataset_gives_the_same_bytes(tmp_path: Path) -> None:
    build_sample(tmp_path / "set")
    for form in Form:
        assert render(tmp_path / "set", form) == render(tmp_path / "set", form)


def test_a_page_of_odd_texts_is_sound_html_without_controls(tmp_path: Path) -> None:
    out = build(
        tmp_path / "</h1><script>\u202e",
        odd_rows(),
        [rejected_row(case(50), Rejection(Reason.RAISED, HOSTILE * 50), "strict")],
        note=f"{HOSTILE}\x00\x1b",
    )
    page = render(out)
    assert problems_of(page) == []
    assert not re.search(
        "[\x00-\x08\x0b\x0c\x0e-\x1f\u202e]", re.sub(r"<script.*?</script>", "", page, flags=re.S)
    )
    assert page.count("<script") == 2


@pytest.mark.parametrize("rejected", [[], [dropped(1), dropped(2)]])
def test_a_dataset_without_kept_rows_has_a_report(
    rejected: list[RejectedRow], tmp_path: Path
) -> None:
    out = build(tmp_path / "set", [], rejected)
    page = render(out)
    assert problems_of(page) == []
    assert len(data_of(page)["rows"]) == len(rejected)
    assert f"0 kept, {len(rejected)} rejected" in render(out, Form.MARKDOWN)
    assert json.loads(render(out, Form.JSON))["tables"]["Steps"] == []


def test_a_value_that_cannot_be_shown_is_told_apart_from_an_empty_one(tmp_path: Path) -> None:
    out = build(tmp_path / "set", [replace(kept(0), steps=(Step(0, 1, "y", None),))])
    assert data_of(render(out))["rows"][0]["trace"] == [[3, "y", "assign", None]]


def test_a_shard_with_other_bytes_of_the_same_length_is_refused(tmp_path: Path) -> None:
    build_sample(tmp_path / "set")
    shard = next((tmp_path / "set" / "data").iterdir())
    data = bytearray(shard.read_bytes())
    data[len(data) // 2] ^= 1
    shard.write_bytes(data)
    with pytest.raises(DatasetError, match="missing or damaged"):
        dataset_document(tmp_path / "set")


def test_the_rows_of_a_page_are_rows_of_the_dataset(tmp_path: Path) -> None:
    build_sample(tmp_path / "set")
    shown = {row["id"] for row in data_of(render(tmp_path / "set"))["rows"] if row["trace"]}
    assert shown == {row.id for row in read_rows(tmp_path / "set")}
