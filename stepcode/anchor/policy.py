"""The anchoring policies that a person can name.

`strict` and `paper` follow the paper's rules (no prints inside loops, print after significant
assignments and before return) and differ in what a value looks like when it is shown. `fill` starts
from the same rules and is guided by a run, see `stepcode.anchor.fill`.
"""

from dataclasses import dataclass

from stepcode.errors import MisuseError, nearest


@dataclass(frozen=True, slots=True)
class Policy:
    """What an anchor looks like and how much is anchored."""

    name: str
    conversion: str
    """`!r` or empty, as in the f-string `{x!r}`."""
    constants: bool = False
    """Also anchor assignments of trivial constants (`n = 0`, `xs = []`)."""
    everywhere: bool = False
    """Also anchor in loops, and in functions that may run often: only a run tells how often."""


STRICT = Policy("strict", "!r")
"""The default: with `{x}` 7 % of CRUXEval's trace lines are ambiguous (blanks, '1' or 1)."""

PAPER = Policy("paper", "")
"""The paper's exact format, `print(f'x: {x}')`."""

FILL = Policy("fill", "!r", constants=True, everywhere=True)
"""Places to choose from by what a run shows; never anchored all at once."""

POLICIES = {policy.name: policy for policy in (FILL, STRICT, PAPER)}


def find_policy(name: str) -> Policy:
    """Look a policy up by its name; raises MisuseError with the nearest name."""
    if name in POLICIES:
        return POLICIES[name]
    expected = f"expected one of {', '.join(POLICIES)}{nearest(name, POLICIES)}"
    raise MisuseError(f"unknown policy '{name}': {expected}")
