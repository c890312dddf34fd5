"""What a program imports, and so which kind of zygote runs it.

Most programs import nothing, and the less their zygote holds, the cheaper it forks. Importing numpy
takes longer than most programs run, and forking a process that has imported it costs many times a
plain fork. So programs that import such a package get a zygote of their own kind, which imported it
before any clock started, and all others never meet it.

With numpy a program can write any memory of its own process, the trace too, and with sqlite3 call
any function there: it is as isolated from the machine as any other, but what it says of itself is
only as true as its author is honest. No other program can import them.
"""

import ast
import importlib.util
import os
import sys
import sysconfig
import warnings
from functools import lru_cache
from pathlib import Path

ImportSet = tuple[str, ...]
"""Empty for a program that imports nothing, else the library and the packages imported ahead."""
LIBRARY: ImportSet = ("library",)
"""For programs that import something, and nothing heavy."""

_THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
_ADDRESS_SPACE_MB = 128
_MAX_CHARACTERS = 100_000

_HEAVY = {
    "pandas": (*LIBRARY, "numpy", "pandas"),
    "numpy": (*LIBRARY, "numpy"),
    "sqlite3": (*LIBRARY, "sqlite3"),
}
"""What is imported ahead, by the package that asks for it; the first that a program has counts."""
_NEEDS = {"pandas": ("dateutil", "pytz", "six", "tzdata")}
"""What a package may import besides; nothing else that is installed is found."""


def choose_import_set(code: str) -> ImportSet:
    """Choose what to import ahead of a program, among what is installed.

    What is too long to be read here gets no packages, and finds none.
    """
    if "import" not in code:
        return ()
    if len(code) > _MAX_CHARACTERS or not any(name in code for name in _HEAVY):
        return LIBRARY
    return _import_set(code)


def packages_of(imports: ImportSet) -> ImportSet:
    """Tell the packages of a set."""
    return imports[len(LIBRARY) :]


def needs_installed(code: str) -> bool:
    """Tell whether a program imports what only an unguarded sandbox has."""
    ahead = {name for imports in _HEAVY.values() for name in packages_of(imports)}
    return bool(_imported_packages(code) - sys.stdlib_module_names - ahead)


@lru_cache(maxsize=4)
def _import_set(code: str) -> ImportSet:
    imported = _imported_packages(code)
    for name, imports in _HEAVY.items():
        if name in imported and all(map(_file_of, packages_of(imports))):
            return imports
    return LIBRARY


def environment_of(imports: ImportSet, *, is_guarded: bool = True) -> dict[str, str]:
    """Keep the packages from starting threads, with which a process cannot be forked safely.

    Without the guard a program may import any package, so they are kept from it at once.
    """
    return dict.fromkeys(_THREADS, "1") if packages_of(imports) or not is_guarded else {}


def installed_folders() -> list[str]:
    """Tell where everything that is installed lies, for programs that may import all of it."""
    paths = sysconfig.get_paths()
    folders = {os.path.realpath(paths[name]) for name in ("purelib", "platlib")}
    return sorted(folder for folder in folders if Path(folder).is_dir())


def address_space_mb(imports: ImportSet) -> int:
    """Tell what the memory limit allows besides; numpy takes 83 MB and pandas 56."""
    return _ADDRESS_SPACE_MB * len(packages_of(imports))


def files_of(imports: ImportSet) -> dict[str, str]:
    """Tell the file of each module that a set consists of."""
    packages = packages_of(imports)
    names = [name for package in packages for name in (package, *_NEEDS.get(package, ()))]
    return {name: file for name in names if (file := _file_of(name))}


def folders_of(imports: ImportSet) -> list[str]:
    """Tell the files and folders that a set is read from, shared libraries included."""
    paths = [Path(file) for file in files_of(imports).values()]
    places = [path.parent if path.name == "__init__.py" else path for path in paths]
    places += [place.with_name(f"{place.name}.libs") for place in places]
    return sorted(str(place) for place in places if place.exists())


def _imported_packages(code: str) -> set[str]:
    """Name the packages of all import statements, wherever they are; none if it does not parse."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            nodes = list(ast.walk(ast.parse(code)))
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return set()
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    froms = [node for node in nodes if isinstance(node, ast.ImportFrom) and not node.level]
    names += [node.module or "" for node in froms]
    return {name.partition(".")[0] for name in names}


@lru_cache(maxsize=16)
def _file_of(name: str) -> str | None:
    """Find the file of a top-level module without importing it, by the path that has no links."""
    spec = importlib.util.find_spec(name)
    return os.path.realpath(spec.origin) if spec and spec.has_location and spec.origin else None
