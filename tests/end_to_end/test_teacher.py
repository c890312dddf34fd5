"""Reasons by a teacher: a real server, a real sandbox, and only what is right is kept."""

import json
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from stepcode.dataset.completions import Settled, journal_path
from stepcode.dataset.examples import to_examples
from stepcode.dataset.read import read_rows
from stepcode.reason import narrate, read_answer, render_answer, render_completion, render_prompt
from stepcode.types import Example, PredictedStep, TaskKind
from tests.end_to_end.build_samples import digests, row, start, write_jsonl
from tests.end_to_end.teacher import teacher

Stepcode = Callable[..., subprocess.CompletedProcess[bytes]]
ROWS = 4
BUILD = ("build-dataset", "--source", "jsonl", "--input", "in.jsonl", "--out", "out")


@pytest.fixture(autouse=True)
def _input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    write_jsonl(tmp_path / "in.jsonl", [row(number) for number in range(ROWS)])


@pytest.fixture
def built(stepcode_here: Stepcode, tmp_path: Path) -> list[Example]:
    assert stepcode_here(*BUILD).returncode == 0
    return [example for row in read_rows(tmp_path / "out") for example in to_examples(row)]


class Known:
    """Answers as a perfect student would, unless told otherwise."""

    def __init__(self, examples: list[Example]) -> None:
        self.examples = {render_prompt(e)[0]["content"]: e for e in examples}
        self.times: Counter[str] = Counter()

    def __call__(self, number: int, prompt: str) -> str | bytes | int:
        example = self.examples[prompt]
        self.times[example.id] += 1
        return self.say(example, self.times[example.id])

    def say(self, example: Example, time: int) -> str | bytes | int:
        return f"<think>{time}</think>\n{render_completion(example, reasons=narrate(example))}"


def with_teacher(stepcode_here: Stepcode, url: str) -> subprocess.CompletedProcess[bytes]:
    options = ("--teacher-url", url, "--teacher-model", "m", "--teacher-rate", "1000")
    return stepcode_here(*BUILD, *options)


def settled(tmp_path: Path) -> list[Settled]:
    (shard,) = (tmp_path / "out" / "data").iterdir()
    lines = journal_path(shard).read_bytes().splitlines()
    return [Settled(**json.loads(line)) for line in lines]


def test_what_is_right_is_kept_in_the_exact_form_and_exported(
    stepcode_here: Stepcode, built: list[Example], tmp_path: Path
) -> None:
    rows = digests(tmp_path / "out")
    with teacher(Known(built)) as server:
        done = with_teacher(stepcode_here, server.url)
        assert done.stdout.decode().splitlines()[-1] == "out: 8 of 8 examples with reasons"
        again = with_teacher(stepcode_here, server.url)
        assert (again.stdout, len(server.asked)) == (done.stdout, 8)
    for one in settled(tmp_path):
        assert one.completion is not None
        assert read_answer(one.completion).problems == ()
        assert "<reason>" in one.completion
    assert {name: digests(tmp_path / "out")[name] for name in rows} == rows
    done = stepcode_here(
        "export", "out", "--format", "trl-sft", "-o", "sft.jsonl", "--reasons", "teacher"
    )
    assert done.stdout == b"sft.jsonl: 8 examples as trl-sft\n"


def test_wrong_answers_are_asked_again_counted_and_left_out(
    stepcode_here: Stepcode, built: list[Example], tmp_path: Path
) -> None:
    class Mixed(Known):
        def say(self, example: Example, time: int) -> str | bytes | int:
            right = str(super().say(example, time))
            number = list(self.examples.values()).index(example)
            match number:
                case 0:
                    return right if time == 3 else right.replace("y: ", "y: 1")
                case 1:
                    return right.replace("y: ", "y: 1")
                case 2:
                    return "I cannot run code."
                case 3:
                    return ""
                case 4:
                    return render_completion(example)
                case 5:
                    return 400
                case _:
                    return right

    with teacher(Mixed(built)) as server:
        done = with_teacher(stepcode_here, server.url)
    assert done.returncode == 0
    found = {one.id: (one.tries, one.problem) for one in settled(tmp_path)}
    expected = [(3, ""), (4, "wrong steps"), (4, "wrong answer"), (4, "no answer"),
                (4, "no reasons"), (1, "refused"), (1, ""), (1, "")]  # fmt: skip
    assert [found[example.id] for example in built] == expected
    assert done.stdout.decode().endswith(
        "out: 3 of 8 examples with reasons, 5 given up (no answer 1, no reasons 1, refused 1, "
        "wrong answer 1, wrong steps 1)\n"
    )
    done = stepcode_here(
        "export", "out", "--format", "chat", "-o", "c.jsonl", "--reasons", "teacher"
    )
    assert done.stdout == b"c.jsonl: 3 examples as chat, 5 left out for want of reasons\n"


