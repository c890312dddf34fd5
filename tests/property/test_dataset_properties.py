from dataclasses import replace
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from stepcode.dataset.filters import verdict
from stepcode.dataset.frames import (
    in_shard_order,
    read_rejected_row,
    read_row,
    to_frame,
    to_rejected_frame,
)
from stepcode.dataset.manifest import read_manifest
from stepcode.dataset.read import read_rows
from stepcode.dataset.rows import Row
from stepcode.dataset.shards import encode
from stepcode.literals import same_value
from stepcode.types import Execution, Outcome, Step
from tests.unit.dataset_samples import case, dropped, execution, files_of, kept, open_sample

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
ANY_TEXT = st.text(max_size=20) | st.text(st.characters(categories=["Cs"]), max_size=3)
STEPS = st.builds(
    Step, st.integers(0, 9), st.integers(1, 9), TEXT, st.none() | TEXT, st.none() | TEXT
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.binary(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)


@st.composite
def rows(draw: st.DrawFn) -> Row:
    steps = draw(st.lists(STEPS, max_size=4).map(tuple))
    row = kept(draw(st.integers(0, 5)), program=draw(st.integers(0, 3)))
    return replace(row, steps=steps, n_steps=len(steps), output=draw(TEXT), stdout=draw(TEXT))


@given(st.lists(rows(), max_size=6))
def test_reading_undoes_writing(some: list[Row]) -> None:
    assert [read_row(record) for record in to_frame(some).to_dicts()] == some


@given(st.lists(ANY_TEXT, max_size=6))
def test_no_rejected_row_is_lost_whatever_its_text(details: list[str]) -> None:
    some = [dropped(number, detail=detail) for number, detail in enumerate(details)]
    back = [read_rejected_row(record) for record in to_rejected_frame(some).to_dicts()]
    assert len(back) == len(some)
    for row, detail in zip(back, details, strict=True):
        assert row.detail == detail.encode("utf-8", "backslashreplace").decode()


@given(st.permutations([kept(number, steps=number % 4) for number in range(12)]))
def test_bytes_do_not_depend_on_the_order_handed_in(some: list[Row]) -> None:
    expected = in_shard_order(to_frame(sorted(some, key=lambda row: row.source_row)))
    assert encode(in_shard_order(to_frame(some))) == encode(expected)


@settings(max_examples=15)
@given(st.lists(st.lists(rows(), max_size=4), max_size=4), st.randoms(use_true_random=False))
def test_every_row_is_kept_or_rejected_and_order_of_blocks_is_no_matter(
    blocks: list[list[Row]], random: Random
) -> None:
    results = []
    for _ in range(2):
        order = list(range(len(blocks)))
        random.shuffle(order)
        with TemporaryDirectory() as folder:
            with open_sample(Path(folder)) as build:
                for index in order:
                    some = blocks[index]
                    build.write_block(index, some, [dropped(9)], rows_in=len(some) + 1, outcomes={})
                build.finish(blocks=order, evaluation_only=False, drop_duplicates=True)
            results.append(files_of(Path(folder)))
            counts = read_manifest(Path(folder)).rows
            programs = [row.program_id for row in read_rows(Path(folder))]
    assert results[0] == results[1]
    assert counts["in"] == sum(map(len, blocks)) + len(blocks)
    assert counts["in"] == counts["kept"] + counts["rejected"]
    assert sorted(programs) == sorted({row.program_id for some in blocks for row in some})


@given(VALUES)
def test_value_is_the_same_as_its_repr(value: object) -> None:
    assert same_value(repr(value), f" {value!r}")


@given(
    st.lists(
        st.builds(
            execution,
            st.none() | TEXT | VALUES.map(repr),
            steps=st.lists(st.none() | TEXT, max_size=12),
            outcome=st.sampled_from(Outcome),
            error=st.none() | ANY_TEXT,
            stdout=TEXT,
        ),
        min_size=3,
        max_size=3,
    ),
    st.none() | ANY_TEXT,
)
def test_verdict_never_raises_and_always_gives_a_short_detail(
    runs: list[Execution], declared: str | None
) -> None:
    rejection = verdict(case(declared=declared), *runs)
    if rejection is None:
        assert {run.outcome for run in runs} == {Outcome.OK}
    else:
        assert 0 < len(rejection.detail) <= 200
