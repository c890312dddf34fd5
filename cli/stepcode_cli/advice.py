"""What to do where a level of isolation is missing: settings that are known to keep it away.

Hints only. They come from what the kernel says about itself, and whether a level works is found out
by trying it.
"""

from collections.abc import Iterator, Mapping

from stepcode_cli.machine import Machine

_NAMESPACE_SETTINGS = {
    "kernel.apparmor_restrict_unprivileged_userns": ("1", "0"),
    "kernel.unprivileged_userns_clone": ("0", "1"),
    "user.max_user_namespaces": ("0", "10000"),
}
"""Values that forbid namespaces to ordinary users, and those that allow them."""


def advise(machine: Machine, missing: Mapping[str, str]) -> Iterator[str]:
    """Say how to get the levels that are missing, `missing` being why, by level."""
    if machine.system != "Linux":
        yield "run programs in a Linux virtual machine or container; anchoring works here"
        return
    if missing.get("namespaces"):
        yield from _advise_on_namespaces(machine)


def _advise_on_namespaces(machine: Machine) -> Iterator[str]:
    if machine.in_container:
        options = "--security-opt seccomp=unconfined --security-opt apparmor=unconfined"
        yield f"namespaces in a container: start it with {options}"
    for name, (forbids, allows) in _NAMESPACE_SETTINGS.items():
        if machine.kernel_settings.get(name) == forbids:
            yield f"namespaces for every program of this machine: sudo sysctl {name}={allows}"
