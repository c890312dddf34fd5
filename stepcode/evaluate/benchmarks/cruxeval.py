"""CRUXEval: 800 small functions; predict the output of a call, or an input that has the output.

Scored as the benchmark's own harness does (facebookresearch/cruxeval, 190faf1), to the boolean:

- an answer that repeats the question is left out and so lowers the number of answers, but only in
  rows where another is right; a row without a right answer is wrong as often as it was asked;
- the answer is any Python expression, and in input prediction any call that gives the output.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from stepcode.evaluate.assertions import Assertion
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
from stepcode.evaluate.prediction import Answers, Scored, describe, is_expression, judge_rows
from stepcode.evaluate.programs import Verdict
from stepcode.evaluate.prompts import STOP, assertion_prompt, steps_prompt, with_anchors
from stepcode.evaluate.table import Table
from stepcode.reason import read_answer
from stepcode.reason.prompt import Message
from stepcode.source.calls import parse_module, why_undefined
from stepcode.types import TaskKind

FIELDS = ("id", "code", "input", "output")
TEMPERATURE, SAMPLES = 0.2, 10
"""What published pass@1 are drawn with; pass@5 with temperature 0.8."""
_MAX_TOKENS = {Prompting.DIRECT: 1024, Prompting.COT: 2048, Prompting.STEPS: 2048}


@dataclass(frozen=True, slots=True)
class Question:
    """A row of the benchmark."""

    id: str
    code: str
    input: str
    """The text between the parentheses of `f(...)`."""
    output: str

    @property
    def call(self) -> str:
        """The whole call."""
        return f"f({self.input})"


class CruxEval:
    """The benchmark from one of its sides."""

    rows_published = 800
    has_pass_at_k = True
    prompting = Prompting.DIRECT
    extractor = Extractor.OFFICIAL

    def __init__(self, questions: Mapping[str, Question], side: Side) -> None:
        """Ask these questions, by id."""
        self._questions = questions
        self._side = side

    @property
    def ids(self) -> Sequence[str]:
        """The rows, in order."""
        return list(self._questions)

    def truth(self, row: str) -> Truth:
        """Show a row."""
        one = self._questions[row]
        if self._side is Side.OUTPUT:
            return Truth(one.code, one.call, one.output)
        return Truth(one.code, one.output, one.call, is_call=False)

    def prompt(self, row: str, prompting: Prompting, *, anchors: bool) -> list[Message]:
        """Ask for the output, or for an input."""
        one, is_output = self._questions[row], self._side is Side.OUTPUT
        if prompting is Prompting.STEPS:
            kind = TaskKind.OUTPUT if is_output else TaskKind.INPUT
            given = one.call if is_output else one.output
            return steps_prompt(one.code, entry="f", given=given, kind=kind)
        question = f"assert {one.call} == ??" if is_output else f"assert f(??) == {one.output}"
        return assertion_prompt(
            with_anchors(one.code, "f").code if anchors else one.code,
            question,
            self._side,
            with_thought=prompting is Prompting.COT,
        )

    def sampling(self, prompting: Prompting) -> Sampling:
        """Say how the benchmark draws completions for pass@1."""
        stop = () if prompting is Prompting.STEPS else (STOP,)
        return Sampling(TEMPERATURE, SAMPLES, _MAX_TOKENS[prompting], stop)

    def judge(
        self, texts: Texts, reading: Reading | None, sandboxing: Sandboxing = ALONE
    ) -> Judgement:
        """Judge completions, or answers."""
        answers: Answers = texts
        if reading is not None:
            answers = {
                row: [self._read(text, reading) for text in said] for row, said in texts.items()
            }
        scored = score(self._questions, answers, self._side, sandboxing=sandboxing)
        return describe(scored, answers, None if reading is None else texts, is_expression)

    def _read(self, text: str, reading: Reading) -> str | None:
        if reading.prompting is Prompting.STEPS:
            return read_answer(text).final
        if reading.extractor is Extractor.LENIENT:
            return lenient_answer(text, self._side)
        return official_answer(text, self._side, with_thought=reading.prompting is Prompting.COT)


def read_cruxeval(rows: Table, side: Side) -> CruxEval:
    """Read the benchmark's rows. Raises SourceError for those of another benchmark."""
    questions = {}
    for row in rows.of_texts(FIELDS):
        missing = why_undefined("f", parse_module(row["code"]))
        if missing:
            raise rows.is_other(row["id"], missing)
        questions[row["id"]] = Question(row["id"], row["code"], row["input"], row["output"])
    return CruxEval(questions, side)


def official_answer(text: str, side: Side, *, with_thought: bool) -> str:
    """Take the answer out of a completion as the harness does for models that it runs itself."""
    if with_thought and "[ANSWER]" in text:
        text = text.split("[ANSWER]")[1].strip()
    pieces = text.split("==")
    match side:
        case Side.OUTPUT:
            return (pieces[1] if len(pieces) > 1 else text).strip()
        case Side.INPUT:
            call = pieces[0].strip()
            return f"f{call.split('assert f')[1]}".strip() if "assert f" in call else call


def is_skipped(question: Question, answer: str, side: Side) -> bool:
    """Whether the harness runs an answer at all: not if it repeats the call, or has none."""
    if side is Side.INPUT:
        return "f(" not in answer
    return f"f({question.input})" in answer


def score(
    questions: Mapping[str, Question],
    answers: Answers,
    side: Side,
    *,
    sandboxing: Sandboxing = ALONE,
) -> Scored:
    """Score the answers to questions, by id."""
    assertions = {
        row: [_to_judge(questions[row], answer, side) for answer in given]
        for row, given in answers.items()
    }
    verdicts = judge_rows(assertions, sandboxing=sandboxing)
    return Scored({row: _row_scores(ones) for row, ones in verdicts.items()}, verdicts)


def _to_judge(question: Question, answer: str | None, side: Side) -> Assertion | Verdict:
    if answer is None:
        return Verdict.NOT_EXTRACTED
    if is_skipped(question, answer, side):
        return Verdict.SKIPPED
    return Assertion(question.code, question.output, answer)


def _row_scores(verdicts: Sequence[Verdict]) -> list[bool]:
    if Verdict.PASSED in verdicts:
        return [one is Verdict.PASSED for one in verdicts if one is not Verdict.SKIPPED]
    return [False] * len(verdicts)
