"""Every sampled token has the owner of the character that it begins in, by prefix decoding."""

import random
from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

import torch
from tokenizers import Tokenizer, decoders, models
from transformers import PreTrainedTokenizerFast

from stepcode.errors import MisuseError
from stepcode.reason import read_answer, score
from stepcode.train.spans import NOBODY, Sampled, spread, token_owners, token_reader
from stepcode.types import Example, TaskKind
from tests.train.completions import Told, sample, some_example, special_ids, start_of, tell
from tests.unit.reason_samples import example

COMPLETIONS = 500
TWO_STEPS = example(TaskKind.OUTPUT)
FIRST = "<reason>\nsorts\n</reason>\n<print>\nys: [1, 2, 3]\n"
SECOND = "_ret: 3\n</print>\n"
ANSWER = "<reason>\nlast\n</reason>\n<answer>\n3\n</answer>"


def owners_in(sampled: Sampled, truth: Example) -> list[int]:
    answer = read_answer(sampled.text)
    return token_owners(sampled, answer, score(answer, truth))


def owners_of(tokenizer: Any, ids: list[int], truth: Example = TWO_STEPS) -> list[int]:
    return owners_in(token_reader(tokenizer)(ids), truth)


def by_character(text: str, truth: Example = TWO_STEPS) -> str:
    """The owners of single characters and of the end, a digit each; `-` for nobody's."""
    owners = owners_in(Sampled(text, range(len(text) + 1)), truth)
    return "".join("-" if owner == NOBODY else str(owner) for owner in owners)


def test_owners_are_those_of_the_pieces_a_completion_was_made_of(tokenizer: Any) -> None:
    rng = random.Random(1)
    for _ in range(COMPLETIONS):
        told = tell(rng, some_example(rng))
        ids = sample(rng, told.text, tokenizer)
        begins = [start_of(tokenizer, ids, number) for number in range(len(ids))]
        owners = [told.owners[begin] for begin in begins]
        assert owners_of(tokenizer, ids, told.example) == owners, told.text


def test_cut_anywhere_what_was_told_keeps_its_owner(tokenizer: Any) -> None:
    rng = random.Random(3)
    for _ in range(COMPLETIONS):
        told = tell(rng, some_example(rng))
        ids = sample(rng, told.text, tokenizer)
        ids = ids[: rng.randint(0, len(ids))]
        sampled = token_reader(tokenizer)(ids)
        whole = pieces_before(told, len(sampled.text))
        found = owners_in(sampled, told.example)
        for start, owner in zip(sampled.starts, found, strict=True):
            if start < whole:
                assert owner == told.owners[start], sampled.text
            else:
                assert owner in may_own_the_rest(told, whole), sampled.text


def pieces_before(told: Told, end: int) -> int:
    """Where the last line, closing or answer ends that is whole in the first `end` characters."""
    at = whole = 0
    for piece in told.pieces:
        at += len(piece.text)
        if at <= end and not piece.text.startswith(("<reason>", "<print>")):
            whole = at
    return whole


def may_own_the_rest(told: Told, whole: int) -> set[int]:
    """The step or answer that was begun, the last one told, or the answer that never came."""
    begun = told.owners[whole] if whole < len(told.owners) else NOBODY
    last = told.owners[whole - 1] if whole else begun
    return {begun, last, len(told.example.steps)}


def test_tokens_begin_where_prefix_decoding_says_whatever_is_sampled(tokenizer: Any) -> None:
    rng = random.Random(2)
    for _ in range(COMPLETIONS):
        ids = rng.choices(range(len(tokenizer)), k=rng.randint(0, 30))
        sampled = token_reader(tokenizer)(ids)
        assert sampled.text == tokenizer.decode(ids, skip_special_tokens=True)
        written = [n for n, i in enumerate(ids) if i not in special_ids(tokenizer)]
        begins = [start_of(tokenizer, ids, n) for n in written]
        assert [sampled.starts[n] for n in written] == begins


def test_a_step_owns_its_reason_its_line_and_the_tags_between() -> None:
    text = FIRST + SECOND + ANSWER
    owners = "0" * len(FIRST) + "1" * len(SECOND) + "2" * (len(ANSWER) + 1)
    assert by_character(text) == owners


def test_a_missing_step_leaves_its_reason_to_the_next_one() -> None:
    text = f"<reason>\nsorts\n</reason>\n<print>\n{SECOND}{ANSWER}"
    assert by_character(text) == "1" * (len(text) - len(ANSWER)) + "2" * (len(ANSWER) + 1)


def test_a_step_that_the_truth_does_not_have_is_nobodys() -> None:
    extra = "<reason>\nmade up\n</reason>\n<print>\nzs: 4\n"
    owners = by_character(f"{FIRST}</print>\n{extra}{SECOND}{ANSWER}")
    assert owners[len(FIRST) + len("</print>\n") :].startswith("-" * len(extra) + "1")


