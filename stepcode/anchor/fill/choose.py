"""Choose anchors by what a run showed: 3 to 10 steps that inform and do not give the branches away.

Pure and deterministic: the same recording gives the same choice. The order of things:

1. what `strict` anchors and the run visited, less what shows nothing new;
2. by tiers, what informs, until there are three informative steps;
3. where there are still under three steps, what ran and changed nothing, then elements and repeats;
4. every arm of a branch anchored, or none: anchors only where the run went would tell the answer.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from stepcode.anchor.fill.balance import balance
from stepcode.anchor.fill.model import Candidate, Places, Tier
from stepcode.anchor.novelty import Form, Novelty, Shot, classify
from stepcode.types import AnchorKind

MIN_STEPS = 3
MAX_STEPS = 10
_WELL_FILLED = 8
"""Beyond so many steps another anchor has to earn its place by more than one new step."""


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


@dataclass(slots=True)
class Count:
    """What a choice shows in one run."""

    steps: int = 0
    informative: int = 0
    useful: int = 0
    """Informative, or at least neither a repeat nor said by the program."""
    informs: set[int] = field(default_factory=set)
    """The candidates with an informative step."""
    useless: set[int] = field(default_factory=set)
    """The candidates that only repeat."""


@dataclass(slots=True)
class _Chooser:
    places: Places
    forms: dict[int, Form]
    recordings: Sequence[Recording]
    groups: dict[int, frozenset[int]] = field(default_factory=dict)
    visits: list[Counter[int]] = field(default_factory=list)
    """How often each run visited each candidate."""

    def __post_init__(self) -> None:
        self.visits = [Counter(v.candidate for v in one.visits) for one in self.recordings]
        members: dict[int, set[int]] = {}
        for candidate in self.places.candidates:
            key = -1 - candidate.index if candidate.group < 0 else candidate.group
            members.setdefault(key, set()).add(candidate.index)
        for group in members.values():
            for index in group:
                self.groups[index] = frozenset(group)

    def count(self, chosen: Iterable[int], recording: Recording) -> Count:
        """Tell what a choice shows in a run."""
        wanted = frozenset(chosen)
        visits = [
            visit
            for visit in recording.visits
            if visit.candidate in wanted
            and self.places.candidates[visit.candidate].shown_by not in wanted
        ]
        shots = [
            Shot(self._name(visit.candidate), self._form(visit.candidate, wanted), visit.text)
            for visit in visits
        ]
        result = Count(steps=len(visits), useless=set(wanted))
        for visit, novelty in zip(visits, classify(shots, recording.inputs), strict=True):
            if novelty is not Novelty.REPEAT:
                result.useless.discard(visit.candidate)
            if novelty is Novelty.INFORMATIVE:
                result.informative += 1
                result.informs.add(visit.candidate)
            elif novelty is Novelty.NOOP:
                result.useful += 1
        result.useful += result.informative
        return result

    def _name(self, index: int) -> str:
        candidate = self.places.candidates[index]
        return candidate.name or f"_v{min(self.groups[index])}"

    def _form(self, index: int, chosen: frozenset[int]) -> Form:
        candidate = self.places.candidates[index]
        if candidate.alias_of >= 0 and candidate.alias_of not in chosen:
            return Form.PLAIN
        return self.forms.get(index, Form.PLAIN)

    def counts(self, chosen: Iterable[int]) -> list[Count]:
        """Tell what a choice shows in every run."""
        wanted = frozenset(chosen)
        return [self.count(wanted, recording) for recording in self.recordings]

    def fits(self, chosen: Iterable[int]) -> bool:
        """Whether no run has too many steps."""
        wanted = frozenset(chosen)
        candidates = self.places.candidates
        shown = [index for index in wanted if candidates[index].shown_by not in wanted]
        return all(sum(map(visits.__getitem__, shown)) <= MAX_STEPS for visits in self.visits)

    # The steps of the choice.

    def choose(self) -> frozenset[int]:
        """Choose for all runs at once."""
        allowed = self._allowed()
        chosen = {c.index for c in allowed if c.tier is Tier.PAPER}
        chosen = self._prune(self._cut(chosen))
        visited = {visit.candidate for one in self.recordings for visit in one.visits}
        groups = {self.groups[c.index] for c in allowed if self.groups[c.index] & visited}
        for tier in sorted({c.tier for c in allowed}):
            chosen = self._fill(chosen, [g for g in groups if self._tier(g) is tier])
        chosen = self._prune(chosen)
        chosen = self._readmit(chosen, groups)
        return balance(self.places, frozenset(chosen), allowed=allowed, fits=self.fits)

    def _allowed(self) -> list[Candidate]:
        refused = frozenset[int]().union(*(one.refused for one in self.recordings))
        return [c for c in self.places.candidates if not self.groups[c.index] & refused]

    def _tier(self, group: frozenset[int]) -> Tier:
        return min(self.places.candidates[index].tier for index in group)

    def _informative(self, counts: list[Count]) -> int:
        return min(count.informative for count in counts)

    def _cut(self, chosen: set[int]) -> set[int]:
        """While there are too many steps, drop what informs least."""
        while not self.fits(chosen):
            counts = self.counts(chosen)
            worst = min(
                chosen,
                key=lambda index: (
                    sum(index in count.informs for count in counts),
                    -sum(v.candidate == index for one in self.recordings for v in one.visits),
                    index,
                ),
            )
            chosen = chosen - {worst}
        return chosen

    def _prune(self, chosen: set[int]) -> set[int]:
        """Drop what gains nothing, last first, except what is returned."""
        counts = self.counts(chosen)
        for group in sorted({self.groups[index] for index in chosen}, key=min, reverse=True):
            if any(self._is_return(index) for index in group):
                continue
            if any(group & count.informs for count in counts):
                continue
            if not any(visit.candidate in group for one in self.recordings for visit in one.visits):
                continue  # costs nothing and gives nothing away
            without = chosen - group
            left = self.counts(without)
            if all(b.informative >= a.informative for a, b in zip(counts, left, strict=True)):
                chosen, counts = without, left
        return chosen

    def _is_return(self, index: int) -> bool:
        return self.places.candidates[index].kind is AnchorKind.RETURN

    def _fill(self, chosen: set[int], groups: list[frozenset[int]]) -> set[int]:
        """Add groups of one tier while there are too few informative steps."""
        while True:
            before = self.counts(chosen)
            if self._informative(before) >= MIN_STEPS:
                return chosen
            ranked = []
            for group in groups:
                if group <= chosen:
                    continue
                rank = self._rank(chosen | group, group, before)
                if rank is not None:
                    ranked.append((rank, group))
            if not ranked:
                return chosen
            chosen = chosen | min(ranked, key=lambda item: item[0])[1]

    def _rank(
        self, chosen: set[int], group: frozenset[int], before: list[Count]
    ) -> tuple[float, ...] | None:
        """Order what may be added, best first; None if it does not inform enough or fit."""
        if not self.fits(chosen):
            return None
        after = self.counts(chosen)
        added = sum(b.steps - a.steps for a, b in zip(before, after, strict=True))
        gain = sum(b.informative - a.informative for a, b in zip(before, after, strict=True))
        if gain <= 0 or 2 * gain < added:
            return None
        total = max(count.steps for count in after)
        return (-gain / added, total > _WELL_FILLED, -gain, min(group))

    def _readmit(self, chosen: set[int], groups: set[frozenset[int]]) -> set[int]:
        """Under three steps, what ran and changed nothing is better than nothing; then the rest."""
        measures: tuple[Callable[[Count], int], ...] = (
            lambda count: count.useful,
            lambda count: count.steps,
        )
        for measure in measures:
            while min(count.steps for count in self.counts(chosen)) < MIN_STEPS:
                ranked = self._readmissible(chosen, groups, measure)
                if not ranked:
                    break
                chosen = chosen | min(ranked, key=lambda item: item[0])[1]
        return chosen

    def _readmissible(
        self, chosen: set[int], groups: set[frozenset[int]], measure: Callable[[Count], int]
    ) -> list[tuple[tuple[float, ...], frozenset[int]]]:
        before = self.counts(chosen)
        ranked: list[tuple[tuple[float, ...], frozenset[int]]] = []
        for group in groups:
            if group <= chosen or not self.fits(chosen | group):
                continue
            after = self.counts(chosen | group)
            gains = [measure(b) - measure(a) for a, b in zip(before, after, strict=True)]
            if sum(gains) > 0:
                repeats = sum(group <= count.useless for count in after)
                size = sum(b.steps - a.steps for a, b in zip(before, after, strict=True))
                ranked.append(((repeats, self._tier(group), size, min(group)), group))
        return ranked


def choose(
    places: Places, forms: dict[int, Form], recordings: Sequence[Recording]
) -> frozenset[int]:
    """Choose the anchors that serve all the recorded runs of a program."""
    return _Chooser(places, forms, recordings).choose()
