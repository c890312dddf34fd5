"""Scores of a small benchmark: what is right, what it earns, and what could not be judged."""

import itertools
from pathlib import Path

import pytest

from stepcode.errors import MisuseError
from stepcode.evaluate.benchmarks.reval import Labels, Mode, Scored, Subject, Task, compute_labels
from stepcode.evaluate.benchmarks.reval import score as score_answers
from stepcode.evaluate.benchmarks.reval.consistency import credit
from stepcode.evaluate.benchmarks.reval.judged import Judged
from stepcode.evaluate.benchmarks.reval.log import read_log, write_log
from stepcode.evaluate.benchmarks.reval.metrics import metrics_of
from stepcode.evaluate.benchmarks.reval.questions import Question
from stepcode.evaluate.benchmarks.reval.scoring import CONSTANT
from stepcode.evaluate.extract import Extractor
from tests.evaluate.reval_samples import all_questions, oracle, read_samples

CONSTANTS = {Task.COVERAGE: "NO", Task.STATE: "Nil", Task.PATH: "-1", Task.OUTPUT: "?"}


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> list[Subject]:
    return read_samples(tmp_path_factory.mktemp("reval"))


@pytest.fixture(scope="module")
def questions(samples: list[Subject]) -> list[Question]:
    return all_questions(samples)


@pytest.fixture(scope="module")
def labels(samples: list[Subject]) -> Labels:
    return compute_labels(samples)


@pytest.fixture(scope="module")
def best(questions: list[Question], labels: Labels) -> Scored:
    answers = {question.id: [oracle(question, labels)] for question in questions}
    return score_answers(questions, answers, mode=Mode.DIRECT, labels=labels)


def test_who_knows_everything_has_it_all_right(best: Scored) -> None:
    wrong = [key for key, judged in best.runs[0].items() if not judged.right]
    assert not wrong
    for name in ("coverage", "state", "path", "output"):
        assert best.metrics[f"{name}_accuracy"] == 100
    assert (best.metrics["ic"], best.metrics["score"], best.metrics["coverage_f1"]) == (100,) * 3


def test_questions_about_a_program_that_cannot_run_are_unscored_and_not_wrong(
    best: Scored, questions: list[Question]
) -> None:
    lost = [question.id for question in questions if question.subject.id == "DREval/2"]
    assert len(lost) == 4
    assert best.counts["unscored"] == 4
    assert [best.scores[key] for key in lost] == [[]] * 4
    assert list(best.failures) == ["DREval/2/0"]


def test_constant_answers_score_what_the_baseline_says(
    questions: list[Question], labels: Labels
) -> None:
    answers = {question.id: [CONSTANTS[question.task]] for question in questions}
    scored = score_answers(questions, answers, mode=Mode.DIRECT, labels=labels)
    assert dict(scored.metrics) == scored.baselines[CONSTANT]


def test_the_metrics_of_several_runs_are_averaged(
    questions: list[Question], labels: Labels
) -> None:
    answers = {q.id: [oracle(q, labels), CONSTANTS[q.task]] for q in questions}
    scored = score_answers(questions, answers, mode=Mode.DIRECT, labels=labels)
    constant = scored.baselines[CONSTANT]
    assert scored.metrics["ic"] == pytest.approx((100 + constant["ic"]) / 2)
    assert {len(right) for right in scored.scores.values()} == {0, 2}


def test_the_official_way_breaks_an_output_that_has_its_self_and_the_lenient_does_not(
    questions: list[Question], labels: Labels
) -> None:
    question = next(q for q in questions if q.id == "DREval/1/0/output")
    text = question.pair.input.replace("assert", "self.assert")
    for extractor, is_right in ((Extractor.OFFICIAL, False), (Extractor.LENIENT, True)):
        scored = score_answers(
            [question], {question.id: [text]}, mode=Mode.DIRECT, labels=labels, extractor=extractor
        )
        assert scored.scores[question.id] == [is_right]


@pytest.mark.parametrize(
    "text",
    [
        'assertEqual(self.counter.counts, {"one": 3})',
        "x = 1\ny = 2\nassertEqual(self.counter.counts, {'one': 2})",
        "    x = 1\n    y = 2\n        assertEqual(1, 1)",
        "assertEqual(",
        "raise SystemExit  # assert",
    ],
)
def test_a_test_that_does_not_pass_is_wrong(
    questions: list[Question], labels: Labels, text: str
) -> None:
    question = next(q for q in questions if q.id == "DREval/1/0/output")
    scored = score_answers([question], {question.id: [text]}, mode=Mode.DIRECT, labels=labels)
    assert scored.scores[question.id] == [False]


def test_an_indented_answer_does_not_become_a_part_of_the_program(
    questions: list[Question], labels: Labels
) -> None:
    question = next(q for q in questions if q.id == "DREval/0/0/output")
    text = "    assert halve(9) == 77"
    scored = score_answers([question], {question.id: [text]}, mode=Mode.DIRECT, labels=labels)
    assert scored.scores[question.id] == [False]


