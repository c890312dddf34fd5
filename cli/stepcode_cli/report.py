"""`stepcode report`: an evaluation as a page, as Markdown or as JSON, alone or beside another."""

import json
from pathlib import Path

from stepcode.errors import MisuseError

_FORMS = (".html", ".md", ".json")
_SHOWN = (
    *("benchmark", "model", "settings", "metrics", "intervals", "baselines", "counts", "groups"),
)
"""Of an evaluation, what a JSON report has; its rows are in the evaluation itself."""


def report(path: str | None, compared: tuple[str, str] | None, output: str | None) -> int:
    """Write the report; returns the exit code."""
    form = ".md" if output is None else Path(output).suffix
    if form not in _FORMS:
        raise MisuseError(f"-o is {output}: expected a name that ends in {', '.join(_FORMS)}")
    if (path is None) == (compared is None):
        raise MisuseError("give one evaluation, or two with --compare")
    text = _compare(compared, form) if compared is not None else _show(path or "", form)
    if output is None:
        print(text)
        return 0
    from stepcode.dataset.durable import plain_disk_errors, write_durably

    with plain_disk_errors(Path(output)):
        Path(output).parent.mkdir(parents=True, exist_ok=True)
        write_durably(Path(output), text.encode())
    print(f"{output}: written")
    return 0


def _show(path: str, form: str) -> str:
    from stepcode.evaluate.evaluation import read_evaluation
    from stepcode.evaluate.report.markdown import render_markdown
    from stepcode.evaluate.report.page import render_page

    evaluation = read_evaluation(Path(path))
    if form == ".html":
        return render_page(evaluation)
    if form == ".md":
        return render_markdown(evaluation)
    return _json({name: getattr(evaluation, name) for name in _SHOWN})


def _compare(paths: tuple[str, str], form: str) -> str:
    from stepcode.evaluate.evaluation import read_evaluation
    from stepcode.evaluate.report.compare import compare
    from stepcode.evaluate.report.markdown import render_comparison
    from stepcode.evaluate.report.page import render_comparison_page

    first, second = (read_evaluation(Path(path)) for path in paths)
    found = compare(first, second)
    if form == ".html":
        return render_comparison_page(found)
    if form == ".md":
        return render_comparison(found)
    return _json(
        {
            "benchmark": first.benchmark,
            "models": [first.model, second.model],
            "metrics": [first.metrics, second.metrics],
            "difference": found.difference,
            "interval": found.interval,
            "better": found.better,
            "worse": found.worse,
            "p": found.p,
        }
    )


def _json(record: object) -> str:
    return json.dumps(record, indent=2)
