"""What an expression can do and what can be done to it, judged without running it.

    pure       nothing else that is evaluated changes what it is: constants, local names
    harmless   it changes nothing itself: `len(xs)`, `s.find('a') + 1`

Judged for programs over builtin types. A program with classes of its own may have put anything
behind an operator or a method, so there only names and constants pass.
"""

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from stepcode.anchor.facts import Facts
from stepcode.anchor.nodes import inner_nodes

_HARMLESS_FUNCTIONS = {
    *("abs", "all", "any", "ascii", "bin", "bool", "bytes", "chr", "complex", "dict", "divmod"),
    *("enumerate", "float", "format", "frozenset", "hex", "int", "isinstance", "len", "list"),
    *("max", "min", "oct", "ord", "pow", "range", "repr", "reversed", "round", "set", "slice"),
    *("sorted", "str", "sum", "tuple", "type", "zip"),
}
_HARMLESS_METHODS = {
    *("capitalize", "casefold", "center", "copy", "count", "decode", "encode", "endswith"),
    *("expandtabs", "find", "format", "get", "index", "isalnum", "isalpha", "isascii"),
    *("isdecimal", "isdigit", "isidentifier", "islower", "isnumeric", "isprintable", "isspace"),
    *("istitle", "isupper", "items", "join", "keys", "ljust", "lower", "lstrip", "maketrans"),
    *("partition", "removeprefix", "removesuffix", "replace", "rfind", "rindex", "rjust"),
    *("rpartition", "rsplit", "rstrip", "split", "splitlines", "startswith", "strip", "swapcase"),
    *("title", "translate", "upper", "values", "zfill", "union", "intersection", "difference"),
    *("symmetric_difference", "issubset", "issuperset", "isdisjoint", "bit_length"),
}
_OPERATORS = (
    *(ast.BinOp, ast.UnaryOp, ast.Compare, ast.BoolOp, ast.IfExp, ast.Subscript, ast.Slice),
    *(ast.List, ast.Tuple, ast.Set, ast.Dict, ast.JoinedStr, ast.FormattedValue, ast.Constant),
)
_LIFETIME = re.compile(r"\b(?:__del__|weakref|gc|getrefcount|finalize)\b")
_ITERATORS = re.compile(r"\b(?:yield|iter|next|itertools|open)\b")
_ITERATOR_MAKERS = {"map", "filter", "zip", "reversed", "enumerate"}
_TRUTH = re.compile(r"\b(?:__bool__|__len__|numpy|pandas)\b")


@dataclass(slots=True)
class Purity:
    """What is known of one program."""

    facts: Facts
    defined: set[str]
    """Names of the program's functions and classes."""
    rebound: set[str]
    """Names that a call may give another value: `global` and `nonlocal` ones."""
    stored_attributes: set[str]
    own_names: set[str] = field(default_factory=set)
    """Every name that is assigned or a parameter somewhere: no builtin, whatever it says."""
    has_iterators: bool = False
    """Whether some variable may be an iterator, which even `list` uses up."""
    _judged: dict[ast.AST, bool] = field(default_factory=dict)

    def is_pure(self, node: ast.expr) -> bool:
        """Tell whether nothing evaluated before or after can change what this is."""
        match node:
            case ast.Constant():
                return True
            case ast.Name(id=name):
                return name not in self.rebound
            case ast.Lambda(args=arguments):
                return not (arguments.defaults or any(arguments.kw_defaults))
            case ast.Attribute(value=value, attr=name):
                return self._has_plain_attribute(name) and self.is_pure(value)
            case ast.UnaryOp(operand=ast.Constant()):
                return True
            case _:
                return False

    def _has_plain_attribute(self, name: str) -> bool:
        known = self.stored_attributes | self.facts.class_attributes
        return not (self.facts.hooks_attributes or name in known or "setattr" in known)

    def is_harmless(self, node: ast.expr) -> bool:
        """Tell whether evaluating this changes nothing, so that its place does not matter."""
        if self.facts.classes or self.has_iterators:
            return False
        judged = self._judged.get(node)
        if judged is None:
            judged = self._judged[node] = self._is_all_harmless(node)
        return judged

    def _is_all_harmless(self, node: ast.AST) -> bool:
        """Look into a node, but not into what was judged before: a spine comes from inside out."""
        stack = [node]
        while stack:
            part = stack.pop()
            judged = self._judged.get(part)
            if judged is False or (judged is None and not self._is_harmless_part(part)):
                return False
            if judged is None:
                stack += inner_nodes(part)
        return True

    def _is_harmless_part(self, node: ast.AST) -> bool:
        match node:
            case ast.Call(func=ast.Name(id=name), keywords=keywords):
                return name in _HARMLESS_FUNCTIONS and name not in self.own_names and not keywords
            case ast.Call(func=ast.Attribute(attr=name), keywords=keywords):
                return name in _HARMLESS_METHODS and not keywords
            case ast.Name(id=name):
                return name not in self.defined
            case ast.Attribute(attr=name):
                return name in _HARMLESS_METHODS
            case _:
                return isinstance(node, _OPERATORS)


def judge_purity(nodes: Iterable[ast.AST], code: str, facts: Facts) -> Purity:
    """Look once through all nodes of a program for what makes names and attributes change."""
    rebound: set[str] = set()
    attributes: set[str] = set()
    own: set[str] = set()
    for node in nodes:
        match node:
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                rebound.update(names)
            case ast.Attribute(attr=name, ctx=ast.Store() | ast.Del()):
                attributes.add(name)
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()) | ast.arg(arg=name):
                own.add(name)
            case ast.Call(func=ast.Name(id="setattr" | "delattr")):
                attributes.add("setattr")
    defined = facts.defined
    own |= defined | facts.imports
    has_iterators = _ITERATORS.search(code) is not None or any(
        _is_iterator(value) for _, _, value in facts.assignments
    )
    return Purity(facts, defined, rebound, attributes, own, has_iterators)


def _is_iterator(value: ast.expr) -> bool:
    match value:
        case ast.GeneratorExp():
            return True
        case ast.Call(func=ast.Name(id=name)):
            return name in _ITERATOR_MAKERS
        case _:
            return False


def depends_on_lifetime(code: str) -> bool:
    """Tell whether a program may notice that a name keeps a value alive."""
    return _LIFETIME.search(code) is not None


def truth_is_plain(code: str) -> bool:
    """Tell whether asking a value for its truth twice is as good as once."""
    return _TRUTH.search(code) is None
