"""What several tests of datasets start with."""

from collections.abc import Iterator

import pytest

from tests.unit.dataset_samples import build_sample, files_of
from tests.unit.saboteur import Saboteur


@pytest.fixture(scope="session")
def installed() -> Saboteur:
    """The one saboteur of this process, which cannot be taken out again."""
    return Saboteur()


@pytest.fixture
def saboteur(installed: Saboteur) -> Iterator[Saboteur]:
    """A saboteur to be armed."""
    yield installed
    installed.disarm()


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of the sample dataset, built without a break."""
    out = tmp_path_factory.mktemp("whole") / "out"
    build_sample(out)
    return files_of(out)