def test_credit_is_for_right_answers_that_build_on_each_other() -> None:
    earned = {
        (True, True, True, True): 1,
        (True, True, True, False): 0.5,
        (True, True, False, False): 0.25,
        (True, False, False, False): 0.125,
    }
    for one in itertools.product((True, False), repeat=4):
        coverage, state, path, output = one
        found = credit(coverage=coverage, state=state, path=path, output=output)
        assert found == earned.get((coverage, state, path, output), 0)


def test_coverage_that_never_says_yes_has_an_f1_of_zero(questions: list[Question]) -> None:
    asked = [question for question in questions if question.task is Task.COVERAGE]
    run = {question.id: Judged("NO", False, False, True) for question in asked}
    metrics = metrics_of(asked, run)
    assert (metrics["coverage_precision"], metrics["coverage_f1"]) == (0, 0)


def test_coverage_precision_and_recall_are_of_lines_that_run(questions: list[Question]) -> None:
    asked = [question for question in questions if question.task is Task.COVERAGE][:4]
    cells = [(True, True), (True, False), (False, True), (True, True)]
    run = {q.id: Judged("", a == b, a, b) for q, (a, b) in zip(asked, cells, strict=True)}
    metrics = metrics_of(asked, run)
    assert metrics["coverage_accuracy"] == 50
    assert metrics["coverage_precision"] == pytest.approx(200 / 3)
    assert metrics["coverage_recall"] == pytest.approx(200 / 3)
    assert metrics["coverage_f1"] == pytest.approx(200 / 3)


def test_of_one_task_alone_there_is_neither_a_score_nor_a_consistency(
    questions: list[Question], labels: Labels
) -> None:
    asked = [question for question in questions if question.task is Task.PATH]
    answers = {question.id: ["-1"] for question in asked}
    metrics = score_answers(asked, answers, mode=Mode.DIRECT, labels=labels).metrics
    assert set(metrics) == {"path_accuracy"}


def test_an_interval_holds_its_metric(best: Scored, questions: list[Question]) -> None:
    for name, interval in best.intervals.items():
        assert interval.low <= best.metrics[name] <= interval.high


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"DREval/0/0/0/coverge": ["x"]}, "did you mean 'DREval/0/0/0/coverage'"),
        ({"DREval/0/0/0/coverage": []}, "has no answer"),
        ({"DREval/0/0/0/coverage": ["NO", "NO"]}, "from 1 to 2 answers"),
    ],
)
def test_answers_that_do_not_fit_the_questions_are_refused(
    questions: list[Question], labels: Labels, change: dict[str, list[str]], message: str
) -> None:
    answers = {question.id: ["NO"] for question in questions} | change
    with pytest.raises(MisuseError, match=message):
        score_answers(questions, answers, mode=Mode.DIRECT, labels=labels)


def without_lost(questions: list[Question]) -> list[Question]:
    return [question for question in questions if question.subject.id != "DREval/2"]


@pytest.mark.parametrize("task", Task)
def test_a_log_that_was_written_reads_as_what_it_was(
    best: Scored, questions: list[Question], task: Task, tmp_path: Path
) -> None:
    judged = without_lost(questions)
    write_log(tmp_path / "log.jsonl", task, judged, best.runs[0], {"acc": 1.0})
    run = read_log(tmp_path / "log.jsonl", task, judged)
    assert run == {q.id: best.runs[0][q.id] for q in judged if q.task is task}


def test_a_log_has_the_benchmarks_own_form(
    best: Scored, questions: list[Question], tmp_path: Path
) -> None:
    log = tmp_path / "log.jsonl"
    write_log(log, Task.PATH, without_lost(questions), best.runs[0], {"acc": 1.0})
    first, *_, last = log.read_text("utf-8").splitlines()
    assert first.startswith(
        '{"task_id": "DREval/0", "generation": [{"input_idx": 0, "results": '
        '[{"generated": "steps.append(n)", "response": [5], "expected": [5]}'
    )
    assert last == '{"acc": 1.0}'


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda text: text.rpartition("\n{")[0] + "\n", "has 2 lines; expected 2"),
        (lambda text: text.replace("DREval/1", "DREval/7"), "line 2 .*it is about DREval/7"),
        (lambda text: text.replace('"input_idx": 2', '"input_idx": 1'), "line 1 .*other inputs"),
        (lambda text: text.replace('"response"', '"answer"'), "line 1 .*KeyError"),
        (lambda text: text.replace("}", "", 1), "is no JSON Lines"),
        (lambda text: text.replace("{", "[", 1).replace("}", "]", 1), "is no JSON Lines"),
    ],
)
def test_a_log_of_something_else_is_refused_by_line(
    best: Scored, questions: list[Question], tmp_path: Path, spoil: object, message: str
) -> None:
    assert callable(spoil)
    log, judged = tmp_path / "log.jsonl", without_lost(questions)
    write_log(log, Task.PATH, judged, best.runs[0], {"acc": 1.0})
    log.write_text(spoil(log.read_text("utf-8")), encoding="utf-8")
    with pytest.raises(MisuseError, match=message):
        read_log(log, Task.PATH, judged)


def test_an_answer_that_was_not_judged_cannot_be_logged(
    best: Scored, questions: list[Question], tmp_path: Path
) -> None:
    with pytest.raises(MisuseError, match="DREval/2/0/0/path: was not judged"):
        write_log(tmp_path / "log.jsonl", Task.PATH, questions, best.runs[0], {})
