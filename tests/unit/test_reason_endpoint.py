import socket
import threading
import time

import pytest

from stepcode.errors import EndpointError, MisuseError, QuestionRefusedError
from stepcode.reason.askers import Askers
from stepcode.reason.endpoint import Endpoint, Said, ask
from tests.end_to_end.teacher import Respond, teacher

HELLO = [{"role": "user", "content": "hello"}]
WAITS = (0.01, 0.02, 0.03)


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")


def say(respond: Respond, *, seconds: float = 5.0) -> tuple[str, int]:
    """What is answered, and how many questions that took."""
    with teacher(respond) as server:
        said = ask(Endpoint(server.url, "m", seconds=seconds, waits=WAITS), HELLO)
        return said.text, len(server.asked)


def test_question_is_model_and_messages() -> None:
    with teacher(lambda number, prompt: f"you said {prompt}") as server:
        said = ask(Endpoint(server.url + "/", "m", key="k"), HELLO)
        assert said == Said("you said hello", is_cut=False)
        assert server.asked == [{"model": "m", "messages": HELLO, "path": "/v1/chat/completions"}]
        assert server.keys == ["Bearer k"]
        ask(Endpoint(server.url, "m"), HELLO)
        assert server.keys[1] is None


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503])
def test_busy_server_is_asked_again(status: int) -> None:
    assert say(lambda number, _: status if number < 3 else "at last") == ("at last", 3)


def test_waits_grow_and_are_taken_between_tries() -> None:
    waited: list[float] = []
    with teacher(lambda number, _: 503) as server:
        endpoint = Endpoint(server.url, "m", waits=WAITS)
        with pytest.raises(EndpointError, match=r"HTTP 503 \(not now\), 4 times in a row"):
            ask(endpoint, HELLO, wait=waited.append)
        assert len(server.asked) == 4
    assert tuple(waited) == WAITS


@pytest.mark.parametrize("status", [401, 403, 404, 302])
def test_refusal_is_final(status: int) -> None:
    with teacher(lambda number, _: status) as server:
        with pytest.raises(EndpointError, match=f"HTTP {status}") as caught:
            ask(Endpoint(server.url, "m", key="secret", waits=WAITS), HELLO)
        assert len(server.asked) == 1
    assert "secret" not in str(caught.value)
    assert not isinstance(caught.value, QuestionRefusedError)


def test_question_that_is_refused_is_told_apart() -> None:
    with pytest.raises(QuestionRefusedError, match="HTTP 400"):
        say(lambda number, _: 400)


@pytest.mark.parametrize(
    "reply", [b"<html>", b"", b"{}", b'{"choices": []}', b"[1]", b"\xff\xfe", b"[" * 100_000]
)
def test_nonsense_is_named_after_all_tries(reply: bytes) -> None:
    with pytest.raises(EndpointError, match="no chat completion but") as caught:
        say(lambda number, _: reply)
    assert len(str(caught.value)) < 300


def test_answer_without_text_is_empty() -> None:
    reply = b'{"choices": [{"message": {"content": null}}]}'
    assert say(lambda number, _: reply) == ("", 1)


def test_slow_server_is_given_up() -> None:
    def respond(number: int, _: str) -> str:
        time.sleep(0.5)
        return "late"

    with pytest.raises(EndpointError, match=r"no answer within 0.1 seconds, 2 times"):
        say(respond, seconds=0.1)


def test_server_that_drips_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/v1"

        def drip() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(65536)
                try:
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
                    for _ in range(100):
                        connection.sendall(b" ")
                        time.sleep(0.02)
                except OSError:
                    pass

        thread = threading.Thread(target=drip)
        thread.start()
        with pytest.raises(EndpointError, match="no answer within"):
            ask(Endpoint(url, "m", seconds=0.2, waits=()), HELLO)
        thread.join()


def test_server_that_is_down_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    url = f"http://127.0.0.1:{port}/v1"
    with pytest.raises(EndpointError, match=f"{url}: not reached .*refused.*, 2 times in a row"):
        ask(Endpoint(url, "m", waits=(0.01,)), HELLO)


@pytest.mark.parametrize(
    "url", ["", "localhost:8000", "file:///etc/passwd", "http://", "http://a b/", "http://h:x/"]
)
def test_what_is_no_address_is_misuse(url: str) -> None:
    with pytest.raises(MisuseError, match="is no address of a model"):
        Endpoint(url, "m")


def test_questions_are_asked_at_the_rate_and_no_faster() -> None:
    with teacher(lambda number, _: "yes") as server:
        endpoint = Endpoint(server.url, "m")
        start = time.monotonic()
        with Askers[int](endpoint, per_second=20) as askers:
            for number in range(5):
                askers.ask(number, HELLO)
            assert {askers.reply().text for _ in range(5)} == {"yes"}
        assert time.monotonic() - start >= 0.2
        assert askers.under_way == 0
