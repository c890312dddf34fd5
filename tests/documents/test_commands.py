"""Every command that a document shows is run, or says why it cannot be and is read by the parser.

A block is run if it is `console` (commands behind `$ ` and what they print), `python`, or a file
(`title=NAME`). Behind the language, `needs=` tells why a block is only read:
"""

import re
import shlex
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from itertools import takewhile
from pathlib import Path

import pytest
from typer.main import get_group

from stepcode_cli.main import app
from tests.documents.pages import (
    ROOT,
    Block,
    blocks,
    commands,
    documents,
    inline_code,
    name_of,
    substitutes,
)
from tests.documents.running import agrees, model_names, run_page

NEEDS = {
    "gpu": "a GPU",
    "cluster": "several machines with a scheduler",
    "network": "PyPI or the Hub; what a page pushes is pushed by tests/hub/test_docs.py",
    "benchmarks": "files of benchmarks, which are not ours to ship",
    "minutes": "more time than a test may take",
}

DIRECTIVES = ("{toctree}", "{include}", "{eval-rst}", "{commands}")

TESTED_ELSEWHERE = {"docs/extending.md": "tests/documents/test_extending.py"}
"""Pages that change the code itself, and the tests that follow them in a copy of it."""

pytestmark = pytest.mark.skipif(
    not (ROOT / "README.md").is_file(), reason="these tests were copied away from the documents"
)
_LOOKS_LIKE_A_COMMAND = re.compile(r"^\s*(\$ |stepcode |python |pip |torchrun |accelerate )")
_each_document = pytest.mark.parametrize("document", documents(), ids=name_of)


def runnable(document: Path) -> list[Block]:
    if name_of(document) in TESTED_ELSEWHERE:
        return []
    return [
        block
        for block in blocks(document)
        if "needs" not in block.options
        and (block.language in ("console", "python") or "title" in block.options)
    ]


def trains(page: list[Block]) -> bool:
    return any(
        re.search(r"stepcode[. ]train|import torch", block.text)
        for block in page
        if block.language in ("console", "python")
    )


def write_small_models(page: list[Block], folder: Path) -> None:
    """Make a small model for each name of a real one."""
    for name in model_names(page):
        from tests.train.tiny import make_model, make_tokenizer

        tokenizer = make_tokenizer()
        make_model(tokenizer).save_pretrained(folder / name)
        tokenizer.save_pretrained(folder / name)


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("document", [d for d in documents() if runnable(d)], ids=name_of)
def test_page_does_what_it_says(document: Path, tmp_path: Path) -> None:
    page = runnable(document)
    if trains(page) and find_spec("trl") is None:
        pytest.skip("needs the extra `train`")
    folder, models = tmp_path / "page", tmp_path / "models"
    folder.mkdir()
    write_small_models(page, models)
    for step, done in run_page(page, folder, substitutes=substitutes(document), models=models):
        right = done.code == 0 and (step.shown is None or agrees(step.shown, done.output))
        assert right, (
            f"{name_of(document)}, line {step.line}: {step.shell}\n"
            f"exit code {done.code}\n{done.output}{done.errors}"
        )


@_each_document
def test_command_is_where_it_will_be_run_or_says_why_not(document: Path) -> None:
    for block in blocks(document):
        where = f"{name_of(document)}, line {block.line}"
        assert block.options.keys() <= {"title", "needs"}, where
        assert block.options.get("needs", "gpu") in NEEDS, where
        if block.language.startswith("{"):
            assert block.language in DIRECTIVES, f"{where}: {block.language} shows no commands"
        elif block.language == "console":
            assert block.text.startswith("$ "), f"{where}: a console block begins with `$ `"
        elif block.language != "python" and "title" not in block.options:
            for line in block.text.splitlines():
                assert not _LOOKS_LIKE_A_COMMAND.match(line), f"{where}: no console block: {line}"


@_each_document
def test_value_that_the_test_of_a_page_sets_is_one_that_the_page_exports(document: Path) -> None:
    exported = [
        command.text
        for block in runnable(document)
        for command in commands(block)
        if command.text.startswith("export ")
    ]
    for name in substitutes(document):
        assert any(f" {name}=" in text for text in exported), f"{name_of(document)}: {name}"


def unrun_commands() -> Iterator[tuple[Path, str]]:
    for document in documents():
        for block in blocks(document):
            if block.language == "console" and "needs" in block.options:
                for command in commands(block):
                    yield document, command.text
            elif block.language == "sh":
                yield document, block.text


def stepcode_arguments(text: str) -> Iterator[list[str]]:
    """Give the words behind each `stepcode` in lines of shell, up to whatever ends the command."""
    for line in text.replace("\\\n", " ").splitlines():
        lexer = shlex.shlex(line, posix=True, punctuation_chars="|&;()<>")
        lexer.whitespace_split = True
        words = list(lexer)
        for start, word in enumerate(words, 1):
            if word in ("stepcode", "stepcode_cli.main") or word.endswith("/bin/stepcode"):
                yield list(takewhile(lambda one: one[0] not in "|&;<>", words[start:]))


@pytest.mark.parametrize(
    ("document", "text"), list(unrun_commands()), ids=lambda one: str(one)[-60:]
)
def test_command_that_cannot_be_run_here_is_one_that_stepcode_takes(
    document: Path, text: str
) -> None:
    group = get_group(app)
    for name, *rest in stepcode_arguments(text):
        assert name in group.commands, f"{name_of(document)}: {text}"
        group.commands[name].make_context(name, rest).close()


@_each_document
def test_command_named_in_the_text_exists_with_its_options(document: Path) -> None:
    group = get_group(app)
    for code in inline_code(document):
        match = re.match(r"stepcode ([a-z][\w-]*)(.*)", code)
        if match is None:
            continue
        assert match[1] in group.commands, f"{name_of(document)}: {code}"
        known = {name for one in group.commands[match[1]].params for name in one.opts}
        used = set(re.findall(r"(?<!\S)--[a-z][\w-]*", match[2]))
        assert used <= known | {"--help"}, f"{name_of(document)}: {code}"


@_each_document
def test_file_of_the_repository_that_is_named_exists(document: Path) -> None:
    for code in inline_code(document):
        for path in re.findall(r"(?<![\w./-])(?:tests|docs|pipelines|stepcode|cli)/[\w./-]+", code):
            assert (ROOT / path).exists(), f"{name_of(document)}: {code}"


@_each_document
def test_target_of_make_exists(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    targets = set(re.findall(r"^(?: {4}|\$ )make ([a-z]+)", text, flags=re.MULTILINE))
    targets |= {code.split()[1] for code in inline_code(document) if code.startswith("make ")}
    for target in targets:
        done = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, check=False)
        assert done.returncode == 0, f"{name_of(document)}: make {target}"
