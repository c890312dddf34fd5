"""A program and a call as the child gets them: compiled, with recorders in the place of anchors.

    job = prepare(anchored, "f([1, 2])")

The compiler has no limits here, so what could keep it busy is sent as text, for the child to
compile within its own.
"""

import warnings
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType

from stepcode.execute.import_sets import ImportSet, choose_import_set
from stepcode.execute.record import fresh_marker, recorded_source
from stepcode.types import AnchoredProgram, Program

_MAX_COMPILED_CHARACTERS = 100_000
_MAX_COPIED_CHARACTERS = 1_000_000
"""The compiler copies the body of a `finally` to every way out of what is before it."""
_MAX_NESTED_CODES = 100
"""What is nested deeper than a thousand functions cannot be sent as code."""


@dataclass(frozen=True, slots=True)
class Job:
    """A program and a call, compiled and ready to be sent."""

    program_id: str
    call: str
    run: tuple[CodeType | str, CodeType | str, str, int]
    """The code, the call, the marker of the constants that become recorders, and how many visits of
    each anchor are recorded: 0 for all."""
    names: dict[int, str]
    imports: ImportSet
    """What has to be imported before it starts; names the kind of zygote that runs it."""


def prepare(program: Program | AnchoredProgram, call: str, *, most_visits: int = 0) -> Job:
    """Compile a program and a call for the child, with recorders in the place of its anchors.

    With `most_visits` only so many visits of each anchor are recorded, and of long values only the
    beginning: a sample of a run, not its trace.
    """
    if isinstance(program, Program):
        imports = choose_import_set(program.code)
        return Job(program.id, call, _run(program.code, call, "", 0), {}, imports)
    marker = fresh_marker()
    code = recorded_source(program, marker=marker)
    names = {anchor.index: anchor.name for anchor in program.anchors}
    imports = choose_import_set(program.program.code)
    return Job(program.program.id, call, _run(code, call, marker, most_visits), names, imports)


def _run(
    code: str, call: str, marker: str, most_visits: int
) -> tuple[CodeType | str, CodeType | str, str, int]:
    """Compile here, because a cold compiler costs each child 0.4 ms."""
    expression = _compiled(call.lstrip(" \t"), "<call>", "eval")
    return _compiled(code, "<program>", "exec"), expression, marker, most_visits


@lru_cache(maxsize=4)
def _compiled(text: str, name: str, mode: str) -> CodeType | str:
    """Compile what is small; the rest, and what does not compile, is left to the child.

    A program and its anchored twin come one after the other, with the same call.
    """
    if len(text) > _MAX_COMPILED_CHARACTERS or _may_explode(text) or not _tells_columns():
        return text
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            code: CodeType = compile(text, name, mode, dont_inherit=True, optimize=0)
    except (SyntaxError, ValueError, MemoryError, RecursionError, OverflowError):
        return text
    return text if _is_nested_deeper(code, _MAX_NESTED_CODES) else code


@lru_cache(maxsize=1)
def _tells_columns() -> bool:
    """Whether code says where each instruction comes from, as `-X no_debug_ranges` forbids here."""
    return None not in list(compile("x", "", "eval").co_positions())[-1]


def _may_explode(text: str) -> bool:
    """Tell whether a compiler without limits might be busy with it for ever."""
    if "finally" not in text:
        return False
    if text.count("finally") > 1:  # one in another: the copies multiply
        return True
    ways_out = sum(map(text.count, ("return", "break", "continue")))
    return len(text) * ways_out > _MAX_COPIED_CHARACTERS


def _is_nested_deeper(code: CodeType, depth: int) -> bool:
    inner = (constant for constant in code.co_consts if isinstance(constant, CodeType))
    return depth == 0 or any(_is_nested_deeper(one, depth - 1) for one in inner)
