"""Which further calls of a program become rows: distinct traces, new anchors first."""

from collections.abc import Callable
from dataclasses import replace

from stepcode.dataset.rows import Row
from stepcode.types import Anchor, AnchorKind, Case, Program, Reason, Rejection, Step
from stepcode_pipelines.mutate import choose, further_rows, with_siblings

CODE = "def f(n):\n    if n > 7:\n        big = n * 2\n        return big\n    return n\n"


def case(call: str, *, code: str = CODE, rejection: Rejection | None = None) -> Case:
    return Case(Program(code=code, source_row="a"), call, rejection=rejection)


def row(call: str, *fired: int, output: str) -> Row:
    anchors = [Anchor(i, AnchorKind.ASSIGN, f"x{i}", i + 1, i + 1, "f") for i in range(4)]
    steps = [Step(index, 1, f"x{index}", output) for index in fired]
    return Row(
        id="",
        program_id="",
        source="s",
        source_row="a",
        license="",
        entry="f",
        code=CODE,
        anchored_code="",
        call=call,
        output=output,
        anchors=tuple(anchors),
        steps=tuple(steps),
        n_steps=len(steps),
        stdout="",
        policy="strict",
        isolation="none",
        python="",
        stepcode="",
    )


def run(call: str) -> Row:
    """What a sandbox would find for CODE."""
    number = int(call.removeprefix("f(").removesuffix(")"))
    return row(call, *((0, 1) if number > 7 else (2,)), output=str(number * (1 + (number > 7))))


def search(
    verify: Callable[[Case], Row | Rejection], *, wanted: int, seed: int = 0
) -> tuple[list[str], int]:
    found = further_rows([(case("f(3)"), run("f(3)"))], verify, wanted=wanted, seed=seed)
    return [further.call for further in found.rows], found.proposed


def test_further_call_with_other_anchors_comes_first() -> None:
    calls, _ = search(lambda asked: run(asked.call), wanted=4)
    assert int(calls[0].removeprefix("f(").removesuffix(")")) > 7
    assert len(set(calls)) == 4


def test_trace_that_is_known_is_no_row() -> None:
    calls, proposed = search(lambda asked: row(asked.call, 2, output="3"), wanted=4)
    assert calls == []
    assert proposed == 24


def test_endless_inputs_end_the_search() -> None:
    calls, proposed = search(lambda _: Rejection(Reason.TIMED_OUT, "2 s"), wanted=4)
    assert (calls, proposed) == ([], 2)


def test_same_seed_finds_the_same() -> None:
    def verify(asked: Case) -> Row:
        return run(asked.call)

    assert search(verify, wanted=5, seed=1) == search(verify, wanted=5, seed=1)
    assert search(verify, wanted=5, seed=1) != search(verify, wanted=5, seed=2)


def test_program_of_which_nothing_is_kept_has_no_further_calls() -> None:
    assert further_rows([], lambda asked: run(asked.call), wanted=3, seed=0).proposed == 0


def test_choice_goes_by_new_anchors_then_by_order() -> None:
    pool = [row("a", 0, output="1"), row("b", 0, 1, output="2"), row("c", 0, 2, output="3")]
    chosen = choose(pool, set(), wanted=3)
    assert [picked.call for picked in chosen] == ["b", "c", "a"]
    assert [picked.call for picked in choose(pool, set(), wanted=1)] == ["b"]


def test_last_case_of_a_program_knows_the_others() -> None:
    other = "def f(n):\n    return n\n"
    cases = [case("f(1)"), case("f(2)"), case("f(1)", code=other), case("f(3)")]
    marked = list(with_siblings(cases))
    assert [replace(one, siblings=None) for one in marked] == cases
    assert [one.siblings for one in marked] == [None, (cases[0],), (), ()]


def test_rejected_cases_are_passed_through() -> None:
    bad = case("", rejection=Rejection(Reason.NO_CALL, "none"))
    marked = list(with_siblings([case("f(1)"), bad, bad]))
    assert [one.siblings for one in marked] == [(), None, None]
    assert [one.siblings for one in with_siblings([bad])] == [None]


def test_program_with_very_many_calls_is_read_a_piece_at_a_time() -> None:
    marked = list(with_siblings(case(f"f({number})") for number in range(450)))
    ends = [at for at, one in enumerate(marked) if one.siblings is not None]
    assert ends == [199, 399, 449]
