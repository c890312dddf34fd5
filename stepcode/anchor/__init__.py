"""Program -> AnchoredProgram: put print anchors into a program and take them out again.

    from stepcode.anchor import insert_anchors, strip_anchors
    from stepcode.types import Program

    anchored = insert_anchors(Program(code="def f(x):\\n    y = x + 1\\n    return y\\n"))
    print(anchored.code)
    assert strip_anchors(anchored.code, anchored.edits) == anchored.program.code

    policy -> walk, silence, values, statements -> plan -> insert, render    and back: strip

The decisions, up to `plan`, are pure functions over `ast`; `insert` and `render` carry them out on
LibCST's concrete tree; `strip` is the inverse of `insert` and its proof.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stepcode.anchor.insert import insert_anchors
    from stepcode.anchor.strip import line_map, strip_anchors

__all__ = ["insert_anchors", "line_map", "strip_anchors"]


def __getattr__(name: str) -> Any:  # Any: whichever of the three is asked for
    """Import LibCST (0.2 s) only when something is anchored, not to look a policy's name up."""
    if name == "insert_anchors":
        from stepcode.anchor import insert

        return insert.insert_anchors
    if name in __all__:
        from stepcode.anchor import strip

        return getattr(strip, name)
    raise AttributeError(f"module 'stepcode.anchor' has no attribute '{name}'")
