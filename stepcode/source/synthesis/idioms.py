"""Templates of statements: what people write in a few lines, and loops with room for more.

An idiom gives new variables, each with its kind; all other names that it binds are its own. Its
first hole is a variable. Loops and updates are put together in `write.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from stepcode.source.synthesis.kinds import Kind

INT, STR, NUMS, WORDS = Kind.INT, Kind.STR, Kind.NUMS, Kind.WORDS
COUNTS, GROUPS, SET, LABELS, PAIRS = Kind.COUNTS, Kind.GROUPS, Kind.SET, Kind.LABELS, Kind.PAIRS


@dataclass(frozen=True, slots=True)
class Idiom:
    """A few lines, and the variables that are there afterwards."""

    text: str
    gives: tuple[tuple[str, Kind], ...] = ()


@dataclass(frozen=True, slots=True)
class Loop:
    """The head of a loop, and the variables that its body may use."""

    head: str
    binds: tuple[tuple[str, Kind], ...]


CHANGES = (
    "NUMS_v.append(INT)",
    "NUMS_v.insert(SMALL, INT)",
    "NUMS_v.extend(NUMS)",
    "NUMS_v.reverse()",
    "NUMS_v.sort()",
    "NUMS_v.sort(reverse=True)",
    "NUMS_v += [INT]",
    "NUMS_v[:SMALL] = []",
    "if INT_b in NUMS_v:\n    NUMS_v.remove(INT_b)",
    "if NUMS_v:\n    NUMS_v.pop()",
    "if len(NUMS_v) > SMALL_b:\n    NUMS_v.pop(SMALL_b)",
    "if len(NUMS_v) > SMALL_b:\n    del NUMS_v[SMALL_b]",
    "if NUMS_v:\n    NUMS_v[0] += INT",
    "if len(NUMS_v) > POS:\n    NUMS_v.clear()",
    "NUMS_v.append(len(NUMS_v))",
    "WORDS_v.append(STR)",
    "WORDS_v.insert(0, STR)",
    "WORDS_v.insert(SMALL, WORD)",
    "WORDS_v.extend(WORDS)",
    "WORDS_v.reverse()",
    "WORDS_v.sort()",
    "WORDS_v.sort(key=len)",
    "if WORDS_v:\n    WORDS_v.pop(0)",
    "if STR_b in WORDS_v:\n    WORDS_v.remove(STR_b)",
    "if len(WORDS_v) > SMALL:\n    WORDS_v[0] = WORDS_v[0].upper()",
    "COUNTS_v.update({KEY: INT})",
    "COUNTS_v[KEY] = INT",
    "COUNTS_v[STR] = INT",
    "COUNTS_v.setdefault(KEY, INT)",
    "COUNTS_v.update(COUNTS)",
    "COUNTS_v.pop(KEY, None)",
    "if COUNTS_v:\n    COUNTS_v.popitem()",
    "if KEY_b in COUNTS_v:\n    del COUNTS_v[KEY_b]",
    "if KEY_b in COUNTS_v:\n    COUNTS_v[KEY_b] += INT\nelse:\n    COUNTS_v[KEY_b] = SMALL",
    "if len(COUNTS_v) > POS:\n    COUNTS_v.clear()",
    "SET_v.add(INT)",
    "SET_v.discard(INT)",
    "SET_v.update(NUMS)",
    "SET_v |= {INT, INT}",
    "LABELS_v[INT] = STR",
    "LABELS_v.update({INT: WORD})",
    "if LABELS_v:\n    LABELS_v.popitem()",
    "GROUPS_v.setdefault(KEY, []).append(INT)",
    "GROUPS_v[KEY] = NUMS",
    "PAIRS_v.append((STR, INT))",
    "PAIRS_v.sort(key=lambda p: (p[1], p[0]))",
    "GRID_v.append([INT, INT])",
    "GRID_v.insert(0, NUMS)",
    "INT_v += INT",
    "INT_v -= INT",
    "INT_v *= TIMES",
    "INT_v //= POS",
    "STR_v += CHAR",
    "STR_v += STR",
)
"""What changes a variable in its place; `_v` is the one."""

IDIOMS = (
    Idiom("copied = NUMS.copy()\ncopied.append(INT)\ncopied.sort()", (("copied", NUMS),)),
    Idiom("copied = list(NUMS)\ncopied.reverse()\ncopied.insert(0, INT)", (("copied", NUMS),)),
    Idiom("copied = WORDS.copy()\ncopied.extend([STR, WORD])", (("copied", WORDS),)),
    Idiom("copied = COUNTS.copy()\ncopied.update({KEY: INT})", (("copied", COUNTS),)),
    Idiom(
        "copied = dict(COUNTS)\ncopied[KEY_b] = copied.get(KEY_b, 0) + INT", (("copied", COUNTS),)
    ),
    Idiom("left, mid, right = STR.partition(CHAR)", (("left", STR), ("mid", STR), ("right", STR))),
    Idiom("first, _, rest = STR.rpartition(CHAR)", (("first", STR), ("rest", STR))),
    Idiom("low, high = sorted((INT, INT))", (("low", INT), ("high", INT))),
    Idiom("whole, extra = divmod(INT, POS)", (("whole", INT), ("extra", INT))),
    Idiom("first, *rest = POINT", (("first", INT), ("rest", NUMS))),
    Idiom("x, y, *_ = POINT", (("x", INT), ("y", INT))),
    Idiom("table = str.maketrans(CHAR, CHAR)\ntext = STR.translate(table)", (("text", STR),)),
    Idiom(
        "mapping = str.maketrans('abc', 'xyz')\ncoded = STR.translate(mapping)", (("coded", STR),)
    ),
    Idiom(
        "counts = {}\nfor ch in STR:\n    counts[ch] = counts.get(ch, 0) + 1", (("counts", COUNTS),)
    ),
    Idiom(
        "counts = dict.fromkeys(WORDS_v, 0)\nfor w in WORDS_v:\n    counts[w] += len(w)",
        (("counts", COUNTS),),
    ),
    Idiom(
        "groups = {}\nfor w in WORDS:\n    groups.setdefault(w[:1], []).append(len(w))",
        (("groups", GROUPS),),
    ),
    Idiom(
        "groups = {}\nfor k, v in PAIRS:\n"
        "    if k not in groups:\n        groups[k] = []\n    groups[k].append(v)",
        (("groups", GROUPS),),
    ),
    Idiom("try:\n    number = int(STR)\nexcept ValueError:\n    number = INT", (("number", INT),)),
    Idiom(
        "try:\n    index = STR.index(WORD)\nexcept ValueError:\n    index = -1", (("index", INT),)
    ),
    Idiom(
        "try:\n    where = WORDS_v.index(STR)\nexcept ValueError:\n    where = len(WORDS_v)",
        (("where", INT),),
    ),
    Idiom(
        "best = None\nfor n in NUMS:\n    if best is None or n > best:\n        best = n\n"
        "peak = best if best is not None else INT",
        (("peak", INT),),
    ),
    Idiom(
        "seen = set()\npicked = []\nfor n in NUMS:\n    if n in seen:\n        continue\n"
        "    seen.add(n)\n    picked.append(n)",
        (("picked", NUMS),),
    ),
    Idiom(
        "seen = []\nfor ch in STR:\n    if ch not in seen:\n        seen.append(ch)",
        (("seen", WORDS),),
    ),
    Idiom(
        "total = 0\nfor i in range(len(NUMS_v)):\n    if i % POS == 0:\n        continue\n"
        "    total += NUMS_v[i]",
        (("total", INT),),
    ),
    Idiom(
        "text = ''\nfor i, ch in enumerate(STR):\n    if i % POS == 0:\n"
        "        text += ch.upper()\n    else:\n        text += ch",
        (("text", STR),),
    ),
    Idiom(
        "stack = []\nfor ch in STR:\n    if stack and stack[-1] == ch:\n        stack.pop()\n"
        "    else:\n        stack.append(ch)",
        (("stack", WORDS),),
    ),
    Idiom(
        "result = []\nfor n in NUMS:\n    if n > INT_b:\n        result.append(n)\n"
        "    elif n == INT_b:\n        break\n    else:\n        result.insert(0, n)",
        (("result", NUMS),),
    ),
    Idiom(
        "parts = []\nfor k, v in sorted(COUNTS.items()):\n    if v > INT:\n"
        "        parts.append(k * TIMES)\n    else:\n        parts.append(k.upper())",
        (("parts", WORDS),),
    ),
    Idiom(
        "result = {}\nfor k, v in COUNTS.items():\n    if k.endswith(CHAR):\n        continue\n"
        "    result[k] = v - INT",
        (("result", COUNTS),),
    ),
    Idiom(
        "for k in list(COUNTS_v.keys()):\n    if COUNTS_v[k] < INT:\n        COUNTS_v.pop(k)",
        (),
    ),
    Idiom(
        "longest = ''\nfor w in WORDS:\n    if len(w) >= len(longest):\n        longest = w",
        (("longest", STR),),
    ),
    Idiom(
        "rows = []\nfor row in GRID:\n    rows.append(sum(row) + INT)",
        (("rows", NUMS),),
    ),
    Idiom(
        "count = 0\nfor row in GRID:\n    for n in row:\n        if n > INT_b:\n"
        "            count += 1",
        (("count", INT),),
    ),
    Idiom(
        "mapping = {}\nfor i, w in enumerate(WORDS):\n    mapping[i * TIMES] = w.lower()",
        (("mapping", LABELS),),
    ),
    Idiom(
        "pairs = []\nfor w in WORDS:\n    if w.isalpha():\n        pairs.append((w, len(w)))",
        (("pairs", PAIRS),),
    ),
    Idiom(
        "common = SET & set(NUMS)\ncommon.discard(INT)\ncommon.add(POS)",
        (("common", SET),),
    ),
)

LOOPS = (
    Loop("for n in NUMS:", (("n", INT),)),
    Loop("for n in sorted(NUMS):", (("n", INT),)),
    Loop("for n in reversed(NUMS):", (("n", INT),)),
    Loop("for n in NUMS[:POS]:", (("n", INT),)),
    Loop("for i, n in enumerate(NUMS):", (("i", INT), ("n", INT))),
    Loop("for i in range(len(NUMS)):", (("i", INT),)),
    Loop("for n, m in zip(NUMS, NUMS):", (("n", INT), ("m", INT))),
    Loop("for i in range(POS):", (("i", INT),)),
    Loop("for w in WORDS:", (("w", STR),)),
    Loop("for i, w in enumerate(WORDS):", (("i", INT), ("w", STR))),
    Loop("for w, n in zip(WORDS, NUMS):", (("w", STR), ("n", INT))),
    Loop("for w in STR.split():", (("w", STR),)),
    Loop("for w in STR.split(CHAR):", (("w", STR),)),
    Loop("for ch in STR:", (("ch", STR),)),
    Loop("for i, ch in enumerate(STR):", (("i", INT), ("ch", STR))),
    Loop("for ch in STR.lower():", (("ch", STR),)),
    Loop("for k, v in COUNTS.items():", (("k", STR), ("v", INT))),
    Loop("for k in sorted(COUNTS):", (("k", STR),)),
    Loop("for v in COUNTS.values():", (("v", INT),)),
    Loop("for n in POINT:", (("n", INT),)),
    Loop("for n in sorted(SET):", (("n", INT),)),
    Loop("for k, v in LABELS.items():", (("k", INT), ("v", STR))),
    Loop("for k, v in PAIRS:", (("k", STR), ("v", INT))),
    Loop("for row in GRID:", (("row", NUMS),)),
    Loop("for k, row in GROUPS.items():", (("k", STR), ("row", NUMS))),
)

STARTS: Mapping[Kind, tuple[tuple[str, str], ...]] = {
    Kind.INT: (("total", "0"), ("count", "0"), ("best", "0"), ("total", "INT")),
    Kind.STR: (("text", "''"), ("result", "''"), ("last", "''")),
    Kind.NUMS: (("result", "[]"), ("picked", "[]"), ("rest", "[]")),
    Kind.WORDS: (("parts", "[]"), ("result", "[]"), ("stack", "[]")),
    Kind.COUNTS: (("counts", "{}"), ("mapping", "{}")),
    Kind.SET: (("seen", "set()"),),
    Kind.PAIRS: (("result", "[]"), ("picked", "[]")),
    Kind.GROUPS: (("groups", "{}"),),
}
"""What a loop gathers in: names, and what is there before it."""

UPDATES: Mapping[Kind, tuple[str, ...]] = {
    Kind.INT: (
        "ACC += INT",
        "ACC += 1",
        "ACC -= INT",
        "ACC += INT * TIMES",
        "ACC = max(ACC, INT)",
        "ACC = INT - ACC",
        "ACC += len(STR)",
    ),
    Kind.STR: (
        "ACC += STR",
        "ACC += STR[:SMALL]",
        "ACC += CHAR",
        "ACC = STR[:POS] + ACC",
        "ACC += str(INT)",
        "ACC = STR",
        "ACC += STR[-1:]",
    ),
    Kind.NUMS: (
        "ACC.append(INT)",
        "ACC.insert(0, INT)",
        "ACC += [INT]",
        "ACC.extend([INT, SMALL])",
    ),
    Kind.WORDS: (
        "ACC.append(STR)",
        "ACC.insert(0, STR)",
        "ACC += [STR]",
        "ACC.append(str(INT))",
    ),
    Kind.COUNTS: (
        "ACC[STR] = INT",
        "ACC[STR_b] = ACC.get(STR_b, 0) + 1",
        "ACC[STR_b] = ACC.get(STR_b, 0) + INT",
        "ACC.setdefault(STR, INT)",
    ),
    Kind.SET: ("ACC.add(INT)", "ACC.update({INT, INT})"),
    Kind.PAIRS: ("ACC.append((STR, INT))", "ACC.insert(0, (STR, INT))"),
    Kind.GROUPS: ("ACC.setdefault(STR, []).append(INT)", "ACC[STR] = [INT]"),
}
"""What the body of a loop does with what it gathers."""
