"""Ends whatever runs before one of its changes to the disk, as `kill -9` could."""

import sys

CHANGES = {"os.mkdir", "os.rename", "os.remove", "os.rmdir"}


class Stopped(BaseException):
    """Stands for the end of the process: nothing catches it."""


class Saboteur:
    """Ends the build before its n-th change to the disk, as an audit hook."""

    def __init__(self) -> None:
        self.left = -1
        sys.addaudithook(self)

    def __call__(self, event: str, args: tuple[object, ...]) -> None:
        if self.left < 0 or not (event in CHANGES or (event == "open" and "w" in str(args[1]))):
            return
        self.left -= 1
        if self.left < 0:
            raise Stopped

    def arm(self, changes: int) -> None:
        self.left = changes

    def disarm(self) -> None:
        self.left = -1
