"""The files of `inside` as one program that the sandbox can run.

program = bundled_program(("recorder", "observe"))    # its names are those of the last file
"""

from functools import lru_cache
from pathlib import Path

_HERE = Path(__file__).parent / "inside"
_PACKAGE = f"{__package__}.inside"

_START = """\
import sys
from types import ModuleType

for name, text in {files!r}:
    module = sys.modules[name] = ModuleType(name)
    exec(compile(text, f"<{{name}}>", "exec", dont_inherit=True), module.__dict__)
globals().update(module.__dict__)
"""


@lru_cache(maxsize=4)
def bundled_program(names: tuple[str, ...]) -> str:
    """Write a program in which the files are modules, and each may import those before it."""
    files = [(f"{_PACKAGE}.{name}", (_HERE / f"{name}.py").read_text("utf-8")) for name in names]
    return _START.format(files=files)
