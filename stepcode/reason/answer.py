"""The text a model answers with: the only place that writes one, and reads one.

    <reason>
    `ys = sorted(xs)` sets ys.
    </reason>
    <print>
    ys: [1, 2, 3]
    _ret: 3
    </print>
    <answer>
    3
    </answer>

Each line of a `<print>` block is a step. A step without a reason of its own follows the one before
it in its block, so that any steps, reasons and final answer have exactly one text, whatever is in
them (see blocks.py), and reading undoes rendering. Tolerant reading is lenient.py; it is asked only
about texts that are not exact, so what is rendered here is read the same in either mode.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from stepcode.reason.blocks import (
    ANSWER,
    CONTINUES,
    PRINT,
    REASON,
    escape,
    render_block,
    unescape,
)
from stepcode.reason.lenient import read_leniently
from stepcode.types import Answer, Example, PredictedStep, Span
from stepcode.wire import read_step, render_step

_BLOCK = re.compile(r"<(?P<tag>reason|print|answer)>\n(?P<content>.*?)\n</(?P=tag)>", re.DOTALL)


class ReadMode(StrEnum):
    """How much of a departure from the form is forgiven."""

    LENIENT = "lenient"
    """Fences, thinking, missing closings and blocks, line ends, case: what can be read is read."""
    STRICT = "strict"
    """Only what `render_answer` could have written; reading stops at the first departure."""


def render_completion(example: Example, *, reasons: Sequence[str] = ()) -> str:
    """Write the right completion of an example: its steps, its answer and the given reasons.

    There is one reason before each step and one before the answer, or none at all. Raises
    ValueError if a step shows nothing, or if the number of reasons is another.
    """
    steps = []
    for step in example.steps:
        if step.text is None:
            raise ValueError(f"{example.id}: the step of {step.name} has no text")
        steps.append(PredictedStep(step.name, step.text))
    return render_answer(steps, example.target, reasons=reasons)


def render_answer(
    steps: Sequence[PredictedStep], final: str, *, reasons: Sequence[str] = ()
) -> str:
    """Write steps, reasons and a final answer; a name has to be one that `wire` can read back."""
    if reasons and len(reasons) != len(steps) + 1:
        raise ValueError(f"{len(reasons)} reasons for {len(steps)} steps and an answer")
    *before, last = reasons or [""] * (len(steps) + 1)
    blocks: list[str] = []
    shown: list[str] = []
    for step, reason in zip(steps, before, strict=True):
        if reason and shown:
            blocks.append(render_block(PRINT, "\n".join(shown)))
            shown = []
        blocks += _reason_block(reason)
        text = step.text.replace("\n", f"\n{CONTINUES}")
        shown.append(escape(render_step(step.name, text)))
    if shown:
        blocks.append(render_block(PRINT, "\n".join(shown)))
    return "\n".join([*blocks, *_reason_block(last), render_block(ANSWER, escape(final))])


def read_answer(text: str, mode: ReadMode = ReadMode.LENIENT) -> Answer:
    """Read what a model wrote; bad text never raises, it has `problems`."""
    exact = _read_strictly(text)
    if mode is ReadMode.STRICT or not exact.problems:
        return exact
    return read_leniently(text)


def _reason_block(reason: str) -> list[str]:
    return [render_block(REASON, escape(reason))] if reason else []


@dataclass(slots=True)
class _Reading:
    """What has been read so far."""

    steps: list[PredictedStep] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    reason: str = ""
    last_tag: str = ""
    final: str | None = None
    final_span: Span | None = None

    def answer(self, *problems: str) -> Answer:
        return Answer(
            steps=tuple(self.steps),
            step_spans=tuple(self.spans),
            reasons=(*self.reasons, self.reason),
            final=self.final,
            final_span=self.final_span,
            problems=problems,
        )

    def problem_with(self, tag: str, content: str) -> str:
        """Say what keeps a block from being the next one, or nothing."""
        if self.last_tag == tag:
            return f"<{tag}> follows <{tag}>"
        if escape(unescape(content)) != content:
            return f"<{tag}> holds a bare tag"
        if tag == REASON and not content:
            return "<reason> is empty"
        if tag == PRINT and any(one is None for one, _ in _step_lines(content)):
            return "<print> holds a line that is no step"
        return ""

    def take(self, tag: str, content: str, start: int) -> None:
        """Keep a block whose content begins at `start`."""
        self.last_tag = tag
        match tag:
            case "reason":
                self.reason = unescape(content)
            case "print":
                self._take_steps(content, start)
            case _:
                self.final, self.final_span = unescape(content), Span(start, start + len(content))

    def _take_steps(self, content: str, start: int) -> None:
        for step, span in _step_lines(content):
            if step is not None:
                self.steps.append(step)
                self.spans.append(Span(start + span.start, start + span.end))
                self.reasons.append(self.reason)
                self.reason = ""


def _read_strictly(text: str) -> Answer:
    read, at = _Reading(), 0
    while True:
        block = _BLOCK.match(text, at)
        if block is None:
            return read.answer(f"no whole block at character {at}")
        tag, content = block["tag"], block["content"]
        problem = read.problem_with(tag, content)
        if problem:
            return read.answer(f"{problem} at character {at}")
        read.take(tag, content, block.start("content"))
        at = block.end()
        if tag == ANSWER:
            return read.answer() if at == len(text) else read.answer("text after the answer")
        if not text.startswith("\n", at):
            return read.answer(f"no line end at character {at}")
        at += 1


def _step_lines(content: str) -> Iterator[tuple[PredictedStep | None, Span]]:
    """Split the content of a print block into steps; None for a line that is none."""
    start = 0
    for line in re.split(rf"\n(?!{CONTINUES})", content):
        span = Span(start, start + len(line))
        start = span.end + 1
        read = read_step(line)
        if read is None or read.name[0] in " \n" or "\n" in read.name:
            yield None, span
            continue
        shown = read.text.replace(f"\n{CONTINUES}", "\n")
        yield PredictedStep(unescape(read.name), unescape(shown)), span
