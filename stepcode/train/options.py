"""Options of other people's trainers, by their own names, checked before anything is loaded.

TRL and peft have hundreds, and theirs is the documentation. Here an unknown name is refused with
the nearest one, a value of the wrong type with the type, and what stepcode decides itself with the
reason.
"""

import types
from collections.abc import Iterator, Mapping
from dataclasses import fields
from enum import Enum
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from stepcode.errors import RecipeError, nearest

OURS = {
    "output_dir": "--out says where a run goes",
    "resume_from_checkpoint": "a run resumes when the same command runs again",
    "ignore_data_skip": "a resumed run goes on in the order of its data",
    "save_only_model": "a checkpoint without the optimizer cannot be resumed",
    "load_best_model_at_end": "a run has no evaluation of its own",
    "eval_strategy": "a run has no evaluation of its own",
    "do_eval": "a run has no evaluation of its own",
    "eval_on_start": "a run has no evaluation of its own",
    "disable_tqdm": "progress shows where there is a terminal",
}
"""TRL's options that a recipe cannot set, and why."""


def check_options(section: str, options: Mapping[str, Any], kind: type) -> None:  # Any: TOML
    """Refuse options that the configuration class does not have, or not with such a value."""
    hints = get_type_hints(kind)
    known = [field.name for field in fields(kind) if field.init]
    for name, value in options.items():
        if name in OURS:
            raise RecipeError(f"[{section}] {name} cannot be set: {OURS[name]}")
        if name not in known:
            missing = f"{kind.__name__} has no option '{name}'{nearest(name, known)}"
            raise RecipeError(f"[{section}] {missing}")
        allowed = set(_plain_types(hints[name]))
        if not _fits(value, allowed):
            names = " or ".join(sorted(some.__name__ for some in allowed))
            raise RecipeError(f"[{section}] {name} is {value!r}: expected {names}")


def make_config(section: str, options: Mapping[str, Any], kind: type, **ours: Any) -> Any:
    """Make a configuration of checked options and of ours, which stand above them.

    Any: options of several types, and a class that has none for type checkers. Raises RecipeError
    where the class itself refuses a value.
    """
    try:
        return kind(**{**options, **ours})
    except (ValueError, TypeError, RuntimeError, ImportError) as error:
        raise RecipeError(f"[{section}] {' '.join(str(error).split())}") from error


def _plain_types(hint: Any) -> Iterator[type]:  # Any: an annotation
    """Name the types of TOML that an annotation takes."""
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        for part in get_args(hint):
            yield from _plain_types(part)
    elif origin is Literal:
        yield from map(type, get_args(hint))
    elif origin is not None:
        yield from _plain_types(origin)
    elif isinstance(hint, type) and issubclass(hint, Enum):
        yield str
    elif hint in (str, int, float, bool, list, dict):
        yield hint
        if hint is float:
            yield int
    elif hint is tuple or hint is set:
        yield list


def _fits(value: object, allowed: set[type]) -> bool:
    # An annotation that names no type of TOML is left to the class itself.
    return not allowed or type(value) in allowed
