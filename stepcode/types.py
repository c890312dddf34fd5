"""Every type that crosses a package boundary.

All are frozen, slotted and made of str, int, float, bool, tuple and enum, so they pickle cheaply
and map one-to-one onto Parquet. Functions live with the packages; this file holds nouns only, and
the one hash that their ids are made of.
"""

import hashlib
from dataclasses import dataclass
from enum import StrEnum


def short_hash(*parts: str) -> str:
    """Hash texts to 24 hexadecimal digits; how the text is cut into parts matters."""
    digest = hashlib.blake2b(digest_size=12)
    for part in parts:
        encoded = part.encode("utf-8", "surrogatepass")
        digest.update(len(encoded).to_bytes(8, "little") + encoded)
    return digest.hexdigest()


class Reason(StrEnum):
    """Why an input row is not in the dataset. Every dropped row has exactly one."""

    BAD_ROW = "bad_row"
    """The row cannot be read: broken JSON, no code, a wrong type, a call that does not parse."""
    NO_CALL = "no_call"
    """The row names nothing to run, or an entry that the code does not define."""
    REFUSED = "refused"
    """The program cannot be anchored without changing its meaning, or it is not Python."""
    RAISED = "raised"
    TIMED_OUT = "timed_out"
    OUT_OF_MEMORY = "out_of_memory"
    OUTPUT_TOO_LONG = "output_too_long"
    CRASHED = "crashed"
    """The process ended by itself: a signal, `os._exit`, an exhausted C stack."""
    TAMPERED = "tampered"
    LOST = "lost"
    """The infrastructure failed twice, not the program: run it again."""
    RESULT_CHANGED = "result_changed"
    """With anchors the program behaves differently."""
    OUTPUT_DIFFERS = "output_differs"
    """The result is not the output that the source declares."""
    UNSTABLE = "unstable"
    """Two runs under different hash seeds disagree, or a value's text depends on set order."""
    NO_STEPS = "no_steps"
    TOO_MANY_STEPS = "too_many_steps"
    ADDRESS = "address"
    """A value shows a memory address."""
    VALUE_TOO_LONG = "value_too_long"
    NOT_LITERAL = "not_literal"
    """The result is no Python literal, so no model could write it down."""
    DUPLICATE = "duplicate"
    CONTAMINATED = "contaminated"


class Outcome(StrEnum):
    """How an execution ended. All but `OK` have the name of the `Reason` they become."""

    OK = "ok"
    RAISED = "raised"
    TIMED_OUT = "timed_out"
    OUT_OF_MEMORY = "out_of_memory"
    OUTPUT_TOO_LONG = "output_too_long"
    TOO_MANY_STEPS = "too_many_steps"
    CRASHED = "crashed"
    TAMPERED = "tampered"
    LOST = "lost"


