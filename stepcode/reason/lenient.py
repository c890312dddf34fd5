"""Reading what models write when they do not keep to the form.

Nothing is guessed that was not said: steps come from `<print>` blocks only. What was forgiven is in
`problems`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from stepcode.reason.blocks import ANSWER, CONTINUES, PRINT, REASON, TAG, unescape
from stepcode.types import Answer, PredictedStep, Span

_STEP = re.compile(r"(?P<name>[^\W\d]\w*(?:\.\w+)*):(?: (?P<text>.*)|[ \t]*)", re.DOTALL)
_FENCE = re.compile(r"[ \t]*(?:```|~~~)[ \t]*\w{0,20}[ \t]*\r?")
_THINKING = ("think", "thinking")


@dataclass(frozen=True, slots=True)
class _Block:
    tag: str
    """Empty for text between blocks."""
    content: Span
    closed: bool = True


@dataclass(slots=True)
class _Read:
    steps: list[PredictedStep] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    reason: str = ""


def read_leniently(text: str) -> Answer:
    """Read what can be read: any text gives an Answer."""
    blocks = list(_blocks(text, _end_of_thinking(text)))
    read = _Read()
    finals = []
    for block in blocks:
        match block.tag:
            case "reason":
                said = unescape(_plain(text, block.content).strip())
                read.reason = (
                    f"{read.reason}\n{said}" if read.reason and said else read.reason + said
                )
            case "print":
                _read_steps(text, block.content, read)
            case "answer":
                finals.append(block)
            case _:
                pass
    span = _final_span(text, blocks, finals)
    return Answer(
        steps=tuple(read.steps),
        step_spans=tuple(read.spans),
        reasons=(*read.reasons, read.reason),
        final=None if span is None else unescape(_plain(text, span)),
        final_span=span,
        problems=_problems(text, blocks, answers=len(finals)),
    )


def _end_of_thinking(text: str) -> int:
    """Where the answer begins: behind the last thinking that was closed, whoever opened it."""
    ends = [tag.end() for tag in TAG.finditer(text) if tag["close"] and _is_thinking(tag)]
    return ends[-1] if ends else 0


def _is_thinking(tag: re.Match[str]) -> bool:
    return tag["name"].lower() in _THINKING


def _blocks(text: str, start: int) -> Iterator[_Block]:
    """Cut text at its tags; a tag that opens or closes anything ends what was open before it."""
    tags = [tag for tag in TAG.finditer(text, start) if not _is_thinking(tag)]
    yield _Block("", Span(start, tags[0].start() if tags else len(text)))
    for here, there in pairwise([*tags, None]):
        assert here is not None
        span = Span(here.end(), there.start() if there else len(text))
        if here["close"]:
            yield _Block("", span)
            continue
        name = here["name"].lower()
        closed = there is not None and bool(there["close"]) and there["name"].lower() == name
        yield _Block(name, span, closed)


def _read_steps(text: str, content: Span, read: _Read) -> None:
    """Take every line that names something for a step, and any other for more of the one before."""
    margin: int | None = None
    pieces: list[str] | None = None
    for span in _lines(text, _unfenced(text, content)):
        line = _plain(text, span)
        if margin is None:
            if not line.strip():
                continue
            margin = len(line) - len(line.lstrip(" \t"))
        cut = min(margin, len(line) - len(line.lstrip(" \t")))
        line, start = line[cut:], span.start + cut
        step = None if line.startswith(CONTINUES) else _STEP.fullmatch(line)
        if step is not None:
            pieces = [step["text"] or ""]
            read.steps.append(PredictedStep(step["name"], unescape(pieces[0])))
            read.spans.append(Span(start, span.end))
            read.reasons.append(read.reason)
            read.reason = ""
        elif pieces is not None:
            pieces.append(line.removeprefix(CONTINUES))
            shown = unescape("\n".join(pieces))
            read.steps[-1] = PredictedStep(read.steps[-1].name, shown)
            read.spans[-1] = Span(read.spans[-1].start, span.end)


def _lines(text: str, span: Span) -> Iterator[Span]:
    start = span.start
    while start <= span.end:
        end = text.find("\n", start, span.end)
        end = span.end if end < 0 else end
        yield Span(start, end)
        start = end + 1


def _plain(text: str, span: Span) -> str:
    """The text there, with the line ends of any system."""
    return text[span.start : span.end].replace("\r\n", "\n").removesuffix("\r")


def _unfenced(text: str, span: Span) -> Span:
    """Leave out blank space around a block's content, and a code fence around it."""
    lines = [line for line in _lines(text, span) if text[line.start : line.end].strip()]
    if lines and _is_fence(text, lines[0]):
        lines = lines[1:]
    if lines and _is_fence(text, lines[-1]):
        lines = lines[:-1]
    return Span(lines[0].start, lines[-1].end) if lines else Span(span.start, span.start)


def _is_fence(text: str, line: Span) -> bool:
    return _FENCE.fullmatch(text, line.start, line.end) is not None


def _stripped(text: str, span: Span) -> Span:
    inner = text[span.start : span.end]
    start = span.start + len(inner) - len(inner.lstrip())
    return Span(start, max(start, span.start + len(inner.rstrip())))


def _final_span(text: str, blocks: list[_Block], finals: list[_Block]) -> Span | None:
    """Where the last answer that says something stands; without any, the text's last line."""
    for block in reversed(finals):
        span = _unticked(text, _stripped(text, _unfenced(text, block.content)))
        if span.end > span.start:
            return span
    if finals or blocks[-1].tag:
        return None
    lines = list(_lines(text, _unfenced(text, blocks[-1].content)))
    span = _unticked(text, _stripped(text, lines[-1]))
    return span if span.end > span.start else None


def _unticked(text: str, span: Span) -> Span:
    inner = text[span.start : span.end]
    ticked = len(inner) > 2 and inner[0] == inner[-1] == "`" and "`" not in inner[1:-1]
    return Span(span.start + 1, span.end - 1) if ticked else span


def _problems(text: str, blocks: list[_Block], *, answers: int) -> tuple[str, ...]:
    problems = [f"<{tag}> is not closed" for tag in _not_closed(blocks)]
    if answers != 1:
        problems.append(f"{answers} <answer> blocks" if answers else "no <answer> block")
    if not any(block.tag == PRINT for block in blocks):
        problems.append("no <print> block")
    outside = (block.content for block in blocks if not block.tag)
    if any(text[span.start : span.end].strip() for span in outside):
        problems.append("text outside the blocks")
    return (*problems, "not in the exact form")


def _not_closed(blocks: list[_Block]) -> list[str]:
    left_open = {block.tag for block in blocks if not block.closed}
    return [tag for tag in (REASON, PRINT, ANSWER) if tag in left_open]
