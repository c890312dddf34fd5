"""What root is promised, ordinary users are too: the hostile programs once more, as one of them."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ordinary_user import OrdinaryUser, ordinary_user

ROOT = Path(__file__).parents[2]


@pytest.fixture
def user() -> Iterator[OrdinaryUser]:
    with ordinary_user() as user:
        if user is None:
            pytest.skip("no Python here that another user can run with these libraries")
        yield user


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_hostile_programs_of_an_ordinary_user_are_contained_as_well(user: OrdinaryUser) -> None:
    suite = ["-m", "pytest", "-q", str(ROOT / "tests" / "hostile")]
    suite += ["-p", "no:cacheprovider", "--basetemp", str(user.home / "tests")]
    suite += ["-m", "not network and not gpu", "-c", str(ROOT / "pyproject.toml")]
    done = user.run(*suite, seconds=500)
    assert done.returncode == 0, done.stdout.decode()[-8000:]