class AnchorKind(StrEnum):
    """What an anchor follows."""

    ASSIGN = "assign"
    AUGMENT = "augment"
    MUTATE = "mutate"
    DELETE = "delete"
    LOOP = "loop"
    BRANCH = "branch"
    HOIST = "hoist"
    RETURN = "return"


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A piece of Python text and where it came from."""

    id: str = ""
    """Hash of code and entry; computed where none is given."""
    code: str
    entry: str = "f"
    """The function that a bare argument list is meant for; empty when there is none."""
    source: str = ""
    source_row: str = ""
    """The row's own id as text, else its 0-based number."""
    license: str = "unknown"

    def __post_init__(self) -> None:
        """Fill in the id."""
        if not self.id:
            object.__setattr__(self, "id", short_hash(self.code, self.entry))


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why a row was not kept, with the detail a person needs to mend it."""

    reason: Reason
    detail: str


@dataclass(frozen=True, slots=True)
class Case:
    """One input row of a source: a program, one call, and the output that the source declares."""

    program: Program
    call: str
    """The whole call expression, `f([1, 2])`; empty when the source gives none."""
    declared: str | None = None
    """The expected value as Python text, or None where the source declares none."""
    rejection: Rejection | None = None
    """Set when the source could not make a runnable case of the row."""
    siblings: "tuple[Case, ...] | None" = None
    """The program's cases before this one, set on its last where further inputs are asked for."""
    shared_calls: tuple[str, ...] = ()
    """All calls of the program, where one anchored text has to serve them."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """One inserted print."""

    index: int
    kind: AnchorKind
    name: str
    """The name shown: `x`, `self.x`, or the fresh name that holds a returned value."""
    line: int
    """1-based line of the print in the anchored code."""
    original_line: int
    """1-based line of the statement it belongs to in the original code."""
    scope: str
    """Qualified name of the enclosing function, or `<module>`."""


@dataclass(frozen=True, slots=True)
class Edit:
    """`anchored_code[start:end]` was `original`; offsets are characters."""

    start: int
    end: int
    original: str


@dataclass(frozen=True, slots=True)
class AnchoredProgram:
    """A program with its anchors and the edits that undo them."""

    program: Program
    code: str
    anchors: tuple[Anchor, ...]
    edits: tuple[Edit, ...]
    policy: str


@dataclass(frozen=True, slots=True)
class Limits:
    """What one execution may use."""

    cpu_seconds: float = 5.0
    wall_seconds: float = 20.0
    """Far above `cpu_seconds`, so that a loaded machine changes no outcome; it ends sleepers."""
    memory_mb: int = 1024
    max_output_bytes: int = 1_000_000
    """Of standard output and error, and of the recorded steps with the result; each on its own."""
    max_steps: int = 1000


@dataclass(frozen=True, slots=True)
class Step:
    """One firing of an anchor."""

    anchor: int
    visit: int
    """1 for the first time this anchor fires."""
    name: str
    text: str | None
    """Exactly what follows the name, `:` and a space as printed; None if showing it raises."""
    novelty: str | None = None


@dataclass(frozen=True, slots=True)
class Execution:
    """What happened when a program ran one call. `steps` is the trace."""

    program_id: str
    call: str
    outcome: Outcome
    steps: tuple[Step, ...]
    output: str | None
    """The repr of the call's value; None unless the outcome is OK."""
    error: str | None
    """`Type: message` of the exception, or what ended the run; None when the outcome is OK."""
    stdout: str
    """The program's own prints, without the anchors'."""
    python: str
    """Version of the interpreter that ran it, `3.11.7`."""


class TaskKind(StrEnum):
    """Which side of a call a model has to find."""

    OUTPUT = "output"
    """Given the program and the call: what does it return?"""
    INPUT = "input"
    """Given the program and what it returned: which call was it?"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A dataset row seen as one task: what training and evaluation read."""

    id: str
    """The row's id with the kind, `3f2a...-output`."""
    kind: TaskKind
    anchored_code: str
    anchors: tuple[Anchor, ...]
    """Needed to run an input that a model proposes, and to narrate the steps."""
    given: str
    """The call in output prediction, the output in input prediction."""
    target: str
    """The output, or a call that gives it; any other call that gives it is as right."""
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """`text[start:end]` of a model's text; offsets are characters."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class PredictedStep:
    """What a model says that an anchor prints: `name: text`."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What was read from a model's text; nothing here has been judged."""

    steps: tuple[PredictedStep, ...]
    step_spans: tuple[Span, ...]
    """Where each step's `name: text` stands, as it was written; one for each step, ascending."""
    reasons: tuple[str, ...]
    """One before each step and one before the final answer; empty where there is none."""
    final: str | None
    """The final answer; None where the text has none."""
    final_span: Span | None
    problems: tuple[str, ...]
    """In which ways the text is not as it was asked for; empty when it is well-formed."""


@dataclass(frozen=True, slots=True)
class StepScore:
    """Whether one step of the truth was told right, and where the text tells it."""

    correct: bool
    span: Span | None
    """None where the text has no such step."""


@dataclass(frozen=True, slots=True)
class Score:
    """How true an answer is."""

    final: bool
    steps: tuple[StepScore, ...]
    """One for each step of the truth, in order."""
    extra: int
    """Steps of the answer that belong to none of the truth."""

    @property
    def is_perfect(self) -> bool:
        """Whether the final answer and every step is right, and nothing was made up."""
        return self.final and not self.extra and all(step.correct for step in self.steps)
