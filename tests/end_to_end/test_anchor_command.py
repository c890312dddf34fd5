"""`stepcode anchor` as a user meets it: bytes in, bytes out, one line for every failure."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

Stepcode = Callable[..., subprocess.CompletedProcess[bytes]]

CODE = b"def f(x):\n    y = x + 1\n    return y\n"
ANCHORED = b"def f(x):\n    y = x + 1\n    print(f'y: {y!r}')\n    return y\n"
WINDOWS = b'\xef\xbb\xbf# \xc3\xa9\r\ndef f(x):\r\n    y = x + "\xc3\xa9"\r\n    return y'
LATIN = b'# -*- coding: latin-1 -*-\ndef f(x):\n    y = x + "\xe9"\n    return y\n'
REFUSED = b"x = 1\ndef f(:\n"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A folder with files of several encodings, a refused one, and folders to pass over."""
    files = {
        "plain.py": CODE,
        "deep/latin.py": LATIN,
        "deep/windows.py": WINDOWS,
        "empty.py": b"",
        "refused.py": REFUSED,
        "notes.txt": b"y = 1\n",
        ".hidden/h.py": CODE,
        "__pycache__/c.py": CODE,
    }
    for name, data in files.items():
        path = tmp_path / "tree" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return tmp_path / "tree"


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def test_one_file_goes_to_stdout(stepcode: Stepcode, tmp_path: Path) -> None:
    done = stepcode("anchor", write(tmp_path / "f.py", CODE))
    assert (done.returncode, done.stdout, done.stderr) == (0, ANCHORED, b"")


def test_dash_reads_stdin(stepcode: Stepcode) -> None:
    done = stepcode("anchor", "-", stdin=CODE)
    assert (done.returncode, done.stdout) == (0, ANCHORED)


def test_paper_policy_prints_the_papers_format(stepcode: Stepcode) -> None:
    done = stepcode("anchor", "-", "--policy", "paper", stdin=CODE)
    assert done.stdout == ANCHORED.replace(b"!r", b"")


@pytest.mark.parametrize("data", [WINDOWS, LATIN], ids=["bom-and-crlf", "latin-1"])
def test_stdout_keeps_the_bytes_of_the_file_whatever_the_locale(
    stepcode: Stepcode, data: bytes
) -> None:
    done = stepcode("anchor", "-", stdin=data, LC_ALL="C", PYTHONIOENCODING="ascii")
    added = set(done.stdout.split(b"\n")) - set(data.split(b"\n"))
    assert done.returncode == 0
    assert {line.strip() for line in added} == {b"print(f'y: {y!r}')"}


def test_folder_is_mirrored_and_a_refused_file_is_left_out(
    stepcode: Stepcode, tree: Path, tmp_path: Path
) -> None:
    done = stepcode("anchor", "tree", "-o", "out")
    out = tmp_path / "out"
    written = {str(path.relative_to(out)) for path in out.rglob("*") if path.is_file()}
    assert done.returncode == 1
    assert done.stdout == b""
    assert done.stderr.startswith(b"tree/refused.py:2: ")
    assert done.stderr.count(b"\n") == 1
    assert written == {"plain.py", "empty.py", "deep/latin.py", "deep/windows.py"}
    assert (out / "plain.py").read_bytes() == ANCHORED
    assert (out / "empty.py").read_bytes() == b""


def test_output_folder_inside_the_input_is_not_searched(stepcode: Stepcode, tree: Path) -> None:
    outputs = [stepcode("anchor", "tree", "-o", "tree/out").stderr for _ in range(2)]
    assert outputs[0] == outputs[1]
    assert not (tree / "out" / "out").exists()


def test_in_place_rewrites_only_what_changes(stepcode: Stepcode, tree: Path) -> None:
    (tree / "plain.py").chmod(0o750)
    before = {name: (tree / name).stat().st_ino for name in ("empty.py", "refused.py")}
    done = stepcode("anchor", "tree", "--in-place")
    assert done.returncode == 1
    assert (tree / "plain.py").read_bytes() == ANCHORED
    assert (tree / "plain.py").stat().st_mode & 0o777 == 0o750
    assert (tree / "refused.py").read_bytes() == REFUSED
    assert before == {name: (tree / name).stat().st_ino for name in before}
    assert not list(tree.rglob(".stepcode-*"))


