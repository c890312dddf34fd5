"""Programs that import numpy or pandas find them imported; no other program meets them."""

from collections.abc import Iterator

import pytest

from stepcode.execute import Sandbox
from stepcode.execute.import_sets import LIBRARY, choose_import_set
from stepcode.execute.isolate import Isolation, probe_levels
from stepcode.types import Limits, Outcome, Program
from tests.unit.execute_samples import program

pytest.importorskip("numpy")
pytest.importorskip("pandas")

LIMITS = Limits(cpu_seconds=0.3, wall_seconds=3, memory_mb=256)
ARRAY = program("""
    import numpy as np
    def f(n): return float(np.linalg.norm(np.eye(n) @ [4, 0, 3])), np.arange(n).tolist()
""")
FRAME = program("""
    def f(n):
        from pandas import DataFrame
        frame = DataFrame({"a": list(range(n)), "b": [1, 2] * (n // 2)})
        return frame.groupby("b").a.sum().to_dict()
""")
LOADED = program("import sys\ndef f(): return 'numpy' in sys.modules or 'pandas' in sys.modules")


@pytest.fixture(params=list(Isolation))
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    missing = {probe.level: probe.missing for probe in probe_levels()}
    if missing.get(request.param):
        pytest.skip(missing[request.param])
    with Sandbox(limits=LIMITS, isolation=request.param) as sandbox:
        yield sandbox


def test_import_of_heavy_packages_costs_no_program_time(sandbox: Sandbox) -> None:
    for _ in range(2):
        assert sandbox.run(ARRAY, "f(3)").output == "(5.0, [0, 1, 2])"
        assert sandbox.run(FRAME, "f(6)").output == "{1: 6, 2: 9}"


def test_ordinary_program_between_them_meets_no_heavy_package(sandbox: Sandbox) -> None:
    sandbox.run(ARRAY, "f(3)")
    assert sandbox.run(LOADED, "f()").output == "False"


def test_program_with_numpy_still_has_its_memory_limit(sandbox: Sandbox) -> None:
    code = "import numpy as np\ndef f(mb): return int(np.ones(mb << 20, dtype='u1')[-1])"
    assert sandbox.run(program(code), "f(100)").output == "1"
    assert sandbox.run(program(code), "f(400)").outcome is Outcome.OUT_OF_MEMORY


@pytest.mark.parametrize("name", ["pyarrow", "polars", "stepcode"])
def test_program_with_pandas_finds_nothing_else_that_is_installed(
    sandbox: Sandbox, name: str
) -> None:
    execution = sandbox.run(program(f"import pandas\nimport {name}"), "1")
    assert execution.error == f"ModuleNotFoundError: No module named '{name}'"


@pytest.mark.parametrize("package", ["numpy", "pandas"])
def test_program_with_heavy_packages_gets_no_ctypes(sandbox: Sandbox, package: str) -> None:
    code = f"import {package}, sys\nloaded = sorted(n for n in sys.modules if 'ctypes' in n)"
    execution = sandbox.run(program(code), "[getattr(sys.modules[n], 'CDLL', n) for n in loaded]")
    assert execution.outcome is Outcome.OK
    assert "CDLL" not in (execution.output or "")
    assert sandbox.run(program(f"import {package}, ctypes"), "1").outcome is Outcome.RAISED


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import numpy", (*LIBRARY, "numpy")),
        ("import os, numpy.linalg as la", (*LIBRARY, "numpy")),
        ("def f():\n    from numpy import array", (*LIBRARY, "numpy")),
        ("import numpy\nimport pandas as pd", (*LIBRARY, "numpy", "pandas")),
        ("from pandas.core import frame", (*LIBRARY, "numpy", "pandas")),
        ("x = 'import numpy'", LIBRARY),
        ("# import pandas", LIBRARY),
        ("import numpyro", LIBRARY),
        ("from .numpy import x", LIBRARY),
        ("import numpy (", LIBRARY),
        ("import re", LIBRARY),
        ("x = __import__('re')", LIBRARY),
        ("import numpy\nx = " + "[" * 100_000, LIBRARY),
        ("x = 1", ()),
        ("", ()),
    ],
)
def test_import_set_follows_the_import_statements(code: str, expected: tuple[str, ...]) -> None:
    assert choose_import_set(code) == expected


def test_import_that_is_found_nowhere_raises_in_the_program() -> None:
    code = "name = 'num' + 'py'\ndef f(): return __import__(name)"
    with Sandbox(limits=LIMITS) as sandbox:
        error = sandbox.run(Program(code=code), "f()").error
    assert error == "ModuleNotFoundError: No module named 'numpy'"


def test_program_that_imports_in_disguise_finds_the_library_all_the_same(sandbox: Sandbox) -> None:
    code = "def f(): return eval('__im' + \"port__('decimal').Decimal('1') + 1\")"
    assert sandbox.run(program(code), "str(f())").output == "'2'"


def test_program_with_a_database_has_it_to_itself(sandbox: Sandbox) -> None:
    code = program("""
        import sqlite3
        def f(n):
            with sqlite3.connect(':memory:') as base:
                base.execute('create table t (x)')
                base.executemany('insert into t values (?)', [(i,) for i in range(n)])
                return base.execute('select sum(x) from t').fetchall()
    """)
    assert sandbox.run(code, "f(4)").output == "[(6,)]"
    hidden = program("def f(): return __import__('sqlite' + '3').version")
    assert (sandbox.run(hidden, "f()").error or "").startswith("ImportError")
