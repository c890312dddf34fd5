"""Helpers for tests of policy `fill`: all candidates of some code, written or run."""

from textwrap import dedent

from stepcode.anchor.fill import Places, find_places, write_program
from stepcode.anchor.fill.model import Tier
from stepcode.anchor.parse import plan_program
from stepcode.anchor.policy import STRICT
from stepcode.anchor.strip import strip_anchors
from stepcode.types import AnchoredProgram, Program


def places_of(code: str) -> Places:
    """Find the candidates of some code."""
    return find_places(plan_program(code, STRICT), code)


def written(code: str, *tiers: Tier) -> AnchoredProgram:
    """Write some code with all candidates of these tiers, or of all tiers."""
    places = places_of(code)
    chosen = [c.index for c in places.candidates if not tiers or c.tier in tiers]
    result = write_program(Program(code=code), places, chosen).anchored
    assert strip_anchors(result.code, result.edits) == code
    return result


def check(before: str, after: str, *tiers: Tier) -> None:
    """Compare the text before and after."""
    assert written(dedent(before), *tiers).code == dedent(after)
