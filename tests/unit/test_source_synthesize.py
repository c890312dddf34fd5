"""The programs we write ourselves: that they end, differ, and are the same for the same seed."""

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepcode.errors import SourceError
from stepcode.execute import run_all
from stepcode.source import SourceSettings, read_cases
from stepcode.source.calls import has_constant_arguments, parse_expression
from stepcode.source.synthesis.levels import LEVELS
from stepcode.source.synthesize import DIFFICULTIES
from stepcode.types import Case, Outcome

_BUILTIN_METHODS = {
    name
    for kind in (str, list, dict, set, tuple, int)
    for name in dir(kind)
    if not name.startswith("_")
}
seeds = st.integers(0, 2**32)
difficulties = st.sampled_from(DIFFICULTIES)


def write(count: int, *, difficulty: int = 0, seed: int = 0) -> list[Case]:
    settings = SourceSettings(name="synthetic", difficulty=difficulty, seed=seed)
    return list(islice(read_cases(settings), count))


def methods_of(codes: Iterable[str]) -> set[str]:
    called = {
        node.func.attr
        for code in codes
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    return called & _BUILTIN_METHODS


def deepest_loop(code: str) -> int:
    def depth(node: ast.AST) -> int:
        inner = max(map(depth, ast.iter_child_nodes(node)), default=0)
        return inner + isinstance(node, ast.For | ast.While)

    return depth(ast.parse(code))


@given(seeds, difficulties)
def test_same_seed_gives_same_programs(seed: int, difficulty: int) -> None:
    again = write(3, difficulty=difficulty, seed=seed)
    assert write(5, difficulty=difficulty, seed=seed)[:3] == again


@given(seeds, difficulties)
def test_every_program_compiles_and_uses_what_it_is_given(seed: int, difficulty: int) -> None:
    for case in write(3, difficulty=difficulty, seed=seed):
        module = ast.parse(case.program.code)
        compile(module, "<written>", "exec")
        function = module.body[-1]
        assert isinstance(function, ast.FunctionDef)
        read = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
        assert function.args.args
        assert {argument.arg for argument in function.args.args} <= read


@given(seeds, difficulties)
def test_call_passes_constants_to_every_parameter(seed: int, difficulty: int) -> None:
    for case in write(3, difficulty=difficulty, seed=seed):
        call = parse_expression(case.call)
        function = ast.parse(case.program.code).body[-1]
        assert isinstance(call, ast.Call)
        assert isinstance(function, ast.FunctionDef)
        assert has_constant_arguments(call)
        assert len(call.args) == len(function.args.args)


def test_seeds_give_different_programs() -> None:
    codes = [{case.program.code for case in write(50, seed=seed)} for seed in range(3)]
    assert not codes[0] & codes[1]
    assert not codes[1] & codes[2]


def test_hash_seed_has_no_influence() -> None:
    script = (
        "from itertools import islice; from stepcode.source import SourceSettings, read_cases; "
        "print(list(islice(read_cases(SourceSettings(name='synthetic')), 200)))"
    )
    path = os.pathsep.join(sys.path)
    printed = {
        subprocess.run(
            [sys.executable, "-c", script],
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": path},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(printed) == 1


def test_no_two_programs_have_one_tree() -> None:
    trees = {ast.dump(ast.parse(case.program.code)) for case in write(2000)}
    assert len(trees) == 2000


@pytest.mark.slow
@pytest.mark.parametrize("difficulty", DIFFICULTIES)
def test_no_two_of_many_programs_have_one_tree(difficulty: int) -> None:
    cases = write(20_000, difficulty=difficulty)
    assert len({ast.dump(ast.parse(case.program.code)) for case in cases}) == 20_000


def test_programs_end_and_mostly_return() -> None:
    cases = write(300, seed=5)
    runs = list(run_all([(case.program, case.call) for case in cases]))
    outcomes = [run.outcome for run in runs]
    assert set(outcomes) <= {Outcome.OK, Outcome.RAISED}
    assert outcomes.count(Outcome.RAISED) <= 3


@pytest.mark.parametrize("difficulty", DIFFICULTIES)
def test_difficulty_decides_how_deep_loops_are(difficulty: int) -> None:
    deepest = max(deepest_loop(case.program.code) for case in write(200, difficulty=difficulty))
    # One more than a loop in a loop there never is: the third block is the condition in it.
    assert deepest == (0, 1, 1, 2, 2)[difficulty - 1]


def test_levels_become_harder() -> None:
    lines = [
        sum(case.program.code.count("\n") for case in write(200, difficulty=difficulty))
        for difficulty in DIFFICULTIES
    ]
    assert lines == sorted(lines)


def test_mixture_takes_one_level_after_another() -> None:
    mixed = write(10)
    for level in LEVELS:
        alone = write(10, difficulty=level.number)
        assert mixed[level.number - 1].program == alone[level.number - 1].program


def test_row_says_where_it_is_from() -> None:
    first, second = write(2)
    assert (first.program.source, first.program.source_row) == ("synthetic", "0")
    assert (second.program.source_row, second.program.license) == ("1", "Apache-2.0")


def test_unknown_difficulty_is_refused_before_the_first_program() -> None:
    settings = SourceSettings(name="synthetic", difficulty=9)
    with pytest.raises(SourceError, match="difficulty is 9: expected 1 to 5, or 0"):
        read_cases(settings)


def test_every_method_of_builtins_that_cruxeval_calls_appears(data_dir: Path) -> None:
    file = data_dir / "cruxeval" / "cruxeval.jsonl"
    if not file.is_file():
        pytest.skip(f"{file} is absent")
    with file.open(encoding="utf-8") as lines:
        wanted = methods_of(json.loads(line)["code"] for line in lines)
    assert len(wanted) > 50
    written = methods_of(case.program.code for case in write(3000))
    assert wanted - written == set()
