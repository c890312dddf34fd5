"""The folder that programs run in: empty before each, whatever the one before did to it.

Standard library only and little of it, for zygote.py: `subprocess` alone, which imports
`threading`, would make every fork a third dearer.
"""

import os


def clean(folder: str) -> bool:
    """Empty the working directory, even where a program removed or locked it; False if it cannot.

    Where nobody can change modes, a folder that nobody may list can only be removed by the caller.
    """
    try:
        try:  # noqa: SIM105  # a context manager, or pathlib, would cost a tenth of a fork
            os.chmod(folder, 0o700)  # noqa: PTH101
        except PermissionError:
            pass
        if os.listdir(folder):  # noqa: PTH208
            _empty(folder)
    except FileNotFoundError:
        try:
            os.mkdir(folder, 0o700)  # noqa: PTH102
            os.chdir(folder)
        except OSError:
            return False
    except OSError:
        return False
    return True


def remove(folder: str) -> None:
    """Remove a folder with everything in it, where its owner is not confined."""
    if folder and os.path.isdir(folder):  # noqa: PTH112
        clean(folder)
        os.rmdir(folder)  # noqa: PTH106


def _empty(folder: str) -> None:
    """Remove all that is in a folder, moving up what lies deeper: no tree is too deep for that."""
    moved, fresh = 0, os.urandom(8).hex()  # a name that no program has used
    while names := os.listdir(folder):  # noqa: PTH208
        for name in names:
            path = f"{folder}/{name}"
            if os.path.islink(path) or not os.path.isdir(path):  # noqa: PTH112, PTH114
                os.unlink(path)  # noqa: PTH108
                continue
            try:  # noqa: SIM105
                os.chmod(path, 0o700)  # noqa: PTH101
            except PermissionError:
                pass
            for inner in os.listdir(path):  # noqa: PTH208
                moved += 1
                os.rename(f"{path}/{inner}", f"{folder}/{fresh}-{moved}")  # noqa: PTH104
            os.rmdir(path)  # noqa: PTH106
