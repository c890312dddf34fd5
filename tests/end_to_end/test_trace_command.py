"""`stepcode trace` as a user meets it: every step beside the code, and how a call ended."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Stepcode = Callable[..., subprocess.CompletedProcess[bytes]]

CODE = """\
def f(xs):
    total = 0
    for x in xs:
        total += x
    print("hi")
    y = total * 2
    return y
"""

SHOWN = """\
1  def f(xs):
2      total = 0
3      for x in xs:
4          total += x
5      print(f'total: {total!r}')  1. total: 3
6      print("hi")
7      y = total * 2
8      print(f'y: {y!r}')          2. y: 6
9      return y
f([1, 2]) -> 6
printed: 'hi\\n'
"""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "f.py"
    path.write_text(CODE, encoding="utf-8")
    return path


@pytest.mark.usefixtures("program")
def test_steps_stand_beside_the_code(stepcode: Stepcode) -> None:
    done = stepcode("trace", "f.py", "f([1, 2])")
    assert (done.returncode, done.stdout.decode(), done.stderr) == (0, SHOWN, b"")


def test_dash_reads_stdin(stepcode: Stepcode) -> None:
    done = stepcode("trace", "-", "f([1, 2])", stdin=CODE.encode())
    assert (done.returncode, done.stdout.decode()) == (0, SHOWN)


@pytest.mark.usefixtures("program")
def test_json_is_one_object_with_the_anchors_and_the_steps(stepcode_here: Stepcode) -> None:
    done = stepcode_here("trace", "f.py", "f([1, 2])", "--json", "--policy", "paper")
    record = json.loads(done.stdout)
    assert (done.returncode, done.stdout.count(b"\n")) == (0, 1)
    assert (record["outcome"], record["output"], record["stdout"]) == ("ok", "6", "hi\n")
    assert record["policy"] == "paper"
    assert [(step["name"], step["text"]) for step in record["steps"]] == [
        ("total", "3"),
        ("y", "6"),
    ]
    assert [anchor["line"] for anchor in record["anchors"]] == [5, 8]
    assert "print(f'y: {y}')" in record["anchored_code"]


@pytest.mark.parametrize(
    ("ending", "says"),
    [
        ("1 / 0", "raised: ZeroDivisionError: division by zero"),
        ("while True: pass", "timed_out: over 0.3 seconds of processor time"),
        ("os._exit(3)", "crashed: exited with status 3"),
        ("os.kill(os.getpid(), 9)", "crashed: "),
        ("x = bytearray(10 ** 9)", "out_of_memory: "),
        ("while True: print('x' * 9999)", "output_too_long: "),
    ],
)
def test_call_that_does_not_return_shows_the_steps_so_far(
    stepcode_here: Stepcode, tmp_path: Path, ending: str, says: str
) -> None:
    code = f"import os\ndef f(x):\n    y = x + 1\n    if y:\n        {ending}\n    return y\n"
    (tmp_path / "f.py").write_text(code, encoding="utf-8")
    limits = ("--cpu-seconds", "0.3", "--memory-mb", "256")
    done = stepcode_here("trace", "f.py", "f(1)", *limits)
    shown = done.stdout.decode()
    assert (done.returncode, done.stderr) == (1, b"")
    assert "1. y: 2\n" in shown
    assert len(shown) < 3000
    assert f"f(1): {says}" in shown


def test_json_of_a_call_that_raises_has_the_error(stepcode_here: Stepcode, tmp_path: Path) -> None:
    (tmp_path / "f.py").write_text("def f():\n    y = [1]\n    return y[1]\n", encoding="utf-8")
    done = stepcode_here("trace", "f.py", "f()", "--json")
    record = json.loads(done.stdout)
    assert (done.returncode, record["outcome"], record["output"]) == (1, "raised", None)
    assert record["error"] == "IndexError: list index out of range"


def test_text_of_a_program_cannot_drive_the_terminal(
    stepcode_here: Stepcode, tmp_path: Path
) -> None:
    code = "def f():\n    y = chr(27) + '[2J'\n    print(y)\n    return len(y)\n"
    (tmp_path / "f.py").write_text(code, encoding="utf-8")
    done = stepcode_here("trace", "f.py", "f()")
    assert done.returncode == 0
    assert b"\x1b" not in done.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["missing.py", "f(1)"], "missing.py: No such file or directory"),
        ([".", "f(1)"], ".: Is a directory"),
        (["f.py", "f(1"], "the call 'f(1' is no Python expression: '(' was never closed"),
        (["f.py", ""], "the call '' is no Python expression"),
        (["f.py", "x = 1"], "is no Python expression"),
        (["f.py", "f(1)\0"], "is no Python expression"),
        (["f.py", "f(" + "-" * 100_000 + "1)"], "is no Python expression"),
        (["f.py", "f(1)", "--policy", "fil"], "did you mean 'fill'"),
        (["f.py", "f(1)", "--policy", "papr"], "did you mean 'paper'?"),
        (["f.py", "f(1)", "--cpu-seconds", "0"], "cpu_seconds is 0.0"),
        (["f.py", "f(1)", "--cpu-seconds", "nan"], "cpu_seconds is nan"),
        (["f.py", "f(1)", "--memory-mb", "-1"], "memory_mb is -1"),
        (["f.py", "f(1)", "--isolation", "jail"], "expected namespaces, landlock or none"),
        (["f.py", "f(1)", "--isolation", ""], "--isolation is ''"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, list) else "",
)
@pytest.mark.usefixtures("program")
def test_misuse_is_one_line(stepcode_here: Stepcode, arguments: list[str], says: str) -> None:
    done = stepcode_here("trace", *arguments)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"stepcode: ")
    assert done.stderr.count(b"\n") == 1
    assert says in done.stderr.decode()
    assert "stepcode trace" not in done.stderr.decode()


@pytest.mark.parametrize(
    ("data", "says"),
    [(b"def f(:\n", "f.py: line 1: not valid Python"), (b"\xff\xfe", "f.py: cannot be decoded")],
    ids=["syntax", "encoding"],
)
def test_program_that_cannot_be_anchored_is_one_line(
    stepcode_here: Stepcode, program: Path, data: bytes, says: str
) -> None:
    program.write_bytes(data)
    done = stepcode_here("trace", "f.py", "f(1)")
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.decode().startswith(f"stepcode: {says}")
    assert done.stderr.count(b"\n") == 1
