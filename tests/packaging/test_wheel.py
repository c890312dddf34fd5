"""What is shipped, and that it runs where the source tree is out of reach."""

import os
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
PACKAGES = {
    "stepcode": REPOSITORY / "stepcode",
    "stepcode_cli": REPOSITORY / "cli" / "stepcode_cli",
    "stepcode_pipelines": REPOSITORY / "pipelines" / "stepcode_pipelines",
}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (REPOSITORY / "stepcode").is_dir(),
        reason="these tests were copied away from the source tree that they build",
    ),
]


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the sdist of this source tree."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(folder)]
    subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def wheel(dist: Path) -> Path:
    (path,) = dist.glob("*.whl")
    return path


def names_in(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_top_level_of_the_wheel_is_the_three_packages(wheel: Path) -> None:
    top = {name.partition("/")[0] for name in names_in(wheel)}
    assert {name for name in top if not name.endswith(".dist-info")} == set(PACKAGES)
    assert len(top) == len(PACKAGES) + 1


def test_wheel_has_every_file_of_the_packages(wheel: Path) -> None:
    ours = {
        f"{package}/{path.relative_to(folder)}"
        for package, folder in PACKAGES.items()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert ours - names_in(wheel) == set()
    assert {f"{package}/py.typed" for package in PACKAGES} <= ours
    assert "stepcode/source/programs/calls.json" in ours
    assert {f"stepcode_pipelines/recipes/{kind}" for kind in ("build", "train")} <= {
        name.rpartition("/")[0] for name in ours
    }


def test_sdist_builds_the_same_wheel(dist: Path, wheel: Path, tmp_path: Path) -> None:
    (sdist,) = dist.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extraction_filter = getattr(tarfile, "data_filter", None)  # new in 3.11.4
        archive.extractall(tmp_path)
    (root,) = tmp_path.iterdir()
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=root, check=True, capture_output=True)
    assert names_in(tmp_path / wheel.name) == names_in(wheel)


def new_environment(folder: Path, *install: str) -> Path:
    """Make an environment that has our dependencies but only what `install` names of ours."""
    venv.create(folder, with_pip=False, symlinks=True)
    python = folder / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps"]
    subprocess.run([*pip, *install], check=True, capture_output=True)
    # Python does not follow the .pth files of a folder named by a .pth file, so an editable install
    # of the environment that runs the tests stays out of this one.
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    site = folder / "lib" / version / "site-packages"
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    return folder / "bin"


def run_from_elsewhere(command: list[str | Path], folder: Path) -> str:
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_installed_wheel_runs_and_finds_its_recipes(wheel: Path, tmp_path: Path) -> None:
    programs = new_environment(tmp_path / "venv", "--no-index", str(wheel))
    assert "Usage: stepcode" in run_from_elsewhere([programs / "stepcode", "--help"], tmp_path)
    script = (
        "import stepcode, importlib.resources as r; print(stepcode.__file__);"
        "recipes = r.files('stepcode_pipelines') / 'recipes';"
        "print(*(file for kind in recipes.iterdir() for file in kind.iterdir()))"
    )
    where, recipes = run_from_elsewhere([programs / "python", "-c", script], tmp_path).splitlines()
    assert Path(where).is_relative_to(tmp_path)
    assert "bundled.toml" in recipes
    assert "qwen2.5-coder-7b.toml" in recipes


def test_editable_install_runs_from_another_folder(tmp_path: Path) -> None:
    programs = new_environment(tmp_path / "venv", "--editable", str(REPOSITORY))
    assert "Usage: stepcode" in run_from_elsewhere([programs / "stepcode", "--help"], tmp_path)
    script = "import stepcode_pipelines, stepcode; print(stepcode.__file__)"
    where = run_from_elsewhere([programs / "python", "-c", script], tmp_path)
    assert Path(where.strip()) == REPOSITORY / "stepcode" / "__init__.py"
