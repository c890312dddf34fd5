"""Which programs are a benchmark's: verbatim, renamed, laid out anew, or inside a longer program.

    index = build_index(["cruxeval.jsonl", "HumanEval.jsonl.gz"])
    index.find(["def g(xs): ..."])        # [None], or [Match("cruxeval", "sample_3", ...)]

A program is a benchmark's if it has the same form (`normal_form.py`), or a function of that form
where the benchmark's program is one function; or if it holds `SHARE` of the 10-grams of the
benchmark's program, counted in words of the text, as in the paper, or in tokens of the form. A
10-gram that more than `MAX_PROGRAMS` programs of the benchmarks have is boilerplate and does not
count; of a program with fewer than `FEW_GRAMS` others all are needed, and one with fewer than
`MIN_GRAMS` is found by its form alone. The share is of the benchmark's program, so what stands
around a leak does not hide it.

Why a share: of the programs of HumanEval 75 % have some 10-gram of a form of CRUXEval, of functions
of Python's library 20 %. With 0.7 HumanEval has none of CRUXEval and CRUXEval none of HumanEval,
MBPP and CRUXEval have two one-line programs in common, and of 12,188 functions of the library 5 are
found with all benchmarks, which do the same. With 0.6 a loop that counts letters is a leak.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

import numpy as np
import numpy.typing as npt

from stepcode.dataset.grams import (
    Grams,
    Numbers,
    Places,
    form_grams,
    form_number,
    function_numbers,
    text_grams,
)
from stepcode.dataset.normal_form import Form, read_form
from stepcode.errors import SourceError
from stepcode.source import read_cases
from stepcode.source.recognize import recognize_benchmark
from stepcode.source.settings import SourceSettings

N = 10
SHARE = 0.7
MAX_PROGRAMS = 5
FEW_GRAMS = 10
MIN_GRAMS = 5


class Evidence(StrEnum):
    """How a program was found to be a benchmark's."""

    FORM = "the same program but for names, comments and layout"
    FUNCTION = "its function, but for names, comments and layout"
    FORM_GRAMS = "of its 10-grams, but for names, comments and layout"
    TEXT_GRAMS = "of its 10-grams"


@dataclass(frozen=True, slots=True)
class Match:
    """The program of a benchmark that a program is, and why."""

    benchmark: str
    row: str
    evidence: Evidence
    share: float = 1.0

    def detail(self) -> str:
        """Write it for a rejected row; `benchmark_of` reads the benchmark back."""
        counted = self.evidence in (Evidence.FORM_GRAMS, Evidence.TEXT_GRAMS)
        share = f"{self.share:.0%} " if counted else ""
        return f"{self.benchmark} {self.row}: {share}{self.evidence}"


def benchmark_of(detail: str) -> str:
    """Read the benchmark from the detail of a contaminated row."""
    return detail.partition(" ")[0]


@dataclass(frozen=True, slots=True)
class BenchmarkProgram:
    """A program that must not be trained on."""

    benchmark: str
    row: str
    code: str


@dataclass(frozen=True, slots=True)
class _Postings:
    """Which programs have which gram: `owners[starts[i]:starts[i + 1]]` have `numbers[i]`."""

    numbers: Numbers
    starts: Places
    owners: Places
    totals: Places
    """How many grams that count each program has."""

    @classmethod
    def of(cls, grams: Grams, *, counted: Places, programs: int) -> Self:
        """Leave out boilerplate, as found in the `counted` programs."""
        among = grams.numbers[np.isin(grams.owners, counted)]
        numbers, frequency = np.unique(among, return_counts=True)
        rare = np.isin(grams.numbers, numbers[frequency > MAX_PROGRAMS], invert=True)
        totals = np.bincount(grams.owners[rare], minlength=programs)
        useful = rare & (totals[grams.owners] >= MIN_GRAMS)
        order = np.lexsort((grams.owners[useful], grams.numbers[useful]))
        kept, first = np.unique(grams.numbers[useful][order], return_index=True)
        starts = np.append(first, len(order))
        return cls(kept, starts, grams.owners[useful][order], totals)

    def shares(self, grams: Grams) -> "_Shares":
        """Find, for each text with grams of any program, what share of each program it has."""
        place = np.searchsorted(self.numbers, grams.numbers)
        place[place == len(self.numbers)] = 0
        hit = self.numbers[place] == grams.numbers if len(self.numbers) else place < 0
        place, texts = place[hit], grams.owners[hit]
        widths = self.starts[place + 1] - self.starts[place]
        inner = np.arange(widths.sum()) - np.repeat(np.cumsum(widths) - widths, widths)
        programs = self.owners[np.repeat(self.starts[place], widths) + inner]
        pairs, counts = np.unique(
            np.repeat(texts, widths) * len(self.totals) + programs, return_counts=True
        )
        texts, programs = np.divmod(pairs, max(len(self.totals), 1))
        totals = self.totals[programs]
        return _Shares(texts, programs, counts / totals, np.where(totals < FEW_GRAMS, 1.0, SHARE))


