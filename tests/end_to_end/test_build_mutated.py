"""`stepcode build-dataset --mutate N`: further calls of each program, the same bytes every time."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Completed
from tests.end_to_end.build_samples import digests, kept, manifest, row, write_jsonl

Run = Callable[..., Completed]

BRANCHES = (
    "def f(n):\n    half = n // 2\n    if half > 20:\n        text = 'many' * 2\n"
    "        return text + str(n)\n    return half\n"
)


def rows_of_many_programs() -> list[dict[str, object]]:
    """Programs of one to three calls each, so that batches cut through some of them."""
    codes = [f"def f(x):\n    y = x + {number}\n    return y * 2\n" for number in range(20)]
    calls = [(code, call) for at, code in enumerate(codes) for call in range(at % 3 + 1)]
    return [dict(row(at, code=code, input=str(call))) for at, (code, call) in enumerate(calls)]


def test_rows_are_named_after_their_program_and_distinct(stepcode: Run, tmp_path: Path) -> None:
    write_jsonl(tmp_path / "in.jsonl", [row(0, code=BRANCHES, input="6")])
    options = ("--source", "jsonl", "--input", "in.jsonl", "--mutate", "4", "--out", "out")
    done = stepcode("build-dataset", *options)
    assert done.stdout == b"out: 5 rows in, 5 kept, 0 rejected\n", done.stderr
    rows = kept(tmp_path / "out")
    names = ["row-0", *(f"row-0~{number}" for number in range(1, 5))]
    assert sorted(found["source_row"] for found in rows) == names
    assert len({(found["output"], str(found["steps"])) for found in rows}) == 5
    assert any("many" in found["output"] for found in rows)
    made = manifest(tmp_path / "out")
    assert made["rows"] == {"in": 5, "kept": 5, "rejected": 0}
    assert made["mutations"]["kept"] == 4
    assert made["mutations"]["proposed"] >= 4
    assert made["outcomes"] == {"ok": 5}
    assert made["recipe"]["mutate"] == 4
    proposed = made["mutations"]["proposed"]
    card = (tmp_path / "out/README.md").read_text(encoding="utf-8")
    assert f"| of them calls by mutation, from {proposed} proposed | 4 |" in card
    shown = stepcode("show", "out").stdout.decode()
    assert f"4 of the rows are further calls, out of {proposed} proposed" in shown


def test_bytes_do_not_depend_on_workers_or_parts(stepcode: Run, tmp_path: Path) -> None:
    write_jsonl(tmp_path / "in.jsonl", rows_of_many_programs())
    options = ("build-dataset", "--source", "jsonl", "--input", "in.jsonl", "--mutate", "3")
    for workers in ("1", "2"):
        assert stepcode(*options, "--workers", workers, "--out", workers).returncode == 0
    for part in ("0", "1"):
        done = stepcode(*options, "--shard", f"{part}/2", "--out", f"part-{part}")
        assert done.returncode == 0
    merged = stepcode("merge", "part-0", "part-1", "--out", "merged")
    assert merged.returncode == 0, merged.stderr
    assert digests(tmp_path / "1") == digests(tmp_path / "2") == digests(tmp_path / "merged")
    by_program = Counter(found["program_id"] for found in kept(tmp_path / "1"))
    assert set(by_program.values()) == {4, 5, 6}


def test_seed_decides_the_further_calls(stepcode: Run, tmp_path: Path) -> None:
    write_jsonl(tmp_path / "in.jsonl", rows_of_many_programs()[:4])
    options = ("build-dataset", "--source", "jsonl", "--input", "in.jsonl", "--mutate", "2")
    for seed in ("1", "2"):
        assert stepcode(*options, "--seed", seed, "--out", seed).returncode == 0
    one, two = ({found["call"] for found in kept(tmp_path / seed)} for seed in ("1", "2"))
    assert one != two


@pytest.mark.parametrize("number", ["-1", "201"])
def test_impossible_number_is_told_in_one_line(stepcode_here: Run, number: str) -> None:
    refused = stepcode_here("build-dataset", "--mutate", number, "--out", "out")
    assert refused.returncode == 2
    assert refused.stderr.decode() == f"stepcode: mutate is {number}: expected 0 to 200\n"
