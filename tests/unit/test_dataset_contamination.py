import pickle
from pathlib import Path

import pytest

from stepcode.dataset.contamination import (
    BenchmarkIndex,
    BenchmarkProgram,
    Evidence,
    Match,
    benchmark_of,
    build_index,
    index_programs,
)
from stepcode.errors import SourceError
from tests.unit.benchmark_samples import (
    CRUXEVAL,
    HUMANEVAL_PROMPT,
    MBPP,
    PROGRAMS,
    TINY,
    UNRELATED,
    write_benchmarks,
    write_rows,
)
from tests.unit.leaks import DISGUISES, inside_a_longer_program, renamed


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> BenchmarkIndex:
    paths = write_benchmarks(tmp_path_factory.mktemp("benchmarks"))
    return build_index(map(str, paths.values()))


@pytest.mark.parametrize("disguise", list(DISGUISES))
def test_planted_leak_is_found_in_any_disguise(index: BenchmarkIndex, disguise: str) -> None:
    planted = [DISGUISES[disguise](code) for code in PROGRAMS.values()]
    found = [match.benchmark if match else None for match in index.find(planted)]
    assert found == list(PROGRAMS)


@pytest.mark.parametrize("disguise", list(DISGUISES))
def test_leak_of_one_line_is_found_too(index: BenchmarkIndex, disguise: str) -> None:
    (match,) = index.find([DISGUISES[disguise](TINY)])
    assert match is not None
    assert (match.benchmark, match.row) == ("cruxeval", "sample_1")


def test_unrelated_programs_are_not_found(index: BenchmarkIndex) -> None:
    others = [UNRELATED, inside_a_longer_program(""), "x = 1\n", "", "not Python at all: (", "\0"]
    assert index.find(others) == [None] * len(others)


def test_changed_program_of_one_line_is_another(index: BenchmarkIndex) -> None:
    assert index.find([TINY.replace("swapcase", "title")]) == [None]


def test_half_of_a_program_is_no_leak_and_most_of_it_is(index: BenchmarkIndex) -> None:
    lines = CRUXEVAL.splitlines(keepends=True)
    half, most = "".join(lines[:3]), CRUXEVAL.replace("[:4]", "[:5]")
    assert index.find([f"{half}        pass\n"]) == [None]
    (match,) = index.find([most])
    assert match is not None
    assert match.evidence is Evidence.FORM_GRAMS
    assert 0.7 <= match.share < 1


def test_text_that_is_not_python_is_compared_as_text(index: BenchmarkIndex) -> None:
    (match,) = index.find([f"{MBPP}\nprint 'done'\n"])
    assert match == Match("mbpp", "11", Evidence.TEXT_GRAMS, 1.0)


def test_docstring_of_a_task_alone_is_no_leak(index: BenchmarkIndex) -> None:
    assert index.find([f"{HUMANEVAL_PROMPT}    return []\n"]) == [None]


def test_boilerplate_is_what_many_programs_of_the_benchmarks_share() -> None:
    shared = "    seen = {}\n    for x in xs:\n        seen[x] = seen.get(x, 0) + 1\n"
    ends = ["max(seen)", "len(seen)", "sorted(seen.items())", "seen.get(1)", "list(seen)[::-1]"]
    ends += ["sum(seen.values()) // 2", "[k for k in seen if seen[k] > 3 and k % 5 == 2]"]
    codes = [f"def f(xs):\n{shared}    return {end}\n" for end in ends]
    candidate = f"def g(xs):\n{shared}    print(seen)\n    return None\n"
    programs = [BenchmarkProgram("cruxeval", str(n), code) for n, code in enumerate(codes)]
    assert index_programs(programs[:2]).find([candidate]) != [None]
    assert index_programs(programs).find([candidate]) == [None]
    assert [match and match.row for match in index_programs(programs).find(codes)] == list(
        "0123456"
    )


def test_program_repeated_by_benchmarks_is_no_boilerplate() -> None:
    programs = [BenchmarkProgram("reval", str(n), f"{CRUXEVAL}# {n}\n") for n in range(20)]
    (match,) = index_programs(programs).find([CRUXEVAL.replace("[:4]", "[:5]")])
    assert match is not None
    assert match.row == "0"


def test_verdict_on_a_program_does_not_depend_on_its_neighbours(index: BenchmarkIndex) -> None:
    codes = [UNRELATED, *PROGRAMS.values(), TINY, renamed(MBPP), UNRELATED]
    together = index.find(codes)
    assert together == [index.find([code])[0] for code in codes]
    assert index.find([]) == []


def test_index_is_the_same_in_another_process_and_in_any_order(tmp_path: Path) -> None:
    paths = [str(path) for path in write_benchmarks(tmp_path).values()]
    one, other = build_index(paths), build_index(reversed(paths))
    codes = [*PROGRAMS.values(), TINY, UNRELATED]
    assert one.find(codes) == other.find(codes) == pickle.loads(pickle.dumps(one)).find(codes)


@pytest.mark.parametrize("evidence", list(Evidence))
def test_detail_names_the_benchmark_and_its_row(evidence: Evidence) -> None:
    detail = Match("cruxeval", "sample_3", evidence, 0.8).detail()
    assert detail.startswith("cruxeval sample_3: ")
    assert benchmark_of(detail) == "cruxeval"
    assert ("80% of" in detail) == ("GRAMS" in evidence.name)


def test_file_without_programs_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "empty.jsonl"
    write_rows(path, [{"code": "", "input": "1", "output": "1", "id": "sample_0"}])
    with pytest.raises(SourceError, match="has no program of cruxeval that can be read"):
        build_index([str(path)])
