"""The commands of docs/publishing.md do what the page shows, on the tests' Hub."""

import re
import shlex
import sys
from contextlib import chdir
from importlib.util import find_spec
from pathlib import Path

import pytest

from stepcode.dataset.card import render_card
from stepcode.dataset.manifest import read_manifest
from stepcode.dataset.prose import read_prose
from tests.hub.pushing import Client
from tests.hub.server import Hub

PAGE = Path(__file__).parents[2] / "docs" / "publishing.md"
_CONSOLE = re.compile(r"^```console[^\n]*\n\$ stepcode ([^\n]*)\n(.*?)^```$", re.M | re.S)
_MARKDOWN = re.compile(r"^```markdown\n(.*?)^```$", re.M | re.S)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.filterwarnings("ignore"),
    pytest.mark.skipif(not PAGE.is_file(), reason="this test was copied away from the documents"),
]


def write_run(folder: Path) -> None:
    from stepcode_cli.main import app
    from tests.train.folders import RECIPE, on_one_thread, write_dataset, write_model

    write_model(folder / "model", write_dataset(folder / "set"))
    places = '[data]\npath = "set"\n[model]\npath = "model"\n'
    (folder / "r.toml").write_text(places + RECIPE)
    words = ("train", "r.toml", "--out", "out/run", "--stage", "sft", "--set", "sft.max_steps=1")
    with on_one_thread(), chdir(folder), pytest.raises(SystemExit) as stop:
        app(words, prog_name="stepcode")
    assert stop.value.code == 0


def test_page_of_publishing_does_what_it_shows(hub: Hub, tmp_path: Path) -> None:
    client = Client(hub, tmp_path / "home")
    text = PAGE.read_text(encoding="utf-8").replace("alice/", "user/")
    shown = _CONSOLE.findall(text.replace("https://huggingface.co", hub.url))
    assert len(shown) == 5
    if find_spec("trl") is None:
        shown = [one for one in shown if "out/run" not in one[0]]
    else:
        write_run(tmp_path)
    for words, expected in shown:
        command = [sys.executable, "-m", "stepcode_cli.main", *shlex.split(words)]
        done = client.run(command)
        assert done.returncode == 0, done.stderr
        pattern = ".*".join(map(re.escape, expected.split("...")))
        assert re.fullmatch(pattern, done.stdout, re.DOTALL), done.stdout
    manifest = read_manifest(tmp_path / "out/mine")
    places = read_prose(render_card(manifest), where="")
    named = re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)
    assert set(named) == set(places)
    for edit in _MARKDOWN.findall(text):
        assert edit in render_card(manifest, read_prose(edit, where=""))
