"""Ask a model about problems and count what it gets right.

The counts are kept by problem, so that differences between arms can be told from chance in the
choice of problems as well as of seeds.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from stepcode.reason import read_answer, score
from stepcode.train.micro.problems import Problem
from stepcode.train.micro.results import Counts
from stepcode.train.micro.tasks import is_informative
from stepcode.types import Score

LONGEST = 32
"""Tokens of a completion; right ones have about twenty."""
_BATCH = 512


@dataclass(frozen=True, slots=True)
class Asked:
    """What a model was asked, and what it wrote."""

    counts: Counts
    entropy: float
    """Of the model at the tokens it wrote, in nats a token; of the first draw."""


def ask(
    model: Any,  # Any, here and below: transformers has no types here
    tokenizer: Any,
    problems: Sequence[Problem],
    *,
    draws: int = 0,
    seed: int = 0,
) -> Asked:
    """Let a model answer each problem so many times at temperature 1, or once greedily.

    The same seed draws the same random numbers, whatever was drawn before; the state of the
    caller's generator stays as it was, and so does the model's mode.
    """
    was_training = model.training
    model.eval()
    with torch.random.fork_rng(devices=[]), torch.inference_mode():
        torch.manual_seed(seed)
        scores: list[list[Score]] = [[] for _ in problems]
        entropies: list[torch.Tensor] = []
        for draw in range(max(1, draws)):
            for start in range(0, len(problems), _BATCH):
                batch = problems[start : start + _BATCH]
                written = _write(model, tokenizer, batch, samples=draws > 0)
                if draw == 0:
                    entropies.append(_entropies(model, tokenizer, written))
                for place, judged in enumerate(_judge(tokenizer, batch, written), start=start):
                    scores[place].append(judged)
    model.train(was_training)
    return Asked(_count(problems, scores), torch.cat(entropies).double().mean().item())


@dataclass(frozen=True, slots=True)
class _Written:
    """Prompts and completions as one, (B, P + T)."""

    ids: torch.Tensor
    prompt: torch.Tensor
    """The attention mask of the prompts, (B, P)."""

    @property
    def completions(self) -> torch.Tensor:
        return self.ids[:, self.prompt.size(1) :]


def _write(model: Any, tokenizer: Any, problems: Sequence[Problem], *, samples: bool) -> _Written:
    chats = [problem.to_prompt()["prompt"] for problem in problems]
    texts = tokenizer.apply_chat_template(chats, tokenize=False)
    prompts = tokenizer(texts, padding=True, return_tensors="pt")
    ids = model.generate(
        input_ids=prompts["input_ids"],
        attention_mask=prompts["attention_mask"],
        max_new_tokens=LONGEST,
        do_sample=samples,
        top_k=0 if samples else None,
        pad_token_id=tokenizer.pad_token_id,
    )
    return _Written(ids, prompts["attention_mask"])


def _judge(tokenizer: Any, problems: Sequence[Problem], written: _Written) -> Iterator[Score]:
    texts = tokenizer.batch_decode(written.completions, skip_special_tokens=True)
    for problem, text in zip(problems, texts, strict=True):
        yield score(read_answer(text), problem.example)


def _entropies(model: Any, tokenizer: Any, written: _Written) -> torch.Tensor:
    """The entropy at each token of the completions, the end token included; one-dimensional."""
    length = written.completions.size(1)
    is_end = written.completions == tokenizer.eos_token_id
    counts = is_end.cumsum(1) - is_end.long() == 0
    mask = torch.cat([written.prompt, counts.to(written.prompt.dtype)], dim=1)
    logits = model(input_ids=written.ids, attention_mask=mask).logits[:, -length - 1 : -1]
    logs = logits.float().log_softmax(-1)
    return -(logs.exp() * logs).sum(-1)[counts]


def _count(problems: Sequence[Problem], scores: Sequence[Sequence[Score]]) -> Counts:
    informative = [
        [place for place, step in enumerate(problem.example.steps) if is_informative(step)]
        for problem in problems
    ]
    return Counts(
        draws=len(scores[0]),
        length=len(problems[0].example.steps),
        informative_length=len(informative[0]),
        steps=[sum(_right(one) for one in judged) for judged in scores],
        informative=[
            sum(sum(one.steps[place].correct for place in places) for one in judged)
            for judged, places in zip(scores, informative, strict=True)
        ],
        final=[sum(one.final for one in judged) for judged in scores],
        steps_with_final=[sum(_right(one) for one in judged if one.final) for judged in scores],
    )


def _right(judged: Score) -> int:
    return sum(step.correct for step in judged.steps)
