"""Models and tokenizers on the disk: loaded right, or refused with what they lack."""

import json
import re
import shutil
from pathlib import Path

import pytest

pytest.importorskip("transformers", reason="needs the extra `train`")

from transformers import AutoTokenizer, PreTrainedTokenizerFast

from stepcode.errors import MisuseError
from stepcode.train.models import (
    PLAIN_TEMPLATE,
    check_model,
    fingerprint_model,
    load_tokenizer,
    read_config,
)
from tests.train.folders import write_dataset, write_model

pytestmark = pytest.mark.filterwarnings("ignore")
CHAT = [{"role": "user", "content": "?"}, {"role": "assistant", "content": "!"}]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    return write_model(folder / "model", write_dataset(folder / "set"))


@pytest.fixture
def model(whole: Path, tmp_path: Path) -> Path:
    return shutil.copytree(whole, tmp_path / "model")


def change_tokenizer(model: Path, **changes: object) -> None:
    tokenizer = PreTrainedTokenizerFast.from_pretrained(model)
    for name, value in changes.items():
        setattr(tokenizer, name, value)
    (model / "chat_template.jinja").unlink()
    tokenizer.save_pretrained(model)


def test_tokenizer_keeps_the_pieces_that_it_was_trained_with(model: Path) -> None:
    """AutoTokenizer does not: it goes by the model's type, which is qwen2."""
    ours = load_tokenizer(str(model))
    whole_words = PreTrainedTokenizerFast(tokenizer_file=str(model / "tokenizer.json"))
    text = "x = 1 + y"
    assert ours.tokenize(text) == whole_words.tokenize(text)
    assert ours.tokenize(text) != AutoTokenizer.from_pretrained(model).tokenize(text)


def test_tokenizer_without_chat_template_gets_a_plain_one(model: Path) -> None:
    change_tokenizer(model, chat_template=None)
    tokenizer = load_tokenizer(str(model))
    assert tokenizer.chat_template == PLAIN_TEMPLATE
    assert tokenizer.apply_chat_template(CHAT, tokenize=False) == (
        "[user]\n?<eos>\n[assistant]\n!<eos>\n"
    )
    asked = tokenizer.apply_chat_template(CHAT[:1], tokenize=False, add_generation_prompt=True)
    assert asked == "[user]\n?<eos>\n[assistant]\n"


def test_tokenizer_without_padding_pads_with_its_end(model: Path) -> None:
    change_tokenizer(model, pad_token=None, chat_template=PLAIN_TEMPLATE)
    assert load_tokenizer(str(model)).pad_token == "<eos>"


def test_template_after_which_a_model_would_never_stop_is_refused(model: Path) -> None:
    template = PLAIN_TEMPLATE.replace("{{ eos_token }}", "<pad>")
    change_tokenizer(model, chat_template=template)
    says = "its end token is '<eos>': a trained model would not stop; --set model.eos_token='<pad>'"
    with pytest.raises(MisuseError, match=re.escape(says)):
        load_tokenizer(str(model))
    assert load_tokenizer(str(model), eos_token="<pad>").eos_token == "<pad>"
    with pytest.raises(MisuseError, match="eos_token 'nope' is none of its tokens"):
        load_tokenizer(str(model), eos_token="nope")


@pytest.mark.parametrize(
    ("missing", "says"),
    [
        ("tokenizer.json", "has no tokenizer"),
        ("config.json", "has no config.json"),
        ("model.safetensors", "has no weights"),
    ],
)
def test_model_that_lacks_a_part_is_refused(model: Path, missing: str, says: str) -> None:
    (model / missing).unlink()
    with pytest.raises(MisuseError, match=says):
        check_model(str(model))


@pytest.mark.parametrize("name", ["", "nowhere", "./no/where", "/no/where", "a/b/c"])
def test_model_that_is_nowhere_is_refused(name: str) -> None:
    with pytest.raises(MisuseError, match=r"no model is named|no such folder"):
        check_model(name)


def test_name_of_the_hub_is_asked_for_only_when_it_is_read() -> None:
    check_model("some-user/some-model")
    with pytest.raises(MisuseError, match="some-user/some-model: cannot be read as a model"):
        read_config("some-user/some-model")


def test_whole_model_passes_and_is_known_by_its_content(model: Path, whole: Path) -> None:
    check_model(str(model))
    assert fingerprint_model(str(model)) == fingerprint_model(str(whole))
    config = json.loads((model / "config.json").read_bytes())
    (model / "config.json").write_text(json.dumps(config | {"rms_norm_eps": 1e-5}))
    assert fingerprint_model(str(model)) != fingerprint_model(str(whole))
