"""What a command may load: a quick start is a matter of imports, so these are asserted."""

import os
import subprocess
import sys

import pytest

HEAVY = {
    "datasets",
    "huggingface_hub",
    "libcst",
    "multiprocess",
    "polars",
    "pydantic",
    "rich",
    "torch",
    "transformers",
    "trl",
}


def modules_after(code: str) -> set[str]:
    """Name the top-level modules that a fresh interpreter has loaded after running the code."""
    report = "import sys; print('\\n'.join({name.partition('.')[0] for name in sys.modules}))"
    script = f"try:\n    {code}\nexcept SystemExit:\n    pass\n{report}"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
    )
    return set(done.stdout.splitlines())


def test_help_loads_nothing_heavy() -> None:
    loaded = modules_after("from stepcode_cli.main import app; app(['--help'])")
    assert "typer" in loaded
    assert loaded & HEAVY == set()


@pytest.mark.parametrize("words", [["--version"], ["anchor", "--help"]])
def test_short_answers_load_nothing_heavy_of_ours(words: list[str]) -> None:
    loaded = modules_after(f"from stepcode_cli.main import app; app({words!r})")
    # Typer itself reads options with pydantic.
    assert loaded & (HEAVY - {"pydantic"}) == set()


def test_doctor_loads_nothing_that_it_reports_on() -> None:
    loaded = modules_after("from stepcode_cli.main import app; app(['doctor', '--json'])")
    # What starts a sandbox to see whether it works may need multiprocess, typer needs pydantic.
    assert loaded & (HEAVY - {"multiprocess", "pydantic"}) == set()


@pytest.mark.parametrize(
    "module", ["stepcode.anchor", "stepcode_pipelines.build", "stepcode_pipelines.push_model"]
)
def test_import_needs_no_torch(module: str) -> None:
    loaded = modules_after(f"import {module}")
    assert "stepcode" in loaded
    assert loaded & {"torch", "transformers", "trl"} == set()


@pytest.mark.parametrize("module", ["stepcode.anchor", "stepcode.dataset.parquet"])
def test_anchoring_and_building_need_no_client_of_the_hub(module: str) -> None:
    assert modules_after(f"import {module}") & {"datasets", "huggingface_hub"} == set()


@pytest.mark.parametrize("module", ["stepcode", "stepcode.types", "stepcode.wire"])
def test_foundation_is_standard_library_only(module: str) -> None:
    ours = {"stepcode"}
    added = modules_after(f"import {module}") - modules_after("pass") - ours
    assert added <= sys.stdlib_module_names
