"""The labels: small programs in the sandbox, then the whole benchmark where it is at hand."""

from pathlib import Path
from statistics import mean

import pytest

from stepcode.evaluate.benchmarks.reval import Labels, Subject, compute_labels, read_subjects
from stepcode.evaluate.benchmarks.reval.judge import constant_run
from stepcode.evaluate.benchmarks.reval.labels import Label
from stepcode.evaluate.benchmarks.reval.metrics import metrics_of
from stepcode.evaluate.benchmarks.reval.questions import ask_about
from tests.evaluate.reval_samples import read_samples


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> list[Subject]:
    return read_samples(tmp_path_factory.mktemp("reval"))


@pytest.fixture(scope="module")
def labels(samples: list[Subject]) -> Labels:
    return compute_labels(samples)


def texts(label: Label) -> list[str] | None:
    return None if label.values is None else [value.text for value in label.values]


def test_a_function_is_labelled_on_each_of_its_inputs(labels: Labels) -> None:
    first = labels.probes["DREval/0/0/0"]
    assert (first.covered, first.next_lines, texts(first)) == (True, (5,), ["4", "2", "1"])
    assert texts(labels.probes["DREval/0/0/1"]) == ["[4]", "[4, 2]", "[4, 2, 1]"]
    never = labels.probes["DREval/0/0/2"]
    assert (never.covered, never.next_lines, never.values) == (False, (-1,), None)
    last = labels.probes["DREval/0/2/1"]
    assert (last.covered, last.next_lines, texts(last)) == (True, (-1,), ["-2"])


def test_of_a_test_class_the_method_that_comes_first_is_run_behind_its_setup(
    labels: Labels,
) -> None:
    label = labels.probes["DREval/1/0/0"]
    assert (label.covered, texts(label)) == (True, ["1", "1", "2", "2"])


def test_an_input_finds_what_the_one_before_left_in_the_class(labels: Labels) -> None:
    assert texts(labels.probes["DREval/1/1/0"]) == ["2"]


def test_a_program_that_cannot_run_here_is_named_with_the_reason(labels: Labels) -> None:
    assert labels.failures == {
        "DREval/2/0": "ModuleNotFoundError: No module named 'no_such_package_anywhere'"
    }


def test_the_labels_do_not_depend_on_the_number_of_workers(
    samples: list[Subject], labels: Labels
) -> None:
    assert compute_labels(samples, workers=2) == labels


@pytest.fixture(scope="module")
def benchmark(data_dir: Path) -> list[Subject]:
    folder = data_dir / "reval"
    return read_subjects(folder / "DREval_data.jsonl", folder / "DREval_tasks.jsonl")


@pytest.fixture(scope="module")
def all_labels(benchmark: list[Subject]) -> Labels:
    return compute_labels(benchmark)


def percent(values: list[bool]) -> float:
    return round(100 * mean(values), 1)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_every_probe_of_the_benchmark_has_a_label_or_a_reason(
    benchmark: list[Subject], all_labels: Labels
) -> None:
    pairs = {subject.pair_id(pair): pair for subject in benchmark for pair in subject.pairs}
    unlabelled = sum(len(pairs[pair].probes) for pair in all_labels.failures)
    assert (len(pairs), len(all_labels.probes) + unlabelled) == (690, 3152)
    reasons = set(all_labels.failures.values())
    assert all("No module named" in why or "NumPy 2.0" in why for why in reasons)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_labels_that_need_no_packages_have_the_known_statistics(
    benchmark: list[Subject], all_labels: Labels
) -> None:
    needy = {s.id for s in benchmark if "numpy" in s.code or "gensim" in s.code}
    free = {k: v for k, v in all_labels.probes.items() if k.rsplit("/", 2)[0] not in needy}
    functions = [label for probe, label in free.items() if int(probe.split("/")[1]) < 85]
    assert (len(free), len(functions)) == (2988, 1157)
    assert percent([label.covered for label in functions]) == 81.7
    assert percent([-1 in label.next_lines for label in free.values()]) == 58.3


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_whole_benchmark_has_the_known_statistics_and_the_known_constant_baseline(
    benchmark: list[Subject], all_labels: Labels
) -> None:
    if all_labels.failures:
        pytest.skip(f"needs numpy<2, gensim, beautifulsoup4, lxml: {all_labels.failures}")
    labels = list(all_labels.probes.values())
    assert percent([label.covered for label in labels]) == 53.7
    assert percent([-1 in label.next_lines for label in labels]) == 58.7
    if all_labels.python.startswith("3.11"):
        assert percent([label.values is None for label in labels]) == 50.2
        assert sum(label.covered and label.values is None for label in labels) == 123
        questions = list(ask_about(benchmark))
        assert metrics_of(questions, constant_run(questions, all_labels)) == pytest.approx(
            {
                "coverage_accuracy": 46.2563,
                "state_accuracy": 50.1586,
                "path_accuracy": 58.6612,
                "output_accuracy": 0.0,
                "score": 38.7690,
                "coverage_precision": 0.0,
                "coverage_recall": 0.0,
                "coverage_f1": 0.0,
                "ic": 23.1282,
            },
            abs=1e-3,
        )
