"""What a folder holds that there is a report of."""

from pathlib import Path

from stepcode.dataset.manifest import NAME, WORK
from stepcode.dataset.part import PART
from stepcode.evaluate.report.arms import runs_document
from stepcode.evaluate.report.datasets import dataset_document
from stepcode.evaluate.report.document import Document
from stepcode.evaluate.report.micro import is_micro, micro_document
from stepcode.evaluate.report.runs import RUN, find_runs
from stepcode.evaluate.report.training import run_document


def folder_document(directory: Path) -> Document | None:
    """Write the report of a folder; None if it is neither a dataset nor of training.

    Raises DatasetError for a dataset that is not finished, a part of one, or damage.
    """
    if (directory / RUN).is_file():
        return run_document(directory)
    if is_micro(directory):
        return micro_document(directory)
    if any((directory / name).exists() for name in (NAME, PART, WORK)):
        return dataset_document(directory)
    if find_runs(directory):
        return runs_document(directory)
    return None