def test_in_place_follows_a_link_and_anchors_its_file_once(
    stepcode: Stepcode, tmp_path: Path
) -> None:
    write(tmp_path / "f.py", CODE)
    (tmp_path / "link.py").symlink_to("f.py")
    assert stepcode("anchor", "link.py", "f.py", "--in-place").returncode == 0
    assert (tmp_path / "link.py").is_symlink()
    assert (tmp_path / "f.py").read_bytes() == ANCHORED


@pytest.mark.parametrize("data", [CODE, WINDOWS, LATIN], ids=["plain", "no-last-newline", "latin"])
def test_diff_is_a_patch_that_gives_the_anchored_bytes(
    stepcode: Stepcode, tmp_path: Path, data: bytes
) -> None:
    path = write(tmp_path / "f.py", data)
    anchored = stepcode("anchor", "f.py").stdout
    diff = stepcode("anchor", "--diff", "f.py").stdout
    assert path.read_bytes() == data
    apply = ["git", "apply", "-p0", "--whitespace=nowarn", "-"]
    subprocess.run(apply, input=diff, cwd=tmp_path, check=True)
    assert path.read_bytes() == anchored


def test_json_has_one_line_for_each_file_that_is_not_refused(
    stepcode: Stepcode, tree: Path
) -> None:
    done = stepcode("anchor", "--json", "tree", LC_ALL="C")
    rows = [json.loads(line) for line in done.stdout.decode("utf-8").splitlines()]
    assert done.returncode == 1
    names = ["deep/latin.py", "deep/windows.py", "empty.py", "plain.py"]
    assert [row["path"] for row in rows] == [f"tree/{name}" for name in names]
    assert list(rows[-1]) == [
        "path",
        "anchored_code",
        "anchors",
        "edits",
        "policy",
        "encoding",
        "line_map",
    ]
    assert rows[-1]["anchored_code"].encode() == ANCHORED
    assert rows[-1]["line_map"] == [1, 2, 4]
    assert rows[-1]["anchors"] == [
        {"index": 0, "kind": "assign", "name": "y", "line": 3, "original_line": 2, "scope": "f"}
    ]


def test_strip_gives_back_every_original_byte(stepcode: Stepcode, tree: Path) -> None:
    lines = stepcode("anchor", "--json", "tree").stdout
    done = stepcode("anchor", "--strip", "-", stdin=lines)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == LATIN + WINDOWS + CODE


GOOD = json.dumps({"anchored_code": "x = 1\n", "edits": [], "encoding": "utf-8"})


@pytest.mark.parametrize(
    "broken",
    [
        "{",
        "[]",
        '{"edits": [], "encoding": "utf-8"}',
        GOOD.replace("utf-8", "klingon"),
        GOOD.replace("x = 1", "x = \\u00e9").replace("utf-8", "ascii"),
        GOOD.replace("[]", '[{"start": 3, "end": 99, "original": ""}]'),
        GOOD.replace("[]", '[{"start": true, "end": 3, "original": ""}]'),
        "[" * 100_000,
        "\udcff",
    ],
    ids=["cut", "list", "no-code", "codec", "char", "offsets", "bool", "deep", "bytes"],
)
def test_strip_names_a_broken_line_and_writes_nothing_of_it(
    stepcode_here: Stepcode, tmp_path: Path, broken: str
) -> None:
    lines = "\n".join([GOOD, broken, GOOD]).encode("utf-8", "surrogateescape")
    write(tmp_path / "lines.jsonl", lines)
    done = stepcode_here("anchor", "--strip", "lines.jsonl")
    assert (done.returncode, done.stdout) == (1, b"x = 1\nx = 1\n")
    assert done.stderr.startswith(b"lines.jsonl:2: ")
    assert done.stderr.count(b"\n") == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["f.py", "g.py"], "--in-place"),
        (["missing.py", "f.py"], "missing.py: no such file"),
        ([""], "no such file"),
        (["bare"], "no .py file"),
        (["f.py", "--in-place", "-o", "out"], "exclude each other"),
        (["f.py", "--json", "--diff"], "exclude each other"),
        (["f.py", "--strip", "--json"], "exclude each other"),
        (["f.py", "--policy", "fill"], "`stepcode trace`"),
        (["f.py", "--policy", "strct"], "did you mean 'strict'"),
        (["f.py", "bare/../f.py", "-o", "out"], "would both be written"),
        (["f.py", "-o", "."], "is an input itself"),
        (["f.py", "-o", "g.py"], "is not a folder"),
        (["f.py", "-o", ""], "name of a folder"),
        (["-", "-o", "out"], "standard input"),
        (["-", "--in-place"], "standard input"),
        (["-", "-", "--json"], "only once"),
        (["--strip", "bare"], "not a file of JSON lines"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_misuse_is_one_line_before_any_work(
    stepcode_here: Stepcode, tmp_path: Path, arguments: list[str], says: str
) -> None:
    write(tmp_path / "f.py", CODE)
    write(tmp_path / "g.py", CODE)
    (tmp_path / "bare").mkdir()
    done = stepcode_here("anchor", *arguments)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"stepcode: ")
    assert done.stderr.count(b"\n") == 1
    assert says in done.stderr.decode()
    assert (tmp_path / "f.py").read_bytes() == CODE
    assert not (tmp_path / "out").exists()


