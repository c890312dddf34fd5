"""Program -> AnchoredProgram: put print anchors into a program and take them out again.

    from stepcode.anchor import insert_anchors, strip_anchors
    from stepcode.types import Program

    anchored = insert_anchors(Program(code="def f(x):\\n    y = x + 1\\n    return y\\n"))
    print(anchored.code)
    assert strip_anchors(anchored.code, anchored.edits) == anchored.program.code

The decisions (`policy`, `facts`, `values`, `plan`) are pure functions over `ast`; `insert` carries
them out on LibCST's concrete tree; `strip` is the inverse of `insert` and its proof.
"""

from stepcode.anchor.insert import insert_anchors
from stepcode.anchor.strip import line_map, strip_anchors

__all__ = ["insert_anchors", "line_map", "strip_anchors"]
