"""The public benchmarks, each scored as its own harness scores it; one module each."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import partial

from stepcode.evaluate.benchmark import Benchmark
from stepcode.evaluate.benchmarks.cruxeval import read_cruxeval
from stepcode.evaluate.benchmarks.generation import read_humaneval, read_mbpp
from stepcode.evaluate.benchmarks.livecodebench import read_livecodebench
from stepcode.evaluate.benchmarks.reval.benchmark import read_reval
from stepcode.evaluate.benchmarks.steps.benchmark import read_steps
from stepcode.evaluate.extract import Side
from stepcode.evaluate.table import Table, read_table


class BenchmarkName(StrEnum):
    """What can be asked for."""

    CRUXEVAL_OUTPUT = "cruxeval-output"
    CRUXEVAL_INPUT = "cruxeval-input"
    LIVECODEBENCH_EXEC = "livecodebench-exec"
    HUMANEVAL = "humaneval"
    MBPP = "mbpp"
    REVAL = "reval"
    STEPS = "steps"


_OF_TABLES: Mapping[BenchmarkName, Callable[[Table], Benchmark]] = {
    BenchmarkName.CRUXEVAL_OUTPUT: partial(read_cruxeval, side=Side.OUTPUT),
    BenchmarkName.CRUXEVAL_INPUT: partial(read_cruxeval, side=Side.INPUT),
    BenchmarkName.LIVECODEBENCH_EXEC: read_livecodebench,
    BenchmarkName.HUMANEVAL: read_humaneval,
    BenchmarkName.MBPP: read_mbpp,
}


def open_benchmark(name: BenchmarkName, data: str) -> Benchmark:
    """Read a benchmark from its file, or from a dataset's id on the Hub; `steps` from a folder.

    Raises SourceError or DatasetError for what is none of this benchmark.
    """
    match name:
        case BenchmarkName.STEPS:
            return read_steps(data)
        case BenchmarkName.REVAL:
            return read_reval(data)
    return _OF_TABLES[name](read_table(data))
