"""A model from nothing: random weights of a shape, and a tokenizer that is made of the texts.

It is for trying a training run out where no model is at hand. All that such a model learns it
learns from the examples.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from stepcode.errors import RecipeError
from stepcode.train.shape import ModelShape

_PAD, _END = "<pad>", "<end>"
_LONGEST = 4096


def write_untrained(folder: Path, shape: ModelShape, texts: Iterable[str]) -> None:
    """Write a Qwen2 of a shape and its tokenizer; the same shape and texts give the same bytes.

    The vocabulary is that of the shape, or smaller where the texts have no more to merge.
    """
    check_untrained(shape)
    tokenizer = _make_tokenizer(texts, shape.vocabulary)
    _make_model(shape, tokenizer).save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def check_untrained(shape: ModelShape) -> None:
    """Raise RecipeError for a shape that only another family than Qwen2 has."""
    if not shape.qkv_bias or shape.qk_norm or shape.head_width:
        raise RecipeError(
            "[shape] without a model is made as a Qwen2: leave out head_width, qkv_bias and qk_norm"
        )
    if shape.hidden % (2 * shape.heads):
        raise RecipeError(
            f"[shape] hidden is {shape.hidden}: expected a multiple of twice the heads, "
            f"{2 * shape.heads}"
        )


def _make_tokenizer(texts: Iterable[str], size: int) -> Any:  # Any: transformers has no types here
    """Train a byte-level BPE that may merge whole lines, so that little text is few tokens."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=[_PAD, _END],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    lines = (line for text in texts for line in text.splitlines(keepends=True))
    tokenizer.train_from_iterator(lines, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token=_PAD, eos_token=_END, padding_side="left"
    )


def _make_model(shape: ModelShape, tokenizer: Any) -> Any:  # Any: transformers has no types here
    from transformers import Qwen2Config, Qwen2ForCausalLM, set_seed

    set_seed(0)
    config = Qwen2Config(
        vocab_size=len(tokenizer),
        hidden_size=shape.hidden,
        intermediate_size=shape.intermediate,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        num_key_value_heads=shape.kv_heads,
        max_position_embeddings=_LONGEST,
        tie_word_embeddings=shape.tied,
        # transformers' 0.02 is for widths of a thousand and more; narrow models need a wider start.
        initializer_range=0.64 / shape.hidden**0.5,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    return Qwen2ForCausalLM(config)
