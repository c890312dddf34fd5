"""What `stepcode doctor` concludes from what it finds, on machines made up for it."""

import io
import re
from collections.abc import Mapping
from dataclasses import replace
from importlib.metadata import requires

import pytest
from rich.console import Console

from stepcode.execute.isolate import Isolation, Probe
from stepcode_cli import doctor
from stepcode_cli.doctor import Readiness, Report
from stepcode_cli.machine import Machine, look_at_machine, usable_cores

MACHINE = Machine(
    system="Linux",
    kernel="6.1.0",
    architecture="x86_64",
    python="3.11.2",
    implementation="CPython",
    executable="/usr/bin/python3",
    root=False,
    in_container=False,
    cores=2,
    memory_bytes=8_000_000_000,
    memory_available_bytes=6_000_000_000,
    disk_free_bytes=1_500_000_000,
    kernel_settings={"kernel.apparmor_restrict_unprivileged_userns": "1"},
)
ALL_WORK = tuple(Probe(level, "") for level in Isolation)
NO_NAMESPACES = (Probe(Isolation.NAMESPACES, "user namespaces are forbidden"), *ALL_WORK[1:])
NOTHING_PROTECTS = (*NO_NAMESPACES[:1], Probe(Isolation.LANDLOCK, "no Landlock"), *ALL_WORK[2:])
ELSEWHERE = tuple(Probe(level, "needs Linux") for level in Isolation)
CORE = dict.fromkeys(doctor.CORE, "1.0")
INSTALLED = CORE | {name: "1.0" for names in doctor.EXTRAS.values() for name in names}


def report(probes: tuple[Probe, ...], packages: Mapping[str, str] = INSTALLED) -> Report:
    isolated = doctor.strongest(probes) is not None
    commands = (
        doctor.judge_command(name, packages, isolated=isolated) for name in ("anchor", "trace")
    )
    extras = (doctor.judge_extra(name, packages) for name in doctor.EXTRAS)
    return Report(MACHINE, probes, packages, tuple(commands), tuple(extras))


def printed(one: Report) -> str:
    file = io.StringIO()
    doctor.print_report(one, console=Console(file=file, width=100, color_system=None))
    return file.getvalue()


def lines(one: Report) -> list[str]:
    """The lines of a report, with one blank where columns are apart."""
    return [re.sub(" +", " ", line) for line in printed(one).splitlines()]


@pytest.mark.parametrize(
    ("probes", "level"),
    [
        (ALL_WORK, Isolation.NAMESPACES),
        (NO_NAMESPACES, Isolation.LANDLOCK),
        (NOTHING_PROTECTS, None),
        (ELSEWHERE, None),
        ((), None),
    ],
    ids=["all", "landlock", "nothing", "elsewhere", "unknown"],
)
def test_level_of_a_machine_is_the_first_that_works_and_protects(
    probes: tuple[Probe, ...], level: Isolation | None
) -> None:
    assert report(probes).isolation is level
    assert doctor.to_record(report(probes))["isolation"] == level


def test_report_names_the_level_and_what_keeps_the_others_from_working() -> None:
    shown = lines(report(NO_NAMESPACES))
    assert shown[0].startswith("stepcode ")
    assert shown[0].endswith(", CPython 3.11.2, Linux 6.1.0 x86_64")
    assert shown[1] == "programs run isolated, at level landlock"
    assert "namespaces user namespaces are forbidden" in shown
    assert "landlock works" in shown
    assert "none protects nothing; only if --isolation none asks for it" in shown


def test_report_of_a_machine_that_protects_nothing_says_what_that_means() -> None:
    shown = lines(report(NOTHING_PROTECTS))
    assert shown[1].startswith("programs cannot be run isolated here; --isolation none runs")
    assert "anchor ready" in shown
    assert "trace --isolation none runs programs unprotected (missing: isolation)" in shown


def test_report_of_another_system_promises_no_level_at_all() -> None:
    assert "none needs Linux" in lines(report(ELSEWHERE))


