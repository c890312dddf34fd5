"""The templates that programs are written from: each gives what it says, and none raises."""

import ast
from random import Random

import pytest

from stepcode.execute import run
from stepcode.source.synthesis.conditions import CONDITIONS
from stepcode.source.synthesis.endless import WHILES
from stepcode.source.synthesis.expressions import EXPRESSIONS
from stepcode.source.synthesis.fill import Filler
from stepcode.source.synthesis.idioms import CHANGES, IDIOMS, LOOPS, UPDATES
from stepcode.source.synthesis.kinds import EMPTY, Kind
from stepcode.source.synthesis.literals import Literals
from stepcode.source.synthesis.scope import Scope
from stepcode.source.synthesis.template import read_template
from stepcode.types import Outcome, Program

TYPES = {
    Kind.INT: "int",
    Kind.STR: "str",
    Kind.NUMS: "list",
    Kind.WORDS: "list",
    Kind.COUNTS: "dict",
    Kind.LABELS: "dict",
    Kind.POINT: "tuple",
    Kind.SET: "set",
    Kind.PAIRS: "list",
    Kind.GRID: "list",
    Kind.GROUPS: "dict",
}


def fill(texts: tuple[str, ...], *, seed: int) -> tuple[list[str], str, str]:
    """Fill templates from two variables of each kind; also the parameters, and a call's values."""
    rng = Random(seed)
    literals = Literals(rng)
    scope = Scope(rng)
    variables = [scope.add(scope.fresh_for(kind), kind) for kind in (*TYPES, *TYPES)]
    filler = Filler(rng, literals)
    filled = [filler.statement(text, scope, depth=1).text for text in texts]
    values = ", ".join(literals.argument(variable.kind) for variable in variables)
    return filled, ", ".join(variable.name for variable in variables), values


def outcome(body: str, parameters: str, values: str) -> str:
    code = f"def f({parameters}):\n" + "".join(f"    {line}\n" for line in body.split("\n"))
    execution = run(Program(code=code), f"f({values})")
    assert execution.outcome is Outcome.OK, (execution.error, code)
    return execution.output or ""


@pytest.mark.parametrize("kind", TYPES)
def test_expression_gives_its_kind_and_does_not_raise(kind: Kind) -> None:
    for seed in range(4):
        filled, parameters, values = fill(EXPRESSIONS[kind], seed=seed)
        body = "\n".join(["found = []", *(f"found.append({text})" for text in filled)])
        returned = outcome(f"{body}\nreturn [type(x).__name__ for x in found]", parameters, values)
        wrong = zip(filled, ast.literal_eval(returned), strict=True)
        assert [text for text, name in wrong if name != TYPES[kind]] == []


def test_conditions_do_not_raise() -> None:
    for seed in range(4):
        filled, parameters, values = fill(CONDITIONS, seed=seed)
        tests = ", ".join(f"bool({text})" for text in filled)
        assert "True" in outcome(f"return [{tests}]", parameters, values)


@pytest.mark.parametrize("idiom", [*IDIOMS, *WHILES], ids=lambda idiom: idiom.text.split("\n")[0])
def test_idiom_ends_and_gives_what_it_says(idiom: object) -> None:
    assert isinstance(idiom, type(IDIOMS[0]))
    rng = Random(7)
    literals = Literals(rng)
    scope = Scope(rng)
    variables = [scope.add(scope.fresh_for(kind), kind) for kind in TYPES]
    filled = Filler(rng, literals).statement(idiom.text, scope, depth=1)
    given = ", ".join(f"type({filled.names[name]}).__name__" for name, _ in idiom.gives)
    returned = outcome(
        f"{filled.text}\nreturn [{given}]",
        ", ".join(variable.name for variable in variables),
        ", ".join(literals.argument(variable.kind) for variable in variables),
    )
    assert ast.literal_eval(returned) == [TYPES[kind] for _, kind in idiom.gives]


def test_changes_do_not_raise() -> None:
    for seed in range(4):
        filled, parameters, values = fill(CHANGES, seed=seed)
        assert outcome("\n".join([*filled, "return 0"]), parameters, values) == "0"


def test_every_template_can_be_read() -> None:
    texts = [*(text for texts in UPDATES.values() for text in texts), *(lp.head for lp in LOOPS)]
    assert all(read_template(text).pieces for text in texts)


def test_no_template_is_there_twice() -> None:
    for texts in (*EXPRESSIONS.values(), CONDITIONS, CHANGES, *UPDATES.values()):
        assert len(set(texts)) == len(texts)


def test_every_kind_of_variable_has_something_to_return_early() -> None:
    assert set(TYPES) <= set(EMPTY)
