"""A model behind an OpenAI-compatible address."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from stepcode.errors import EndpointError
from stepcode.evaluate.benchmark import Sampling
from stepcode.evaluate.completions import Completion
from stepcode.evaluate.models import Question, cut_at_stop
from stepcode.reason.askers import Askers
from stepcode.reason.endpoint import Endpoint

_MOST_REFUSED = 8
"""A server that refuses so many questions and answers none would refuse them all."""


class ServedModel:
    """Asks so many questions at a time; retries what may pass (see reason/endpoint.py)."""

    def __init__(self, askers: Askers[tuple[str, int]], sampling: Sampling) -> None:
        """Ask by these threads."""
        self._askers = askers
        self._sampling = sampling

    def complete(self, questions: Sequence[Question]) -> Iterator[Completion]:
        """Ask every question as often as it is missing.

        A question that the server refuses has no text; if it refuses the first few and answers
        nothing, that is raised as EndpointError.
        """
        refused: list[Completion] = []
        answered = False
        for question in questions:
            for number in question.missing:
                self._askers.ask((question.row, number), question.messages)
        while self._askers.under_way:
            said = self._askers.reply()
            text, ended = cut_at_stop(said.text, self._sampling.stop)
            one = Completion(*said.about, text, said.is_cut and not ended, said.refused)
            if said.refused and not answered:
                refused.append(one)
                if len(refused) >= _MOST_REFUSED:
                    raise EndpointError(said.refused)
                continue
            answered = True
            yield from (*refused, one)
            refused = []
        if refused:
            raise EndpointError(refused[0].refused)


@contextmanager
def serve_model(
    endpoint: Endpoint, sampling: Sampling, *, concurrency: int
) -> Iterator[ServedModel]:
    """Open threads that ask."""
    options = {
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "max_tokens": sampling.max_tokens,
        **({"stop": list(sampling.stop)} if sampling.stop else {}),
    }
    asked = replace(endpoint, options={**options, **endpoint.options})
    with Askers[tuple[str, int]](asked, threads=concurrency) as askers:
        yield ServedModel(askers, sampling)
