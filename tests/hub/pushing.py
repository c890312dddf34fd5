"""The command line against the tests' Hub, and datasets and models to push there."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.hub.access import WRITE
from tests.hub.server import Hub
from tests.unit.dataset_samples import open_sample, write_sample_block

_LOAD = """
import json, sys, datasets
name, revision = sys.argv[1:]
found = {}
for config in datasets.get_dataset_config_names(name, revision=revision):
    loaded = datasets.load_dataset(name, config, revision=revision)
    found[config] = {split: loaded[split].num_rows for split in loaded}
print(json.dumps(found))
"""


@dataclass(frozen=True, slots=True)
class Client:
    """A user of the Hub, with caches of their own."""

    hub: Hub
    home: Path
    token: str | None = WRITE

    def command(self, *arguments: str | Path) -> list[str]:
        return [sys.executable, "-m", "stepcode_cli.main", "push", *map(str, arguments)]

    def environment(self, **changes: str) -> Mapping[str, str]:
        paths = {"PYTHONPATH": os.pathsep.join(sys.path)}
        return os.environ | self.hub.environment(self.home, token=self.token) | paths | changes

    def run(self, command: Sequence[str], **changes: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            env=self.environment(**changes),
            cwd=self.home.parent,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def push(self, *arguments: str | Path, **changes: str) -> subprocess.CompletedProcess[str]:
        return self.run(self.command(*arguments), **changes)

    def load(self, name: str, revision: str = "main") -> dict[str, dict[str, int]]:
        """Count the rows of every split of every configuration, as anybody would load them."""
        done = self.run([sys.executable, "-c", _LOAD, name, revision])
        assert done.returncode == 0, done.stderr
        found: dict[str, dict[str, int]] = json.loads(done.stdout)
        return found


def failure(done: subprocess.CompletedProcess[str]) -> str:
    """The one line of a command that failed."""
    assert done.returncode == 1, (done.stdout, done.stderr)
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert len(lines) == 1, done.stderr
    return lines[0]


def write_dataset(folder: Path, *, blocks: int = 2, seed: int = 0, test_share: float = 0.4) -> Path:
    """Write a dataset with both splits and rejected rows; ten blocks make a shard of each."""
    with open_sample(folder, seed=seed) as build:
        for index in range(blocks):
            write_sample_block(build, index)
        build.finish(
            blocks=range(blocks),
            evaluation_only=False,
            drop_duplicates=True,
            test_share=test_share,
        )
    return folder