def test_machine_that_has_every_level_needs_no_advice() -> None:
    assert report(ALL_WORK).advice == ()


def test_advice_names_the_setting_that_keeps_namespaces_away() -> None:
    sysctl = "sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0"
    assert [sysctl in line for line in report(NO_NAMESPACES).advice] == [True]
    assert sysctl in printed(report(NO_NAMESPACES))
    allowed = replace(MACHINE, kernel_settings={"user.max_user_namespaces": "9000"})
    assert replace(report(NO_NAMESPACES), machine=allowed).advice == ()


def test_advice_in_a_container_is_how_to_start_it() -> None:
    machine = replace(MACHINE, in_container=True, kernel_settings={})
    (advice,) = replace(report(NO_NAMESPACES), machine=machine).advice
    assert "--security-opt seccomp=unconfined" in advice


def test_advice_elsewhere_is_to_use_linux() -> None:
    machine = replace(MACHINE, system="Darwin")
    (advice,) = replace(report(ELSEWHERE), machine=machine).advice
    assert "Linux virtual machine or container" in advice


def test_report_has_memory_disk_and_kernel_settings() -> None:
    shown = lines(report(ALL_WORK))
    assert "memory 6.0 GB available of 8.0 GB" in shown
    assert "disk 1.5 GB free in this folder" in shown
    assert "kernel.apparmor_restrict_unprivileged_userns 1" in shown


def test_memory_that_the_kernel_does_not_tell_is_left_out() -> None:
    machine = replace(MACHINE, memory_available_bytes=None)
    assert "memory 8.0 GB" in lines(replace(report(ALL_WORK), machine=machine))


def test_missing_extra_is_named_with_the_command_that_installs_it() -> None:
    one = report(ALL_WORK, CORE | dict.fromkeys(INSTALLED.keys() - CORE.keys(), ""))
    names = doctor.EXTRAS["train"]
    assert one.extras[1] == Readiness("train", names, "pip install 'stepcode[train]'")
    shown = "extra train pip install 'stepcode[train]' (missing: accelerate, peft,"
    assert any(line.startswith(shown) for line in lines(one))
    assert "torch not installed" in lines(one)
    assert doctor.to_record(one)["extras"]["train"]["ready"] is False
    assert doctor.to_record(one)["packages"]["torch"] is None


def test_extra_that_is_half_there_misses_the_other_half() -> None:
    found = doctor.judge_extra("train", INSTALLED | {"trl": ""})
    assert found.missing == ("trl",)


def test_missing_dependency_of_stepcode_itself_comes_before_everything_else() -> None:
    found = doctor.judge_command("trace", INSTALLED | {"polars": ""}, isolated=False)
    assert found == Readiness("trace", ("polars",), "pip install stepcode")


def test_packages_are_those_that_the_distribution_declares() -> None:
    declared: dict[str, set[str]] = {}
    for line in requires("stepcode") or ():
        name = re.match(r"[\w-]+", line)
        extra = re.search(r"extra == ['\"](\w+)", line)
        assert name
        declared.setdefault(extra[1] if extra else "", set()).add(name[0])
    for mine in ("dev", "docs"):  # of who works on stepcode
        del declared[mine]
    assert declared == {"": set(doctor.CORE)} | {k: set(v) for k, v in doctor.EXTRAS.items()}


def test_package_that_is_not_installed_has_no_version() -> None:
    assert doctor.find_packages(["no-such-package"]) == {"no-such-package": ""}


def test_text_of_the_kernel_cannot_drive_the_terminal() -> None:
    assert "\x1b" not in printed(report((Probe(Isolation.NAMESPACES, "\x1b[2J"),)))


def test_machine_has_a_core_memory_and_a_disk() -> None:
    machine = look_at_machine()
    assert machine.cores == usable_cores() >= 1
    assert machine.memory_bytes >= (machine.memory_available_bytes or 0) > 0
    assert machine.disk_free_bytes >= 0
