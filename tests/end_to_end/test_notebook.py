"""The notebook in examples/ runs, and its saved outputs are what it gives.

Its cells are run one after the other in one namespace, which is what a kernel does with cells that
use no magic; so the test needs no Jupyter, and `pytest --update-golden` writes the outputs. What a
cell prints is compared. What it displays, tables and pictures, is only asked for: how polars draws
a table is polars' to decide.
"""

from pathlib import Path

import pytest

from tests.end_to_end.notebooks import (
    code_cells,
    read_notebook,
    run_notebook,
    saved_outputs,
    with_outputs,
)

PATH = Path(__file__).parents[2] / "examples" / "first_look.ipynb"

pytestmark = pytest.mark.skipif(
    not PATH.is_file(), reason="this test was copied away from the examples"
)


@pytest.mark.slow
def test_notebook_gives_what_it_says_it_gives(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    pytest.importorskip("torch", reason="needs the extra `train`")
    notebook = read_notebook(PATH)
    made = run_notebook(notebook, tmp_path)
    if pytestconfig.getoption("--update-golden"):
        PATH.write_text(with_outputs(notebook, made), encoding="utf-8")
        return
    saved = saved_outputs(notebook)
    assert [one.said for one in made] == [one.said for one in saved]
    assert [list(one.shown) for one in made] == [list(one.shown) for one in saved]


def test_notebook_was_run_from_its_first_cell_to_its_last() -> None:
    cells = code_cells(read_notebook(PATH))
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))


def test_cells_use_nothing_that_only_a_kernel_has() -> None:
    lines = [line for cell in code_cells(read_notebook(PATH)) for line in cell["source"]]
    assert [line for line in lines if line.lstrip().startswith(("%", "!"))] == []


def test_saved_outputs_tell_nothing_of_the_machine() -> None:
    text = PATH.read_text(encoding="utf-8")
    assert "/tmp" not in text
    assert "/home" not in text
