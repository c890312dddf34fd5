"""What a model is asked, what it said, and how true it was; needs the standard library only."""

from stepcode.reason.answer import ReadMode, read_answer, render_answer, render_completion
from stepcode.reason.calls import call_to_run, proposed_call, runnable
from stepcode.reason.narrate import narrate
from stepcode.reason.prompt import render_prompt
from stepcode.reason.score import Alignment, score

__all__ = [
    "Alignment",
    "ReadMode",
    "call_to_run",
    "narrate",
    "proposed_call",
    "read_answer",
    "render_answer",
    "render_completion",
    "render_prompt",
    "runnable",
    "score",
]
