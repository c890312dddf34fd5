"""`stepcode doctor`: what this machine offers, and what each command still needs.

Packages are looked up, never imported, so that the answer comes at once and also where one of them
is broken. Levels of isolation are tried, not guessed.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

import stepcode
from stepcode.execute.isolate import Isolation, Probe, probe_levels
from stepcode_cli.advice import advise
from stepcode_cli.machine import Machine, look_at_machine
from stepcode_cli.sidebyside import visible

if TYPE_CHECKING:
    from rich.console import Console

CORE = (
    *("datasets", "datasketch", "fsspec", "huggingface-hub", "libcst", "multiprocess", "numpy"),
    *("polars", "rich", "typer"),
)
"""What stepcode always needs; the same as in pyproject.toml, like the extras."""
EXTRAS = {
    "ray": ("ray",),
    "train": ("accelerate", "peft", "scipy", "torch", "transformers", "trl"),
}
RUNS_PROGRAMS = frozenset({"build-dataset", "eval", "trace", "train"})
NEEDS_EXTRA = {"train": "train"}
"""The extra without which a command does nothing."""

_UNPROTECTED = "--isolation none runs programs unprotected"


@dataclass(frozen=True, slots=True)
class Readiness:
    """What a command or an extra lacks, and how to get it; both empty if it is ready."""

    name: str
    missing: tuple[str, ...]
    fix: str


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that `stepcode doctor` found."""

    machine: Machine
    probes: tuple[Probe, ...]
    packages: Mapping[str, str]
    """Version of each package that stepcode can use; empty if it is not installed."""
    commands: tuple[Readiness, ...]
    extras: tuple[Readiness, ...]

    @property
    def isolation(self) -> Isolation | None:
        """The level that programs run at if nobody names one; None if they then do not run."""
        return strongest(self.probes)

    @property
    def advice(self) -> tuple[str, ...]:
        """What could bring the levels that are missing."""
        missing = {probe.level.value: probe.missing for probe in self.probes}
        return tuple(advise(self.machine, missing))


def doctor(commands: Sequence[str], *, as_json: bool) -> int:
    """Print what was found; returns 1 if programs cannot be run isolated."""
    report = examine(commands)
    if as_json:
        from json import dumps

        print(dumps(to_record(report)))
    else:
        from stepcode_cli.terminal import open_console

        print_report(report, console=open_console())
    return 0 if report.isolation else 1


def examine(commands: Sequence[str]) -> Report:
    """Look at the machine and at what is installed."""
    machine, probes = look_at_machine(), probe_levels()
    packages = find_packages((*CORE, *(name for names in EXTRAS.values() for name in names)))
    isolated = strongest(probes) is not None
    return Report(
        machine=machine,
        probes=probes,
        packages=packages,
        commands=tuple(judge_command(name, packages, isolated=isolated) for name in commands),
        extras=tuple(judge_extra(name, packages) for name in EXTRAS),
    )


def strongest(probes: Iterable[Probe]) -> Isolation | None:
    """Name the first level that works and protects."""
    works = (probe.level for probe in probes if not probe.missing)
    return next((level for level in works if level is not Isolation.NONE), None)


def find_packages(names: Iterable[str]) -> dict[str, str]:
    """Look up the versions that are installed."""
    return {name: _version(name) for name in names}


def judge_command(name: str, packages: Mapping[str, str], *, isolated: bool) -> Readiness:
    """Say what a command lacks; one that runs programs needs a level that works."""
    missing = tuple(package for package in CORE if not packages[package])
    if missing:
        return Readiness(name, missing, "pip install stepcode")
    extra = judge_extra(NEEDS_EXTRA[name], packages) if name in NEEDS_EXTRA else None
    if extra is not None and extra.missing:
        return Readiness(name, extra.missing, extra.fix)
    if name in RUNS_PROGRAMS and not isolated:
        return Readiness(name, ("isolation",), _UNPROTECTED)
    return Readiness(name, (), "")


