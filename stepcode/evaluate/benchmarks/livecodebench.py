"""LiveCodeBench, code execution: predict what a call of a contest's solution returns.

Scored as the benchmark's own harness does (LiveCodeBench, 28fef95), to the boolean: an answer that
repeats the call is left out, and a row of nothing else is wrong as often as it was asked. The
harness imports some sixty names, numpy and pandas within the time limit of each program; here a
program gets those that it or the answer reads, so that a busy machine makes no answer wrong.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from stepcode.evaluate.assertions import Assertion
from stepcode.evaluate.prediction import Answers, Scored, judge_rows, sum_up
from stepcode.evaluate.programs import Verdict
from stepcode.execute.isolate import Isolation
from stepcode.source.imports import free_names, prepend_imports
from stepcode.source.livecodebench import harness_imports


@dataclass(frozen=True, slots=True)
class Question:
    """A row of the benchmark."""

    id: str
    code: str
    call: str
    """The whole call, `minimumSteps(s = '0111')`; the benchmark's column `input`."""
    output: str


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
    isolation: Isolation | None = None,
    workers: int = 1,
) -> Scored:
    """Score the answers to questions, by id."""
    assertions = {
        row: [_assertion(questions[row], answer) for answer in given]
        for row, given in answers.items()
    }
    verdicts = judge_rows(assertions, isolation=isolation, workers=workers)
    return sum_up({row: _row_scores(ones) for row, ones in verdicts.items()}, verdicts)


def _assertion(question: Question, answer: str) -> Assertion | None:
    if question.call in answer:
        return None
    return Assertion(_complete(question.code, answer), question.output, answer)


@lru_cache(maxsize=4096)
def _complete(code: str, answer: str) -> str:
    """Put above a program the imports that it and the answer need."""
    # Names are read from the answer only if it is an expression; else the whole does not parse.
    used = free_names(code) | free_names(answer)
    return prepend_imports(code, harness_imports(used))


def _row_scores(verdicts: Sequence[Verdict | None]) -> list[bool]:
    run = [one is Verdict.PASSED for one in verdicts if one is not None]
    return run or [False] * len(verdicts)
