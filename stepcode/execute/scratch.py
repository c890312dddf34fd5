"""The folder that programs run in: empty before each, whatever the one before did to it.

Standard library only, for zygote.py.
"""

import os
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path


def clean(folder: Path) -> None:
    """Empty the working directory, even where a program removed or locked it."""
    try:
        folder.chmod(0o700)
        if not any(folder.iterdir()):
            return
    except FileNotFoundError:
        pass
    remove(folder)
    folder.mkdir(0o700)
    os.chdir(folder)


def remove(folder: Path) -> None:
    """Remove a folder with everything in it."""
    with suppress(RecursionError):  # a tree deeper than Python's stack
        shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():  # locked folders or a deep tree, which these programs know to handle
        for command in (["chmod", "-R", "u+rwx"], ["rm", "-rf"]):
            subprocess.run([*command, str(folder)], stderr=subprocess.DEVNULL, check=False)