def judge_extra(name: str, packages: Mapping[str, str]) -> Readiness:
    """Say what an extra lacks; whoever has stepcode gets only that from pip."""
    missing = tuple(package for package in EXTRAS[name] if not packages[package])
    return Readiness(name, missing, f"pip install 'stepcode[{name}]'" if missing else "")


def to_record(report: Report) -> dict[str, Any]:  # Any: JSON
    """Write a report as JSON values."""
    return {
        "stepcode": stepcode.__version__,
        "isolation": report.isolation,
        "levels": {
            probe.level.value: {"works": not probe.missing, "missing": probe.missing}
            for probe in report.probes
        },
        "advice": report.advice,
        "machine": asdict(report.machine),
        "packages": {name: found or None for name, found in report.packages.items()},
        "commands": {one.name: _readiness(one) for one in report.commands},
        "extras": {one.name: _readiness(one) for one in report.extras},
    }


def print_report(report: Report, *, console: "Console") -> None:
    """Print a report for people: first whether programs can be run, then why."""
    machine = report.machine
    python = f"{machine.implementation} {machine.python}"
    system = f"{machine.system} {machine.kernel} {machine.architecture}"
    console.print(f"stepcode {stepcode.__version__}, {python}, {system}", style="bold")
    if report.isolation:
        console.print(f"programs run isolated, at level {report.isolation}", style="green")
    else:
        console.print(f"programs cannot be run isolated here; {_UNPROTECTED}", style="bold red")
    _print_table(console, "isolation", _describe_levels(report.probes))
    for line in report.advice:  # in one piece, however long, because some of it is to be copied
        console.print(line, soft_wrap=True)
    _print_table(console, "machine", _describe_machine(machine))
    found = ((name, found or "not installed") for name, found in report.packages.items())
    _print_table(console, "packages", found)
    ready = [(one.name, _describe(one)) for one in report.commands]
    ready += [(f"extra {one.name}", _describe(one)) for one in report.extras]
    _print_table(console, "commands", ready)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _readiness(one: Readiness) -> dict[str, object]:
    return {"ready": not one.missing, "missing": one.missing, "fix": one.fix}


def _describe(one: Readiness) -> str:
    # The command comes first, so that no line break gets into it.
    return f"{one.fix} (missing: {', '.join(one.missing)})" if one.missing else "ready"


def _describe_levels(probes: Iterable[Probe]) -> Iterator[tuple[str, str]]:
    for probe in probes:
        if probe.level is Isolation.NONE and not probe.missing:
            yield probe.level.value, "protects nothing; only if --isolation none asks for it"
        else:
            yield probe.level.value, probe.missing or "works"


def _describe_machine(machine: Machine) -> Iterator[tuple[str, str]]:
    yield "python", machine.executable
    yield "user", "root" if machine.root else "not root"
    yield "container", "yes" if machine.in_container else "no"
    yield "cores", str(machine.cores)
    yield "memory", _describe_memory(machine)
    yield "disk", f"{machine.disk_free_bytes / 1e9:.1f} GB free in this folder"
    yield from machine.kernel_settings.items()


def _describe_memory(machine: Machine) -> str:
    total = f"{machine.memory_bytes / 1e9:.1f} GB"
    if machine.memory_available_bytes is None:
        return total
    return f"{machine.memory_available_bytes / 1e9:.1f} GB available of {total}"


def _print_table(console: "Console", title: str, rows: Iterable[tuple[str, str]]) -> None:
    from rich.table import Table
    from rich.text import Text

    from stepcode_cli.terminal import print_tidily

    table = Table(box=None, padding=(0, 1), pad_edge=False, show_header=False)
    table.add_column(min_width=18)
    table.add_column(overflow="fold")
    for name, text in rows:
        table.add_row(name, Text(visible(text)))
    console.print()
    console.print(title, style="bold")
    print_tidily(console, table)
