"""LiveCodeBench, code execution: predict what a call of a contest's solution returns.

Scored as the benchmark's own harness does (LiveCodeBench, 28fef95), to the boolean: an answer that
repeats the call is left out, and a row of nothing else is wrong as often as it was asked. The
harness imports some sixty names, numpy and pandas within the time limit of each program; here a
program gets those that it or the answer reads, so that a busy machine makes no answer wrong.
"""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from stepcode.evaluate.assertions import Assertion, literal_verdict
from stepcode.evaluate.benchmark import (
    ALONE,
    Judgement,
    Prompting,
    Reading,
    Sampling,
    Sandboxing,
    Texts,
    Truth,
)
from stepcode.evaluate.extract import Extractor, Side, lenient_answer
from stepcode.evaluate.prediction import (
    Answers,
    Scored,
    describe,
    is_expression,
    judge_rows,
    pass_at_1_by,
)
from stepcode.evaluate.programs import Verdict
from stepcode.evaluate.prompts import STOP, assertion_prompt, steps_prompt, with_anchors
from stepcode.evaluate.table import Table
from stepcode.reason import read_answer
from stepcode.reason.prompt import Message
from stepcode.source.calls import parse_expression
from stepcode.source.imports import free_names, prepend_imports
from stepcode.source.livecodebench import harness_imports
from stepcode.types import TaskKind

FIELDS = ("id", "output")
"""What a row has to have; without its code only answers that are literals can be judged."""
TEMPERATURE, SAMPLES, _MAX_TOKENS = 0.2, 10, 2000


@dataclass(frozen=True, slots=True)
class Question:
    """A row of the benchmark."""

    id: str
    code: str
    call: str
    """The whole call, `minimumSteps(s = '0111')`; the benchmark's column `input`."""
    output: str
    entry: str = ""
    """The function that is called."""
    difficulty: str = ""
    """`easy`, `medium` or `hard`, where the row says so."""


class LiveCodeBench:
    """The benchmark's code execution set."""

    rows_published = 479
    has_pass_at_k = True
    prompting = Prompting.DIRECT
    extractor = Extractor.OFFICIAL

    def __init__(self, questions: Mapping[str, Question]) -> None:
        """Ask these questions, by id."""
        self._questions = questions

    @property
    def ids(self) -> Sequence[str]:
        """The rows, in the order of their numbers."""
        return list(self._questions)

    def truth(self, row: str) -> Truth:
        """Show a row."""
        one = self._questions[row]
        return Truth(one.code, one.call, one.output)

    def prompt(self, row: str, prompting: Prompting, *, anchors: bool) -> list[Message]:
        """Ask for the value of the call."""
        one = self._questions[row]
        if prompting is Prompting.STEPS:
            code = _complete(one.code, one.call)
            return steps_prompt(code, entry=one.entry, given=one.call, kind=TaskKind.OUTPUT)
        return assertion_prompt(
            with_anchors(one.code, one.entry).code if anchors else one.code,
            f"assert {one.call} == ??",
            Side.OUTPUT,
            with_thought=prompting is Prompting.COT,
        )

    def sampling(self, prompting: Prompting) -> Sampling:
        """Say how the benchmark draws completions."""
        stop = () if prompting is Prompting.STEPS else (STOP,)
        return Sampling(TEMPERATURE, SAMPLES, _MAX_TOKENS, stop)

    def judge(
        self, texts: Texts, reading: Reading | None, sandboxing: Sandboxing = ALONE
    ) -> Judgement:
        """Judge completions, or answers."""
        answers: Answers = texts
        if reading is not None:
            answers = {
                row: [self._read(row, text, reading) for text in said]
                for row, said in texts.items()
            }
        scored = score(self._questions, answers, sandboxing=sandboxing)
        judged = describe(scored, answers, None if reading is None else texts, is_expression)
        groups = pass_at_1_by(scored.scores, lambda row: self._questions[row].difficulty)
        return replace(judged, groups={"difficulty": groups} if groups else {})

    def _read(self, row: str, text: str, reading: Reading) -> str | None:
        if reading.prompting is Prompting.STEPS:
            return read_answer(text).final
        if reading.extractor is Extractor.LENIENT:
            return lenient_answer(text, Side.OUTPUT, entry=self._questions[row].entry)
        return official_answer(text, with_thought=reading.prompting is Prompting.COT)


def read_livecodebench(table: Table) -> LiveCodeBench:
    """Read the benchmark's rows; its harness asks them in the order of the numbers in their ids.

    Raises SourceError for those of another benchmark.
    """
    rows = sorted(table.of_texts(FIELDS), key=lambda row: _number(row["id"]))
    return LiveCodeBench({row["id"]: _read_row(table, row) for row in rows})


def _read_row(table: Table, row: Mapping[str, str]) -> Question:
    code, call = row.get("code") or "", row.get("input") or ""
    entry = row.get("function_name") or _callee(call)
    if code and not entry:
        raise table.is_other(row["id"], "its input is no call, as LiveCodeBench's are")
    return Question(
        row["id"], code, call, row["output"], entry, str(row.get("difficulty") or "").lower()
    )


def _callee(call: str) -> str:
    match parse_expression(call):
        case ast.Call(func=ast.Name(id=name)):
            return name
        case _:
            return ""


def _number(row: str) -> int:
    last = row.rpartition("_")[2]
    return int(last) if last.isdecimal() else 0


def official_answer(text: str, *, with_thought: bool) -> str:
    """Take the answer out of a completion as the harness does."""
    if with_thought and "[ANSWER]" in text:
        text = text.split("[ANSWER]")[1].strip()
    if "==" in text:
        text = text.split("==")[1].strip()
    text = text.split("[/ANSWER]")[0] if "[/ANSWER]" in text else text.split("\n")[0]
    return text.strip()


def score(
    questions: Mapping[str, Question],
    answers: Answers,
    *,
    sandboxing: Sandboxing = ALONE,
) -> Scored:
    """Score the answers to questions, by id."""
    assertions = {
        row: [_to_judge(questions[row], answer) for answer in given]
        for row, given in answers.items()
    }
    verdicts = judge_rows(assertions, sandboxing=sandboxing)
    return Scored({row: _row_scores(ones) for row, ones in verdicts.items()}, verdicts)


def _to_judge(question: Question, answer: str | None) -> Assertion | Verdict:
    if answer is None:
        return Verdict.NOT_EXTRACTED
    if question.call and question.call in answer:
        return Verdict.SKIPPED
    assertion = Assertion(_complete(question.code, answer), question.output, answer)
    if not question.code and literal_verdict(assertion) is None:
        return Verdict.UNSCORED
    return assertion


@lru_cache(maxsize=4096)
def _complete(code: str, answer: str) -> str:
    """Put above a program the imports that it and the answer need."""
    # Names are read from the answer only if it is an expression; else the whole does not parse.
    used = free_names(code) | free_names(answer)
    return prepend_imports(code, harness_imports(used))


def _row_scores(verdicts: Sequence[Verdict]) -> list[bool]:
    run = [one is Verdict.PASSED for one in verdicts if one is not Verdict.SKIPPED]
    return run or [False] * len(verdicts)
