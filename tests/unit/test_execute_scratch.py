"""The folder that programs run in is empty before each, and emptying it costs no process."""

from collections.abc import Iterator

import pytest

from stepcode.execute import Sandbox
from stepcode.execute.isolate import Isolation
from tests.hostile.attacks import level_or_none
from tests.unit.execute_samples import SHORT, program

_LEFT = {
    "files and folders": "os.makedirs('a/b/c'); open('a/b/file', 'w').close(); os.mkfifo('pipe')",
    "a locked folder": "os.mkdir('a'); open('a/x', 'w').close(); os.chmod('a', 0)",
    "a deep tree": "[(os.mkdir('d' * 200), os.chdir('d' * 200)) for _ in range(60)]",
    "links": "os.mkdir('d'); os.symlink('/', 'd/root'); os.symlink('d', 'e'); os.link('x', 'y')",
    "names": "[open(n, 'w').close() for n in (b'\\xff', ' \\n', '-rf', 'n' * 255)]",
    "no folder": "os.rmdir(os.getcwd())",
    "a folder that is closed": "os.chmod('.', 0)",
}


@pytest.fixture(params=[*Isolation], scope="module")
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    if level_or_none(request.param) is None:
        pytest.skip(f"this machine does not offer the isolation {request.param}")
    with Sandbox(limits=SHORT, isolation=request.param) as sandbox:
        yield sandbox


@pytest.mark.parametrize("left", _LEFT.values(), ids=_LEFT.keys())
def test_what_a_program_leaves_is_gone_and_its_zygote_is_not(sandbox: Sandbox, left: str) -> None:
    prelude = "import contextlib, os\nopen('x', 'w').close()"
    look = "sorted(os.listdir()), os.getppid(), os.access('.', os.W_OK)"
    before = sandbox.run(program("import os"), look).output
    code = f"{prelude}\nwith contextlib.suppress(OSError):\n    {left}"
    assert sandbox.run(program(code), "1").output == "1"
    assert sandbox.run(program("import os"), look).output == before
    assert (before or "").startswith("([], ")
