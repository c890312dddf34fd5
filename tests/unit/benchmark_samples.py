"""Small files in the shapes of the five benchmarks, with programs written for these tests."""

import gzip
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

CRUXEVAL = """\
def f(items):
    seen = {}
    for place, item in enumerate(items):
        if item % 3 == 1 and item not in seen:
            seen[item] = place * 2 - 7
    return sorted(seen.values(), reverse=True)[:4]
"""
TINY = "def f(text):\n    return text.swapcase()\n"
LIVECODEBENCH = """\
def longestRun(s: str, k: int) -> int:
    best = left = 0
    for right in range(len(s)):
        while s[left:right].count("0") > k:
            left += 1
        best = max(best, right - left + 1)
    return best
"""
REVAL = """\
class Ledger:
    def __init__(self):
        self.entries = []

    def add(self, amount, note=""):
        if amount == 0:
            raise ValueError("nothing to add")
        self.entries.append((amount, note.strip().lower()))
        return len(self.entries)

    def total(self, note):
        return sum(amount for amount, text in self.entries if text == note)
"""
HUMANEVAL_PROMPT = '''\
def roots_of(numbers):
    """Keep the numbers that are squares, as their roots.
    >>> roots_of([1, 2, 9])
    [1, 3]
    """
'''
HUMANEVAL = """\
    found = []
    for number in numbers:
        root = round(number ** 0.5)
        if root * root == number:
            found.append(root)
    return found
"""
MBPP = """\
def count_pairs(values, target):
  pairs = 0
  for i in range(len(values)):
    for j in range(i + 1, len(values)):
      if values[i] ^ values[j] == target:
        pairs += 1
  return pairs
"""
UNRELATED = """\
def f(rows, width):
    lines = []
    while rows:
        head, *rows = rows
        lines.append(str(head).ljust(width, "."))
    return "|".join(lines).upper()
"""

PROGRAMS = {
    "cruxeval": CRUXEVAL,
    "livecodebench": LIVECODEBENCH,
    "reval": REVAL,
    "humaneval": HUMANEVAL_PROMPT + HUMANEVAL,
    "mbpp": MBPP,
}
"""One program of each benchmark."""

_Rows = Sequence[Mapping[str, object]]


def write_benchmarks(folder: Path) -> dict[str, Path]:
    """Write a file of each benchmark, in the format that it is published in."""
    calls = {"input": "[1, 4]", "output": "[0]"}
    crux = [{"code": CRUXEVAL, "id": "sample_0"} | calls, {"code": TINY, "id": "sample_1"} | calls]
    lcb = {
        "code": LIVECODEBENCH,
        "function_name": "longestRun",
        "id": "sample_7",
    } | calls
    reval = {"task_id": "DREval/9", "entry_point": "Ledger", "code": REVAL}
    humaneval = {
        "task_id": "HumanEval/3",
        "prompt": HUMANEVAL_PROMPT,
        "canonical_solution": HUMANEVAL,
        "entry_point": "roots_of",
        "test": "def check(candidate):\n    assert candidate([4]) == [2]\n",
    }
    mbpp = {"task_id": 11, "code": MBPP, "test_list": ["assert count_pairs([1, 2], 3) == 1"]}
    lines: dict[str, _Rows] = {
        "cruxeval": crux,
        "livecodebench": [lcb],
        "reval": [reval | {"inputs": [], "outputs": [], "test": "class T: pass"}],
    }
    paths = {name: write_rows(folder / f"{name}.jsonl", rows) for name, rows in lines.items()}
    paths["humaneval"] = folder / "HumanEval.jsonl.gz"
    paths["humaneval"].write_bytes(gzip.compress(json.dumps(humaneval).encode(), mtime=0))
    paths["mbpp"] = folder / "mbpp.json"
    paths["mbpp"].write_text(json.dumps([mbpp]), encoding="utf-8")
    return paths


def write_rows(path: Path, rows: _Rows) -> Path:
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return path
