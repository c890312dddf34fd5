"""What the tests with a Hub share."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.hub.access import WRITE
from tests.hub.commands import Commands, Told, commands_for
from tests.hub.fixture import hub as hub
from tests.hub.server import Hub, running_hub


@dataclass(frozen=True, slots=True)
class Place:
    """A Hub, a folder, and the command line in it."""

    hub: Hub
    folder: Path
    commands: Commands

    def run(self, *arguments: str | Path, token: str | None = WRITE) -> Told:
        """Run `stepcode`."""
        return self.commands.run(*arguments, token=token)


@pytest.fixture(scope="module")
def _place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("commands")
    with running_hub(tmp_path_factory.mktemp("hub") / "hub") as running:
        with commands_for(running, folder) as commands:
            yield Place(running, folder, commands)
        assert running.crashes == []


@pytest.fixture
def place(_place: Place) -> Place:
    """The Hub and the command line of this module's tests, with nothing ordered or logged yet."""
    _place.hub.faults.clear()
    _place.hub.log.clear()
    return _place
