"""Two hash seeds that disagree, and the values whose text depends on them."""

import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest

from stepcode.execute.determinism import HASH_SEEDS, agree, has_unordered_set
from stepcode.execute.isolate import Isolation, choose_isolation
from stepcode.types import Execution, Outcome, Step

PROBES = (
    "a b,x y,foo bar,apple banana,red green,0 1,yes no,"
    "hello world,A B,1 2,left right,key value,cat dog"
)
RUN = Execution("p", "f()", Outcome.OK, (Step(0, 1, "x", "1"),), "1", None, "", "3.11.7")


def set_orders(seed: int) -> list[list[str]]:
    code = "import sys; print([list(set(p.split())) for p in sys.argv[1].split(',')])"
    environment = os.environ | {"PYTHONHASHSEED": str(seed)}
    command = [sys.executable, "-S", "-c", code, PROBES]
    shown = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    orders: list[list[str]] = json.loads(shown.stdout.replace("'", '"'))
    return orders


def test_the_two_seeds_order_every_probe_differently() -> None:
    first, second = map(set_orders, HASH_SEEDS)
    assert first == [order[::-1] for order in second]


@pytest.mark.parametrize(
    "other",
    [
        replace(RUN, outcome=Outcome.RAISED),
        replace(RUN, output="2"),
        replace(RUN, stdout="x"),
        replace(RUN, error="E"),
        replace(RUN, steps=()),
    ],
)
def test_runs_that_show_anything_different_disagree(other: Execution) -> None:
    assert agree(RUN, replace(RUN, python="3.12.0"))
    assert not agree(RUN, other)


@pytest.mark.parametrize(
    "text",
    [
        *("{'a', 'b'}", "[{1: {'a', 2}}]", "frozenset({'a', 'b'})", "{(1, 'a'), (3, 4)}"),
        *("{None, 1}", "\"{'a', 'b'}\"", "[\"[{'a', 'b'}]\"]"),
    ],
)
def test_set_of_two_that_may_hash_differently_is_unordered(text: str) -> None:
    assert has_unordered_set(text)


@pytest.mark.parametrize(
    "text",
    [
        "{1, 2, -3, 4.5, True, 1e999, (1+2j)}",
        "{(1, 2), (3, (4.5, -1)), frozenset({1, 2}), frozenset()}",
        "{'a'}",
        "set()",
        "{'a': 1, 'b': 2}",
        "\"{'a': 1}\"",
        "'a set: {1}'",
        "<object {'a', 'b'}>",
        "{" * 5000,
        "[" * 150 + "{}" + "]" * 150,
        "{" + "'a', " * 100_000 + "}",
        "{'\x00', 'a'",
        "",
    ],
)
def test_other_text_is_not_judged_unordered(text: str) -> None:
    assert not has_unordered_set(text)


def test_isolation_level_is_told_honestly() -> None:
    assert choose_isolation(Isolation.NONE) is Isolation.NONE
