"""How long the examples of a stage are in tokens, from a look at some of them."""

from dataclasses import dataclass
from typing import Any

import polars as pl

from stepcode.dataset.examples import read_example
from stepcode.reason import render_completion
from stepcode.train.plan import Stage

_EVENLY, _LONGEST = 256, 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Lengths:
    """Tokens of the examples of a stage."""

    examples: int
    prompt: float
    completion: float
    """On average; of a right answer, where it is a model that writes it."""
    longest: int
    """Of SFT, the longest prompt with its completion; of GRPO, the longest prompt."""
    looked_at: int = 0
    """Examples that were tokenized, evenly chosen."""
    too_long: int = 0
    """Of those, the ones that SFT's `max_length` cuts off."""
    never_answered: int = -1
    """Of those, the ones whose answer it cuts off whole; -1 where nothing is cut."""


def measure_lengths(
    stage: Stage,
    frame: pl.DataFrame,
    tokenizer: Any,  # Any: transformers has no types here
    *,
    max_length: int | None,
) -> Lengths:
    """Tokenize some examples, and those of the longest texts."""
    even = _count_all(frame.gather_every(max(1, frame.height // _EVENLY)), tokenizer)
    long = _count_all(frame.sort(_characters(frame), descending=True).head(_LONGEST), tokenizer)
    is_sft = stage is Stage.SFT
    longest = max(prompt + (completion if is_sft else 0) for prompt, completion in even + long)
    cut = max_length if is_sft and max_length else None
    return Lengths(
        examples=frame.height,
        prompt=sum(prompt for prompt, _ in even) / len(even),
        completion=sum(completion for _, completion in even) / len(even),
        longest=longest,
        looked_at=len(even),
        too_long=sum(sum(both) > cut for both in even) if cut else 0,
        never_answered=sum(prompt >= cut for prompt, _ in even) if cut else -1,
    )


def _characters(frame: pl.DataFrame) -> pl.Expr:
    """The length of an example's texts, as far as they are there."""
    content = pl.element().struct.field("content").str.len_chars()
    columns = [name for name in ("prompt", "completion") if name in frame.columns]
    return pl.sum_horizontal(pl.col(name).list.eval(content).list.sum() for name in columns)


def _count_all(frame: pl.DataFrame, tokenizer: Any) -> list[tuple[int, int]]:
    return [_count(row, tokenizer) for row in frame.to_dicts()]


def _count(row: dict[str, Any], tokenizer: Any) -> tuple[int, int]:
    """Count the tokens of a prompt and of its right answer with its end token."""
    prompt = tokenizer.apply_chat_template(
        row["prompt"], add_generation_prompt=True, tokenize=False
    )
    if "completion" in row:
        answer = row["completion"][-1]["content"]
    else:
        answer = render_completion(read_example(row))
    return len(tokenizer(prompt)["input_ids"]), len(tokenizer(answer)["input_ids"]) + 1
