"""What a model is asked about a program: four tasks, directly or with a thought before the answer.

The wording is ours, the shape the benchmark's: two worked examples, then the question, which ends
where the model goes on, at `[ANSWER]` or `[THOUGHT]`. `[/ANSWER]` ends an answer.
"""

from stepcode.evaluate.benchmarks.reval.invocations import (
    THE_TEST,
    invocation,
    setup_of,
    short_invocation,
)
from stepcode.evaluate.benchmarks.reval.questions import Mode, Question, Task
from stepcode.evaluate.benchmarks.reval.shots import SHOTS, Shot

STOP = "[/ANSWER]"
MAX_NEW_TOKENS = {Mode.DIRECT: 256, Mode.COT: 1024}
TEMPERATURE = 0.8
"""As the benchmark sets it, with one answer to each question and five runs."""

_TASKS = {
    Task.COVERAGE: "decide whether a given line runs. Answer YES if it runs at least once, else NO",
    Task.PATH: (
        "find the line that runs right after a given line. Copy that line as it stands in the "
        "program, without its number. If several lines can follow, give any one of them. Answer "
        "-1 if nothing of the program runs after it, or if the given line never runs"
    ),
    Task.STATE: (
        "find the value and the type of an expression right after a given line has run. Answer "
        "in the form `value; type`. If the line runs more than once, any value it has then will "
        "do. Answer Nil if the line never runs or the expression has no value there"
    ),
    Task.OUTPUT: (
        "complete the test. Write the test code again, with a literal value in the place of "
        "each ?? so that every assertion holds. Write no other code"
    ),
}
_QUESTIONS = {
    Task.COVERAGE: "Does line {line} (`{codeline}`) run in {run}?",
    Task.PATH: "Which line runs right after line {line} (`{codeline}`) in {run}?",
    Task.STATE: "What is `{expression}` right after line {line} (`{codeline}`) in {run}?",
    Task.OUTPUT: "Complete the test.",
}
_TEMPLATE = """\
[PROGRAM]
{code}
[/PROGRAM]
[TEST]
{invocation}
[/TEST]
[QUESTION]
{question}
[/QUESTION]
"""


def write_prompt(question: Question, mode: Mode) -> str:
    """Write the instruction, two examples and the question."""
    thought = " Think step by step first." if mode is Mode.COT else ""
    instruction = (
        "You are given a Python program and a test that runs it. "
        f"For each, {_TASKS[question.task]}.{thought}\n"
    )
    shots = [_shot(shot, question.task, mode) for shot in SHOTS]
    opening = "[THOUGHT]\n" if mode is Mode.COT else "[ANSWER]\n"
    return "\n".join([instruction, *shots, f"{_ask(question)}{opening}"])


def _ask(question: Question) -> str:
    subject, pair, probe = question.subject, question.pair, question.probe
    if probe is None:
        test = f"{setup_of(subject, pair)}{pair.question}"
        return _fill(Task.OUTPUT, code=subject.code, invocation=test)
    is_numbered = question.task is Task.PATH and subject.test is None
    return _fill(
        question.task,
        code=_numbered(subject.code) if is_numbered else subject.code,
        invocation=invocation(subject, pair),
        line=probe.line,
        codeline=subject.code.split("\n")[probe.line - 1].strip(),
        expression=probe.expression,
        run=_named(short_invocation(subject, pair)),
    )


def _shot(shot: Shot, task: Task, mode: Mode) -> str:
    probe, answer = shot.probes[task], shot.answers[task]
    asked = _fill(
        task,
        code=_numbered(shot.code) if task is Task.PATH and not shot.is_class else shot.code,
        invocation=shot.question if task is Task.OUTPUT else shot.invocation,
        line=probe.line,
        codeline=shot.code.split("\n")[probe.line - 1].strip(),
        expression=probe.expression,
        run=_named(shot.short_invocation),
    )
    thought = f"[THOUGHT]\n{answer.thought}\n[/THOUGHT]\n" if mode is Mode.COT else ""
    return f"{asked}{thought}[ANSWER]\n{answer.text}\n[/ANSWER]\n"


def _fill(task: Task, *, code: str, invocation: str, **fields: object) -> str:
    question = _QUESTIONS[task].format(**fields)
    return _TEMPLATE.format(code=code.rstrip("\n"), invocation=invocation, question=question)


def _numbered(code: str) -> str:
    """Number the lines; only where a path through a function is asked for, as in the benchmark."""
    lines = code.rstrip("\n").split("\n")
    return "\n".join(f"{number}\t{line}" for number, line in enumerate(lines, start=1))


def _named(run: str) -> str:
    return run if run == THE_TEST else f"`{run}`"
