"""`transformers serve`, a server that others wrote: asked, killed half way, and asked again."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="needs the extra `train`: torch, transformers and trl")
pytest.importorskip("fastapi", reason="needs transformers[serving]")
pytest.importorskip("openai", reason="needs transformers[serving]")
pytest.importorskip("uvicorn", reason="needs transformers[serving]")

import torch
from transformers import LlamaConfig, LlamaForCausalLM

from tests.end_to_end.build_samples import start, write_jsonl
from tests.train.tiny import make_tokenizer

Stepcode = Callable[..., subprocess.CompletedProcess[bytes]]

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore"), pytest.mark.timeout(300)]

ROWS = [
    {"id": f"s{n}", "code": f"def f(x):\n    return x * {n}", "input": "3", "output": str(3 * n)}
    for n in range(8)
]
ASKED = ("eval", "--benchmark", "cruxeval-output", "--data", "rows.jsonl", "--max-tokens", "8")
GREEDY = ("-n", "1", "--temperature", "0")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of a kind that `transformers serve` knows no form of answers of: it gives what was said."""
    tokenizer = make_tokenizer()
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=8192,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        initializer_range=0.3,  # so that what it says depends on what it is asked
    )
    folder = tmp_path_factory.mktemp("made") / "llama"
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def url(folder: Path) -> Iterator[str]:
    with serving(folder) as address:
        yield address


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    program = "from transformers.cli.transformers import main; main()"
    options = ("--device", "cpu", "--host", "127.0.0.1", "--port", str(port))
    with subprocess.Popen(
        [sys.executable, "-c", program, "serve", str(folder), *options],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "OMP_NUM_THREADS": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:
        try:
            wait_until_it_answers(f"http://127.0.0.1:{port}/health", server)
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            server.kill()


def wait_until_it_answers(address: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while True:
        try:
            opener.open(address, timeout=5).close()
            return
        except OSError:
            assert server.poll() is None, "the server has ended"
            assert time.monotonic() < deadline, "the server does not answer"
            time.sleep(0.2)


@pytest.fixture(autouse=True)
def rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    write_jsonl(tmp_path / "rows.jsonl", ROWS)


def said(path: Path) -> dict[tuple[str, int], str]:
    lines = [json.loads(line) for line in path.read_text().splitlines()[1:]]
    return {(line["row"], line["number"]): line["text"] for line in lines}


def test_served_model_says_what_the_same_model_says_here(
    folder: Path, url: str, tmp_path: Path, stepcode_here: Stepcode
) -> None:
    asked = (*ASKED, *GREEDY, "--model", str(folder))
    done = stepcode_here(*asked, "--base-url", url, "-o", "served.json")
    assert done.returncode == 0, done.stderr
    assert stepcode_here(*asked, "-o", "local.json").returncode == 0
    served = said(tmp_path / "served.completions.jsonl")
    assert served == said(tmp_path / "local.completions.jsonl")
    assert len(set(served.values())) > 1
    reports = [json.loads((tmp_path / f"{name}.json").read_bytes()) for name in ("served", "local")]
    assert reports[0]["counts"] == reports[1]["counts"]


def test_killed_while_a_server_is_asked_goes_on_where_it_was(
    folder: Path, url: str, tmp_path: Path, stepcode_here: Stepcode
) -> None:
    asked = (*ASKED, "-n", "12", "--model", str(folder), "--base-url", url, "--concurrency", "2")
    before = kill_after(10, *asked, "-o", "out.json", tmp_path=tmp_path)
    done = stepcode_here(*asked, "-o", "out.json")
    assert done.returncode == 0, done.stderr
    after = said(tmp_path / "out.completions.jsonl")
    assert after.items() >= before.items()
    assert len(after) == 12 * len(ROWS)
    assert len(before) < len(after)


def test_killed_while_a_local_model_writes_ends_as_if_nothing_had_been(
    folder: Path, tmp_path: Path, stepcode_here: Stepcode
) -> None:
    asked = (*ASKED[:-1], "60", "-n", "12", "--model", str(folder), "--batch", "4")
    before = kill_after(10, *asked, "-o", "out.json", tmp_path=tmp_path)
    assert len(before) < 12 * len(ROWS)
    for name in ("out.json", "whole.json"):
        done = stepcode_here(*asked, "-o", name)
        assert done.returncode == 0, done.stderr
    ended, whole = (said(tmp_path / f"{name}.completions.jsonl") for name in ("out", "whole"))
    assert ended == whole
    assert ended.items() >= before.items()


def kill_after(number: int, *arguments: str, tmp_path: Path) -> dict[tuple[str, int], str]:
    """Start, wait for so many completions on the disk, end it by SIGKILL; gives what is there."""
    kept = tmp_path / "out.completions.jsonl"
    process = start(*arguments, tmp_path=tmp_path)
    while not kept.exists() or kept.read_bytes().count(b"\n") <= number:
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    whole = kept.read_bytes()
    kept.write_bytes(whole[: whole.rfind(b"\n") + 1])
    return said(kept)
