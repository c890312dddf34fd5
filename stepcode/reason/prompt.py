"""What a model is asked: one template for the output of a call, another for its input.

Each is worded for its own task: one template for both cost the paper 2 to 3 points. What the blocks
are is in answer.py, which writes and reads what is asked for here.
"""

import re
from typing import assert_never

from stepcode.types import Example, TaskKind

Message = dict[str, str]
"""A chat message: `role` and `content`."""

_OUTPUT = """\
What does this call return, and what do the print anchors show on the way?

{program}

Call: `{given}`

Go through the run in order. Before each line that an anchor `print(f'name: ...')` prints, explain
in a <reason> block why it will be that; then write the line in a <print> block, exactly as it is
printed. Leave out whatever else the program prints. At the end, write the value that the call
returns, as a Python literal, in an <answer> block.

<reason>
why the anchor shows this
</reason>
<print>
name: value
</print>
<answer>
value
</answer>"""

_INPUT = """\
Find a call of `{entry}` that returns the value below; any call that does is right.

{program}

Returned value: `{given}`

Settle on a call first, and then prove it: in a <reason> block, say why it leads to the next anchor
`print(f'name: ...')`, and in a <print> block, write the line that the anchor prints for your call,
exactly as printed, for one anchor after another. Other prints do not matter. End with your call in
an <answer> block, all its arguments written as Python literals.

<reason>
why this call, and why the anchor shows this for it
</reason>
<print>
name: value
</print>
<answer>
{entry}(...)
</answer>"""

_LEFTMOST_NAME = re.compile(r"\s*([^\W\d]\w*)")


def render_prompt(example: Example) -> list[Message]:
    """Write the chat messages that ask for an example; `render_completion` is the right answer."""
    program = _fenced(example.anchored_code)
    match example.kind:
        case TaskKind.OUTPUT:
            content = _OUTPUT.format(program=program, given=example.given)
        case TaskKind.INPUT:
            # Of the call that is asked for, a model may know no more than whom it calls.
            name = _LEFTMOST_NAME.match(example.target)
            entry = name[1] if name else "the program"
            content = _INPUT.format(program=program, given=example.given, entry=entry)
        case _:
            assert_never(example.kind)
    return [{"role": "user", "content": content}]


def _fenced(code: str) -> str:
    """Put code between fences that are longer than any in it."""
    longest = max(map(len, re.findall("`+", code)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}python\n{code.rstrip()}\n{fence}"
