"""Recipes as tables of TOML: found by name or path, their sections and keys checked by name.

A misspelled key would be ignored, so every unknown one is an error that has the nearest name.
"""

import tomllib
from collections.abc import Collection, Iterable, Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from stepcode.errors import RecipeError, nearest

Table = dict[str, Any]  # Any: TOML
_BUILTIN = files("stepcode_pipelines") / "recipes"


def read_table(name: str, kind: str) -> Table:
    """Read the recipe of a name, from the built-in ones of its kind, or of a path.

    A path ends in `.toml`; a kind is a folder of built-in recipes, `build` or `train`.
    """
    folder = _BUILTIN / kind
    try:
        if name.endswith(".toml"):
            text = Path(name).read_text(encoding="utf-8")
        else:
            text = (folder / f"{name}.toml").read_text(encoding="utf-8")
        return tomllib.loads(text)
    except FileNotFoundError:
        raise RecipeError(_missing(name, folder)) from None
    except OSError as error:
        raise RecipeError(f"{name}: cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RecipeError(f"{name}: not valid TOML: {error}") from error


def check_sections(name: str, table: Mapping[str, Any], known: Iterable[str]) -> None:  # Any: TOML
    """Refuse what is no section, or one of another name."""
    sections = [f"[{section}]" for section in known]
    for section, value in table.items():
        if f"[{section}]" not in sections:
            raise RecipeError(f"{name}: {unknown('section', f'[{section}]', sections)}")
        if not isinstance(value, dict):
            raise RecipeError(f"{name}: [{section}] is {value!r}: expected a section")


def check_keys(
    name: str,
    section: str,
    values: Mapping[str, Any],  # Any: TOML
    known: Mapping[str, Any],  # Any: annotations
) -> Table:
    """Take the values of a section, whose keys and types have to be those of `known`."""
    for key in values:
        if key not in known:
            raise RecipeError(f"{name}: {unknown(f'key in [{section}]', key, known)}")
    return {
        key: _checked(f"{name}: [{section}] {key}", value, known[key])
        for key, value in values.items()
    }


def unknown(what: str, name: str, known: Collection[str]) -> str:
    """Say that a name is unknown, what is known, and which of that was probably meant."""
    return f"unknown {what} '{name}': expected one of {', '.join(known)}{nearest(name, known)}"


def _checked(where: str, value: Any, kind: Any) -> Any:  # Any: TOML and annotations
    if kind is float and type(value) is int:
        return float(value)
    if kind == tuple[str, ...]:
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(value)
        raise RecipeError(f"{where} is {value!r}: expected a list of texts")
    if kind in (str, int, float, bool) and type(value) is not kind:
        raise RecipeError(f"{where} is {value!r}: expected {kind.__name__}")
    return value


def _missing(name: str, folder: Traversable) -> str:
    if name.endswith(".toml"):
        return f"{name}: no such recipe file"
    if Path(name).exists():
        what = "is no recipe, whose name is built in or a path ending in .toml"
        return f"{name}: {what}; programs are named by --source and --input, datasets by --data"
    known = sorted(
        entry.name.removesuffix(".toml")
        for entry in folder.iterdir()
        if entry.name.endswith(".toml")
    )
    return unknown("recipe", name, known) + "; a recipe of your own is a path ending in .toml"
