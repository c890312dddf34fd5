"""Recipes: what they hold, what goes over what, and what is refused with which words."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from stepcode.errors import MisuseError, RecipeError
from stepcode.source import EVALUATION_ONLY, SOURCES, SourceSettings
from stepcode.types import Limits
from stepcode_pipelines.limits import choose_limits
from stepcode_pipelines.recipe import DEFAULT_RECIPE, Recipe, load_recipe

TEXT = """
[source]
name = "jsonl"
path = "in.jsonl"
entry = "solve"
fields = { output = "answer", code = "program" }

[anchor]
policy = "paper"

[execute]
cpu_seconds = 2
memory_mb = 300

[build]
limit = 7
"""


@pytest.fixture
def recipe_file(tmp_path: Path) -> Path:
    path = tmp_path / "mine.toml"
    path.write_text(TEXT, encoding="utf-8")
    return path


def write(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_default_recipe_is_the_bundled_programs() -> None:
    recipe = load_recipe(DEFAULT_RECIPE)
    assert recipe == Recipe(source=SourceSettings(name="bundled"))
    assert recipe.limits == Limits()


def test_every_key_of_a_file_is_taken(recipe_file: Path) -> None:
    assert load_recipe(str(recipe_file)) == Recipe(
        source=SourceSettings(
            name="jsonl",
            path="in.jsonl",
            entry="solve",
            fields=(("code", "program"), ("output", "answer")),
        ),
        policy="paper",
        limits=Limits(cpu_seconds=2.0, memory_mb=300),
        limit=7,
    )


def test_options_go_over_the_file_and_none_means_not_given(recipe_file: Path) -> None:
    recipe = load_recipe(
        str(recipe_file), source="parquet", path="x", policy=None, limit=1, memory_mb=400
    )
    assert (recipe.source.name, recipe.source.path) == ("parquet", "x")
    assert (recipe.policy, recipe.limit) == ("paper", 1)
    assert recipe.limits == Limits(cpu_seconds=2.0, memory_mb=400)


def test_share_to_set_aside_is_not_taken_for_the_split_of_a_hub_dataset() -> None:
    recipe = load_recipe("bundled", split=0.1)
    assert (recipe.split, recipe.source.split) == (0.1, "train")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "[sorce]",
            "expected one of [source], [anchor], [execute], [build]; did you mean '[source]'",
        ),
        ("source = 1", "[source] is 1: expected a section"),
        ("[execute]\nseconds = 1", "unknown key in [execute] 'seconds'"),
        ("[anchor]\npolicies = 1", "did you mean 'policy'"),
        ("[anchor]\npolicy = 1", "[anchor] policy is 1: expected str"),
        ("[execute]\nmemory_mb = 1.5", "memory_mb is 1.5: expected int"),
        ("[execute]\nmemory_mb = true", "memory_mb is True: expected int"),
        ("[source]\nfields = 1", "fields is 1: expected our names = their names"),
        ("[source]\npath = 'x'", "[source] has no name: expected one of bundled, jsonl"),
        ("[source]\nname = 'jsnol'", "did you mean 'jsonl'"),
        ("[source]\nname = 'bundled'\npath = 'x'", "'bundled' reads no input"),
        ("[source", "not valid TOML"),
    ],
)
def test_mistake_in_a_file_is_named(tmp_path: Path, text: str, says: str) -> None:
    path = write(tmp_path / "r.toml", text)
    with pytest.raises(RecipeError, match=re.escape(says)):
        load_recipe(path)


def test_file_that_is_not_there_or_not_text_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"no\.toml: no such recipe file"):
        load_recipe(str(tmp_path / "no.toml"))
    (tmp_path / "bytes.toml").write_bytes(b"\xff")
    with pytest.raises(RecipeError, match="not valid TOML"):
        load_recipe(str(tmp_path / "bytes.toml"))
    (tmp_path / "folder.toml").mkdir()
    with pytest.raises(RecipeError, match="cannot be read: Is a directory"):
        load_recipe(str(tmp_path / "folder.toml"))


def test_unknown_recipe_has_its_nearest_name() -> None:
    with pytest.raises(RecipeError, match="did you mean 'bundled'"):
        load_recipe("bundeld")


def test_data_in_the_place_of_a_recipe_is_told_where_it_belongs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine.jsonl").touch()
    with pytest.raises(RecipeError, match=r"mine\.jsonl: is no recipe.* --source and --input"):
        load_recipe("mine.jsonl")
    Path("bundled").touch()
    assert load_recipe("bundled").source.name == "bundled"


def test_input_without_a_source_is_told_the_likely_one(tmp_path: Path) -> None:
    for path, source in (("x.jsonl", "jsonl"), ("x.parquet", "parquet"), (tmp_path, "folder")):
        with pytest.raises(RecipeError, match=f"such as --source {source}$"):
            load_recipe("bundled", path=str(path))


def test_policy_and_limit_are_checked_before_any_work() -> None:
    with pytest.raises(MisuseError, match="did you mean 'strict'"):
        load_recipe("bundled", policy="strct")
    with pytest.raises(RecipeError, match="limit is -1"):
        load_recipe("bundled", limit=-1)


@pytest.mark.parametrize("name", ["cpu_seconds", "wall_seconds", "memory_mb", "max_steps"])
@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf")])
def test_limit_that_no_program_could_run_under_is_refused(name: str, value: float) -> None:
    with pytest.raises(RecipeError, match=f"{name} is "):
        choose_limits({name: value})


def test_wall_time_follows_the_processor_time_unless_it_is_given() -> None:
    assert choose_limits({}) == Limits()
    assert choose_limits({"cpu_seconds": 0.5}).wall_seconds == Limits().wall_seconds
    assert choose_limits({"cpu_seconds": 30.0}).wall_seconds == 120.0
    assert choose_limits({"cpu_seconds": 30.0, "wall_seconds": 31.0}).wall_seconds == 31.0
    with pytest.raises(RecipeError, match="no CPU limit would act"):
        choose_limits({"cpu_seconds": 30.0, "wall_seconds": 29.0})


def test_benchmarks_and_only_they_are_for_evaluation_only() -> None:
    marked = {
        name
        for name in SOURCES
        if Recipe(source=SourceSettings(name=name), limit=1).evaluation_only
    }
    assert marked == EVALUATION_ONLY


def identity_of(path: Path, **changes: Any) -> dict[str, Any]:  # Any: fields of several types
    recipe = Recipe(source=SourceSettings(name="jsonl", path=str(path)))
    return replace(recipe, **changes).identity()


def test_identity_follows_the_content_of_the_input_and_every_choice(tmp_path: Path) -> None:
    first, same, other = (tmp_path / f"{n}" / "in.jsonl" for n in range(3))
    for path, text in ((first, "a"), (same, "a"), (other, "b")):
        path.parent.mkdir()
        path.write_text(text, encoding="utf-8")
    whole = identity_of(first)
    assert identity_of(same) == whole
    assert identity_of(other) != whole
    assert identity_of(first, policy="paper") != whole
    assert identity_of(first, limits=Limits(memory_mb=99)) != whole
    assert identity_of(first, limit=9) != whole
    assert str(tmp_path) not in str(whole)
