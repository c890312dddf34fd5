"""Every arm of a branch anchored, or none: anchors only where a run went tell the way it took."""

from collections.abc import Callable, Iterable

from stepcode.anchor.fill.model import Candidate, Places

Fits = Callable[[Iterable[int]], bool]


def balance(
    places: Places, chosen: frozenset[int], *, allowed: Iterable[Candidate], fits: Fits
) -> frozenset[int]:
    """Add anchors to the arms that have none, or take those of the other arms away.

    What the run did not visit costs nothing. Branches inside others come first, so that an arm that
    is filled fills the outer ones as well.
    """
    by_arm: dict[tuple[int, int], list[Candidate]] = {}
    for candidate in allowed:
        for arm in candidate.arms:
            by_arm.setdefault(arm, []).append(candidate)
    for candidates in by_arm.values():
        candidates.sort(key=lambda candidate: (candidate.tier, candidate.index))
    groups = group_members(places)
    for branch in range(len(places.branches) - 1, -1, -1):
        chosen = _balance_one(branch, places.branches[branch], by_arm, groups, chosen, fits)
    return chosen


def _balance_one(
    branch: int,
    arms: int,
    by_arm: dict[tuple[int, int], list[Candidate]],
    groups: dict[int, frozenset[int]],
    chosen: frozenset[int],
    fits: Fits,
) -> frozenset[int]:
    members = [by_arm.get((branch, arm), []) for arm in range(arms)]
    has = [any(candidate.index in chosen for candidate in one) for one in members]
    if all(has) or (arms > 1 and not any(has)):
        return chosen
    filled = chosen
    for arm, candidates in enumerate(members):
        if has[arm]:
            continue
        added = _first_that_fits(candidates, filled, groups, fits)
        if added is None:
            break
        filled |= added
    else:
        return filled
    if arms == 1:
        return chosen
    inside = {candidate.index for one in members for candidate in one}
    return chosen - inside


def _first_that_fits(
    candidates: list[Candidate],
    chosen: frozenset[int],
    groups: dict[int, frozenset[int]],
    fits: Fits,
) -> frozenset[int] | None:
    for candidate in candidates:
        group = groups[candidate.index]
        if fits(chosen | group):
            return group
    return None


def group_members(places: Places) -> dict[int, frozenset[int]]:
    """List what each candidate is chosen together with, itself among them."""
    members: dict[int, set[int]] = {}
    for candidate in places.candidates:
        if candidate.group >= 0:
            members.setdefault(candidate.group, set()).add(candidate.index)
    return {
        candidate.index: frozenset(members.get(candidate.group, {candidate.index}))
        for candidate in places.candidates
    }
