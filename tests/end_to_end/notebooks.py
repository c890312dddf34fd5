"""Running a notebook without Jupyter: its cells one after the other, in a process of their own."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Notebook = dict[str, Any]
"""Any: JSON."""

_RUN = """
import ast, contextlib, io, json, sys
space, results = {"__name__": "__main__"}, []
KINDS = {"text/html": "_repr_html_", "image/svg+xml": "_repr_svg_"}

def run(source, name):
    tree = ast.parse(source, name)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, name, "exec"), space)
    return eval(compile(ast.Expression(last.value), name, "eval"), space) if last else None

def show(value):
    if value is None:
        return {}
    rich = {kind: getattr(value, way)() for kind, way in KINDS.items() if hasattr(value, way)}
    return rich | {"text/plain": repr(value)}

for number, source in enumerate(json.load(sys.stdin), 1):
    with contextlib.redirect_stdout(io.StringIO()) as said:
        value = run(source, f"cell {number}")
    results.append({"said": said.getvalue(), "shown": show(value)})
json.dump(results, sys.stdout)
"""


@dataclass(frozen=True)
class Output:
    """What a cell printed, and what its last expression is shown as, by kind."""

    said: str
    shown: dict[str, str]


def read_notebook(path: Path) -> Notebook:
    notebook: Notebook = json.loads(path.read_text(encoding="utf-8"))
    return notebook


def code_cells(notebook: Notebook) -> list[Notebook]:
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def saved_outputs(notebook: Notebook) -> list[Output]:
    """Read what the notebook says that its cells give."""
    return [_saved(cell) for cell in code_cells(notebook)]


def run_notebook(notebook: Notebook, folder: Path) -> list[Output]:
    """Run the cells in order in one namespace; fails with the traceback of the first that fails."""
    sources = ["".join(cell["source"]) for cell in code_cells(notebook)]
    done = subprocess.run(
        [sys.executable, "-c", _RUN],
        input=json.dumps(sources),
        capture_output=True,
        text=True,
        cwd=folder,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "TMPDIR": str(folder)},
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [Output(**result) for result in json.loads(done.stdout)]


def with_outputs(notebook: Notebook, outputs: list[Output]) -> str:
    """Write a notebook with other outputs, as Jupyter writes it."""
    given = iter(enumerate(outputs, 1))
    cells = [
        _filled(cell, *next(given)) if cell["cell_type"] == "code" else cell
        for cell in notebook["cells"]
    ]
    return json.dumps(notebook | {"cells": cells}, indent=1, ensure_ascii=False) + "\n"


def _saved(cell: Notebook) -> Output:
    said, shown = "", {}
    for output in cell["outputs"]:
        if output["output_type"] == "stream":
            said += "".join(output["text"])
        else:
            shown = {kind: "".join(text) for kind, text in output["data"].items()}
    return Output(said, shown)


def _filled(cell: Notebook, number: int, output: Output) -> Notebook:
    outputs: list[Notebook] = []
    if output.said:
        text = output.said.splitlines(keepends=True)
        outputs.append({"name": "stdout", "output_type": "stream", "text": text})
    if output.shown:
        data = {kind: text.splitlines(keepends=True) for kind, text in output.shown.items()}
        outputs.append(
            {
                "data": data,
                "execution_count": number,
                "metadata": {},
                "output_type": "execute_result",
            }
        )
    return cell | {"execution_count": number, "outputs": outputs}
