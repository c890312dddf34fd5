"""A training recipe: what to train, on which examples, and with which of TRL's options.

    [data]
    path = "out/mine"

    [model]
    path = "Qwen/Qwen2.5-Coder-0.5B-Instruct"

    [sft]                       # SFTConfig's own names
    learning_rate = 1e-5

    [grpo]                      # GRPOConfig's own names
    num_generations = 8

`--set section.key=value` stands above the file. Unknown sections and keys are errors, with the
nearest name; the options of TRL and peft are checked against their classes when a run begins.
"""

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, asdict, dataclass, field, fields
from enum import StrEnum
from typing import Any, TypeVar

from stepcode.errors import RecipeError, nearest
from stepcode.train.plan import Sharding
from stepcode.train.shape import ModelShape
from stepcode.types import TaskKind
from stepcode_pipelines.sections import (
    Table,
    check_keys,
    check_sections,
    read_table,
    unknown,
)

_SECTIONS = ("data", "model", "shape", "sft", "grpo", "lora", "advantage", "assume")
_REASONS = ("none", "narration", "teacher")
_EXAMPLE = "expected section.key=value, such as sft.learning_rate=1e-5"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class DataSection:
    """Which examples to train on."""

    path: str = ""
    """A dataset of ours, or what `stepcode export` wrote for the stage."""
    split: str = "train"
    reasons: str = "none"
    """Between the steps of SFT's completions: none, narration or teacher."""
    kinds: tuple[str, ...] = tuple(TaskKind)

    def __post_init__(self) -> None:
        """Refuse words that mean nothing."""
        if self.reasons not in _REASONS:
            raise RecipeError(f"[data] {unknown('reasons', self.reasons, _REASONS)}")
        known = [kind.value for kind in TaskKind]
        for kind in self.kinds:
            if kind not in known:
                raise RecipeError(f"[data] {unknown('kind', kind, known)}")
        if not self.kinds:
            raise RecipeError(f"[data] kinds is empty: expected some of {', '.join(known)}")


@dataclass(frozen=True, slots=True)
class ModelSection:
    """What to start from."""

    path: str = ""
    """A folder, or a name of the Hugging Face Hub."""
    eos_token: str = ""
    """What ends an answer, where the tokenizer's own end token does not."""


@dataclass(frozen=True, slots=True)
class AdvantageSection:
    """How the tokens of a step are credited."""

    mode: str = "bilevel"
    lam: float = 0.3
    """The weight of the second level."""

    def __post_init__(self) -> None:
        """Refuse here what the trainer would refuse when SFT is done."""
        if not 0 <= self.lam < math.inf:
            raise RecipeError(f"[advantage] lam is {self.lam}: expected a number from 0 on")


@dataclass(frozen=True, slots=True)
class AssumeSection:
    """What an estimate goes by where there is nothing to look at; a run looks at the real thing."""

    accelerator: str = ""
    """Empty for this machine."""
    processes: int = 1
    sharding: str = Sharding.NONE.value
    examples: int = 10_000
    prompt_tokens: int = 500
    completion_tokens: int = 300

    def __post_init__(self) -> None:
        """Refuse what nothing can be worked out from."""
        known = [sharding.value for sharding in Sharding]
        if self.sharding not in known:
            raise RecipeError(f"[assume] {unknown('sharding', self.sharding, known)}")
        for name in ("processes", "examples", "prompt_tokens", "completion_tokens"):
            if getattr(self, name) < 1:
                raise RecipeError(f"[assume] {name} is {getattr(self, name)}: expected 1 or more")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainRecipe:
    """What decides on a trained model."""

    name: str
    data: DataSection = field(default_factory=DataSection)
    model: ModelSection = field(default_factory=ModelSection)
    shape: ModelShape | None = None
    sft: Mapping[str, Any] = field(default_factory=dict)  # Any, here and below: TOML
    grpo: Mapping[str, Any] = field(default_factory=dict)
    lora: Mapping[str, Any] | None = None
    """peft's LoraConfig by its own names; None trains all parameters."""
    advantage: AdvantageSection = field(default_factory=AdvantageSection)
    assume: AssumeSection = field(default_factory=AssumeSection)

    def to_record(self) -> Table:
        """Write the recipe as JSON values."""
        return asdict(self)