def test_of_two_steps_of_one_name_each_owns_its_own() -> None:
    truth = example(TaskKind.OUTPUT, "x: 1", "x: 2", "x: 3")
    text = "<print>\nx: 2\nx: 3\n</print>\n"
    assert by_character(text, truth).startswith("1" * len("<print>\nx: 2\n") + "2")


def test_what_follows_the_answer_is_nobodys_and_so_is_the_end_then() -> None:
    assert by_character(f"{ANSWER}\n and so on").endswith("2" * len("</answer>\n ") + "-" * 10)


def test_what_never_comes_to_an_answer_is_the_answers_and_so_is_the_end() -> None:
    text = f"{FIRST}</print>\n"
    assert by_character(f"{text}<reason>\non and on") == "0" * len(text) + "2" * 19
    assert by_character(text) == "0" * len(text) + "2"
    assert by_character("") == "2"


def test_an_answer_without_tags_is_owned_too() -> None:
    truth = example(TaskKind.OUTPUT)
    assert by_character("<print>\nys: 1\n</print>\n3", truth) == "0" * 23 + "22"


def test_the_token_that_ends_a_completion_has_the_owner_of_its_last_character(
    tokenizer: Any,
) -> None:
    ids = tokenizer.encode(FIRST + SECOND + ANSWER)
    assert owners_of(tokenizer, [*ids, tokenizer.eos_token_id])[-1] == 2
    rambling = tokenizer.encode(f"{ANSWER} more")
    assert owners_of(tokenizer, [*rambling, tokenizer.eos_token_id])[-1] == NOBODY


def test_a_token_across_a_border_belongs_to_the_side_on_which_it_begins() -> None:
    text = FIRST + SECOND + ANSWER
    border = len(FIRST)
    assert owners_in(Sampled(text, [0, border - 1, border + 1]), TWO_STEPS) == [0, 0, 1]


def test_the_pieces_of_one_character_have_one_owner(tokenizer: Any) -> None:
    text = f"{FIRST.replace('sorts', '🎉')}{SECOND}{ANSWER}"
    alphabet = [tokenizer.convert_tokens_to_ids(letter) for letter in "ðŁİī"]
    before, after = (tokenizer.encode(part) for part in text.split("🎉"))
    sampled = token_reader(tokenizer)([*before, *alphabet, *after])
    assert sampled.text == text
    assert set(sampled.starts[len(before) : len(before) + 4]) == {text.index("🎉")}


def test_ids_that_the_tokenizer_does_not_know_write_nothing(tokenizer: Any) -> None:
    assert token_reader(tokenizer)([10**6, *tokenizer.encode("x")]).text == "x"


def bytes_as_last_resort() -> Any:
    """A tokenizer that marks spaces and falls back to bytes, as SentencePiece models do."""
    words = ["<unk>", "<eos>", *"▁\n<>/:_", *"reasonptyw123,[]l", "▁ys"]
    vocabulary = {word: number for number, word in enumerate(dict.fromkeys(words))}
    vocabulary |= {f"<0x{byte:02X}>": len(vocabulary) + byte for byte in range(256)}
    backend = Tokenizer(models.BPE(vocabulary, [], unk_token="<unk>", byte_fallback=True))
    backend.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]
    )
    return PreTrainedTokenizerFast(tokenizer_object=backend, unk_token="<unk>", eos_token="<eos>")


def test_other_tokenizers_are_read_as_they_stream() -> None:
    tokenizer = bytes_as_last_resort()
    text = f"{FIRST}名🎉\n{SECOND}{ANSWER}"
    ids = tokenizer.encode(text.replace(" ", "▁"))
    sampled = token_reader(tokenizer)([*ids, tokenizer.eos_token_id])
    assert sampled.text == text
    assert len(ids) > len(text)
    assert sampled.starts[-1] == len(text)
    assert {text[start] for start in sampled.starts[:-1]} == set(text)


def test_bytes_that_lack_the_rest_of_a_character_show_in_the_text_of_a_stream() -> None:
    tokenizer = bytes_as_last_resort()
    ids = tokenizer.encode("名")[:2]
    assert token_reader(tokenizer)(ids).text == tokenizer.decode(ids)


def test_a_tokenizer_without_a_backend_is_refused() -> None:
    with pytest.raises(MisuseError, match="object is no fast tokenizer"):
        token_reader(object())


def test_each_token_carries_the_advantage_of_its_owner() -> None:
    advantages = torch.tensor([[1.0, -2.0], [3.0, 4.0]])
    owners = torch.tensor([[0, 1, NOBODY], [1, NOBODY, NOBODY]])
    assert spread(advantages, owners).tolist() == [[1.0, -2.0, 0.0], [4.0, 0.0, 0.0]]
