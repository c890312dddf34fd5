"""A Llama of two layers and a tenth of a million parameters, from nothing."""

from typing import Any

from transformers import LlamaConfig, LlamaForCausalLM, set_seed

from stepcode.train.micro.settings import MicroSettings

_SPREAD = 0.08
"""Of the first weights. With transformers' 0.02, made for width 4096, a model of width 64 takes
three times as long to find out which line of the program it is at."""
_LONGEST = 128


def build_model(tokenizer: Any, settings: MicroSettings, *, seed: int) -> Any:
    """Make a model for the words of a tokenizer. Any: transformers has no types here."""
    set_seed(seed)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=settings.hidden,
        intermediate_size=2 * settings.hidden,
        num_hidden_layers=settings.layers,
        num_attention_heads=settings.hidden // 16,
        num_key_value_heads=settings.hidden // 16,
        max_position_embeddings=_LONGEST,
        initializer_range=_SPREAD,
        tie_word_embeddings=False,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    return LlamaForCausalLM(config)
