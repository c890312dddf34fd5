"""Small terminating programs built from parts, to be anchored and run.

Every drawn program defines `f(a, b)` over two lists of small integers. Loops run over finite
sequences or count down, so a program always ends; it may raise, which is a result like any other.
"""

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

NAMES = ("a", "b", "n", "xs", "d", "_ret")
_LAYOUTS = ("\n", "\r\n", "\r")


@st.composite
def expressions(draw: DrawFn, depth: int = 2) -> str:
    """Draw an expression over the names."""
    if depth == 0:
        return draw(st.sampled_from([*NAMES, "0", "3", "'t'", "[]", "(1, 2)", "None"]))
    inner = expressions(depth=depth - 1)
    form = draw(
        st.sampled_from(
            [
                "{} + {}",
                "[{}, {}]",
                "len(str({})) * 2",
                "({} if {} else 7)",
                "{} == {}",
                "sorted(map(str, [{}, {}]))",
                "[i for i in range(3)]",
                "(lambda: {})()",
                "f'{{{}}}'",
            ]
        )
    )
    return form.format(*(draw(inner) for _ in range(form.replace("{{", "").count("{}"))))


@st.composite
def simple_lines(draw: DrawFn) -> str:
    """Draw one line of one to three small statements."""
    forms = st.sampled_from(
        [
            "{name} = {value}",
            "{name}, n = {value}, {other}",
            "{name} = n = {value}",
            "{name} += {value}",
            "d = {{}}",
            "d[{value}] = {other}",
            "xs = list(a); xs.append({value})",
            "b.append({value})",
            "del a[0]",
            "(n := {value})",
            "{name}: list = {value}",
            "print({value})",
            "print(f'{name}: {{{name}!r}}')",
            "pass",
        ]
    )
    parts = [
        draw(forms).format(
            name=draw(st.sampled_from(NAMES)), value=draw(expressions()), other=draw(expressions())
        )
        for _ in range(draw(st.integers(1, 3)))
    ]
    return "; ".join(parts) + draw(st.sampled_from(["", ";", "  # why"]))


@st.composite
def blocks(draw: DrawFn, indent: str, depth: int) -> list[str]:
    """Draw the lines of a block."""
    lines: list[str] = []
    for _ in range(draw(st.integers(1, 3))):
        lines += draw(statements(indent, depth))
        lines += draw(st.sampled_from([[], [], [""], [indent + "# note"], ["\f"]]))
    return lines


@st.composite
def statements(draw: DrawFn, indent: str, depth: int) -> list[str]:
    """Draw a statement: one line, or a compound one with its blocks."""
    kinds = ["line", "line", "return"] + (
        ["if", "suite", "for", "while", "try", "with"] * (depth > 0)
    )
    kind = draw(st.sampled_from(kinds))
    deeper = indent + draw(st.sampled_from(["  ", "    ", "\t"]))
    value = draw(expressions())
    inner = blocks(deeper, depth - 1)
    match kind:
        case "line":
            return [indent + draw(simple_lines())]
        case "return":
            return [f"{indent}return {value}"]
        case "if":
            return [
                *(f"{indent}if {value}:", *draw(inner)),
                *(f"{indent}elif {draw(expressions())}:", *draw(inner)),
                *(f"{indent}else:  # or", *draw(inner)),
            ]
        case "suite":
            return [f"{indent}if {value}: {draw(simple_lines())}", f"{indent}else: return {value}"]
        case "for":
            return [f"{indent}for i in list(a)[:3]:", *draw(inner)]
        case "while":
            head = [f"{indent}k = 3", f"{indent}while k > 0:", f"{deeper}k -= 1"]
            return [*head, *draw(inner), f"{indent}else: n = {value}"]
        case "try":
            return [
                *(f"{indent}try:", *draw(inner)),
                *(f"{indent}except Exception as n:", *draw(inner)),
                *(f"{indent}finally: xs = {value}",),
            ]
        case _:
            return [f"{indent}with nothing():", *draw(inner)]


@st.composite
def programs(draw: DrawFn) -> str:
    """Draw a whole module, with any line ends, with or without a final one."""
    helper = draw(st.sampled_from(["", "def g(x):\n    y = [x]\n    return y + y", "n = [1] * 2"]))
    lines = ["from contextlib import nullcontext as nothing", *helper.split("\n"), "def f(a, b):"]
    lines += [draw(st.sampled_from(["    n = 0; xs = []", "    '''doc'''"]))]
    lines += draw(blocks("    ", 2))
    if draw(st.booleans()):
        lines += ["    return " + draw(expressions())]
    end = draw(st.sampled_from(_LAYOUTS))
    return end.join(lines) + draw(st.sampled_from([end, "", end + end]))
