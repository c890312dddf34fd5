"""A recipe: everything that decides the bytes of a dataset, from a TOML file and the command line.

    [source]
    name = "jsonl"
    path = "programs.jsonl"

    [anchor]
    policy = "fill"

    [execute]
    cpu_seconds = 2.0

An unknown section or key is an error, with the nearest name: a misspelled limit would be ignored.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from stepcode.anchor.policy import FILL, find_policy
from stepcode.errors import RecipeError
from stepcode.source import EVALUATION_ONLY, SOURCES, SourceSettings
from stepcode.source.fingerprint import fingerprint
from stepcode.source.hub import pin_hub_source
from stepcode.source.recognize import BenchmarkFile, recognize_benchmark
from stepcode.source.synthesize import check_difficulty
from stepcode.types import Limits
from stepcode_pipelines.limits import check_limits, choose_limits
from stepcode_pipelines.sections import check_keys, check_sections, read_table, unknown

DEFAULT_RECIPE = "bundled"
MOST_MUTATIONS = 200
"""A program's further calls are made by one worker, with all their rows in its memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What to build a dataset from, and how."""

    source: SourceSettings
    policy: str = "fill"
    one_program_one_text: bool = False
    """Whether all calls of a program share one anchored text; else each gets its own."""
    limits: Limits = field(default_factory=Limits)
    limit: int = 0
    """Input rows to read; 0 for all."""
    mutate: int = 0
    """Further calls of each program to add, at most, each with a trace of its own."""
    decontaminate: tuple[str, ...] = ()
    """Files of benchmarks whose programs are not to be trained on."""
    split: float = 0.0
    """Share of the programs that go to the split `test`."""

    def __post_init__(self) -> None:
        """Refuse values that cannot be built with, before any work starts."""
        find_policy(self.policy)
        if self.source.name not in SOURCES:
            raise RecipeError(unknown("source", self.source.name, SOURCES))
        if self.one_program_one_text and self.policy != FILL.name:
            raise RecipeError(
                f"one text for each program is what policy '{self.policy}' gives anyway: "
                "the option belongs to policy 'fill'"
            )
        if self.limit < 0:
            raise RecipeError(f"limit is {self.limit}: expected 0 (all rows) or more")
        if not 0 <= self.mutate <= MOST_MUTATIONS:
            raise RecipeError(f"mutate is {self.mutate}: expected 0 to {MOST_MUTATIONS}")
        if self.source.name in ("bundled", "synthetic") and self.source.path:
            name, path = self.source.name, self.source.path
            raise RecipeError(
                f"source '{name}' reads no input: name the source of {path}, "
                f"such as --source {_likely_source(path)}"
            )
        self._check_synthetic()
        if not 0 <= self.split < 1:
            share = "expected a share of the programs, from 0 to below 1, such as 0.05"
            raise RecipeError(f"split is {self.split}: {share}")
        check_limits(self.limits)

    def _check_synthetic(self) -> None:
        difficulty = self.source.difficulty
        if self.source.name != "synthetic":
            if difficulty:
                name = self.source.name
                raise RecipeError(f"difficulty is for source 'synthetic', not for '{name}'")
            return
        check_difficulty(difficulty)
        if not self.limit:
            raise RecipeError("source 'synthetic' has no end: give --limit, the number of programs")

    @property
    def evaluation_only(self) -> bool:
        """Whether the source is a public benchmark, never to be trained on."""
        return self.source.name in EVALUATION_ONLY

    def benchmarks(self) -> list[BenchmarkFile]:
        """Recognise the files to decontaminate against; none for what is itself a benchmark.

        Raises SourceError for a file that is of no benchmark.
        """
        if self.evaluation_only:
            return []
        files = sorted(recognize_benchmark(path) for path in self.decontaminate)
        return list({(file.benchmark, file.sha256): file for file in files}.values())

    def pinned(self) -> "Recipe":
        """Name the commit of a source on the Hub: of another one it is another dataset."""
        return replace(self, source=pin_hub_source(self.source))

    def identity(self) -> dict[str, Any]:  # Any: JSON
        """Name all that decides the bytes of the dataset, and nothing else.

        An input file counts by its content, not by where it lies.
        """
        source = asdict(self.source) | {"fields": dict(self.source.fields)}
        if self.source.name != "synthetic":
            del source["difficulty"]
            if not self.mutate:
                del source["seed"]
        if not self.source.revision:
            del source["revision"]
        content = fingerprint(self.source)
        if content:
            source |= {"path": Path(self.source.path).name, "sha256": content}
        given: dict[str, Any] = {"split": self.split} if self.split else {}
        files = self.benchmarks()
        if files:
            named = [{"benchmark": some.benchmark, "sha256": some.sha256} for some in files]
            given["decontaminate"] = named
        return {
            "source": source,
            "anchor": {
                "policy": self.policy,
                "one_program_one_text": self.one_program_one_text,
            },
            "execute": asdict(self.limits),
            "limit": self.limit,
            "mutate": self.mutate,
            **given,
        }


def _likely_source(path: str) -> str:
    """Guess, for a message, what reads a path."""
    if Path(path).is_dir():
        return "folder"
    return "parquet" if path.endswith(".parquet") else "jsonl"


def load_recipe(name: str, **overrides: Any) -> Recipe:  # Any: values of several types
    """Read a recipe: the name of a built-in one, or a path that ends in `.toml`.

    `overrides` are values from the command line under the names of Recipe, Limits and
    SourceSettings' fields (`source` and `path` for the source); None means not given.
    """
    table = read_table(name, "build")
    check_sections(name, table, ("source", "anchor", "execute", "build"))
    given = {key: value for key, value in overrides.items() if value is not None}
    source = _merge(name, "source", SourceSettings, table, given)
    if "fields" in source:
        source["fields"] = _field_map(name, source["fields"])
    limits = _merge(name, "execute", Limits, table, given)
    anchor = _merge(name, "anchor", _AnchorSection, table, given)
    build = _merge(name, "build", _BuildSection, table, given)
    if "name" not in source:
        raise RecipeError(f"{name}: [source] has no name: expected one of {', '.join(SOURCES)}")
    return Recipe(source=SourceSettings(**source), limits=choose_limits(limits), **anchor, **build)


@dataclass(frozen=True)
class _AnchorSection:
    policy: str = "fill"
    one_program_one_text: bool = False


@dataclass(frozen=True)
class _BuildSection:
    limit: int = 0
    mutate: int = 0
    decontaminate: tuple[str, ...] = ()
    split: float = 0.0


def _merge(
    recipe: str,
    section: str,
    kind: type[Any],  # Any: one of the dataclasses above
    table: Mapping[str, Any],
    given: Mapping[str, Any],
) -> dict[str, Any]:
    """Take a section's values, checked, with the command line's on top."""
    known = {item.name: item.type for item in fields(kind)}
    values = check_keys(recipe, section, table.get(section, {}), known)
    # The command line's split is the share that [build] sets aside, not the part of a Hub dataset.
    renamed = {"name": "source", "split": ""} if section == "source" else {}
    for key in known:
        option = renamed.get(key, key)
        if option in given:
            values[key] = given[option]
    return values


def _field_map(recipe: str, value: Any) -> tuple[tuple[str, str], ...]:  # Any: TOML
    if isinstance(value, dict) and all(isinstance(theirs, str) for theirs in value.values()):
        return tuple(sorted(value.items()))
    raise RecipeError(f"{recipe}: [source] fields is {value!r}: expected our names = their names")
