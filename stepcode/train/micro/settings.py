"""The section `[micro]` of a recipe: how much of everything, checked before any work starts."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from stepcode.errors import RecipeError
from stepcode.train.micro.tasks import Task

_NOT_THE_RESULT = ("seeds", "workers")
"""A folder goes on with more seeds, and with any number of workers."""
_MOST_GENERATED = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class MicroSettings:
    """What decides on the numbers; the defaults are those of the recipe `micro`."""

    seeds: int = 4
    """Seeds 0, 1, ...: each has a warm-up of its own, from which all its arms start."""
    tasks: tuple[str, ...] = tuple(Task)
    workers: int = 2
    """Runs at a time, one core each."""
    programs: int = 3500
    """Of each task, training and held-out together."""
    held_out_share: float = 0.15
    validation: int = 200
    """Training programs that nothing is trained on: they tell when a warm-up has done enough."""
    hidden: int = 64
    layers: int = 2
    warm_up_until: float = 0.4
    """The sampled accuracy of the informative steps at which a warm-up ends."""
    warm_up_steps: int = 1500
    """At most."""
    warm_up_batch: int = 32
    warm_up_learning_rate: float = 2e-3
    steps: int = 150
    """Updates of each arm."""
    prompts: int = 16
    """Of each update."""
    generations: int = 8
    """Rollouts of each prompt: the group."""
    learning_rate: float = 3e-4
    """Of the four arms that learn from rewards."""
    sft_learning_rate: float = 5e-4
    """Of continued SFT."""
    lam: float = 0.3
    """Lambda of the two bi-level arms."""
    draws: int = 4
    """Completions sampled of each held-out program at the end."""
    curve_points: int = 6
    """Evaluations on the way, the last one at the end."""

    def __post_init__(self) -> None:
        """Refuse values that nothing could come of."""
        for name, least in _LEAST.items():
            value = getattr(self, name)
            if value < least:
                raise RecipeError(f"[micro] {name} is {value}: expected {least} or more")
        for name in ("warm_up_learning_rate", "learning_rate", "sft_learning_rate"):
            if not 0 < getattr(self, name) < 1:
                raise RecipeError(f"[micro] {name} is {getattr(self, name)}: expected 0.0005 or so")
        for name in ("held_out_share", "warm_up_until"):
            if not 0 < getattr(self, name) < 1:
                raise RecipeError(f"[micro] {name} is {getattr(self, name)}: expected 0 to 1")
        self._check_tasks()
        self._check_sizes()

    def _check_tasks(self) -> None:
        known = ", ".join(Task)
        if not self.tasks or len(set(self.tasks)) < len(self.tasks):
            raise RecipeError(f"[micro] tasks is {list(self.tasks)}: expected some of {known}")
        for task in self.tasks:
            if task not in list(Task):
                raise RecipeError(f"[micro] tasks: unknown task '{task}': expected some of {known}")

    def _check_sizes(self) -> None:
        if self.hidden % 16:
            raise RecipeError(f"[micro] hidden is {self.hidden}: expected a multiple of 16")
        if self.rollouts > _MOST_GENERATED:
            raise RecipeError(
                f"[micro] prompts x generations is {self.rollouts}: more than {_MOST_GENERATED} "
                "rollouts at once need too much memory for a proof in small"
            )
        if self.programs * (1 - self.held_out_share) < 2 * self.validation:
            raise RecipeError(
                f"[micro] programs is {self.programs}: too few for {self.validation} of validation"
            )

    @property
    def rollouts(self) -> int:
        """Completions of each update."""
        return self.prompts * self.generations

    @property
    def sft_batch(self) -> int:
        """Completions of each update of continued SFT, so that it computes as much as an arm.

        A rollout costs a pass to sample it and three to learn from it (forward, and twice that
        backward); a labelled completion costs three.
        """
        return round(self.rollouts * 4 / 3)

    def identity(self) -> dict[str, Any]:  # Any: JSON
        """Name all that decides on the result of one arm of one seed."""
        record: dict[str, Any] = asdict(self) | {"tasks": sorted(self.tasks)}
        return {name: value for name, value in record.items() if name not in _NOT_THE_RESULT}


_LEAST: Mapping[str, int] = {
    "seeds": 1, "workers": 1, "programs": 20, "validation": 1, "hidden": 16, "layers": 1,
    "warm_up_steps": 1, "warm_up_batch": 1, "steps": 1, "prompts": 1, "generations": 2, "lam": 0,
    "draws": 1, "curve_points": 1,
}  # fmt: skip
