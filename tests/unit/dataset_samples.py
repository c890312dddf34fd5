"""Small cases, executions and rows for the dataset tests, made the way a build makes them."""

from collections.abc import Iterable
from pathlib import Path

from stepcode.dataset.parquet import Build, open_build
from stepcode.dataset.rows import RejectedRow, Row, kept_row, rejected_row
from stepcode.types import (
    Anchor,
    AnchoredProgram,
    AnchorKind,
    Case,
    Execution,
    Outcome,
    Program,
    Reason,
    Rejection,
    Step,
)

RECIPE = {"source": {"name": "jsonl"}, "policy": "strict", "seed": 0}


def case(number: int = 0, *, program: int | None = None, declared: str | None = None) -> Case:
    """The case of input row `number`; rows with the same `program` repeat each other."""
    value = number if program is None else program
    code = f"def f(x):\n    y = x + {value}\n    return y\n"
    return Case(
        Program(code=code, source="jsonl", source_row=str(number), license="MIT"), "f(1)", declared
    )


def anchored(program: Program) -> AnchoredProgram:
    code = program.code.replace("    return", "    print(f'y: {y!r}')\n    return")
    anchors = (Anchor(0, AnchorKind.ASSIGN, "y", 3, 2, "f"),)
    return AnchoredProgram(program, code, anchors, (), "strict")


def execution(
    output: str | None = "2",
    *,
    steps: Iterable[str | None] = ("2",),
    outcome: Outcome = Outcome.OK,
    error: str | None = None,
    stdout: str = "",
) -> Execution:
    shown = tuple(Step(0, visit, "y", text) for visit, text in enumerate(steps, start=1))
    return Execution("p", "f(1)", outcome, shown, output, error, stdout, "3.11.7")


def kept(number: int, *, program: int | None = None, text: str = "2", steps: int = 1) -> Row:
    some = case(number, program=program)
    run = execution(steps=[text] * steps)
    return kept_row(some, anchored(some.program), run, isolation="none", version="0.1")


def dropped(number: int, *, detail: str = "broken JSON") -> RejectedRow:
    return rejected_row(case(number), Rejection(Reason.BAD_ROW, detail), "strict")


def open_sample(out: Path, *, overwrite: bool = False, seed: int = 0) -> Build:
    return open_build(out, RECIPE | {"seed": seed}, isolation="none", overwrite=overwrite)


def write_sample_block(build: Build, index: int, rows: int = 6) -> None:
    """A block whose rows are kept, but for every third, with one repeat of an earlier block."""
    numbers = range(index * rows, (index + 1) * rows)
    good = [kept(n, program=0 if n == numbers[1] else n) for n in numbers if n % 3]
    bad = [dropped(n) for n in numbers if n % 3 == 0]
    build.write_block(index, good, bad, rows_in=rows, outcomes={"ok": len(good)})


def build_sample(out: Path, *, blocks: int = 3, drop_duplicates: bool = True) -> None:
    with open_sample(out) as build:
        if build.finished:
            return
        for index in sorted(set(range(blocks)) - build.done_blocks()):
            write_sample_block(build, index)
        finish_sample(build, blocks=blocks, drop_duplicates=drop_duplicates)


def finish_sample(build: Build, *, blocks: int = 3, drop_duplicates: bool = True) -> None:
    build.finish(blocks=range(blocks), evaluation_only=False, drop_duplicates=drop_duplicates)


def files_of(out: Path) -> dict[str, bytes]:
    """Every file of a folder with its bytes."""
    return {str(p.relative_to(out)): p.read_bytes() for p in out.rglob("*") if p.is_file()}
