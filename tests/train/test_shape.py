"""Sizes from shapes are those of the models that transformers would make."""

from dataclasses import replace

import pytest

pytest.importorskip("transformers", reason="needs the extra `train`")

import torch
from transformers import (
    AutoModelForCausalLM,
    GPT2Config,
    LlamaConfig,
    MistralConfig,
    PretrainedConfig,
    Qwen2Config,
    Qwen3Config,
)

from stepcode.errors import RecipeError
from stepcode.train.shape import LINEAR, read_shape
from stepcode_pipelines.train_recipe import parse_train_recipe, read_train_table

pytestmark = pytest.mark.filterwarnings("ignore")

QWEN_7B = Qwen2Config(
    vocab_size=152064,
    hidden_size=3584,
    intermediate_size=18944,
    num_hidden_layers=28,
    num_attention_heads=28,
    num_key_value_heads=4,
    tie_word_embeddings=False,
)
QWEN_HALF_B = Qwen2Config(
    vocab_size=151936,
    hidden_size=896,
    intermediate_size=4864,
    num_hidden_layers=24,
    num_attention_heads=14,
    num_key_value_heads=2,
    tie_word_embeddings=True,
)
OTHERS = [
    LlamaConfig(num_hidden_layers=2, num_key_value_heads=8),
    MistralConfig(num_hidden_layers=2),
    Qwen3Config(num_hidden_layers=2, head_dim=64),
]


def count(config: PretrainedConfig) -> int:
    """Count as transformers does, on a device that has no memory."""
    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(config)
    model.tie_weights()
    return sum(parameter.numel() for parameter in model.parameters())


@pytest.mark.parametrize(
    "config", [QWEN_7B, QWEN_HALF_B, *OTHERS], ids=["7B", "0.5B", "llama", "mistral", "qwen3"]
)
def test_parameters_are_counted_exactly(config: PretrainedConfig) -> None:
    shape = read_shape(config)
    assert shape is not None
    assert shape.parameters == count(config)


@pytest.mark.parametrize(
    ("name", "config"), [("qwen2.5-coder-7b", QWEN_7B), ("qwen2.5-coder-0.5b", QWEN_HALF_B)]
)
def test_shape_that_a_recipe_has_written_is_that_of_its_model(
    name: str, config: PretrainedConfig
) -> None:
    assert parse_train_recipe(name, read_train_table(name, [])).shape == read_shape(config)


def test_lora_parameters_are_those_that_peft_adds() -> None:
    from peft import LoraConfig, get_peft_model

    config = Qwen2Config(
        vocab_size=99,
        hidden_size=64,
        intermediate_size=96,
        num_hidden_layers=3,
        num_attention_heads=4,
        num_key_value_heads=2,
    )
    shape = read_shape(config)
    assert shape is not None
    for targets in (["q_proj", "v_proj"], list(LINEAR)):
        with torch.device("meta"):
            model = AutoModelForCausalLM.from_config(config)
            adapted = get_peft_model(model, LoraConfig(r=5, target_modules=targets))
        assert shape.lora_parameters(5, targets) == adapted.get_nb_trainable_parameters()[0]


def test_model_of_another_family_has_no_shape() -> None:
    assert read_shape(GPT2Config()) is None
    assert read_shape(LlamaConfig(attention_bias=True)) is None


def test_impossible_shape_is_refused() -> None:
    whole = read_shape(QWEN_HALF_B)
    assert whole is not None
    with pytest.raises(RecipeError, match="heads is 3: expected a multiple of kv_heads, 2"):
        replace(whole, heads=3)
    with pytest.raises(RecipeError, match=r"\[shape\] layers is 0"):
        replace(whole, layers=0)
