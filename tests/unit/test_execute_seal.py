"""Sealed functions lead nowhere: every name that is not local is a marker among the constants."""

from pathlib import Path
from types import CodeType

from stepcode.execute import harness
from stepcode.execute.seal import MARKER, sealed_codes

CODES = sealed_codes(Path(harness.__file__))


def constants(code: CodeType) -> list[str]:
    found = []
    for constant in code.co_consts:
        parts = constant if isinstance(constant, tuple) else (constant,)
        found += [part for part in parts if isinstance(part, str) and part.startswith(MARKER)]
    return found


def test_no_sealed_function_has_a_global_a_free_name_or_an_import() -> None:
    for name, code in CODES.items():
        loads = {"LOAD_GLOBAL", "LOAD_NAME", "LOAD_DEREF", "IMPORT_NAME", "STORE_GLOBAL"}
        import dis

        used = {instruction.opname for instruction in dis.get_instructions(code)}
        assert not used & loads, name
        assert code.co_freevars == ()


def test_every_marker_is_a_function_of_the_file_or_in_capitals() -> None:
    names = {marker.removeprefix(MARKER) for code in CODES.values() for marker in constants(code)}
    assert {name for name in names if not name.isupper()} <= CODES.keys()


def test_compiler_has_computed_with_no_marker() -> None:
    # `"sealed:X"[0]` would have become "s", and a condition on a marker would be gone.
    source = Path(harness.__file__).read_text(encoding="utf-8")
    for name, code in CODES.items():
        body = source.partition(f"def {name}(")[2].partition("\n\n\n")[0]
        for marker in set(constants(code)):
            assert marker.removeprefix(MARKER) in body, (name, marker)
        assert not {c for c in code.co_consts if isinstance(c, str) and c in ("s", "sealed")}, name
