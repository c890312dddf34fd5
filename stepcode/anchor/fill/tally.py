"""What a choice of candidates would show in the runs that were recorded."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from stepcode.anchor.fill.model import Candidate
from stepcode.anchor.novelty import Form, Novelty, Shot, classify


class Visit(NamedTuple):
    """One thing the recording run showed."""

    candidate: int
    text: str


@dataclass(frozen=True, slots=True)
class Recording:
    """What one run showed at every candidate that may be chosen, in order."""

    visits: tuple[Visit, ...]
    refused: frozenset[int]
    """Candidates that this run rules out: visited too often, too long, different in another run."""
    inputs: tuple[str, ...]
    """The texts of the call's arguments."""


@dataclass(frozen=True, slots=True)
class Count:
    """What a choice shows in one run."""

    steps: int
    informative: int
    useful: int
    """Informative, or at least neither a repeat nor said by the program."""
    informs: frozenset[int]
    """The candidates with an informative step."""
    news: frozenset[int]
    """The candidates with a step that is no repeat."""


@dataclass(frozen=True, slots=True)
class Tally:
    """One recorded run, asked what it shows of one choice after another.

    A choice is a dozen visits of the thousand recorded, and most choices differ in candidates that
    the run never came to: so visits are found by their candidates, and an answer is kept for what
    is the same choice here.
    """

    recording: Recording
    candidates: Sequence[Candidate]
    forms: dict[int, Form]
    names: Sequence[str]
    """What each candidate shows, by its index."""
    visits: dict[int, list[int]] = field(default_factory=dict)
    """Where the visits of each candidate are in the recording."""
    _matters: set[int] = field(default_factory=set)
    _counts: dict[frozenset[int], Count] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Sort the visits by candidate."""
        for position, visit in enumerate(self.recording.visits):
            self.visits.setdefault(visit.candidate, []).append(position)
        for index in self.visits:
            candidate = self.candidates[index]
            self._matters.update((index, candidate.shown_by, candidate.alias_of))

    def steps(self, chosen: Iterable[int]) -> int:
        """Count the steps of a choice."""
        return sum(len(self.visits[index]) for index in self._shown(frozenset(chosen)))

    def count(self, chosen: Iterable[int]) -> Count:
        """Tell what a choice shows."""
        here = frozenset(self._matters.intersection(chosen))
        if here not in self._counts:
            self._counts[here] = self._count(here)
        return self._counts[here]

    def _shown(self, chosen: frozenset[int]) -> Iterator[int]:
        for index in chosen & self.visits.keys():
            if self.candidates[index].shown_by not in chosen:
                yield index

    def _count(self, chosen: frozenset[int]) -> Count:
        positions = sorted(at for index in self._shown(chosen) for at in self.visits[index])
        visits = [self.recording.visits[at] for at in positions]
        shots = [Shot(self.names[index], self._form(index, chosen), text) for index, text in visits]
        classes = classify(shots, self.recording.inputs)
        pairs = list(zip(visits, classes, strict=True))
        informs = [visit.candidate for visit, novelty in pairs if novelty is Novelty.INFORMATIVE]
        news = (visit.candidate for visit, novelty in pairs if novelty is not Novelty.REPEAT)
        return Count(
            steps=len(visits),
            informative=len(informs),
            useful=len(informs) + classes.count(Novelty.NOOP),
            informs=frozenset(informs),
            news=frozenset(news),
        )

    def _form(self, index: int, chosen: frozenset[int]) -> Form:
        alias_of = self.candidates[index].alias_of
        if alias_of >= 0 and alias_of not in chosen:
            return Form.PLAIN
        return self.forms.get(index, Form.PLAIN)