@dataclass(frozen=True, slots=True)
class _Shares:
    texts: Places
    programs: Places
    shares: npt.NDArray[np.float64]
    needed: npt.NDArray[np.float64]

    def best(self) -> Iterator[tuple[int, int, float]]:
        """Yield each text that holds enough of a program, with the program it holds most of."""
        enough = self.shares >= self.needed
        texts, programs, shares = self.texts[enough], self.programs[enough], self.shares[enough]
        order = np.lexsort((programs, -shares, texts))
        first = order[np.unique(texts[order], return_index=True)[1]]
        yield from zip(
            texts[first].tolist(), programs[first].tolist(), shares[first].tolist(), strict=True
        )


@dataclass(frozen=True, slots=True)
class BenchmarkIndex:
    """All programs of some benchmarks, to ask whether others are among them.

    It is a few megabytes of arrays and pickles as such, so each worker of a build gets a copy.
    """

    programs: tuple[BenchmarkProgram, ...]
    _wholes: dict[int, int]
    _functions: dict[int, int]
    _form: _Postings
    _text: _Postings

    def find(self, codes: Sequence[str]) -> list[Match | None]:
        """Say of each program whose it is; what a program is found to be is its own affair alone.

        Text that is not Python is compared as text only.
        """
        forms = [read_form(code) for code in codes]
        found: list[Match | None] = [None] * len(codes)
        for evidence, postings, grams in (
            (Evidence.TEXT_GRAMS, self._text, text_grams(codes, N)),
            (Evidence.FORM_GRAMS, self._form, form_grams(forms, N)),
        ):
            for text, program, share in postings.shares(grams.distinct()).best():
                found[text] = self._match(program, evidence, share)
        for text, form in enumerate(forms):
            found[text] = (self._same(form) if form is not None else None) or found[text]
        return found

    def _same(self, form: Form) -> Match | None:
        program = self._wholes.get(form_number(form))
        if program is not None:
            return self._match(program, Evidence.FORM, 1.0)
        for number in function_numbers(form):
            if number in self._functions:
                return self._match(self._functions[number], Evidence.FUNCTION, 1.0)
        return None

    def _match(self, program: int, evidence: Evidence, share: float) -> Match:
        found = self.programs[program]
        return Match(found.benchmark, found.row, evidence, share)


def build_index(paths: Iterable[str]) -> BenchmarkIndex:
    """Read benchmark files, each recognised by its shape, and index their programs.

    Raises SourceError for a file that is not a benchmark's. The order of the files does not matter.
    """
    files = sorted(recognize_benchmark(path) for path in paths)
    return index_programs([program for file in files for program in read_benchmark(file.settings)])


def read_benchmark(settings: SourceSettings) -> list[BenchmarkProgram]:
    """Read the programs of a benchmark, each once, under the row that has it first."""
    found: dict[str, BenchmarkProgram] = {}
    for case in read_cases(settings):
        code = case.program.code
        if code.strip():
            row = case.program.source_row
            found.setdefault(code, BenchmarkProgram(settings.name, row, code))
    if not found:
        raise SourceError(f"{settings.path}: has no program of {settings.name} that can be read")
    return list(found.values())


def index_programs(programs: Sequence[BenchmarkProgram]) -> BenchmarkIndex:
    """Index programs; of those that are the same, the first is named."""
    forms = [read_form(program.code) for program in programs]
    wholes: dict[int, int] = {}
    functions: dict[int, int] = {}
    counted: list[int] = []
    for place, form in enumerate(forms):
        if form is None:
            counted.append(place)
            continue
        if wholes.setdefault(form_number(form), place) == place:
            counted.append(place)  # benchmarks repeat each other, which makes nothing boilerplate
        if _is_one_function(form):
            for number in function_numbers(form)[:1]:
                functions.setdefault(number, place)
    posted = [
        _Postings.of(grams.distinct(), counted=np.array(counted), programs=len(programs))
        for grams in (form_grams(forms, N), text_grams([p.code for p in programs], N))
    ]
    return BenchmarkIndex(tuple(programs), wholes, functions, *posted)


def _is_one_function(form: Form) -> bool:
    """Whether a program is a function and nothing else."""
    return bool(form.functions) and form.functions[0] == (0, len(form.tokens))
