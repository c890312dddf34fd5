"""What the documents show: their blocks in order, the commands in them, and what is said inline."""

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[2]
_SUBSTITUTE = re.compile(r"test of this page sets `(\w+)=([^`\s]*)`")


@dataclass(frozen=True)
class Block:
    """A block of a page, and the line that it begins at."""

    language: str
    text: str
    line: int
    options: Mapping[str, str] = field(default_factory=dict)
    """`title`: the file that the block is; `needs`: why a test cannot run it."""


@dataclass(frozen=True)
class Command:
    """One command of a console block and what is shown below it."""

    text: str
    shown: str
    line: int


def documents() -> list[Path]:
    """Everything that is written for people, wherever it lies."""
    names = ("README.md", "CONTRIBUTING.md", "pipelines/README.md", "data_cards/README.md")
    found = [*(ROOT / name for name in names), *sorted((ROOT / "docs").rglob("*.md"))]
    return [one for one in found if one.is_file()]


def name_of(document: Path) -> str:
    return document.relative_to(ROOT).as_posix()


def blocks(document: Path) -> list[Block]:
    """Read the blocks of a page, fenced and indented ones, also inside lists."""
    tokens = _tokens(document)
    return [_block(token) for token in tokens if token.type in ("fence", "code_block")]


def inline_code(document: Path) -> Iterator[str]:
    """Give what stands between backticks in the text."""
    for token in _tokens(document):
        for child in token.children or ():
            if child.type == "code_inline":
                yield " ".join(child.content.split())


def first_column(document: Path, *, head: str) -> list[str]:
    """Read the first cells of the table whose head begins with this cell."""
    text = document.read_text(encoding="utf-8")
    table = re.search(rf"^\| {head} \|.*\n\|[-|]+\n((?:\|.*\n)+)", text, re.MULTILINE)
    assert table is not None, f"{document.name} has no table of `{head}`"
    return [line.split(" | ")[0].removeprefix("| ") for line in table[1].splitlines()]


def substitutes(document: Path) -> dict[str, str]:
    """Read which variables a page says that its test sets, and to what."""
    text = " ".join(document.read_text(encoding="utf-8").split())
    return dict(_SUBSTITUTE.findall(text))


def commands(block: Block) -> list[Command]:
    """Cut a console block into its commands; a backslash at the end of a line goes on."""
    found: list[Command] = []
    line = block.line
    for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        match = re.match(r"(?:.*\\\n)*.*\n?", part)
        assert match is not None
        found.append(Command(match[0].rstrip("\n"), part[match.end() :], line))
        line += part.count("\n")
    return found


def _tokens(document: Path) -> list[Token]:
    parser = MarkdownIt("commonmark").enable("table")
    return parser.parse(document.read_text(encoding="utf-8"))


def _block(token: Token) -> Block:
    language, *words = shlex.split(token.info) or [""]
    if language.startswith("{"):  # a directive of MyST, whose words are its own
        words = []
    options = dict(word.split("=", 1) for word in words if "=" in word)
    first = token.map[0] + 1 if token.map else 0
    line = first + (token.type == "fence")
    assert len(options) == len(words), f"line {first}: `{token.info}` is not NAME=VALUE"
    return Block(language, token.content, line, options)
