"""A small benchmark in the shape of REval, with programs written for these tests."""

import json
from pathlib import Path

from stepcode.evaluate.benchmarks.reval import Question, Subject, Task, read_subjects
from stepcode.evaluate.benchmarks.reval.labels import Labels
from stepcode.evaluate.benchmarks.reval.questions import ask_about

HALVE = """\
def halve(n):
    steps = []
    while n > 1:
        n = n // 2
        steps.append(n)
    if n < 0:
        return None
    return steps
"""
COUNTER = """\
class Counter:
    made = 0

    def __init__(self):
        Counter.made += 1
        self.counts = {}

    def add(self, word):
        if not word:
            return False
        self.counts[word] = self.counts.get(word, 0) + 1
        return True
"""
COUNTER_TEST = """\
import unittest

class CounterTestAdd(unittest.TestCase):
    def setUp(self):
        # a fresh one
        self.counter = Counter()

    def test_b_add(self):
        self.counter.add("one")
        self.counter.add("one")
        self.assertEqual(self.counter.counts, {"one": 2})

    def test_a_never_run(self):
        self.fail()

class Unrelated(unittest.TestCase):
    pass

class CounterTestMade(unittest.TestCase):
    def test_made(self):
        made = Counter.made
        self.assertTrue(Counter().add("x"))
        self.assertEqual(Counter.made - made, 1)

if __name__ == "__main__":
    unittest.main()
"""
BROKEN = "import no_such_package_anywhere\n\n\ndef broken(x):\n    return x\n"


def data_rows() -> list[dict[str, object]]:
    return [
        {
            "task_id": "DREval/0",
            "entry_point": "halve",
            "code": HALVE,
            "inputs": ["(9,)", "(8,)", "(-2,)"],
            "outputs": ["[4, 2, 1]", "[4, 2, 1]", "None"],
            "test": None,
        },
        {
            "task_id": "DREval/1",
            "entry_point": "Counter",
            "code": COUNTER,
            "inputs": [
                'self.counter.add("one")\nself.counter.add("one")\n'
                'assertEqual(self.counter.counts, {"one": 2})\n',
                'made = Counter.made\nassertTrue(Counter().add("x"))\n'
                "assertEqual(Counter.made - made, 1)\n",
            ],
            "outputs": [],
            "test": COUNTER_TEST,
        },
        {
            "task_id": "DREval/2",
            "entry_point": "broken",
            "code": BROKEN,
            "inputs": ["(1,)"],
            "outputs": ["1"],
            "test": None,
        },
    ]


def task_rows() -> list[dict[str, object]]:
    def pair(number: int, question: str, *probes: tuple[int, str]) -> dict[str, object]:
        task = [{"lineno": line, "var": expression} for line, expression in probes]
        return {"input_idx": number, "task": task, "output_pred": question}

    halve = [
        pair(0, "assert halve(9) == ??", (4, "n"), (5, "steps"), (7, "n")),
        pair(2, "assert halve(-2) == ??", (4, "n"), (7, "n")),
    ]
    counter = [
        pair(
            0,
            'self.counter.add("one")\nself.counter.add("one")\n'
            "assertEqual(self.counter.counts, ??)",
            (11, "self.counts[word]"),
            (10, "word"),
        ),
        pair(
            1,
            "made = Counter.made\nassertTrue(??)\nassertEqual(Counter.made - made, ??)",
            (5, "self.made"),
        ),
    ]
    broken = [pair(0, "assert broken(1) == ??", (5, "x"))]
    rows = zip(("DREval/0", "DREval/1", "DREval/2"), (halve, counter, broken), strict=True)
    return [{"task_id": name, "idx": at, "tasks": of} for at, (name, of) in enumerate(rows)]


def write_jsonl(path: Path, rows: list[dict[str, object]]) -> Path:
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return path


def write_benchmark(folder: Path) -> tuple[Path, Path]:
    data = write_jsonl(folder / "data.jsonl", data_rows())
    return data, write_jsonl(folder / "tasks.jsonl", task_rows())


def read_samples(folder: Path) -> list[Subject]:
    return read_subjects(*write_benchmark(folder))


def oracle(question: Question, labels: Labels) -> str:
    """Answer as a model would that knows everything."""
    subject, pair = question.subject, question.pair
    if question.task is Task.OUTPUT:
        row = next(row for row in data_rows() if row["task_id"] == subject.id)
        outputs = row["outputs"]
        assert isinstance(outputs, list)
        return pair.question.replace("??", outputs[pair.number]) if outputs else pair.input
    label = labels.probes.get(question.about)
    if label is None:
        return ""
    match question.task:
        case Task.COVERAGE:
            return "YES" if label.covered else "NO"
        case Task.PATH:
            line = label.next_lines[-1]
            return "-1" if line == -1 else subject.code.split("\n")[line - 1].strip()
        case _:
            value = label.values[-1] if label.values else None
            return f"{value.text}; {value.type}" if value else "Nil"


def all_questions(subjects: list[Subject]) -> list[Question]:
    return list(ask_about(subjects))
