"""The folder that programs run in: empty before each, whatever the one before did to it.

Standard library only and little of it, for zygote.py: `subprocess` alone, which imports
`threading`, would make every fork a third dearer.
"""

import os
from contextlib import suppress


def clean(folder: str) -> None:
    """Empty the working directory, even where a program removed or locked it."""
    try:
        with suppress(PermissionError):  # where nobody can change modes, no program has
            os.chmod(folder, 0o700)  # noqa: PTH101  # pathlib costs a tenth of a fork
        if not os.listdir(folder):  # noqa: PTH208
            return
    except FileNotFoundError:
        pass
    remove(folder)
    os.mkdir(folder, 0o700)  # noqa: PTH102
    os.chdir(folder)


def remove(folder: str) -> None:
    """Remove a folder with everything in it: locked folders and trees deeper than any stack."""
    if not folder:
        return
    try:
        os.rmdir(folder)  # noqa: PTH106
    except FileNotFoundError:
        return
    except OSError:
        for command in (["chmod", "-R", "u+rwx", folder], ["rm", "-rf", folder]):
            silent = [(os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0)]
            pid = os.posix_spawnp(command[0], command, os.environ, file_actions=silent)
            os.waitpid(pid, 0)
