"""Does a step teach anything? Each step of a trace gets the first class below that fits it.

    repeat       the text that was shown last for this name
    literal      the program says it: `n = 0`
    alias        another name for what is there already: `ys = xs`, `ys = list(xs)`
    element      the loop variable, or an item of a comprehension that takes items as they are
    noop         it ran and changed nothing: the text of an input or of an earlier step
    informative  all else

What a step shows is known from the text; what the anchor follows, from the anchored program.
"""

import ast
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from stepcode.anchor.policy import find_policy
from stepcode.anchor.statements import child_blocks
from stepcode.anchor.values import is_trivial, pair_elements, target_names
from stepcode.types import AnchoredProgram, Step

_FRESH = re.compile(r"_v\d+")
_COPIERS = {"list", "tuple", "dict", "set", "frozenset", "str", "int", "float"}
_ATOM_CHARACTERS = 4


class Novelty(StrEnum):
    """What a step teaches."""

    REPEAT = "repeat"
    LITERAL = "literal"
    ALIAS = "alias"
    ELEMENT = "element"
    NOOP = "noop"
    INFORMATIVE = "informative"


class Form(StrEnum):
    """What an anchor follows, as far as its syntax tells how new its value can be."""

    LITERAL = "literal"
    ALIAS = "alias"
    COPY = "copy"
    ELEMENT = "element"
    ITEM = "item"
    PLAIN = "plain"


class Shot(NamedTuple):
    """A step as `classify` sees it."""

    name: str
    form: Form
    text: str | None


def label_steps(anchored: AnchoredProgram, call: str, steps: Iterable[Step]) -> tuple[Step, ...]:
    """Give each step of a run its class."""
    forms = anchor_forms(anchored)
    steps = tuple(steps)
    shots = [Shot(step.name, forms.get(step.anchor, Form.PLAIN), step.text) for step in steps]
    classes = classify(shots, input_texts(call, anchored.policy))
    return tuple(
        replace(step, novelty=novelty.value) for step, novelty in zip(steps, classes, strict=True)
    )


def classify(shots: Iterable[Shot], inputs: Iterable[str]) -> list[Novelty]:
    """Tell of each step what it teaches; `inputs` are the texts of the call's arguments."""
    last: dict[str, str | None] = {}
    seen = set(inputs)
    classes = []
    for name, form, text in shots:
        classes.append(_class_of(name, form, text, last, seen))
        last[name] = text
        if text is not None:
            seen.add(text)
    return classes


def _class_of(
    name: str, form: Form, text: str | None, last: Mapping[str, str | None], seen: set[str]
) -> Novelty:
    if name in last and last[name] == text:
        return Novelty.REPEAT
    match form:
        case Form.LITERAL:
            return Novelty.LITERAL
        case Form.ALIAS:
            return Novelty.ALIAS
        case Form.ELEMENT:
            return Novelty.ELEMENT
    if text in seen and not is_atom(text or ""):
        return Novelty.ALIAS if form is Form.COPY else Novelty.NOOP
    return Novelty.ELEMENT if form is Form.ITEM else Novelty.INFORMATIVE


@lru_cache(maxsize=4096)
def is_atom(text: str) -> bool:
    """Tell whether a text is so small that being the same says little."""
    if len(text) <= _ATOM_CHARACTERS or text == "False":
        return True
    try:
        complex(text)
    except ValueError:
        return False
    return True


def input_texts(call: str, policy: str) -> list[str]:
    """Show the arguments of a call as a policy's anchors would; those that are no literals not."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            node = ast.parse(call.strip(), mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return []
    if not isinstance(node, ast.Call):
        return []
    show = repr if find_policy(policy).conversion else str
    texts = []
    for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
        try:
            texts.append(show(ast.literal_eval(argument)))
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            continue
    return texts


class _Place(NamedTuple):
    """Where a block stands."""

    loop: ast.For | ast.AsyncFor | None = None
    is_body: bool = False
    """Whether it is the body of that loop, not a block inside."""


def anchor_forms(anchored: AnchoredProgram) -> dict[int, Form]:
    """Tell of each anchor, by its index, what it follows."""
    if not anchored.anchors:
        return {}
    by_line = {anchor.line: anchor for anchor in anchored.anchors}
    shown = {anchor.name for anchor in anchored.anchors}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = ast.parse(anchored.code)
    forms: dict[int, Form] = {}
    for block, place in _blocks(tree):
        before: ast.stmt | None = None
        for statement in block:
            anchor = by_line.get(statement.lineno)  # which has its line to itself
            if anchor is None:
                before = statement
            else:
                forms[anchor.index] = _form(anchor.name, before, place, shown)
    return forms


def _blocks(tree: ast.Module) -> Iterator[tuple[list[ast.stmt], _Place]]:
    stack: list[tuple[list[ast.stmt], _Place]] = [(tree.body, _Place())]
    while stack:
        block, place = stack.pop()
        yield block, place
        for statement in block:
            for inner in child_blocks(statement):
                if isinstance(statement, ast.For | ast.AsyncFor) and inner is statement.body:
                    stack.append((inner, _Place(statement, True)))
                elif isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                    stack.append((inner, _Place()))
                else:
                    stack.append((inner, place._replace(is_body=False)))


def _form(name: str, before: ast.stmt | None, place: _Place, shown: set[str]) -> Form:
    """Judge by the statement before the anchor, or by the loop that it opens."""
    match before:
        case None:
            opens = place.loop is not None and place.is_body and name in _targets(place.loop)
            return Form.ELEMENT if opens else Form.PLAIN
        case ast.For() | ast.AsyncFor():
            return Form.ELEMENT if name in _targets(before) else Form.PLAIN
        case ast.Assign(targets=targets, value=value):
            return _form_of_value(name, targets, value, place, shown)
        case ast.AnnAssign(target=target, value=ast.expr() as value):
            return _form_of_value(name, [target], value, place, shown)
        case _:
            return Form.PLAIN


def _targets(loop: ast.For | ast.AsyncFor) -> set[str]:
    return {shown.name for shown in target_names(loop.target)}


def _form_of_value(
    name: str, targets: list[ast.expr], value: ast.expr, place: _Place, shown: set[str]
) -> Form:
    for target in targets:
        for part, part_value in pair_elements(target, value):
            if isinstance(part, ast.Name | ast.Attribute) and name in (
                found.name for found in target_names(part)
            ):
                return _form_of_expression(name, part_value, place, shown)
    return Form.PLAIN


def _form_of_expression(name: str, value: ast.expr, place: _Place, shown: set[str]) -> Form:
    match value:
        case ast.Name(id=other):
            if _FRESH.fullmatch(other) and other not in shown:
                return Form.PLAIN  # the helper of a comprehension that was unrolled
            if _FRESH.fullmatch(name) and place.loop and other in _targets(place.loop):
                return Form.ITEM
            return Form.ALIAS
        case ast.Call(func=ast.Name(id=function), args=[_], keywords=[]) if function in _COPIERS:
            return Form.COPY
        case ast.Call(func=ast.Attribute(attr="copy"), args=[], keywords=[]):
            return Form.COPY
        case ast.Subscript(slice=ast.Slice(lower=None, upper=None, step=None)):
            return Form.COPY
        case ast.ListComp(elt=ast.Name(id=item), generators=[one]) if not one.ifs:
            is_copy = isinstance(one.target, ast.Name) and one.target.id == item
            return Form.COPY if is_copy else Form.PLAIN
        case _:
            return Form.LITERAL if is_trivial(value) else Form.PLAIN
