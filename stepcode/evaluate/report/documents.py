"""The report of one evaluation, and of two."""

from collections.abc import Sequence

from stepcode.evaluate.cases import Case
from stepcode.evaluate.compare import Comparison
from stepcode.evaluate.evaluation import Evaluation
from stepcode.evaluate.report.document import Document, Shown
from stepcode.evaluate.report.rows import COMPARED, FIRST_BETTER, differing_rows, shown_rows
from stepcode.evaluate.report.side_by_side import side_by_side
from stepcode.evaluate.report.tables import (
    bars_of,
    count_table,
    group_tables,
    score_table,
    settings_table,
)


def evaluation_document(evaluation: Evaluation) -> Document:
    """Write the report of an evaluation."""
    rows = shown_rows(evaluation.rows)
    return Document(
        title=f"{evaluation.benchmark}: {evaluation.model}",
        about=_about(evaluation),
        tables=[
            score_table(evaluation),
            count_table(evaluation),
            *group_tables(evaluation),
            settings_table(evaluation),
        ],
        pictures=bars_of({evaluation.model: evaluation}),
        rows=rows,
        filters=_filters(rows, list(Case)),
        cases=_tagged(rows, Case.WRONG_LOGIC),
        cases_title="Right answer, wrong logic",
    )


def comparison_document(comparison: Comparison) -> Document:
    """Write the report of two evaluations, of whose rows only those are shown that differ."""
    first, second = comparison.first, comparison.second
    rows = differing_rows(comparison)
    both = len({row["id"] for row in first.rows} & {row["id"] for row in second.rows})
    return Document(
        title=f"{first.benchmark}: A {first.model}, B {second.model}",
        about=f"A is {first.model}, B is {second.model}. {len(rows)} of {both} rows differ.",
        tables=list(side_by_side(comparison)),
        pictures=bars_of({"A": first, "B": second}),
        rows=rows,
        filters=_filters(rows, COMPARED),
        cases=_tagged(rows, FIRST_BETTER),
        cases_title="Rows in which A is better",
    )


def _about(evaluation: Evaluation) -> str:
    answers = sum(len(one) for one in evaluation.scores.values())
    missing = evaluation.counts.get("not_extracted", 0)
    share = f", {missing} ({100 * missing / answers:.1f} %) without an answer" if answers else ""
    return f"{len(evaluation.scores)} rows, {answers} answers{share}."


def _filters(rows: Sequence[Shown], tags: Sequence[str]) -> list[str]:
    """Offer the tags that some row has."""
    there = {tag for row in rows for tag in row["tags"]}
    return [str(tag) for tag in tags if tag in there]


def _tagged(rows: Sequence[Shown], tag: str) -> list[str]:
    return [row["id"] for row in rows if tag in row["tags"]]
