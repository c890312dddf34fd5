"""From a program's text to the plan of its anchors, before anything is written."""

import ast
import re
import warnings

from stepcode.anchor.bombs import refuse_bombs
from stepcode.anchor.plan import Planned, plan_anchors
from stepcode.anchor.policy import Policy
from stepcode.errors import AnchorError

_COMPILER_CHECKS = re.compile(
    r"\b(?:__future__|__debug__|global|nonlocal|await|async|yield)\b|import[ \t]*\*"
)
"""What can be an error although it parses. Compiling all programs would cost a fifth more."""
TOO_DEEP = "nested too deeply to be rewritten"


def plan_program(code: str, policy: Policy) -> Planned:
    """Parse a program and decide where its anchors go; raises AnchorError with the line."""
    tree = parse_program(code)
    try:
        return plan_anchors(tree, code, policy)
    except RecursionError as error:
        raise AnchorError(TOO_DEEP) from error


def parse_program(code: str) -> ast.Module:
    """Parse the code, and compile it where it has what only the compiler checks.

    Raises AnchorError for what is not Python, or would take whoever compiles it down.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(code)
            refuse_bombs(tree, code)
            if _COMPILER_CHECKS.search(code):
                compile(code, "<program>", "exec", dont_inherit=True)
            return tree
    except SyntaxError as error:
        raise AnchorError(f"not valid Python: {error.msg}", line=error.lineno) from error
    except ValueError as error:
        raise AnchorError(f"not valid Python: {error}") from error
    except (MemoryError, RecursionError) as error:
        raise AnchorError("nested too deeply to be parsed") from error
