"""A model of vLLM, which answers many questions at once on a GPU."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from stepcode.evaluate.benchmark import Sampling
from stepcode.evaluate.completions import Completion
from stepcode.evaluate.models import Question, cut_at_stop

_AT_ONCE = 512
"""Questions handed over together: what an interruption can cost."""


class VllmModel:
    """Answers hundreds of questions at a time."""

    def __init__(self, engine: Any, sampling: Sampling) -> None:
        """Take over an engine. Any: vllm is not installed where types are checked."""
        self._engine = engine
        self._sampling = sampling

    def complete(self, questions: Sequence[Question]) -> Iterator[Completion]:
        """Ask, some hundred questions at a time."""
        from vllm import SamplingParams

        sampling = self._sampling
        for start in range(0, len(questions), _AT_ONCE):
            some = questions[start : start + _AT_ONCE]
            parameters = [
                SamplingParams(
                    n=len(question.missing),
                    temperature=sampling.temperature,
                    top_p=sampling.top_p,
                    max_tokens=sampling.max_tokens,
                    stop=list(sampling.stop),
                )
                for question in some
            ]
            chats = [list(question.messages) for question in some]
            outputs = self._engine.chat(chats, parameters, use_tqdm=False)
            for question, output in zip(some, outputs, strict=True):
                for number, said in zip(question.missing, output.outputs, strict=True):
                    text, _ = cut_at_stop(said.text, sampling.stop)
                    yield Completion(question.row, number, text, said.finish_reason == "length")


@contextmanager
def load_vllm_model(name: str, sampling: Sampling) -> Iterator[VllmModel]:
    """Load a model into vLLM."""
    from vllm import LLM

    yield VllmModel(LLM(model=name), sampling)
