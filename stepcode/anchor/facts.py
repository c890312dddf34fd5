"""What the planner knows of the whole program: `walk` gathers it, `silence` concludes from it."""

import ast
from dataclasses import dataclass, field

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef

CONSTRUCTORS = ("__init__", "__post_init__", "__new__")
"""What calling a class runs."""
_ATTRIBUTE_HOOKS = {"__getattr__", "__getattribute__", "__setattr__", "__get__", "__set__"}


@dataclass(slots=True, eq=False)
class Function:
    """One `def` and what the walk saw of it."""

    node: FunctionNode
    qualname: str
    is_method: bool
    in_loop: bool
    parameters: frozenset[str]
    locals: set[str] = field(default_factory=set)
    """Parameters and names assigned in it: variables, whatever else has their name outside."""
    frame_readers: set[str] = field(default_factory=set)
    """What it mentions that may look at its local names: `locals`, `eval`, ..."""
    is_generator: bool = False

    @property
    def reads_frame(self) -> bool:
        """Whether a new local name could be noticed."""
        return not self.frame_readers <= self.locals

    @property
    def self_name(self) -> str | None:
        """Name of the instance (or class) a method works on."""
        arguments = self.node.args
        first = next(iter(arguments.posonlyargs + arguments.args), None)
        static = any(
            isinstance(d, ast.Name) and d.id == "staticmethod" for d in self.node.decorator_list
        )
        return first.arg if self.is_method and first is not None and not static else None


@dataclass(frozen=True, slots=True)
class Reference:
    """One use of a name that a `def` or `class` of the program also has."""

    name: str
    caller: Function | None
    hot: bool
    """Inside a loop, comprehension or lambda: it may run many times a call."""
    called: bool
    attribute: bool


@dataclass(slots=True)
class Facts:
    """Everything the planner asks about a program."""

    functions: dict[FunctionNode, Function] = field(default_factory=dict)
    classes: list[ast.ClassDef] = field(default_factory=list)
    imports: set[str] = field(default_factory=set)
    class_attributes: set[str] = field(default_factory=set)
    """Names of methods and properties: `self.x` with such a name may run code when it is shown."""
    assignments: list[tuple[Function | None, tuple[ast.expr, ...], ast.expr]] = field(
        default_factory=list
    )
    silent: set[FunctionNode] = field(default_factory=set)
    """Functions that may fire more than once a call: they get no anchors."""

    @property
    def defined(self) -> set[str]:
        """Names of functions and classes: never variables, never shown."""
        return {f.node.name for f in self.functions.values() if not f.is_method} | {
            c.name for c in self.classes
        }

    @property
    def hooks_attributes(self) -> bool:
        """Whether reading an attribute may run the program's own code."""
        return not _ATTRIBUTE_HOOKS.isdisjoint(self.class_attributes)
