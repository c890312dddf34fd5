"""The rewriter on a sample of the running Python's standard library."""

import ast
import os
import sysconfig
import warnings
from pathlib import Path

import pytest

from stepcode.anchor import insert_anchors, strip_anchors
from stepcode.anchor.files import SourceText, encode_source, read_source
from stepcode.errors import AnchorError
from stepcode.types import Program
from tests.unit.anchor_samples import tree_without_anchors

STRIDE = int(os.environ.get("STEPCODE_STRIDE", "10"))
"""Every tenth file: all 1,790 take four minutes."""


def library_files() -> list[Path]:
    root = Path(sysconfig.get_paths()["stdlib"])
    files = (path for path in root.rglob("*.py") if "site-packages" not in path.parts)
    return sorted(files)[::STRIDE]


def check(path: Path) -> bool:
    """Anchor a file and prove all that is promised; False if it is refused."""
    data = path.read_bytes()
    try:
        source = read_source(data)
        anchored = insert_anchors(Program(code=source.code))
    except AnchorError:
        return False
    compile(anchored.code, str(path), "exec", dont_inherit=True)
    stripped = strip_anchors(anchored.code, anchored.edits)
    assert encode_source(SourceText(stripped, source.encoding)) == data
    assert tree_without_anchors(anchored) == ast.dump(ast.parse(source.code))
    assert insert_anchors(Program(code=anchored.code)).code == anchored.code
    return True


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_standard_library_is_anchored_and_stripped_to_the_byte() -> None:
    files = library_files()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        refused = [path for path in files if not check(path)]
    assert len(refused) <= 0.02 * len(files) + 1