class StageChoice(StrEnum):
    """Which stages to run."""

    SFT = "sft"
    GRPO = "grpo"
    ALL = "all"


def read_train_table(
    name: str, settings: Sequence[str], *, data: str | None = None, model: str | None = None
) -> Table:
    """Read the recipe of a name or path as a table, with `--set`, `--data` and `--model` on top.

    A shape that is written in a recipe is that of its model, and goes with it.
    """
    table = read_table(name, "train")
    before = _model_path(table)
    for setting in settings:
        path, value = _read_setting(setting)
        _put(table, path, value, setting)
    for section, place in (("data", data), ("model", model)):
        if place is not None:
            _put(table, [section, "path"], place, f"--{section}")
    if _model_path(table) != before and not any(one.startswith("shape.") for one in settings):
        table.pop("shape", None)
    return table


def parse_train_recipe(name: str, table: Table) -> TrainRecipe:
    """Check a table and make it a recipe."""
    check_sections(name, table, _SECTIONS)
    return TrainRecipe(
        name=name,
        data=_section(name, table, "data", DataSection),
        model=_section(name, table, "model", ModelSection),
        shape=_section(name, table, "shape", ModelShape) if "shape" in table else None,
        sft=table.get("sft", {}),
        grpo=table.get("grpo", {}),
        lora=table.get("lora"),
        advantage=_section(name, table, "advantage", AdvantageSection),
        assume=_section(name, table, "assume", AssumeSection),
    )


def _section(name: str, table: Table, section: str, kind: type[T]) -> T:
    items = fields(kind)  # type: ignore[arg-type]  # a dataclass, which TypeVar cannot say
    known = {item.name: item.type for item in items}
    values = check_keys(name, section, table.get(section, {}), known)
    for item in items:
        if item.name not in values and item.default is MISSING:
            raise RecipeError(f"{name}: [{section}] has no {item.name}")
    return kind(**values)


def _read_setting(setting: str) -> tuple[list[str], Any]:  # Any: TOML
    name, equals, text = setting.partition("=")
    path = [part.strip() for part in name.split(".")]
    if not equals or len(path) < 2 or not all(path) or not text.strip():
        raise RecipeError(f"--set {setting!r}: {_EXAMPLE}")
    if path[0] not in (*_SECTIONS, "micro"):
        known = [f"[{section}]" for section in _SECTIONS]
        hint = nearest(f"[{path[0]}]", known)
        raise RecipeError(f"--set {setting!r}: there is no section [{path[0]}]{hint}")
    return path, _read_value(setting, text.strip())


def _read_value(setting: str, text: str) -> Any:  # Any: TOML
    """Read a TOML value; bare text is text, because shells take quotation marks away."""
    try:
        table = tomllib.loads(f"value = {text}")
    except tomllib.TOMLDecodeError as error:
        if set(text) & set("\"'[]{}\n"):
            raise RecipeError(f"--set {setting!r}: {text!r} is no TOML value: {error}") from error
        return text
    if len(table) != 1:
        raise RecipeError(f"--set {setting!r}: {_EXAMPLE}")
    return table["value"]


def _model_path(table: Table) -> object:
    section = table.get("model")
    return section.get("path") if isinstance(section, dict) else None


def _put(table: Table, path: Sequence[str], value: Any, setting: str) -> None:  # Any: TOML
    for part in path[:-1]:
        table = table.setdefault(part, {})
        if not isinstance(table, dict):
            raise RecipeError(f"--set {setting!r}: {part} is a value, not a section")
    table[path[-1]] = value
