"""What every benchmark offers: its questions, how they are put, and how answers are judged."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from stepcode.evaluate.evaluation import Record
from stepcode.evaluate.extract import Extractor
from stepcode.evaluate.passk import Interval
from stepcode.execute.isolate import Isolation
from stepcode.reason.prompt import Message


class Prompting(StrEnum):
    """How a question is put."""

    DIRECT = "direct"
    """Examples, and then the answer at once."""
    COT = "cot"
    """Examples with a chain of thought, then the answer."""
    STEPS = "steps"
    """As stepcode trains: the program with print anchors, each step in a block, then the answer."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How a completion was asked for, and so how its answer is found."""

    prompting: Prompting = Prompting.DIRECT
    extractor: Extractor = Extractor.OFFICIAL


@dataclass(frozen=True, slots=True)
class Sampling:
    """How completions are drawn."""

    temperature: float
    samples: int
    """Completions of each question."""
    max_tokens: int
    stop: tuple[str, ...] = ()
    top_p: float = 0.95


@dataclass(frozen=True, slots=True)
class Truth:
    """What people want to see beside an answer."""

    code: str
    question: str
    """The call, or the value that a call has to return, or what is asked in words."""
    expected: str
    is_call: bool = True


@dataclass(frozen=True, slots=True)
class Detail:
    """What came of one completion."""

    answer: str | None
    """What was judged; None where no answer was found."""
    verdict: str
    text: str | None = None
    """The completion; None where only answers are known."""
    found: bool = True
    """Whether what was judged has the form of an answer at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What came of all answers."""

    scores: Mapping[str, Sequence[bool]]
    details: Mapping[str, Sequence[Detail]]
    """For each row as many as there were answers."""
    metrics: Mapping[str, float] = field(default_factory=dict)
    """Of benchmarks that have more than pass@k."""
    intervals: Mapping[str, Interval] = field(default_factory=dict)
    baselines: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    groups: Mapping[str, Mapping[str, Mapping[str, float]]] = field(default_factory=dict)
    rows: Sequence[Record] | None = None
    """What an evaluation keeps of the rows, of benchmarks that tell more than the details do."""
    own_counts: Mapping[str, int] = field(default_factory=dict)
    """What such a benchmark counts besides."""

    @property
    def counts(self) -> Counter[str]:
        """How many answers came to what."""
        every = [one for row in self.details.values() for one in row]
        counts = Counter(str(one.verdict) for one in every)
        counts["not_extracted"] = sum(not one.found for one in every)
        return Counter({**counts, **self.own_counts})


@dataclass(frozen=True, slots=True)
class Sandboxing:
    """How answers are run."""

    isolation: Isolation | None = None
    """Without one the strongest that works on this machine."""
    workers: int = 1


ALONE = Sandboxing()

Texts = Mapping[str, Sequence[str]]
"""For each row what a model said, as often as it was asked."""


class Benchmark(Protocol):
    """The questions of a benchmark, read and checked."""

    rows_published: int
    """How many rows the public set has; 0 where there is none."""
    has_pass_at_k: bool
    prompting: Prompting
    extractor: Extractor
    """How it asks and what finds its answers, unless something else is asked for."""

    @property
    def ids(self) -> Sequence[str]:
        """The rows, in order."""

    def truth(self, row: str) -> Truth:
        """Show a row."""

    def prompt(self, row: str, prompting: Prompting, *, anchors: bool) -> list[Message]:
        """Write the question; raises MisuseError for a way in which it cannot be put."""

    def sampling(self, prompting: Prompting) -> Sampling:
        """Say how the benchmark itself draws completions."""

    def judge(
        self, texts: Texts, reading: Reading | None, sandboxing: Sandboxing = ALONE
    ) -> Judgement:
        """Judge completions; without `reading` they are answers already, judged as they are."""
