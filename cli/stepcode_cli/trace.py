"""`stepcode trace`: run one call of a program and show every step beside its code."""

import ast
import json
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from stepcode.anchor.policy import FILL, find_policy
from stepcode.errors import AnchorError, MisuseError
from stepcode.types import AnchoredProgram, Execution, Limits, Outcome, Program
from stepcode_cli.isolation import settle_isolation

if TYPE_CHECKING:
    from stepcode.execute.isolate import Isolation


def trace(
    path: str,
    call: str,
    *,
    policy: str,
    limits: Limits,
    isolation: "Isolation | None",
    as_json: bool,
) -> int:
    """Anchor, run, and print the steps and the result; returns 1 if the program did not return."""
    from stepcode.anchor.files import read_source
    from stepcode.anchor.novelty import label_steps
    from stepcode.execute import run

    find_policy(policy)
    _check_call(call)
    data = sys.stdin.buffer.read() if path == "-" else _read(path)
    level = settle_isolation(isolation)
    try:
        program = Program(code=read_source(data).code, entry="", source_row=path)
        anchored = _anchor(program, call, policy=policy, limits=limits, isolation=level)
    except AnchorError as error:
        raise AnchorError(f"{path}: {error}") from error
    execution = run(anchored, call, limits=limits, isolation=level)
    execution = replace(execution, steps=label_steps(anchored, call, execution.steps))
    if as_json:
        print(json.dumps(_record(anchored, execution, level)))
    else:
        _print_trace(anchored, execution)
    return 0 if execution.outcome is Outcome.OK else 1


def _anchor(
    program: Program, call: str, *, policy: str, limits: Limits, isolation: "Isolation"
) -> AnchoredProgram:
    if policy == FILL.name:
        from stepcode_pipelines.fill import fill_one

        return fill_one(program, call, limits=limits, isolation=isolation)
    from stepcode.anchor import insert_anchors

    return insert_anchors(program, policy=policy)


def _check_call(call: str) -> None:
    try:
        ast.parse(call.strip(), mode="eval")
    except SyntaxError as error:
        raise MisuseError(f"the call {call!r} is no Python expression: {error.msg}") from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise MisuseError(f"the call is no Python expression: {error}") from error


def _read(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
        raise MisuseError(f"{path}: {error.strerror}; expected a Python file") from error


def _record(
    anchored: AnchoredProgram, execution: Execution, level: "Isolation"
) -> dict[str, object]:
    return {
        "policy": anchored.policy,
        "isolation": level.value,
        "anchored_code": anchored.code,
        "anchors": [asdict(anchor) for anchor in anchored.anchors],
        **asdict(execution),
    }


def _print_trace(anchored: AnchoredProgram, execution: Execution) -> None:
    from stepcode_cli.sidebyside import beside, printed, side_by_side, visible
    from stepcode_cli.terminal import open_console, print_tidily

    console = open_console()
    lines = beside(anchored.code, anchored.anchors, execution.steps)
    print_tidily(console, side_by_side(lines))
    if execution.outcome is Outcome.OK:
        console.print(visible(f"{execution.call} -> {execution.output}"), style="bold")
    else:
        ending = f"{execution.call}: {execution.outcome.value}: {execution.error}"
        console.print(visible(ending), style="bold red")
    if execution.stdout:
        console.print(printed(execution.stdout))
