"""The report: OUT/micro.md, OUT/micro.json and OUT/micro.svg, all from the results alone."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from stepcode.dataset.durable import to_json, write_durably
from stepcode.train.micro.findings import tell_findings, tell_limits
from stepcode.train.micro.plot import draw
from stepcode.train.micro.results import TRAINED, Arm, Result
from stepcode.train.micro.settings import MicroSettings
from stepcode.train.micro.summary import TaskSummary, summarize
from stepcode.train.micro.table import arms_table, differences_table
from stepcode.train.micro.tasks import Task

NAME = "micro"


def write_report(out: Path, results: Sequence[Result], settings: MicroSettings) -> str:
    """Write the three files; returns the Markdown, which is the text to show."""
    summaries = [summarize(Task(task), results) for task in settings.tasks]
    text = render(summaries, settings)
    record = {
        "settings": asdict(settings),
        "tasks": {one.task.value: one.to_record() for one in summaries},
    }
    write_durably(out / f"{NAME}.json", to_json(record))
    write_durably(out / f"{NAME}.svg", draw(summaries).encode())
    write_durably(out / f"{NAME}.md", f"{text}\n\n![Learning curves]({NAME}.svg)\n".encode())
    return text


def render(summaries: Sequence[TaskSummary], settings: MicroSettings) -> str:
    """Write tables and findings."""
    parts = ["# Credit per step, in small", _head(summaries, settings)]
    for one in summaries:
        parts += [arms_table(one), differences_table(one), tell_findings(one)]
    return "\n\n".join([*parts, tell_limits(summaries, settings)])


def _head(summaries: Sequence[TaskSummary], settings: MicroSettings) -> str:
    arms = summaries[0].arms
    compute = ", ".join(f"{arm} {arms[arm].results[0].passes:,}" for arm in TRAINED)
    seeds = "1 seed" if settings.seeds == 1 else f"{settings.seeds} seeds"
    return (
        f"{seeds}, each with a warm-up of its own that its five arms start from; "
        f"{settings.steps} updates of {settings.prompts} prompts x {settings.generations} "
        f"rollouts for each arm that learns from rewards ({arms[Arm.STEP].results[0].rollouts:,} "
        f"rollouts in all). Compute in passes of one completion through the model: {compute}. "
        f"Sampled: {settings.draws} completions of each held-out program at temperature 1."
    )
