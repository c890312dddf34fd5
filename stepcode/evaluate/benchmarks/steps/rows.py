"""What an evaluation keeps of `steps`: every question and, step by step, what was said to it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from stepcode.evaluate.benchmarks.steps.judging import Completions, Judged, Question
from stepcode.evaluate.evaluation import cut
from stepcode.evaluate.programs import Verdict
from stepcode.types import TaskKind

_VERDICTS = (Verdict.PASSED, Verdict.FAILED, Verdict.TIMED_OUT, Verdict.UNSCORED)

Record = dict[str, Any]
"""Any: JSON."""


def to_row(question: Question, judged: Sequence[Judged], texts: Sequence[str]) -> Record:
    """Write down a question with all that was said to it."""
    example = question.example
    given = "call" if example.kind is TaskKind.OUTPUT else "given"
    return {
        "id": question.id,
        "program": question.program_id,
        "code": cut(example.anchored_code),
        given: cut(example.given),
        "expected": cut(example.target),
        "completions": [
            _completion(question, one, text) for one, text in zip(judged, texts, strict=True)
        ],
    }


def count_answers(
    judged: Mapping[str, Sequence[Judged]], completions: Completions
) -> dict[str, int]:
    """Count what the answers came to, and those that are right for wrong reasons."""
    ones = [one for given in judged.values() for one in given]
    verdicts = Counter(one.verdict for one in ones)
    return {verdict.value: verdicts[verdict] for verdict in _VERDICTS} | {
        "empty": sum(not text.strip() for row in judged for text in completions[row]),
        "not_extracted": sum(one.extracted is None for one in ones),
        "wrong_logic": sum(one.is_wrong_logic for one in ones),
    }


def _completion(question: Question, judged: Judged, text: str) -> Record:
    return {
        "text": cut(text),
        "answer": None if judged.extracted is None else cut(judged.extracted),
        "verdict": judged.verdict.value,
        "steps": _steps(question, judged),
        "extra_steps": judged.score.extra if judged.score else 0,
    }


def _steps(question: Question, judged: Judged) -> list[Record]:
    if judged.score is None:
        return []
    kinds = {anchor.index: anchor.kind.value for anchor in question.example.anchors}
    told = dict(zip(judged.answer.step_spans, judged.answer.steps, strict=True))
    return [
        {
            "name": step.name,
            "text": None if step.text is None else cut(step.text),
            "predicted": None if one.span is None else cut(told[one.span].text),
            "right": one.correct,
            "kind": kinds[step.anchor],
        }
        for step, one in zip(judged.truth, judged.score.steps, strict=True)
    ]
