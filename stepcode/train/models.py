"""Models and tokenizers: found, checked before anything large is read, and loaded for training.

A model is a folder, or the name of one on the Hugging Face Hub. A folder may hold a whole model or
a LoRA adapter, which names the model that it belongs to.

A tokenizer without a chat template gets a plain one: `[user]`, the text and the end token, then
`[assistant]` and the answer.
"""

import json
import re
from pathlib import Path
from typing import Any

from stepcode.errors import MisuseError
from stepcode.source.hub_access import explain, find_model_file
from stepcode.types import short_hash

PLAIN_TEMPLATE = (
    "{% for message in messages %}[{{ message['role'] }}]\n{{ message['content'] }}"
    "{{ eos_token }}\n{% endfor %}{% if add_generation_prompt %}[assistant]\n{% endif %}"
)
_ADAPTER = "adapter_config.json"
_TOKENIZERS = ("tokenizer.json", "tokenizer.model", "vocab.json", "vocab.txt", "spiece.model")
_WEIGHTS = (".safetensors", ".bin")
_MODEL_FILES = (*_WEIGHTS, ".json", ".jinja", ".model", ".txt")
_HUB_NAME = re.compile(r"[\w-][\w.-]*(/[\w-][\w.-]*)?")
_MARK = "@answer@"


def check_model(path: str) -> None:
    """Raise MisuseError unless this is a model's folder with all its parts, or a name of the Hub's.

    Of a name, only downloading it tells whether there is such a model.
    """
    folder = Path(path)
    if not path:
        raise MisuseError("no model is named: give --model, a folder or a name of the Hub")
    if not folder.exists() and is_hub_name(path):
        return
    if not folder.is_dir():
        what = "is not a folder" if folder.exists() else "no such folder"
        raise MisuseError(f"{path}: {what}; a model is a folder or a name of the Hub (USER/NAME)")
    names = {entry.name for entry in folder.iterdir()}
    if not names & {"config.json", _ADAPTER}:
        raise MisuseError(f"{path}: has no config.json, so it is no model of transformers")
    if not names & set(_TOKENIZERS):
        raise MisuseError(
            f"{path}: has no tokenizer (tokenizer.json): put that of its base model there, "
            "as AutoTokenizer.from_pretrained(BASE).save_pretrained(DIR) does"
        )
    if not any(name.endswith(_WEIGHTS) for name in names):
        raise MisuseError(f"{path}: has no weights (model.safetensors): the model is not whole")


def find_file(path: str, name: str) -> str | None:
    """Find a file of a model, in its folder or on the Hub."""
    folder = Path(path)
    if not folder.is_dir():
        return find_model_file(path, name)
    return str(folder / name) if (folder / name).is_file() else None


def is_hub_name(path: str) -> bool:
    """Whether a text has the form of a name on the Hub; a folder may have it too."""
    return _HUB_NAME.fullmatch(path) is not None and path.count("/") == 1


def is_adapter(path: str) -> bool:
    """Whether a folder holds a LoRA adapter rather than a whole model."""
    return (Path(path) / _ADAPTER).is_file()


def read_config(path: str) -> Any:  # Any: a configuration of transformers
    """Read the configuration of a model, or of the one that an adapter belongs to."""
    from huggingface_hub.errors import StrictDataclassError
    from transformers import AutoConfig

    if find_file(base_of(path), "config.json") is None:
        raise MisuseError(f"{path}: has no config.json, so it is no model of transformers")
    try:
        return AutoConfig.from_pretrained(base_of(path))
    except (OSError, ValueError, StrictDataclassError) as error:
        why = " ".join(str(error).split())
        raise MisuseError(f"{path}: cannot be read as a model: {why}") from error


def base_of(path: str) -> str:
    """Name the model that an adapter belongs to; a whole model is its own."""
    if not is_adapter(path):
        return path
    file = Path(path) / _ADAPTER
    try:
        base = json.loads(file.read_bytes())["base_model_name_or_path"]
    except (ValueError, KeyError, TypeError) as error:
        raise MisuseError(f"{file}: is no adapter's configuration: {error}") from error
    return str(base)


def load_tokenizer(path: str, *, eos_token: str = "") -> Any:  # Any: transformers has no types here
    """Load a tokenizer for training: with a chat template, a padding token, and an end it writes.

    Raises MisuseError where answers would have no end that a model could learn.
    """
    tokenizer = _load(path)
    if eos_token:
        if eos_token not in tokenizer.get_vocab():
            raise MisuseError(f"{path}: [model] eos_token {eos_token!r} is none of its tokens")
        tokenizer.eos_token = eos_token
    if tokenizer.eos_token is None:
        raise MisuseError(f"{path}: its tokenizer has no end token; name one: model.eos_token")
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    if tokenizer.chat_template is None:
        tokenizer.chat_template = PLAIN_TEMPLATE
    _check_end(path, tokenizer)
    return tokenizer


def load_model(path: str, **init: Any) -> Any:
    """Load a model for a trainer, with an adapter ready to be trained further if it is one.

    `init` is TRL's `model_init_kwargs`. Any: values of several types, and a model.
    """
    from trl.trainer.utils import create_model_from_path

    model = create_model_from_path(base_of(path), **init)
    if not is_adapter(path):
        return model
    from peft import PeftModel

    return PeftModel.from_pretrained(model, path, is_trainable=True)


def fingerprint_model(path: str) -> str:
    """Tell models apart by their configuration and the sizes of their files; a name is its own."""
    folder = Path(path)
    if not folder.is_dir():
        return path
    files = sorted(file for file in folder.iterdir() if file.is_file())
    parts = [f"{file.name} {file.stat().st_size}" for file in files if file.suffix in _MODEL_FILES]
    configs = [folder / name for name in ("config.json", _ADAPTER)]
    texts = [file.read_text(encoding="utf-8") for file in configs if file.is_file()]
    return short_hash(*parts, *texts)


def _load(path: str) -> Any:
    from transformers import AutoTokenizer, PreTrainedTokenizerFast

    is_whole = find_file(path, "tokenizer.json") is not None
    try:
        if is_whole:
            # AutoTokenizer goes by the model's type, and replaces a pre-tokenizer of one's own.
            return PreTrainedTokenizerFast.from_pretrained(path)
        return AutoTokenizer.from_pretrained(path)
    except (OSError, ValueError) as error:
        why = _first_line(error) if Path(path).is_dir() else explain(error, of="model")
        raise MisuseError(f"{path}: its tokenizer cannot be read: {why}") from error


def _check_end(path: str, tokenizer: Any) -> None:
    """A model stops at its end token, so the template has to put one behind each answer."""
    chat = [{"role": "user", "content": "?"}, {"role": "assistant", "content": _MARK}]
    tail = tokenizer.apply_chat_template(chat, tokenize=False).partition(_MARK)[2]
    if tail.lstrip().startswith(tokenizer.eos_token):
        return
    tokens = [token for token in tokenizer.get_added_vocab() if tail.lstrip().startswith(token)]
    end = tokens[0] if tokens else "TOKEN"
    raise MisuseError(
        f"{path}: its chat template ends an answer with {tail!r}, its end token is "
        f"{tokenizer.eos_token!r}: a trained model would not stop; --set model.eos_token='{end}'"
    )


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
