"""Decontamination measured on the public files: every leak found, next to no false alarm."""

import ast
import sysconfig
import textwrap
from pathlib import Path

import pytest

from stepcode.dataset.contamination import BenchmarkIndex, build_index, read_benchmark
from stepcode.source import SourceSettings, read_cases
from stepcode.source.recognize import recognize_benchmark
from tests.unit.leaks import DISGUISES

FILES = {
    "cruxeval": "cruxeval/cruxeval.jsonl",
    "livecodebench": "livecodebench/lcb_exec_mini.jsonl",
    "reval": "reval/DREval_data.jsonl",
    "humaneval": "humaneval/HumanEval.jsonl.gz",
    "mbpp": "mbpp/sanitized-mbpp.json",
}


def index_of(data_dir: Path, *names: str) -> BenchmarkIndex:
    return build_index(str(data_dir / FILES[name]) for name in names)


def programs_of(data_dir: Path, name: str) -> list[str]:
    settings = recognize_benchmark(str(data_dir / FILES[name])).settings
    return [program.code for program in read_benchmark(settings)]


def library_functions(*, at_most: int) -> list[str]:
    """Functions of Python's library that are about as long as those of the benchmarks."""
    found: list[str] = []
    for path in sorted(Path(sysconfig.get_paths()["stdlib"]).glob("*.py")):
        lines = path.read_text(encoding="utf-8").splitlines()
        for node in ast.walk(ast.parse("\n".join(lines))):
            if isinstance(node, ast.FunctionDef):
                text = textwrap.dedent("\n".join(lines[node.lineno - 1 : node.end_lineno]))
                found += [text] if 60 <= len(text) <= 1500 else []
    return found[:: max(len(found) // at_most, 1)]


@pytest.mark.parametrize("name", list(FILES))
def test_files_are_recognised(data_dir: Path, name: str) -> None:
    assert recognize_benchmark(str(data_dir / FILES[name])).benchmark == name


@pytest.mark.slow
@pytest.mark.parametrize("disguise", list(DISGUISES))
def test_every_planted_program_is_found(data_dir: Path, disguise: str) -> None:
    index = index_of(data_dir, *FILES)
    for name in FILES:
        planted = [DISGUISES[disguise](code) for code in programs_of(data_dir, name)]
        missed = [
            code for code, match in zip(planted, index.find(planted), strict=True) if not match
        ]
        assert missed == [], name


@pytest.mark.parametrize(
    ("benchmark", "of"),
    [
        ("cruxeval", "humaneval"),
        ("cruxeval", "mbpp"),
        ("humaneval", "cruxeval"),
        ("mbpp", "cruxeval"),
        ("humaneval", "mbpp"),
        ("livecodebench", "cruxeval"),
        ("reval", "mbpp"),
    ],
)
def test_programs_of_another_benchmark_are_no_leaks(
    data_dir: Path, benchmark: str, of: str
) -> None:
    programs = programs_of(data_dir, of)
    found = [match for match in index_of(data_dir, benchmark).find(programs) if match]
    assert len(found) <= 0.005 * len(programs)


def test_programs_that_two_benchmarks_share_are_told(data_dir: Path) -> None:
    """`strlen` and the largest negative number are in MBPP as well: found, and no false alarms."""
    programs = programs_of(data_dir, "humaneval")
    found = [match for match in index_of(data_dir, "mbpp").find(programs) if match]
    assert sorted(match.row for match in found) == ["133", "792"]


def test_bundled_programs_are_no_leaks(data_dir: Path) -> None:
    cases = read_cases(SourceSettings(name="bundled"))
    programs = list({case.program.code: None for case in cases})
    assert index_of(data_dir, *FILES).find(programs) == [None] * len(programs)


def test_functions_of_the_library_are_no_leaks(data_dir: Path) -> None:
    programs = library_functions(at_most=1500)
    found = [match for match in index_of(data_dir, *FILES).find(programs) if match]
    assert len(programs) > 1000
    assert len(found) <= 0.005 * len(programs)
