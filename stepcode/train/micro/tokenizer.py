"""A language of a hundred words, and a chat template for it.

A word is a number with the line end behind it, or all the text between two numbers; the end of a
`<print>` block ends a word too, because there one step ends and the next begins. So a value is one
token, a step two or three, and the text of a prompt that is always the same next to nothing.
"""

import re
from collections.abc import Iterable
from typing import Any

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

_WORD = r"\d+\n?|[^\d]*?</print>\n|[^\d]+"
_PAD, _END, _UNKNOWN = SPECIAL = ("<pad>", "<end>", "<unknown>")
_TEMPLATE = "{% for m in messages %}{{ m['content'] }}{{ eos_token }}{% endfor %}"
"""The end token also keeps the last word of a prompt and the first of an answer apart."""


def build_tokenizer(texts: Iterable[str]) -> Any:  # Any: transformers has no types here
    """Make a tokenizer that knows the words of these texts, in alphabetical order."""
    words = sorted({word for text in texts for word in re.findall(_WORD, text)})
    vocabulary = {word: number for number, word in enumerate([*SPECIAL, *words])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token=_UNKNOWN))
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(_WORD), "isolated")
    tokenizer.decoder = decoders.Fuse()
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token=_PAD,
        eos_token=_END,
        unk_token=_UNKNOWN,
        padding_side="left",
    )
    fast.chat_template = _TEMPLATE
    return fast
