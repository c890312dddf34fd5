"""Whether a model completes a test so that it passes: the test runs in the sandbox.

A function's assertions run below it, a class's as a method of its test class, behind `setUp`. The
benchmark writes `assertEqual` for `self.assertEqual` in what it shows, and puts `self.` before each
`assert` of an answer; so does the official way, which breaks an answer that has it already. The
lenient way does not.

The few programs that need a package which only a sandbox without the guard has run in one. They are
as isolated as any; and since a test that asserts little enough passes anyhow, there is nothing that
an answer could gain by forging how it ended. Each answer has a process of its own, so none finds
what the answer before it left in a class.
"""

import re
from collections.abc import Sequence

from stepcode.evaluate.benchmark import Sandboxing
from stepcode.evaluate.benchmarks.reval.answers import is_empty_test
from stepcode.evaluate.benchmarks.reval.data import Pair, Subject
from stepcode.evaluate.extract import Extractor
from stepcode.evaluate.programs import Verdict, run_programs
from stepcode.execute.import_sets import needs_installed
from stepcode.execute.isolate import Isolation
from stepcode.types import Limits

LIMITS = Limits(cpu_seconds=10.0, wall_seconds=60.0, memory_mb=4096)
"""The benchmark has none; its own tests take far less than a second, but for what they import."""
_QUOTES = ("'''", '"""')
_BARE_ASSERT = re.compile(r"(?<![\w.])assert(?=[A-Z])")

_METHOD_CALL = """
exec({method!r})
_kind = [kind for name, kind in list(globals().items()) if name.startswith({prefix!r})
         and isinstance(kind, type) and issubclass(kind, __import__("unittest").TestCase)][{number}]
_kind.stepcode_completed_test = stepcode_completed_test
_test = _kind()
_test.setUp()
_test.stepcode_completed_test()
"""


def judge_outputs(
    asked: Sequence[tuple[Subject, Pair]],
    answers: Sequence[str | None],
    extractor: Extractor,
    *,
    isolation: Isolation | None = None,
    workers: int = 1,
) -> list[Verdict]:
    """Judge completed tests, in order; None is wrong, and so is one that tests too little."""
    programs = [
        None
        if answer is None or is_empty_test(answer, question=pair.question)
        else test_program(subject, pair, answer, extractor)
        for (subject, pair), answer in zip(asked, answers, strict=True)
    ]
    verdicts: dict[str, Verdict] = {}
    for is_guarded in (True, False):
        texts = [
            program
            for (subject, _), program in zip(asked, programs, strict=True)
            if program is not None and needs_installed(subject.code) is not is_guarded
        ]
        sandboxing = Sandboxing(isolation, workers)
        ran = run_programs(texts, limits=LIMITS, sandboxing=sandboxing, is_guarded=is_guarded)
        verdicts |= zip(texts, ran, strict=True)
    return [Verdict.FAILED if one is None else verdicts[one] for one in programs]


def test_program(subject: Subject, pair: Pair, answer: str, extractor: Extractor) -> str:
    """Write a program that runs through if the completed test passes."""
    if subject.test is None:
        return f"{subject.code}\nexec({answer!r})"
    method = _as_method(answer, extractor)
    call = _METHOD_CALL.format(method=method, prefix=f"{subject.entry}Test", number=pair.number)
    return f"{subject.code}\n{subject.test}\n{call}"


def _as_method(answer: str, extractor: Extractor) -> str:
    """Indent a test by a tab, but for what is inside a text of several lines."""
    lines, is_in_text = ["def stepcode_completed_test(self):"], False
    for line in answer.split("\n"):
        lines.append(line if is_in_text else f"\t{line}")
        is_in_text ^= any(quotes in line for quotes in _QUOTES)
    body = "\n".join(lines)
    if extractor is Extractor.LENIENT:
        return _BARE_ASSERT.sub("self.assert", body)
    return body.replace("assert", "self.assert")