def test_other_input_is_run_and_judged_on_its_own_steps(
    stepcode_here: Stepcode, built: list[Example], tmp_path: Path
) -> None:
    """`f(x)` doubles x + 1, so that `f(1.0 * x)` has the same value and other steps."""

    class Inventive(Known):
        def say(self, example: Example, time: int) -> str | bytes | int:
            if example.kind is TaskKind.OUTPUT:
                return super().say(example, time)
            value = float(example.target.removeprefix("f(").removesuffix(")"))
            steps = [PredictedStep("y", repr(value + 1)), PredictedStep("_ret", example.given)]
            if time > 1:
                steps[1] = PredictedStep("_ret", repr(2 * (value + 1)))
            return render_answer(steps, f"f({value})", reasons=("double it", "", ""))

    with teacher(Inventive(built)) as server:
        done = with_teacher(stepcode_here, server.url)
    assert b"8 of 8 examples" in done.stdout
    tries = {one.id: one.tries for one in settled(tmp_path)}
    assert all(tries[e.id] == (2 if e.kind is TaskKind.INPUT else 1) for e in built)
    kept = [one.completion or "" for one in settled(tmp_path) if one.id.endswith("-input")]
    assert all(".0)\n</answer>" in completion for completion in kept)


@pytest.mark.parametrize(
    ("reply", "says"),
    [(401, "HTTP 401 (not now)"), (404, "HTTP 404"), (400, "HTTP 400")],
)
def test_teacher_that_refuses_everything_is_one_line(
    stepcode_here: Stepcode, built: list[Example], tmp_path: Path, reply: int, says: str
) -> None:
    with teacher(lambda number, _: reply) as server:
        done = with_teacher(stepcode_here, server.url)
        assert len(server.asked) <= 2 * len(built)
    assert done.returncode == 1
    (line,) = done.stderr.decode().splitlines()
    assert line.startswith(f"stepcode: the teacher failed: {server.url}: {says}")
    assert line.endswith("run the same command to go on")
    assert settled(tmp_path) == []


def test_teacher_that_gets_nothing_right_fails(
    stepcode_here: Stepcode, built: list[Example]
) -> None:
    with teacher(lambda number, _: "no idea") as server:
        done = with_teacher(stepcode_here, server.url)
    assert done.returncode == 1
    assert b"out: m got none of 8 right (no call 4, wrong answer 4)" in done.stderr


@pytest.mark.slow
def test_killed_while_asking_goes_on_where_it_was(
    stepcode_here: Stepcode, built: list[Example], tmp_path: Path
) -> None:
    class Slow(Known):
        def say(self, example: Example, time_: int) -> str | bytes | int:
            if len(self.times) > 3:
                time.sleep(30)
            return super().say(example, time_)

    with teacher(Slow(built)) as server:
        process = start(
            *BUILD, "--teacher-url", server.url, "--teacher-model", "m", tmp_path=tmp_path
        )
        (shard,) = (tmp_path / "out" / "data").iterdir()
        path = journal_path(shard)
        deadline = time.monotonic() + 60
        while not path.exists() or path.read_bytes().count(b"\n") < 3:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)
        assert process.returncode == 1
        assert errors.count(b"\n") == 1
        assert b"interrupted; what is finished is kept in out" in errors
    before = settled(tmp_path)
    assert len(before) == 3
    with teacher(Known(built)) as server:
        done = with_teacher(stepcode_here, server.url)
        assert len(server.asked) == 5
    assert b"8 of 8 examples" in done.stdout
    assert settled(tmp_path)[:3] == before


def test_teacher_that_is_too_slow_is_given_up_in_one_line(
    stepcode_here: Stepcode, built: list[Example], tmp_path: Path
) -> None:
    before = digests(tmp_path / "out")

    def hang(number: int, _: str) -> str:
        time.sleep(5)
        return "too late"

    with teacher(hang) as server:
        options = ("--teacher-url", server.url, "--teacher-model", "m", "--teacher-seconds", "0.2")
        done = stepcode_here(*BUILD, *options)
    assert done.returncode == 1
    assert done.stderr.count(b"\n") == 1
    assert b"no answer within 0.2 seconds, 2 times in a row; what is kept" in done.stderr
    assert before.items() <= digests(tmp_path / "out").items()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--teacher-url", "http://h/v1"], "go together"),
        (["--teacher-model", "m"], "go together"),
        (["--teacher-url", "h", "--teacher-model", "m"], "'h' is no address of a model"),
        (["--teacher-url", "http://h", "--teacher-model", "m", "--teacher-rate", "0"], "over 0"),
        (["--teacher-url", "http://h", "--teacher-model", "m", "--teacher-seconds", "-1"],
         "--teacher-seconds is -1.0: expected seconds for one answer, over 0"),
        (["--teacher-url", "http://h", "--teacher-model", "m", "--shard", "0/2"], "whole dataset"),
        (["--teacher-url", "http://h", "--teacher-model", "m", "--source", "humaneval"],
         "evaluation only"),
    ],
)  # fmt: skip
def test_misuse_is_one_line_before_anything_is_built(
    stepcode_here: Stepcode, tmp_path: Path, options: list[str], says: str
) -> None:
    done = stepcode_here(*BUILD, *options)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.count(b"\n") == 1
    assert says in done.stderr.decode()
    assert not (tmp_path / "out").exists()


def test_overwriting_a_dataset_discards_its_completions(
    stepcode_here: Stepcode, built: list[Example], tmp_path: Path
) -> None:
    with teacher(Known(built)) as server:
        with_teacher(stepcode_here, server.url)
    assert (tmp_path / "out" / "completions").is_dir()
    assert stepcode_here(*BUILD, "--overwrite").returncode == 0
    assert not (tmp_path / "out" / "completions").exists()
