"""What REval asks: four kinds of question, three about each probe and one about each pair.

questions = read_questions(Path("DREval_data.jsonl"), Path("DREval_tasks.jsonl"))
questions[0].id                     # "DREval/0/0/0/coverage"
questions[0].prompt(Mode.DIRECT)
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from stepcode.evaluate.benchmarks.reval.data import Pair, Probe, Subject, read_subjects


class Task(StrEnum):
    """What a question asks for, in the order of incremental consistency."""

    COVERAGE = "coverage"
    """Does the line run?"""
    STATE = "state"
    """What is the expression after it?"""
    PATH = "path"
    """Which line comes next?"""
    OUTPUT = "output"
    """Complete the assertions of the pair."""


class Mode(StrEnum):
    """How a model is asked."""

    DIRECT = "direct"
    COT = "cot"
    """It thinks before it answers."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question; all of a subject share the subject."""

    id: str
    """The probe's id, or for the output the pair's, and the task: `DREval/86/1/3/state`."""
    task: Task
    subject: Subject
    pair: Pair
    probe: Probe | None
    """None where the task is the output."""
    about: str
    """The id of the probe, or of the pair where the task is the output."""

    def prompt(self, mode: Mode) -> str:
        """Write what a model is asked; it goes on where this ends, and stops at `[/ANSWER]`."""
        from stepcode.evaluate.benchmarks.reval.prompts import write_prompt

        return write_prompt(self, mode)


def read_questions(data: Path, tasks: Path) -> list[Question]:
    """Read the benchmark's two files; 10,146 questions. Raises SourceError on what is no REval."""
    return list(ask_about(read_subjects(data, tasks)))


def ask_about(subjects: Sequence[Subject]) -> Iterator[Question]:
    """Ask all questions about some programs: of each pair all coverage, then state, and so on."""
    for subject in subjects:
        for pair in subject.pairs:
            for task in Task:
                yield from _of_pair(subject, pair, task)


def _of_pair(subject: Subject, pair: Pair, task: Task) -> Iterator[Question]:
    if task is Task.OUTPUT:
        about = subject.pair_id(pair)
        yield Question(f"{about}/{task}", task, subject, pair, None, about)
        return
    for number, probe in enumerate(pair.probes):
        about = subject.probe_id(pair, number)
        yield Question(f"{about}/{task}", task, subject, pair, probe, about)
