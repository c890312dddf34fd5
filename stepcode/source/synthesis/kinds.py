"""The kinds of values that programs work on, and what people call variables of each."""

from collections.abc import Mapping
from enum import StrEnum


class Kind(StrEnum):
    """The type of an expression; a template names it in capitals where one belongs."""

    INT = "INT"
    BOOL = "BOOL"
    STR = "STR"
    NUMS = "NUMS"
    """list[int]"""
    WORDS = "WORDS"
    """list[str]"""
    COUNTS = "COUNTS"
    """dict[str, int]"""
    LABELS = "LABELS"
    """dict[int, str]"""
    POINT = "POINT"
    """tuple[int, ...], of three or more"""
    SET = "SET"
    """set[int]: its order is the same under every hash seed"""
    PAIRS = "PAIRS"
    """list[tuple[str, int]]"""
    GRID = "GRID"
    """list[list[int]]"""
    GROUPS = "GROUPS"
    """dict[str, list[int]]"""
    # What follows is only ever a constant.
    POS = "POS"
    """from 2 to 9: what may be divided by"""
    SMALL = "SMALL"
    """from 1 to 3: how often to repeat, or where to cut"""
    TIMES = "TIMES"
    """2 or 3: what values are multiplied by, so that they stay short"""
    CHAR = "CHAR"
    """one character, so that it can fill and split"""
    WORD = "WORD"
    """a short string that is not empty"""
    KEY = "KEY"
    """a word that the keys of dicts are drawn from"""


_NAMES = {
    Kind.INT: (
        "n total score size limit offset level width amount steps value number budget age "
        "price depth balance rank points target height speed weight distance"
    ),
    Kind.BOOL: "found valid ready matched done flag enabled ok",
    Kind.STR: (
        "text word name label line message title code phrase sentence token prefix suffix "
        "result key query content data string note"
    ),
    Kind.NUMS: (
        "nums numbers values scores items data ages sizes prices results readings levels "
        "array lst marks heights steps weights samples temps"
    ),
    Kind.WORDS: (
        "words names tokens parts items lines tags fields pieces labels strings letters "
        "entries cities fruits guests titles"
    ),
    Kind.COUNTS: (
        "counts stock scores prices inventory totals freq ages mapping table ratings d "
        "votes quantities"
    ),
    Kind.LABELS: "labels names lookup titles rooms seats index codes slots",
    Kind.POINT: "point triple record coords sizes row shape rgb dims",
    Kind.SET: "seen unique ids allowed visited known primes members",
    Kind.PAIRS: "pairs orders entries ranking rows items records sales",
    Kind.GRID: "grid matrix rows board table chunks",
    Kind.GROUPS: "groups buckets classes teams history grades shelves",
}
NAMES: Mapping[Kind, tuple[str, ...]] = {
    kind: tuple(names.split()) for kind, names in _NAMES.items()
}
"""What a parameter or a result may be called."""

_SYNONYMS = {
    "total": "total acc amount running tally score",
    "n": "n x num value v number item",
    "m": "m y other b",
    "w": "w word s part item name entry",
    "ch": "ch c char letter symbol",
    "i": "i idx pos index j",
    "k": "k key name",
    "v": "v value val amount",
    "p": "p pair entry item",
    "row": "row line r group",
    "result": "result res out output ans answer",
    "picked": "picked kept chosen selected matching result",
    "rest": "rest others remaining leftover skipped",
    "counts": "counts freq counter tally histogram",
    "best": "best top winner biggest longest",
    "parts": "parts pieces chunks segments",
    "text": "text line message string built",
    "seen": "seen visited known used",
    "groups": "groups buckets by_key grouped",
    "stack": "stack pending opened history",
    "queue": "queue pending waiting todo",
    "copied": "copied clone snapshot backup updated",
    "mapping": "mapping lookup table index",
    "left": "left low start lo",
    "right": "right high end hi",
    "steps": "steps rounds moves turns",
    "count": "count hits matches found cnt",
    "first": "first head front",
    "last": "last tail back prev",
}
SYNONYMS: Mapping[str, tuple[str, ...]] = {
    name: tuple(names.split()) for name, names in _SYNONYMS.items()
}
"""What a name in a template may be replaced by; a name without an entry stays."""

EMPTY: Mapping[Kind, tuple[str, ...]] = {
    Kind.INT: ("0", "-1"),
    Kind.BOOL: ("False",),
    Kind.STR: ("''", "'none'", "'empty'"),
    Kind.NUMS: ("[]",),
    Kind.WORDS: ("[]",),
    Kind.COUNTS: ("{}",),
    Kind.LABELS: ("{}",),
    Kind.POINT: ("()",),
    Kind.SET: ("set()",),
    Kind.PAIRS: ("[]",),
    Kind.GRID: ("[]",),
    Kind.GROUPS: ("{}",),
}
"""What a function returns early where there is nothing to do."""
