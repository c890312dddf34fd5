"""A model, a dataset and a recipe on the disk, small enough to be trained in a moment."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

from stepcode.dataset.examples import to_examples
from stepcode.dataset.read import read_rows
from stepcode.reason import render_completion, render_prompt
from tests.train.tiny import CHAT_TEMPLATE
from tests.unit.dataset_samples import build_sample

RECIPE = """
[sft]
num_train_epochs = 2
per_device_train_batch_size = 2
gradient_accumulation_steps = 2
max_length = 512
learning_rate = 1e-2
logging_steps = 1
save_steps = 1

[grpo]
num_train_epochs = 2
per_device_train_batch_size = 4
num_generations = 4
max_completion_length = 8
learning_rate = 1e-2
logging_steps = 1
save_steps = 1
"""


@contextmanager
def on_one_thread() -> Iterator[None]:
    """So little work is slower with more, and their number may change the last digits."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def write_dataset(folder: Path, *, blocks: int = 1) -> Path:
    """Write a dataset of four rows a block, or a little fewer: eight examples."""
    build_sample(folder, blocks=blocks)
    return folder


def write_model(folder: Path, dataset: Path, *, tokens: int = 1200, **changes: Any) -> Path:
    """Write a Qwen2 with random weights and a tokenizer that has seen the prompts of a dataset.

    Any: values of Qwen2Config.
    """
    examples = [example for row in read_rows(dataset) for example in to_examples(row)]
    texts = [render_prompt(one)[0]["content"] + render_completion(one) for one in examples]
    tokenizer = train_tokenizer(texts, tokens)
    torch.manual_seed(0)
    shape = {
        "vocab_size": len(tokenizer),
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "max_position_embeddings": 4096,
        "tie_word_embeddings": True,
    }
    ids = {"eos_token_id": tokenizer.eos_token_id, "pad_token_id": tokenizer.pad_token_id}
    model = Qwen2ForCausalLM(Qwen2Config(**(shape | ids | {"bos_token_id": None} | changes)))
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def train_tokenizer(texts: list[str], tokens: int) -> Any:  # Any: transformers has no types here
    """Train a byte-level BPE that leaves words whole, unlike the one that Qwen2 has."""
    plain = Tokenizer(models.BPE())
    plain.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    plain.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=tokens,
        special_tokens=["<pad>", "<eos>", "<|user|>", "<|assistant|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    plain.train_from_iterator((line for text in texts for line in text.splitlines(True)), trainer)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=plain, pad_token="<pad>", eos_token="<eos>", padding_side="left"
    )
    tokenizer.chat_template = CHAT_TEMPLATE
    return tokenizer
