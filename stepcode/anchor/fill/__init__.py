"""Policy `fill`: anchors chosen by what a run shows, within a budget of 3 to 10 steps.

    candidates -> write all -> (a recorded run) -> choose -> write those

`find_places` finds everything that could be shown, `write_program` writes any choice of it, and
`choose` makes one from what a run of all of it showed. Nothing here runs a program.
"""

from stepcode.anchor.fill.candidates import find_places
from stepcode.anchor.fill.choose import MAX_STEPS, MIN_STEPS, choose
from stepcode.anchor.fill.model import Places
from stepcode.anchor.fill.tally import Recording, Visit
from stepcode.anchor.fill.write import Written, write_program

__all__ = [
    "MAX_STEPS",
    "MIN_STEPS",
    "Places",
    "Recording",
    "Visit",
    "Written",
    "choose",
    "find_places",
    "write_program",
]
