"""A fixture for a `conftest.py`: `from tests.hub.fixture import hub as hub`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hub.server import Hub, running_hub


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    """Run a Hub for one test, which fails if the Hub itself does."""
    with running_hub(tmp_path / "the-hub") as running:
        yield running
    assert running.crashes == []
