"""Tests that were copied away from the source tree test what is installed, and nothing else."""

import sysconfig
from pathlib import Path

import pytest

import stepcode
import stepcode_cli
import stepcode_pipelines

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.mark.skipif((REPOSITORY / "stepcode").is_dir(), reason="these tests are in a source tree")
def test_copied_tests_run_on_the_installed_wheel() -> None:
    site = Path(sysconfig.get_path("purelib"))
    for package in (stepcode, stepcode_cli, stepcode_pipelines):
        assert package.__file__ is not None
        assert Path(package.__file__).is_relative_to(site)
