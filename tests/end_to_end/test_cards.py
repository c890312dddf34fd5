"""The cards in data_cards/ are what the recipes that they name write.

Lines that tell of the machine are compared apart: the level of isolation, Python and the libraries
that decide on bytes. They may differ where the rows do not.
"""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from stepcode.dataset.hub_words import size_category
from stepcode_pipelines.recipe import load_recipe

Stepcode = Callable[..., subprocess.CompletedProcess[bytes]]

CARDS = Path(__file__).parents[2] / "data_cards"
NAMES = ("bundled", "synthesized")

_MACHINE = re.compile(r"^\| (isolation|python|polars|libcst|datasketch) \| (.*) \|$", re.MULTILINE)
_COUNT = re.compile(r"^\| ([^|]+) \| (\d+) \|$", re.MULTILINE)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CARDS.is_dir(), reason="these tests were copied away from the cards"),
]


def card(name: str) -> str:
    return (CARDS / f"{name}.md").read_text(encoding="utf-8")


def without_machine(text: str) -> str:
    text = re.sub(r"^  description: rows .*$", "  description: rows", text, flags=re.MULTILINE)
    return _MACHINE.sub(r"| \1 | of the machine |", text)


def without_counts(text: str) -> str:
    """Leave out what grows with the number of rows: every number, and the name of the size."""
    text = re.sub(r"^\| [^|]+ \| \d+ \|\n", "", without_machine(text), flags=re.MULTILINE)
    text = re.sub(r"^- [n\dKM<]+$", "- size", text, flags=re.MULTILINE)
    text = re.sub(r"^\| [^|\n]+ \| [^|\n]+ \|\n\|---\|---\|\n(?!\|)", "", text, flags=re.MULTILINE)
    return re.sub(r"\n{2,}", "\n\n", re.sub(r"\d+", "0", text))


def table(text: str, head: str) -> dict[str, int]:
    """Read the counts below a head; none if the card has no such table."""
    rows = text.partition(f"| {head} |\n|---|---|\n")[2].partition("\n\n")[0]
    return {name: int(count) for name, count in _COUNT.findall(rows)}


def by_license(text: str) -> int:
    return sum(map(int, re.findall(r"^\| [^|]+ \| [^|]+ \| (\d+) \| \d+ \|$", text, re.MULTILINE)))


def test_card_of_the_bundled_programs_is_what_its_recipe_writes(
    tmp_path: Path, stepcode: Stepcode
) -> None:
    assert stepcode("build-dataset", "bundled", "--out", "made").returncode == 0
    made = (tmp_path / "made" / "README.md").read_text(encoding="utf-8")
    assert without_machine(made) == without_machine(card("bundled"))


def test_card_of_the_synthesized_programs_differs_from_a_smaller_build_in_counts_alone(
    tmp_path: Path, stepcode: Stepcode
) -> None:
    # The whole build takes minutes: `make cards`, then `git diff`.
    done = stepcode("build-dataset", "synthesized", "--limit", "1200", "--out", "made")
    assert done.returncode == 0, done.stderr
    made = (tmp_path / "made" / "README.md").read_text(encoding="utf-8")
    assert without_counts(made) == without_counts(card("synthesized"))


@pytest.mark.parametrize("name", NAMES)
def test_counts_of_a_card_agree_with_each_other(name: str) -> None:
    text = card(name)
    counts = table(text, "rows | number")
    rejected = [number for what, number in counts.items() if what.startswith("rejected: ")]
    assert counts["rows in"] == counts["kept"] + sum(rejected)
    assert counts["kept"] == sum(table(text, "steps | rows kept").values())
    assert counts["kept"] == by_license(text)
    assert counts["rows in"] == (load_recipe(name).limit or counts["rows in"])
    assert f"- {size_category(counts['kept'])}\n" in text


@pytest.mark.parametrize("name", NAMES)
def test_card_tells_of_its_machine_what_is_compared_apart(name: str) -> None:
    told = {what for what, _ in _MACHINE.findall(card(name))}
    assert told == {"isolation", "python", "polars", "libcst", "datasketch"}


def test_every_card_has_its_line_in_the_readme() -> None:
    readme = (CARDS / "README.md").read_text(encoding="utf-8")
    there = {path.name for path in CARDS.glob("*.md")} - {"README.md", "TEMPLATE.md"}
    assert there == {f"{name}.md" for name in NAMES}
    assert all(f"build-dataset {name} --out out/{name}" in readme for name in NAMES)
