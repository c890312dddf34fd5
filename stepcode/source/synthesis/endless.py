"""Templates of `while` loops. Each ends: a number sinks, a list or text shrinks, or turns run out.

They count down names of their own, which nothing else in their bodies changes.
"""

from stepcode.source.synthesis.idioms import Idiom
from stepcode.source.synthesis.kinds import Kind

INT, STR, NUMS, WORDS = Kind.INT, Kind.STR, Kind.NUMS, Kind.WORDS

WHILES = (
    Idiom(
        "rest = abs(INT)\ndigits = []\nwhile rest > 0:\n    digits.append(rest % 10)\n"
        "    rest //= 10",
        (("digits", NUMS),),
    ),
    Idiom(
        "value = abs(INT)\nbits = ''\nwhile value:\n    bits = str(value % 2) + bits\n"
        "    value //= 2",
        (("bits", STR),),
    ),
    Idiom(
        "steps = 0\nvalue = abs(INT) + 1\nwhile value != 1 and steps < POS:\n"
        "    value = value // 2 if value % 2 == 0 else 3 * value + 1\n    steps += 1",
        (("steps", INT), ("value", INT)),
    ),
    Idiom(
        "left, right = 0, len(STR_v) - 1\ncount = 0\nwhile left < right:\n"
        "    if STR_v[left] == STR_v[right]:\n        count += 1\n"
        "    left += 1\n    right -= 1",
        (("count", INT),),
    ),
    Idiom(
        "left, right = 0, len(NUMS_v) - 1\nwhile left < right:\n"
        "    NUMS_v[left], NUMS_v[right] = NUMS_v[right], NUMS_v[left]\n"
        "    left += POS\n    right -= 1",
    ),
    Idiom(
        "queue = NUMS[:]\nresult = []\nwhile len(queue) > 1:\n"
        "    result.append(queue.pop(0) + queue.pop())",
        (("result", NUMS),),
    ),
    Idiom(
        "queue = list(WORDS)\ntext = ''\nwhile queue:\n    first = queue.pop(0)\n"
        "    if first.startswith(CHAR):\n        continue\n    text += first[:POS]",
        (("text", STR),),
    ),
    Idiom(
        "queue = list(NUMS)\ntotal = 0\nwhile queue and total < INT:\n    total += queue.pop()",
        (("total", INT), ("queue", NUMS)),
    ),
    Idiom(
        "text = STR\nwhile text and text[0] == CHAR:\n    text = text[1:]",
        (("text", STR),),
    ),
    Idiom(
        "text = STR\nwhile text.endswith(CHAR):\n    text = text[:-1]",
        (("text", STR),),
    ),
    Idiom(
        "text = STR\ncount = 0\nwhile CHAR_b in text:\n    text = text.replace(CHAR_b, '', 1)\n"
        "    count += 1",
        (("text", STR), ("count", INT)),
    ),
    Idiom(
        "text = STR\nwhile len(text) < POS:\n    text += WORD",
        (("text", STR),),
    ),
    Idiom(
        "i = 0\npicked = []\nwhile i < len(NUMS_v):\n    if NUMS_v[i] > INT:\n"
        "        picked.append(NUMS_v[i])\n    i += SMALL",
        (("picked", NUMS),),
    ),
    Idiom(
        "i = 0\nwhile i < len(WORDS_v) and len(WORDS_v[i]) > SMALL:\n    i += 1",
        (("i", INT),),
    ),
    Idiom(
        "low, high = 0, len(NUMS_v)\nordered = sorted(NUMS_v)\nwhile low < high:\n"
        "    mid = (low + high) // 2\n    if ordered[mid] < INT_b:\n        low = mid + 1\n"
        "    else:\n        high = mid",
        (("low", INT),),
    ),
    Idiom(
        "a, b = abs(INT), POS\nwhile b:\n    a, b = b, a % b",
        (("a", INT),),
    ),
    Idiom(
        "turns = POS\nlevel = INT\nwhile turns > 0:\n    if level > POS:\n        level -= POS\n"
        "        turns -= 2\n    else:\n        level += SMALL\n        turns -= 1",
        (("level", INT),),
    ),
)
