"""Two tasks of programs, written here and run by the interpreter.

    full    a = (x + 7) % 20                      a: 12       every anchor shows all of the state
            b = (a * 3) % 20                      b: 16
            ...
    sparse  ok = (a := (x + 7) % 20) < 20         ok: True    most show what is always true
            ok = (b := (a * 3) % 20) < 20         ok: True
            c = (b - 4) % 20                      c: 12       the third and the sixth show the state

    both    return g // 10                        _ret: 1

Each statement needs the value before it, so an error stays for the rest of the run; but what is
returned only says whether the last value is ten or more, so half of all wrong runs end in a right
answer. In `sparse` a model writes the hidden values into its `<reason>` blocks; nobody rewards
those.

Nothing here computes a value: traces come from a dataset built of these texts under the policy
`strict`, hidden values from running `open_twin`.
"""

import json
import re
from enum import StrEnum
from random import Random

from stepcode.types import Step

MODULUS = 20
HALF = MODULUS // 2
"""What decides on the returned value: no other line tells it, and every second guess is right."""
TRIVIAL = "ok"
"""The name whose value says nothing."""
_NAMES = "abcdefg"
_STEPS_SHOWN = 3
"""In `sparse`, every third step shows the state."""
_HIDING = re.compile(rf"{TRIVIAL} = \((\w+) := (.*)\) < \d+$", re.MULTILINE)


class Task(StrEnum):
    """What the anchors show."""

    FULL = "full"
    SPARSE = "sparse"

    @property
    def length(self) -> int:
        """Statements that depend on each other; the returned value is one more."""
        return 7 if self is Task.FULL else 6


def write_rows(task: Task, count: int) -> str:
    """Write programs with a call each, as the input rows of a dataset (JSON lines)."""
    random = Random(f"stepcode micro {task}")
    rows = (_write_row(task, number, random) for number in range(count))
    return "".join(f"{json.dumps(row)}\n" for row in rows)


def open_twin(code: str) -> str:
    """Rewrite a program so that each step is an assignment, which anchors show; same results."""
    return _HIDING.sub(r"\1 = \2", code)


def is_informative(step: Step) -> bool:
    """Whether a step shows the state, and not what is always true or what is returned."""
    return step.name in _NAMES


def _write_row(task: Task, number: int, random: Random) -> dict[str, str]:
    lines, before = ["def f(x):"], "x"
    for place, name in enumerate(_NAMES[: task.length], start=1):
        value = f"({before} {random.choice('+-*')} {random.randrange(2, MODULUS)}) % {MODULUS}"
        shows = task is Task.FULL or place % _STEPS_SHOWN == 0
        hidden = f"{TRIVIAL} = ({name} := {value}) < {MODULUS}"
        lines.append(f"    {name} = {value}" if shows else f"    {hidden}")
        before = name
    code = "\n".join([*lines, f"    return {before} // {HALF}", ""])
    return {"id": str(number), "code": code, "input": str(random.randrange(MODULUS))}
