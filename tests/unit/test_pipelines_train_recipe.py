"""Training recipes: sections, values from `--set`, and what is refused with which words."""

import re
from importlib.resources import files
from pathlib import Path

import pytest

from stepcode.errors import RecipeError
from stepcode.train.shape import ModelShape
from stepcode_pipelines.train_recipe import TrainRecipe, parse_train_recipe, read_train_table

TEXT = """
[data]
path = "set"
reasons = "narration"
kinds = ["output"]

[model]
path = "somewhere"

[shape]
layers = 1
hidden = 8
heads = 2
kv_heads = 1
intermediate = 16
vocabulary = 99
tied = true

[sft]
learning_rate = 1e-5
model_init_kwargs = { dtype = "bfloat16" }

[lora]
r = 8

[advantage]
mode = "step"
"""


@pytest.fixture
def path(tmp_path: Path) -> str:
    (tmp_path / "r.toml").write_text(TEXT)
    return str(tmp_path / "r.toml")


def read(path: str, *settings: str) -> TrainRecipe:
    return parse_train_recipe(path, read_train_table(path, settings))


def test_every_section_of_a_file_is_taken(path: str) -> None:
    recipe = read(path)
    assert recipe.shape == ModelShape(
        layers=1, hidden=8, heads=2, kv_heads=1, intermediate=16, vocabulary=99, tied=True
    )
    assert (recipe.data.path, recipe.data.reasons, recipe.data.kinds) == (
        *("set", "narration"),
        ("output",),
    )
    assert recipe.sft == {"learning_rate": 1e-5, "model_init_kwargs": {"dtype": "bfloat16"}}
    assert (recipe.grpo, recipe.lora) == ({}, {"r": 8})
    assert (recipe.advantage.mode, recipe.advantage.lam) == ("step", 0.3)


@pytest.mark.parametrize(
    ("setting", "section", "key", "value"),
    [
        ("sft.learning_rate=1e-4", "sft", "learning_rate", 1e-4),
        ("sft.max_steps = 3", "sft", "max_steps", 3),
        ("sft.packing=true", "sft", "packing", True),
        ("sft.optim=adamw_8bit", "sft", "optim", "adamw_8bit"),
        ('sft.optim="sgd"', "sft", "optim", "sgd"),
        ("sft.report_to=['a', 'b']", "sft", "report_to", ["a", "b"]),
        ("grpo.run_name=a=b", "grpo", "run_name", "a=b"),
        ("lora.target_modules=all-linear", "lora", "target_modules", "all-linear"),
    ],
)
def test_setting_goes_over_the_file_as_toml_or_as_plain_text(
    path: str, setting: str, section: str, key: str, value: object
) -> None:
    found = getattr(read(path, setting), section)[key]
    assert (found, type(found)) == (value, type(value))


def test_setting_reaches_into_tables_and_makes_sections(path: str) -> None:
    recipe = read(path, "sft.model_init_kwargs.dtype=float32", "assume.processes=4", "data.path=b")
    assert recipe.sft["model_init_kwargs"] == {"dtype": "float32"}
    assert recipe.assume.processes == 4
    assert recipe.data.path == "b"


def test_shape_of_a_recipe_goes_with_its_model(path: str) -> None:
    assert "shape" not in read_train_table(path, [], model="another")
    assert "shape" not in read_train_table(path, ["model.path=another"])
    assert "shape" in read_train_table(path, [], model="somewhere", data="other")
    assert "shape" in read_train_table(path, ["model.path=another", "shape.layers=3"])


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("lr", "--set 'lr': expected section.key=value, such as sft.learning_rate=1e-5"),
        ("lr=1", "expected section.key=value"),
        ("sft.=1", "expected section.key=value"),
        ("sft.lr=", "expected section.key=value"),
        ("sfd.lr=1", "there is no section [sfd]; did you mean '[sft]'?"),
        ("sft.lr=[1", "'[1' is no TOML value"),
        ("sft.lr=1\nx=2", "expected section.key=value"),
        ("sft.learning_rate.x=1", "learning_rate is a value, not a section"),
    ],
)
def test_setting_that_cannot_be_read_is_named(path: str, setting: str, says: str) -> None:
    with pytest.raises(RecipeError, match=re.escape(says)):
        read(path, setting)


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("data.pth=x", "unknown key in [data] 'pth': expected one of path, split"),
        ("data.path=1", "[data] path is 1: expected str"),
        ("data.reasons=naration", "did you mean 'narration'?"),
        ("data.kinds=[]", "[data] kinds is empty"),
        ("advantage.lam=much", "[advantage] lam is 'much': expected float"),
        ("advantage.lam=-1", "[advantage] lam is -1.0: expected a number from 0 on"),
        ("advantage.lam=nan", "[advantage] lam is nan: expected a number from 0 on"),
        ("assume.examples=0", "[assume] examples is 0: expected 1 or more"),
        ("shape.layers=0", "[shape] layers is 0"),
    ],
)
def test_value_that_means_nothing_is_named(path: str, setting: str, says: str) -> None:
    with pytest.raises(RecipeError, match=re.escape(says)):
        read(path, setting)


def test_shape_has_to_be_whole(tmp_path: Path) -> None:
    (tmp_path / "r.toml").write_text("[shape]\nlayers = 1\n")
    with pytest.raises(RecipeError, match=r"\[shape\] has no hidden"):
        read(str(tmp_path / "r.toml"))


def test_built_in_recipes_are_read() -> None:
    names = [entry.name for entry in (files("stepcode_pipelines") / "recipes/train").iterdir()]
    ours = [name.removesuffix(".toml") for name in names if name.startswith("qwen")]
    assert len(ours) == 2
    for name in ours:
        recipe = read(name)
        assert recipe.shape is not None
        assert recipe.model.path.startswith("Qwen/")
        assert recipe.lora is None