def test_file_that_cannot_be_read_is_named_and_the_others_go_on(
    stepcode: Stepcode, tree: Path
) -> None:
    (tree / "refused.py").unlink()
    (tree / "broken.py").symlink_to("nowhere.py")
    done = stepcode("anchor", "--json", "tree")
    assert (done.returncode, done.stdout.count(b"\n")) == (1, 4)
    assert done.stderr == b"tree/broken.py: No such file or directory\n"


def test_target_that_cannot_be_written_is_named(stepcode: Stepcode, tmp_path: Path) -> None:
    write(tmp_path / "f.py", CODE)
    (tmp_path / "out" / "f.py").mkdir(parents=True)
    done = stepcode("anchor", "f.py", "-o", "out")
    assert (done.returncode, done.stderr) == (1, b"stepcode: out/f.py: Is a directory\n")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["f.py"]


def in_a_shell(command: str, cwd: Path) -> subprocess.CompletedProcess[bytes]:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "PYTHON": sys.executable}
    shell = ["bash", "-c", f'stepcode() {{ "$PYTHON" -m stepcode_cli.main "$@"; }}; {command}']
    return subprocess.run(shell, cwd=cwd, env=environment, capture_output=True, check=False)


def test_full_disk_is_one_line(tmp_path: Path) -> None:
    write(tmp_path / "f.py", CODE)
    done = in_a_shell("stepcode anchor f.py > /dev/full", tmp_path)
    says = b"stepcode: standard output: No space left on device\n"
    assert (done.returncode, done.stderr) == (1, says)


def test_reader_that_goes_away_is_no_noise(tmp_path: Path) -> None:
    write(tmp_path / "f.py", CODE + b"#" * 1_000_000)
    done = in_a_shell("stepcode anchor f.py | head -n 1", tmp_path)
    assert (done.stdout, done.stderr) == (b"def f(x):\n", b"")


def test_closed_stdout_is_one_line(tmp_path: Path) -> None:
    write(tmp_path / "f.py", CODE)
    done = in_a_shell("stepcode anchor f.py >&-", tmp_path)
    assert (done.returncode, done.stderr) == (1, b"stepcode: standard output is closed\n")


def test_interrupt_is_one_line(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.py"
    os.mkfifo(pipe)
    command = [sys.executable, "-m", "stepcode_cli.main", "anchor", str(pipe)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(command, stderr=subprocess.PIPE, env=environment) as child:
        writer = wait_for_a_reader(pipe, child)
        child.send_signal(signal.SIGINT)
        _, stderr = child.communicate(timeout=60)
        os.close(writer)
    assert (child.returncode, stderr) == (1, b"stepcode: interrupted\n")


def wait_for_a_reader(pipe: Path, child: subprocess.Popen[bytes]) -> int:
    """Open the pipe for writing, which succeeds once the child is reading from it."""
    while child.poll() is None:
        try:
            return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            time.sleep(0.02)
    raise AssertionError("the command ended before it read its file")


@pytest.mark.parametrize("coding", ["punycode", "undefined", "rot13"])
def test_file_that_declares_no_text_encoding_is_refused_in_one_line(
    stepcode: Stepcode, tmp_path: Path, coding: str
) -> None:
    write(tmp_path / "f.py", f"# coding: {coding}\nx = 1\n".encode())
    done = stepcode("anchor", "f.py")
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.startswith(b"f.py: cannot be decoded: ")
    assert done.stderr.count(b"\n") == 1
