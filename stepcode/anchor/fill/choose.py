"""Choose anchors by what a run showed: 3 to 10 steps that inform and do not give the branches away.

Pure and deterministic: the same recording gives the same choice. The order of things:

1. what `strict` anchors and the run visited, less what shows nothing new;
2. by tiers, what informs, until there are three informative steps;
3. where there are still under three steps, what ran and changed nothing, then elements and repeats;
4. every arm of a branch anchored, or none: anchors only where the run went would tell the answer.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from stepcode.anchor.fill.balance import balance, group_members
from stepcode.anchor.fill.model import Candidate, Places, Tier
from stepcode.anchor.fill.tally import Count, Recording, Tally
from stepcode.anchor.novelty import Form
from stepcode.types import AnchorKind

MIN_STEPS = 3
MAX_STEPS = 10
_WELL_FILLED = 8
"""Beyond so many steps another anchor has to earn its place by more than one new step."""


@dataclass(frozen=True, slots=True)
class _Chooser:
    candidates: Sequence[Candidate]
    groups: dict[int, frozenset[int]]
    """The candidates that each goes together with, itself among them."""
    tallies: Sequence[Tally]
    """The recorded runs."""

    def counts(self, chosen: Iterable[int]) -> list[Count]:
        """Tell what a choice shows in every run."""
        wanted = frozenset(chosen)
        return [tally.count(wanted) for tally in self.tallies]

    def fits(self, chosen: Iterable[int]) -> bool:
        """Whether no run has too many steps."""
        wanted = frozenset(chosen)
        return all(tally.steps(wanted) <= MAX_STEPS for tally in self.tallies)

    def visits(self, index: int) -> int:
        """Count the visits of a candidate in all runs."""
        return sum(len(tally.visits.get(index, ())) for tally in self.tallies)

    # The steps of the choice.

    def choose(self, allowed: Sequence[Candidate]) -> set[int]:
        """Choose for all runs at once, but for the balance."""
        chosen = {c.index for c in allowed if c.tier is Tier.PAPER}
        chosen = self._prune(self._cut(chosen))
        groups = {g for c in allowed if self._is_visited(g := self.groups[c.index])}
        for tier in sorted({c.tier for c in allowed}):
            chosen = self._fill(chosen, [g for g in groups if self._tier(g) is tier])
        return self._readmit(self._prune(chosen), groups)

    def _is_visited(self, group: frozenset[int]) -> bool:
        return any(not group.isdisjoint(tally.visits) for tally in self.tallies)

    def _tier(self, group: frozenset[int]) -> Tier:
        return min(self.candidates[index].tier for index in group)

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
                    -self.visits(index),
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
            if not self._is_visited(group):
                continue  # costs nothing and gives nothing away
            without = chosen - group
            left = self.counts(without)
            if all(b.informative >= a.informative for a, b in zip(counts, left, strict=True)):
                chosen, counts = without, left
        return chosen

    def _is_return(self, index: int) -> bool:
        return self.candidates[index].kind is AnchorKind.RETURN

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
                repeats = sum(group.isdisjoint(count.news) for count in after)
                size = sum(b.steps - a.steps for a, b in zip(before, after, strict=True))
                ranked.append(((repeats, self._tier(group), size, min(group)), group))
        return ranked


def choose(
    places: Places, forms: dict[int, Form], recordings: Sequence[Recording]
) -> frozenset[int]:
    """Choose the anchors that serve all the recorded runs of a program."""
    candidates, groups = places.candidates, group_members(places)
    names = [c.name or f"_v{min(groups[c.index])}" for c in candidates]
    tallies = [Tally(recording, candidates, forms, names) for recording in recordings]
    refused = frozenset[int]().union(*(one.refused for one in recordings))
    allowed = [c for c in candidates if groups[c.index].isdisjoint(refused)]
    chooser = _Chooser(candidates, groups, tallies)
    chosen = frozenset(chooser.choose(allowed))
    return balance(places, chosen, allowed=allowed, fits=chooser.fits)
