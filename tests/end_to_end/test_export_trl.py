"""TRL's trainers take the exports as they are: one step each, of a model with random weights."""

import os
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch", reason="needs the extra `train`: torch, transformers and trl")
pytest.importorskip("trl", reason="needs the extra `train`: torch, transformers and trl")

from datasets import Dataset, load_dataset

from stepcode.dataset.examples import read_example
from stepcode.dataset.export import ExportFormat, Reasons, export
from stepcode.reason import read_answer, score
from tests.unit.dataset_samples import build_sample

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

TEMPLATE = (
    "{% for message in messages %}[{{ message['role'] }}]\n{{ message['content'] }}</s>\n"
    "{% endfor %}{% if add_generation_prompt %}[assistant]\n{% endif %}"
)
SETTINGS: dict[str, Any] = {  # Any: settings of several types
    "max_steps": 1,
    "per_device_train_batch_size": 2,
    "use_cpu": True,
    "bf16": False,
    "gradient_checkpointing": False,
    "report_to": [],
    "save_strategy": "no",
}


@pytest.fixture
def tokenizer() -> Any:  # Any: transformers is not there when types are checked
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    bytes_only = Tokenizer(models.BPE())
    bytes_only.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bytes_only.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=300, special_tokens=["<pad>", "</s>"], initial_alphabet=alphabet
    )
    bytes_only.train_from_iterator(["print reason answer"], trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=bytes_only, pad_token="<pad>", eos_token="</s>", chat_template=TEMPLATE
    )


@pytest.fixture
def model(tokenizer: Any) -> Any:  # Any: as above
    from transformers import Qwen2Config, Qwen2ForCausalLM

    return Qwen2ForCausalLM(
        Qwen2Config(
            vocab_size=len(tokenizer),
            hidden_size=16,
            intermediate_size=32,
            num_hidden_layers=1,
            num_attention_heads=2,
            num_key_value_heads=1,
            max_position_embeddings=4096,
            pad_token_id=tokenizer.pad_token_id,
            eos_token_id=tokenizer.eos_token_id,
        )
    )


def exported(tmp_path: Path, form: ExportFormat, suffix: str) -> Dataset:
    build_sample(tmp_path / "set")
    path = tmp_path / f"train.{suffix}"
    reasons = Reasons.NARRATION if form.has_completions else Reasons.NONE
    export(tmp_path / "set", path, form, reasons=reasons)
    reader = "json" if suffix == "jsonl" else "parquet"
    return load_dataset(
        reader, data_files=str(path), split="train", cache_dir=str(tmp_path / "cache")
    )


@pytest.mark.parametrize("form", [ExportFormat.TRL_SFT, ExportFormat.CHAT])
@pytest.mark.parametrize("suffix", ["jsonl", "parquet"])
def test_sft_trainer_takes_it(
    tmp_path: Path, model: Any, tokenizer: Any, form: ExportFormat, suffix: str
) -> None:
    from trl import SFTConfig, SFTTrainer

    trainer = SFTTrainer(
        model=model,
        args=SFTConfig(output_dir=str(tmp_path / "run"), **SETTINGS),
        train_dataset=exported(tmp_path, form, suffix),
        processing_class=tokenizer,
    )
    result = trainer.train()
    assert result.global_step == 1
    assert 0 < result.training_loss < 20
    if form is ExportFormat.TRL_SFT:
        labels = trainer.train_dataset[0]["labels"]
        learned = tokenizer.decode([token for token in labels if token != -100])
        assert learned.startswith("<reason>")
        assert "What does this call return" not in learned


@pytest.mark.parametrize("suffix", ["jsonl", "parquet"])
def test_grpo_trainer_takes_it_and_rewards_can_score(
    tmp_path: Path, model: Any, tokenizer: Any, suffix: str
) -> None:
    from trl import GRPOConfig, GRPOTrainer

    judged = []

    def reward(completions: list[Any], **columns: Any) -> list[float]:
        names = ("id", "kind", "anchored_code", "anchors", "given", "target", "steps")
        rewards = []
        for number, completion in enumerate(completions):
            example = read_example({name: columns[name][number] for name in names})
            result = score(read_answer(completion[0]["content"]), example)
            judged.append(result)
            rewards.append(float(result.final))
        return rewards

    trainer = GRPOTrainer(
        model=model,
        args=GRPOConfig(
            output_dir=str(tmp_path / "run"),
            num_generations=2,
            max_completion_length=8,
            **SETTINGS,
        ),
        reward_funcs=reward,
        train_dataset=exported(tmp_path, ExportFormat.TRL_GRPO, suffix),
        processing_class=tokenizer,
    )
    assert trainer.train().global_step == 1
    assert len(judged) == 2
    assert os.environ.get("HF_HUB_OFFLINE") == "1"
