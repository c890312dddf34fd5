"""What every test shares: how hard to search, where the benchmark files are, how to call us."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

Completed = subprocess.CompletedProcess[bytes]

_REPOSITORY = Path(__file__).resolve().parents[1]
_CACHE = pytest.StashKey[tempfile.TemporaryDirectory[str]]()


def _register_profile(name: str, *, max_examples: int, derandomize: bool) -> None:
    # No deadline and no slowness check: they would measure the machine.
    settings.register_profile(
        name,
        max_examples=max_examples,
        derandomize=derandomize,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )


# Every day the same 50 examples, so that a change is judged by what it changed; `ci` goes looking.
_register_profile("default", max_examples=50, derandomize=True)
_register_profile("ci", max_examples=2000, derandomize=False)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden", action="store_true", help="rewrite the golden files instead of comparing"
    )


def pytest_configure(config: pytest.Config) -> None:
    settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))
    if not config.option.markexpr:
        config.option.markexpr = "not slow and not gpu and not network"
    _quiet_the_environment(config)


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash[_CACHE].cleanup()


def _quiet_the_environment(config: pytest.Config) -> None:
    """Keep the machine out of the tests: its caches, its terminal and its network."""
    config.stash[_CACHE] = tempfile.TemporaryDirectory(prefix="stepcode-tests-")
    os.environ["HF_HOME"] = config.stash[_CACHE].name
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    os.environ["HF_HUB_DISABLE_PROGRESS_BARS"] = "1"
    for name in ("COLUMNS", "FORCE_COLOR", "NO_COLOR", "PYTHONHASHSEED", "HF_DATASETS_CACHE"):
        os.environ.pop(name, None)


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The public benchmark files, which are not part of this repository."""
    folder = Path(os.environ.get("STEPCODE_DATA", _REPOSITORY.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no benchmark files in {folder}; name their folder in STEPCODE_DATA")
    return folder


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare a text with the golden file of that name, or write it under --update-golden."""

    def check(name: str, text: str) -> None:
        path = Path(__file__).parent / "golden" / name
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode("utf-8"))
        assert path.is_file(), f"{path} is missing: pytest --update-golden writes it"
        assert text == path.read_bytes().decode("utf-8")

    return check


@pytest.fixture
def stepcode(tmp_path: Path) -> Callable[..., Completed]:
    """Run the command line in a process of its own, in an empty folder, as a user would."""

    def run(*arguments: str | Path, stdin: bytes = b"", **environment: str) -> Completed:
        return subprocess.run(
            [sys.executable, "-m", "stepcode_cli.main", *map(str, arguments)],
            input=stdin,
            capture_output=True,
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)} | environment,
            timeout=120,
            check=False,
        )

    return run


@pytest.fixture
def stepcode_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> Callable[..., Completed]:
    """Run the command line in this process: quick, for the many ways to be wrong."""
    from stepcode_cli.main import app

    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> Completed:
        with pytest.raises(SystemExit) as stop:
            app(arguments, prog_name="stepcode")
        assert isinstance(stop.value.code, int)
        return Completed(arguments, stop.value.code, *capsysbinary.readouterr())

    return run
