"""Import the heavy packages of a zygote's kind before its first program comes, and mend a module.

Standard library only and little of it, for zygote.py.
"""

import functools
import sys
import types
from contextlib import suppress
from types import ModuleType
from typing import Any


def import_ahead(names: list[str], files: dict[str, str]) -> None:
    """Import packages.

    They and what they need are found by their files. Nothing else that happens to be installed
    there is, so a program does the same wherever these packages are.
    """
    if names:
        sys.meta_path.append(_finder(files))
    for name in names:
        _import_without_ctypes(name)


def _import_without_ctypes(name: str) -> None:
    """Keep out the module that could write any memory; programs may not import it either.

    numpy does without it where it is missing. pandas names it and never uses it but on Windows.
    """
    stand_in = None if name == "numpy" else ModuleType("ctypes")
    sys.modules["ctypes"] = stand_in  # type: ignore[assignment]  # None: not to be found
    with suppress(Exception):  # a package that is broken fails in the program, as it would
        __import__(name)
    sys.modules.pop("ctypes", None)


def _finder(files: dict[str, str]) -> Any:  # Any: importlib asks for a method, not for a type
    from importlib.util import spec_from_file_location

    class Finder:
        """Finds top-level modules by their files; packages find what is in them themselves."""

        @staticmethod
        def find_spec(name: str, path: object = None, target: object = None) -> object:
            """Answer the import system."""
            return spec_from_file_location(name, files[name]) if name in files else None

    return Finder


def replace_coroutine() -> None:
    """Replace the one function of the library that makes code of other code.

    A program that makes code is up to something, and what this one makes could not be told from it.
    """

    def coroutine(function: Any) -> Any:  # Any: as in `types`
        """Convert a generator function to a coroutine function."""
        if not callable(function):
            raise TypeError("types.coroutine() expects a callable")

        @functools.wraps(function)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            made = function(*args, **kwargs)
            is_generator = type(made) is types.GeneratorType
            return types._GeneratorWrapper(made) if is_generator else made  # type: ignore[attr-defined]

        return wrapped

    types.coroutine = coroutine  # type: ignore[assignment]  # it is overloaded
