"""`stepcode eval` behind a server that behaves, misbehaves or is interrupted."""

import json
import os
import signal
import threading
import time
from pathlib import Path

import pytest

from tests.end_to_end.build_samples import start
from tests.end_to_end.eval_samples import ASKED, ROWS, Stepcode, result, right_answers
from tests.end_to_end.eval_samples import rows as rows
from tests.end_to_end.teacher import teacher


def test_server_is_asked_as_the_benchmark_has_it(tmp_path: Path, stepcode_here: Stepcode) -> None:
    with teacher(right_answers) as server:
        asked = ("--base-url", server.url, "--model", "m", "-o", "out.json")
        done = stepcode_here("eval", *ASKED, *asked)
        assert done.returncode == 0, done.stderr
        assert len(server.asked) == 40
        first = server.asked[0]
    assert (first["temperature"], first["top_p"], first["stop"]) == (0.2, 0.95, ["[/ANSWER]"])
    assert first["messages"][-1]["content"].endswith("[ANSWER]\n")
    found = result(tmp_path / "out.json")
    assert found["scores"] == {row["id"]: [True] * 10 for row in ROWS}
    assert found["rows"][0]["completions"][0]["text"] == "assert f(1) == 1\n"


def test_server_that_misbehaves_is_counted_and_never_a_silent_zero(
    tmp_path: Path, stepcode_here: Stepcode
) -> None:
    def respond(number: int, prompt: str) -> str | bytes | int:
        if number % 5 == 0:
            return 429 if number % 2 else b"{"
        asked = int(prompt.rpartition("return x + ")[2].split()[0])
        cut = {"choices": [{"message": {"content": "well, "}, "finish_reason": "length"}]}
        odd: dict[int, str | bytes | int] = {1: "", 2: json.dumps(cut).encode(), 3: 400}
        return odd.get(asked, "assert f(1) == 1")

    with teacher(respond) as server:
        asked = ("--base-url", server.url, "--model", "m", "-n", "2", "-o", "out.json")
        done = stepcode_here("eval", *ASKED, *asked)
    assert done.returncode == 0, done.stderr
    found = result(tmp_path / "out.json")
    assert found["metrics"]["pass@1"] == 25
    counts = found["counts"]
    assert (counts["empty"], counts["cut"], counts["refused"], counts["passed"]) == (2, 2, 2, 2)


def test_server_that_refuses_everything_is_one_line(stepcode_here: Stepcode) -> None:
    with teacher(lambda number, prompt: 401) as server:
        done = stepcode_here("eval", *ASKED, "--base-url", server.url, "--model", "m")
    assert done.returncode == 1
    assert done.stderr.count(b"\n") == 2
    assert b"HTTP 401" in done.stderr
    assert b"run the same command to try again" in done.stderr


def test_server_that_says_nothing_at_all_is_no_silent_zero(
    tmp_path: Path, stepcode_here: Stepcode
) -> None:
    with teacher(lambda number, prompt: " \n") as server:
        done = stepcode_here(
            *("eval", *ASKED, "--base-url", server.url, "--model", "m", "-n", "1", "-o", "out.json")
        )
    assert done.returncode == 0
    assert b"none of 4 completions has any text" in done.stderr
    assert result(tmp_path / "out.json")["counts"]["empty"] == 4


def test_server_that_fails_half_way_keeps_what_it_said(
    tmp_path: Path, stepcode_here: Stepcode
) -> None:
    asked = ("eval", *ASKED, "--model", "m", "-n", "1", "--concurrency", "1", "-o", "out.json")
    with teacher(lambda n, prompt: right_answers(n, prompt) if n < 3 else 401) as server:
        done = stepcode_here(*asked, "--base-url", server.url)
    assert done.returncode == 1
    assert b"what was said is in out.completions.jsonl; run the same" in done.stderr
    with teacher(right_answers) as server:
        assert stepcode_here(*asked, "--base-url", server.url).returncode == 0
        assert len(server.asked) == 2
    assert result(tmp_path / "out.json")["metrics"]["pass@1"] == 100


@pytest.mark.slow
def test_killed_evaluation_goes_on_and_asks_nothing_twice(
    tmp_path: Path, stepcode: Stepcode
) -> None:
    gate = threading.Event()

    def respond(number: int, prompt: str) -> str:
        if number > 25:
            gate.wait(60)
        return right_answers(number, prompt)

    kept = tmp_path / "out.completions.jsonl"
    with teacher(respond) as server:
        asked = ("eval", *ASKED, "--base-url", server.url, "--model", "m", "-o", "out.json")
        process = start(*asked, tmp_path=tmp_path)
        while not kept.exists() or kept.read_bytes().count(b"\n") < 20:
            assert process.poll() is None
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        with kept.open("ab") as file:
            file.write(b'{"row": "sample_3", "numb')  # as a kill may leave it
        gate.set()
        before = len(server.asked)
        there = kept.read_bytes().count(b"\n") - 1
        done = stepcode(*asked)
        assert done.returncode == 0, done.stderr
        assert len(server.asked) - before == 40 - there
    assert result(tmp_path / "out.json")["metrics"]["pass@1"] == 100


def test_completions_of_other_settings_are_not_mixed_in(stepcode_here: Stepcode) -> None:
    with teacher(right_answers) as server:
        asked = ("eval", *ASKED, "--base-url", server.url, "--model", "m", "-o", "out.json")
        assert stepcode_here(*asked, "-n", "1").returncode == 0
        refused = stepcode_here(*asked, "-n", "1", "--prompt", "cot")
        assert refused.returncode == 2
        assert b'prompt is "direct", not "cot"' in refused.stderr
        before = len(server.asked)
        assert stepcode_here(*asked, "-n", "3").returncode == 0
        assert len(server.asked) - before == 8


def test_steps_prompt_shows_anchors_and_reads_blocks(
    tmp_path: Path, stepcode_here: Stepcode
) -> None:
    def respond(number: int, prompt: str) -> str:
        assert "print(f'_ret: {_ret!r}')" in prompt
        return "<print>\n_ret: 1\n</print>\n<answer>\n1\n</answer>"

    with teacher(respond) as server:
        asked = ("--base-url", server.url, "--model", "m", "-n", "1", "--prompt", "steps")
        done = stepcode_here("eval", *ASKED, *asked, "-o", "out.json")
    assert done.returncode == 0, done.stderr
    assert result(tmp_path / "out.json")["scores"]["sample_0"] == [True]
    assert result(tmp_path / "out.json")["metrics"]["pass@1"] == 25
