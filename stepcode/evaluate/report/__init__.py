"""What people read of an evaluation: a page, Markdown or JSON, of one or of two side by side.

render_evaluation(read_evaluation(path), Form.PAGE)              # the text of an HTML page
render_comparison(compare(first, second), Form.MARKDOWN)
"""

from enum import StrEnum
from typing import assert_never

from stepcode.evaluate.compare import Comparison
from stepcode.evaluate.evaluation import Evaluation
from stepcode.evaluate.report.document import Document
from stepcode.evaluate.report.documents import comparison_document, evaluation_document
from stepcode.evaluate.report.markdown import render_markdown
from stepcode.evaluate.report.page import render_page
from stepcode.evaluate.report.summary import (
    render_summary,
    sum_up,
    sum_up_comparison,
    sum_up_document,
)

__all__ = ["Form", "render_comparison", "render_document", "render_evaluation"]


class Form(StrEnum):
    """What a report is written as, by the suffix of its file."""

    PAGE = ".html"
    MARKDOWN = ".md"
    JSON = ".json"


def render_evaluation(evaluation: Evaluation, form: Form) -> str:
    """Write the report of an evaluation."""
    if form is Form.JSON:
        return render_summary(sum_up(evaluation))
    return render_document(evaluation_document(evaluation), form)


def render_document(document: Document, form: Form) -> str:
    """Write the report of a dataset or of a training run."""
    match form:
        case Form.PAGE:
            return render_page(document)
        case Form.MARKDOWN:
            return render_markdown(document)
        case Form.JSON:
            return render_summary(sum_up_document(document))
        case _:
            assert_never(form)


def render_comparison(comparison: Comparison, form: Form) -> str:
    """Write the report of two evaluations."""
    if form is Form.JSON:
        return render_summary(sum_up_comparison(comparison))
    return render_document(comparison_document(comparison), form)
