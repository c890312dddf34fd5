"""A model of transformers, on the accelerator of this machine or its processors."""

import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from stepcode.errors import MisuseError
from stepcode.evaluate.benchmark import Sampling
from stepcode.evaluate.completions import Completion
from stepcode.evaluate.models import Question, cut_at_stop
from stepcode.reason.prompt import Message
from stepcode.source.hub_access import find_model_file
from stepcode.types import short_hash

_HUB_NAME = re.compile(r"\w[\w.-]*/[\w.-]+")


class LocalModel:
    """Answers batch by batch; a resumed evaluation gets the answers of one that never stopped."""

    def __init__(self, model: Any, tokenizer: Any, sampling: Sampling, *, batch: int) -> None:
        """Take over what `load_local_model` loaded. Any: transformers has no types here."""
        self._model = model
        self._tokenizer = tokenizer
        self._sampling = sampling
        self._batch = batch
        self._longest = _longest(model)
        self._ends = _ends(model, tokenizer)

    def complete(self, questions: Sequence[Question]) -> Iterator[Completion]:
        """Ask, a batch at a time; batches are the same whatever is missing of them."""
        jobs = [(question, number) for question in questions for number in range(question.samples)]
        for start in range(0, len(jobs), self._batch):
            batch = jobs[start : start + self._batch]
            if any(number in question.missing for question, number in batch):
                written = zip(batch, self._write(batch), strict=True)
                yield from (one for (asked, number), one in written if number in asked.missing)

    def _write(self, jobs: Sequence[tuple[Question, int]]) -> Iterator[Completion]:
        """Answer a batch, in order; what is longer than the model can read is refused."""
        prompts = [self._render(question.messages) for question, _ in jobs]
        lengths = [len(ids) for ids in self._tokenize(prompts)["input_ids"]]
        room = [self._longest - length for length in lengths]
        fitting = [prompt for prompt, left in zip(prompts, room, strict=True) if left > 0]
        seed = int(short_hash(*(f"{question.row} {number}" for question, number in jobs))[:8], 16)
        tokens = min([self._sampling.max_tokens, *(left for left in room if left > 0)])
        said = iter(self._generate(fitting, tokens, seed=seed) if fitting else ())
        for (question, number), left, length in zip(jobs, room, lengths, strict=True):
            if left > 0:
                text, is_cut = next(said)
                yield Completion(question.row, number, text, is_cut=is_cut)
            else:
                refused = f"the question has {length:,} tokens, of {self._longest:,} at most"
                yield Completion(question.row, number, "", refused=refused)

    def _generate(
        self, prompts: Sequence[str], tokens: int, *, seed: int
    ) -> Iterator[tuple[str, bool]]:
        """Go on with each prompt; gives the text, and whether it ran into the limit."""
        import torch

        inputs = self._tokenize(prompts, padding=True, return_tensors="pt").to(self._model.device)
        torch.manual_seed(seed)
        with torch.inference_mode():
            ids = self._model.generate(**inputs, **self._options(), max_new_tokens=tokens)
        for written in ids[:, inputs["input_ids"].size(1) :].tolist():
            text = self._tokenizer.decode(written, skip_special_tokens=True)
            text, stopped = cut_at_stop(text, self._sampling.stop)
            yield text, not (stopped or any(token in self._ends for token in written))

    def _tokenize(self, prompts: Sequence[str], **options: Any) -> Any:
        # A chat template writes the tokens that a text begins with; a plain text has none yet.
        is_plain = not self._tokenizer.chat_template
        return self._tokenizer(list(prompts), add_special_tokens=is_plain, **options)

    def _options(self) -> dict[str, Any]:
        sampling = self._sampling
        options: dict[str, Any] = {
            "pad_token_id": self._tokenizer.pad_token_id,
            "do_sample": sampling.temperature > 0,
        }
        if sampling.temperature > 0:
            options |= {"temperature": sampling.temperature, "top_p": sampling.top_p, "top_k": 0}
        if sampling.stop:
            options |= {"stop_strings": list(sampling.stop), "tokenizer": self._tokenizer}
        return options

    def _render(self, messages: Sequence[Message]) -> str:
        if not self._tokenizer.chat_template:
            return "\n\n".join(message["content"] for message in messages)
        text: str = self._tokenizer.apply_chat_template(
            list(messages), tokenize=False, add_generation_prompt=True
        )
        return text


def _longest(model: Any) -> int:
    """Tell how many tokens, read and written, a model can tell apart."""
    config = model.config.get_text_config()
    return getattr(config, "max_position_embeddings", None) or sys.maxsize


def _ends(model: Any, tokenizer: Any) -> set[int]:
    configured = model.generation_config.eos_token_id
    several = configured if isinstance(configured, list) else [configured]
    return {token for token in (*several, tokenizer.eos_token_id) if token is not None}


@contextmanager
def load_local_model(name: str, sampling: Sampling, *, batch: int) -> Iterator[LocalModel]:
    """Load a model with its tokenizer from a folder, or by its name on the Hub.

    Raises MisuseError if there is none, or one without a tokenizer.
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedTokenizerFast

    folder = Path(name)
    if not folder.is_dir() and (folder.exists() or not _HUB_NAME.fullmatch(name)):
        what = "is not a folder" if folder.exists() else "no such folder"
        raise MisuseError(f"{name}: {what}; a model is a folder or a name of the Hub (USER/NAME)")
    if folder.is_dir() and not any(folder.glob("tokenizer*")):
        raise MisuseError(f"{name}: has no tokenizer; save the model's own beside it")
    # AutoTokenizer goes by the model's type, and replaces a pre-tokenizer of one's own.
    whole = folder / "tokenizer.json"
    is_whole = whole.is_file() if folder.is_dir() else find_model_file(name, whole.name) is not None
    kind = PreTrainedTokenizerFast if is_whole else AutoTokenizer
    try:
        tokenizer = kind.from_pretrained(name, padding_side="left")
        model = AutoModelForCausalLM.from_pretrained(name, dtype="auto")
    except (OSError, ValueError) as error:
        why = " ".join(str(error).split())
        raise MisuseError(f"{name}: cannot be read as a model with a tokenizer: {why}") from error
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    model.to("cuda" if torch.cuda.is_available() else "cpu").eval()
    yield LocalModel(model, tokenizer, sampling, batch=batch)
