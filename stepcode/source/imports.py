"""Imports that a benchmark's harness gives its programs, put into the program that uses them."""

import ast
import builtins
import symtable
import warnings
from collections.abc import Sequence

from stepcode.source.calls import defined_names, parse_module


def free_names(code: str) -> frozenset[str]:
    """Collect the names that a program reads and neither defines nor has as builtins."""
    module = parse_module(code)
    if module is None:
        return frozenset()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            table = symtable.symtable(code, "<program>", "exec")
    except (SyntaxError, RecursionError):
        return frozenset()
    return frozenset(_global_reads(table) - defined_names(module) - set(dir(builtins)))


def imported_names(statement: str) -> frozenset[str]:
    """Collect the names that an import statement binds; none if it is no Python."""
    module = parse_module(statement)
    return defined_names(module) if module else frozenset()


def prepend_imports(code: str, statements: Sequence[str]) -> str:
    """Put import statements on top of a program, below its `from __future__` lines."""
    if not statements:
        return code
    module = parse_module(code)
    body = module.body if module else []
    future = [s for s in body if isinstance(s, ast.ImportFrom) and s.module == "__future__"]
    line = (future[-1].end_lineno or 0) if future else 0
    lines = code.split("\n")
    return "\n".join([*lines[:line], *statements, *lines[line:]])


def _global_reads(table: symtable.SymbolTable) -> set[str]:
    names = {s.get_name() for s in table.get_symbols() if s.is_referenced() and s.is_global()}
    for child in table.get_children():
        names |= _global_reads(child)
    return names
