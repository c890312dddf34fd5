"""How statements become a function, and functions a program with a call.

write_program(random.Random(7), LEVELS[2])     Written(code="def f(...): ...", call="f(...)")
"""

import re
from dataclasses import dataclass
from random import Random

from stepcode.source.synthesis.blocks import Blocks, indent
from stepcode.source.synthesis.fill import Filler
from stepcode.source.synthesis.kinds import EMPTY, Kind
from stepcode.source.synthesis.levels import Level
from stepcode.source.synthesis.literals import Literals
from stepcode.source.synthesis.scope import Scope, Variable

ENTRY = "f"
_HELPER = Level(number=0, statements=(1, 1), nesting=0, depth=1, kinds=(Kind.INT, Kind.STR))
_HELPER_NAMES = ("helper", "adjust", "convert", "prepare", "shorten", "score_of", "tidy", "weigh")
_MOST_RETURNED = 3
_MOST_STEPS = 9
"""By our estimate, which is one too high or low at times; over ten steps no row is kept."""
_WORD = re.compile(r"\w+")
_TARGET = re.compile(r"^ *\w+ = ", re.MULTILINE)
_SHOWN = re.compile(
    r"^    (?! |else|elif|except|if not \w+:|\w+ = (?:\[\]|''|{}|set\(\)|\d+)$)"
    r"(?:(?P<targets>\w+(?:, \*?\w+)+) = )?",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Written:
    """A program that defines `f`, and one call of it."""

    code: str
    call: str


@dataclass(frozen=True, slots=True)
class _Function:
    name: str
    text: str
    parameters: tuple[Kind, ...]
    returns: Kind | None
    """None where it gives several values."""


def write_program(rng: Random, level: Level) -> Written:
    """Write a program of a difficulty, all of it decided by `rng`."""
    literals = Literals(rng)
    filler = Filler(rng, literals)
    while True:  # now and then a body has no use for any of its parameters, or is too long
        helper = _helper(filler, rng) if level.helper else None
        kinds = _choose_parameters(rng, level, helper.parameters if helper else ())
        function = _Writer(filler, rng, level, helper).write(ENTRY, kinds)
        code = "\n\n\n".join([*([helper.text] if helper else []), function.text]) + "\n"
        if function.parameters and _count_steps(code) <= _MOST_STEPS:
            break
    arguments = ", ".join(map(literals.argument, function.parameters))
    return Written(code, f"{ENTRY}({arguments})")


def _count_steps(code: str) -> int:
    """Estimate the steps of a run: lines outside loops that show something, and loops."""
    return sum(
        1 + match["targets"].count(",") if match["targets"] else 1
        for match in _SHOWN.finditer(code)
    )


def _helper(filler: Filler, rng: Random) -> _Function:
    """Write a small function of one number or string that gives one value back."""
    name = rng.choice(_HELPER_NAMES)
    while True:
        written = _Writer(filler, rng, _HELPER, None).write(name, (rng.choice(_HELPER.kinds),))
        if written.parameters and written.returns in _HELPER.kinds:
            return written


def _choose_parameters(rng: Random, level: Level, wanted: tuple[Kind, ...]) -> tuple[Kind, ...]:
    """Choose one to three parameters; the first has parts, so that there is something to do.

    Those that a helper wants are among them, or one is added.
    """
    rich = [kind for kind in level.kinds if kind is not Kind.INT]
    first = rng.choice(rich)
    others = rng.choices(level.kinds, k=rng.choice((0, 1, 1, 2)))
    return (first, *others, *(kind for kind in wanted if kind not in (first, *others)))


class _Writer:
    """Writes one function; the scope grows from statement to statement."""

    def __init__(self, filler: Filler, rng: Random, level: Level, helper: _Function | None) -> None:
        self._filler = filler
        self._rng = rng
        self._level = level
        self._helper = helper
        self._blocks = Blocks(filler, rng, level)

    def write(self, name: str, kinds: tuple[Kind, ...]) -> _Function:
        scope = Scope(self._rng, taken={name, *([self._helper.name] if self._helper else [])})
        parameters = [scope.add(scope.fresh_for(kind), kind) for kind in kinds]
        before, after = self._guard(scope, parameters)
        body = self._body(scope)
        result, returns = self._result(scope, parameters)
        if before is not None:
            empty = self._rng.choice(EMPTY[returns]) if returns else "None"
            body.insert(0, f"if {before}:\n    return {empty}")
        if after is not None:
            body.insert(self._rng.randint(1, len(body)) if before else 0, after)
        lines = "\n".join([*body, f"return {result}"])
        # What was used may be gone again with a statement that could not be written.
        asked = set(_WORD.findall(f"{before} {after}"))
        read = set(_WORD.findall(_TARGET.sub("", lines)))
        used = [v for v in parameters if v.name in asked or (v.is_used and v.name in read)]
        head = f"def {name}({', '.join(parameter.name for parameter in used)}):"
        kinds = tuple(parameter.kind for parameter in used)
        return _Function(name, f"{head}\n{indent(lines)}", kinds, returns)

    def _guard(self, scope: Scope, parameters: list[Variable]) -> tuple[str | None, str | None]:
        """Choose a test for nothing to do, and now and then an early return of some value."""
        rng = self._rng
        before = after = None
        if self._level.guards and rng.random() < 0.35:
            before = f"not {rng.choice(parameters).name}"
        if self._level.guards and rng.random() < 0.1:
            condition = self._filler.condition(scope, depth=0)
            early = self._filler.expression(rng.choice(self._level.kinds), scope, depth=0)
            if condition and early:
                after = f"if {condition}:\n    return {early}"
        for parameter in parameters:
            parameter.is_used = False
        return before, after

    def _body(self, scope: Scope) -> list[str]:
        count = self._rng.randint(*self._level.statements)
        wanted = [*self._blocks.required(), *([self._call_helper] if self._helper else [])]
        wanted += [self._blocks.choose() for _ in range(count - len(wanted))]
        self._rng.shuffle(wanted)
        written = [write(scope) for write in wanted]
        body = [text for text in written if text]
        return body or [self._blocks.assign(scope) or "pass"]

    def _call_helper(self, scope: Scope) -> str | None:
        assert self._helper is not None
        wanted, kind = self._helper.parameters[0], self._helper.returns
        assert kind is not None
        argument = self._filler.value(wanted, scope, depth=1)
        variable = scope.fresh_for(kind)
        scope.add(variable, kind)
        return f"{variable} = {self._helper.name}({argument})"

    def _result(self, scope: Scope, parameters: list[Variable]) -> tuple[str, Kind | None]:
        """Return what nothing has used yet, else what there is, or something of it."""
        rng = self._rng
        given = {parameter.name for parameter in parameters}
        unused = [variable for variable in scope.unused() if variable.name not in given]
        if not unused:
            unused = scope.variables[-1:]
        if len(unused) == 1:
            return self._one_result(scope, unused[0])
        chosen = unused[-_MOST_RETURNED:]
        for variable in chosen:
            variable.is_used = True
        names = [variable.name for variable in chosen]
        kinds = {variable.kind for variable in chosen}
        if kinds == {Kind.INT} and rng.random() < 0.5:
            return rng.choice((" + ", " - ", " * ")).join(names), Kind.INT
        if kinds == {Kind.STR} and rng.random() < 0.5:
            return rng.choice((" + ", " + ' ' + ", " + '|' + ")).join(names), Kind.STR
        if kinds == {Kind.NUMS} and rng.random() < 0.5:
            return " + ".join(names), Kind.NUMS
        if kinds <= {Kind.INT, Kind.STR} and rng.random() < 0.4:
            return "f'" + " ".join(f"{{{name}}}" for name in names) + "'", Kind.STR
        form = rng.choice(("{}", "[{}]", "{}", "dict"))
        if form == "dict":
            return "{" + ", ".join(f"{name!r}: {name}" for name in names) + "}", None
        return form.format(", ".join(names)), None

    def _one_result(self, scope: Scope, variable: Variable) -> tuple[str, Kind]:
        rng = self._rng
        variable.is_used = True
        if rng.random() < 0.6:
            return variable.name, variable.kind
        kind = rng.choice((variable.kind, Kind.INT, Kind.STR, Kind.WORDS, Kind.NUMS))
        if kind not in self._level.kinds:
            kind = variable.kind
        about = Scope(rng, [variable], taken=(name.name for name in scope.variables))
        written = self._filler.expression(kind, about, depth=0)
        return (written, kind) if written else (variable.name, variable.kind)
