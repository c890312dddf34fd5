"""A tokenizer, a model and training rows that are built in a moment, with nothing downloaded."""

from typing import Any

import torch
from datasets import Dataset
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM
from trl import GRPOConfig

from stepcode.dataset.examples import to_record
from stepcode.types import Example, TaskKind
from tests.unit.reason_samples import example

TEXTS = [
    "<reason>\nsorted sets ys\n</reason>\n<print>\nys: [1, 2, 3]\n</print>\n",
    "<print>\n_ret: 3\n</print>\n<answer>\n3\n</answer>",
    "名前 = '中文字' 🎉🎈 naïve Ωμέγα",
]
CHAT_TEMPLATE = (
    "{% for m in messages %}<|{{ m['role'] }}|>{{ m['content'] }}<eos>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)


def make_tokenizer() -> Any:  # Any: transformers has no types here
    """Train a byte-level BPE with few merges: most CJK and all emoji take several tokens."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=340,
        special_tokens=["<pad>", "<eos>", "<|user|>", "<|assistant|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(TEXTS, trainer)
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="<pad>", eos_token="<eos>", padding_side="left"
    )
    fast.chat_template = CHAT_TEMPLATE
    return fast


def make_model(tokenizer: Any, *, hidden_size: int = 32, layers: int = 2) -> Any:
    """Make a small Qwen2 with weights that are always the same."""
    torch.manual_seed(0)
    config = Qwen2Config(
        vocab_size=len(tokenizer),
        hidden_size=hidden_size,
        intermediate_size=2 * hidden_size,
        num_hidden_layers=layers,
        num_attention_heads=2,
        num_key_value_heads=1,
        max_position_embeddings=4096,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        tie_word_embeddings=True,
    )
    return Qwen2ForCausalLM(config)


def settings(out: str, **changes: Any) -> Any:  # Any: TRL's own options
    """TRL's settings for a few steps on the CPU."""
    plain = {
        "output_dir": out,
        "per_device_train_batch_size": 4,
        "num_generations": 4,
        "max_completion_length": 12,
        "max_steps": 2,
        "learning_rate": 1e-3,
        "logging_steps": 1,
        "save_strategy": "no",
        "report_to": "none",
        "use_cpu": True,
        "bf16": False,
        "activation_checkpointing": False,
        "disable_tqdm": True,
    }
    return GRPOConfig(**(plain | changes))


def make_rows(examples: list[Example]) -> Any:  # Any: datasets has no types
    """Write examples as the export `trl-grpo` does, with prompts that are read in no time."""
    return Dataset.from_list([{"prompt": ask(one.given), **to_record(one)} for one in examples])


def ask(question: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": question}]


def output_rows(count: int = 4) -> Any:  # Any: datasets has no types
    """Rows of output prediction, which need no sandbox."""
    return make_rows([example(TaskKind.OUTPUT) for _ in range(count)])
