"""Programs that want to talk: the loopback servers that the tests run hear nothing."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from stepcode.execute import Sandbox
from stepcode.types import Outcome
from tests.hostile.attacks import attack

REFUSED = {Outcome.OK, Outcome.RAISED}


@pytest.fixture
def server() -> Iterator[socket.socket]:
    """A server on loopback."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


def connections(server: socket.socket) -> int:
    """Count the connections that wait to be accepted, up to one."""
    try:
        server.accept()[0].close()
    except BlockingIOError:
        return 0
    return 1


def test_loopback_server_gets_no_connection(isolated: Sandbox, server: socket.socket) -> None:
    code = """
        import socket
        def f(port):
            try: socket.create_connection(('127.0.0.1', port), 1)
            except OSError: return 'refused'
    """
    execution = attack(isolated, code, f"f({server.getsockname()[1]})")
    assert (execution.output, connections(server)) == ("'refused'", 0)


def test_connection_by_another_program_is_no_way_out(
    isolated: Sandbox, server: socket.socket
) -> None:
    code = """
        import subprocess
        def f(port):
            line = f'exec 3<>/dev/tcp/127.0.0.1/{port}'
            try: return subprocess.run(['/bin/bash', '-c', line], capture_output=True).returncode
            except OSError: return 1
    """
    execution = attack(isolated, code, f"f({server.getsockname()[1]})")
    assert execution.output != "0"
    assert connections(server) == 0


def test_unix_socket_outside_gets_no_connection(isolated: Sandbox, outside: Path) -> None:
    code = """
        import socket
        def f(path):
            with socket.socket(socket.AF_UNIX) as one: one.connect(path)
    """
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(outside / "socket"))
        server.listen()
        server.setblocking(False)
        (outside / "socket").chmod(0o777)
        execution = attack(isolated, code, f"f({str(outside / 'socket')!r})")
        assert (execution.outcome, connections(server)) == (Outcome.RAISED, 0)


def test_abstract_unix_socket_gets_no_connection(isolated: Sandbox) -> None:
    code = """
        import socket
        def f(name):
            with socket.socket(socket.AF_UNIX) as one: one.connect(name)
    """
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("")  # the kernel draws a name
        server.listen()
        server.setblocking(False)
        name = server.getsockname()
        execution = attack(isolated, code, f"f({name!r})")
        assert (execution.outcome, connections(server)) == (Outcome.RAISED, 0)


def test_pair_of_sockets_carries_nothing_out(isolated: Sandbox, server: socket.socket) -> None:
    code = """
        import socket
        def f(port):
            try: left, right = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
            except OSError: return 'refused'
            for where in ('\\0/org/freedesktop/systemd1/notify', '/run/systemd/notify'):
                try: left.sendto(b'forged', where)
                except OSError: continue
                return 'sent'
            return 'refused'
    """
    execution = attack(isolated, code, f"f({server.getsockname()[1]})")
    assert execution.output == "'refused'"


@pytest.mark.parametrize(
    "kind", ["AF_INET, 2", "AF_INET6, 1", "AF_INET, 3", "AF_NETLINK, 3", "AF_PACKET, 3", "AF_VSOCK"]
)
def test_no_socket_of_any_kind_is_made(isolated: Sandbox, kind: str) -> None:
    execution = attack(isolated, f"import socket\ndef f(): socket.socket(socket.{kind}).close()")
    assert execution.outcome is Outcome.RAISED


def test_server_of_its_own_is_not_heard_outside(isolated: Sandbox) -> None:
    code = "import socket\ndef f(): return bool(socket.create_server(('127.0.0.1', 0)))"
    assert attack(isolated, code).outcome is Outcome.RAISED


def test_name_look_up_says_nothing_to_anyone(isolated: Sandbox) -> None:
    code = "import socket\ndef f(): return socket.getaddrinfo('forged.invalid', 80)"
    assert attack(isolated, code).outcome is Outcome.RAISED
