"""What in a program may be different the next time, although two runs agreed.

A coin falls on the same side twice every other time, and what day it is does not change between two
runs. So a program that asks for chance, for the clock or for its place in the machine is told by
its text. This is about honest programs; one that hides what it asks still has two runs to pass.
"""

import ast
import re
from collections.abc import Iterator, Mapping

_ASKED: Mapping[str, frozenset[str]] = {
    "random": frozenset(),
    "secrets": frozenset(),
    "uuid": frozenset({"uuid1", "uuid4", "getnode"}),
    "time": frozenset(
        {
            *("time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns"),
            *("process_time", "process_time_ns", "thread_time", "thread_time_ns"),
            *("localtime", "gmtime", "ctime", "asctime", "strftime", "clock_gettime"),
        }
    ),
    "datetime": frozenset({"now", "utcnow", "today"}),
    "os": frozenset(
        {
            *("urandom", "getrandom", "getpid", "getppid", "times", "uname", "cpu_count"),
            *("getloadavg", "statvfs", "stat", "environ", "getenv", "getlogin", "getuid"),
        }
    ),
    "tempfile": frozenset(),
    "platform": frozenset(),
    "socket": frozenset({"gethostname", "getfqdn"}),
}
"""The modules and what of them; where nothing is named, all of it."""
_SEEDS = {"seed", "Random"}
_MAY_ASK = re.compile(rf"\b(?:{'|'.join(_ASKED)}|id|hash)\b")


def asks_chance(code: str) -> str:
    """Name the first thing a program asks that may be different the next time; empty if nothing.

    Drawing from `random` is fine where it is seeded, and `hash` inside a `__hash__`.
    """
    if not _MAY_ASK.search(code):
        return ""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return ""
    return next(_questions(tree), "")


def _questions(tree: ast.Module) -> Iterator[str]:
    nodes = list(ast.walk(tree))
    modules = _imported(nodes)
    is_seeded = any(map(_is_seeding, nodes))
    bound = {node.id for node in nodes if isinstance(node, ast.Name) and _is_bound(node)}
    bound |= {node.arg for node in nodes if isinstance(node, ast.arg)}
    hashes = {id(inner) for node in nodes if _is_hash_method(node) for inner in ast.walk(node)}
    for node in nodes:
        match node:
            case ast.Attribute(value=ast.Name(id=alias), attr=name) if alias in modules:
                if _is_asked(modules[alias], name, is_seeded):
                    yield f"{modules[alias]}.{name}"
            case ast.Attribute(attr=name) if "datetime" in modules.values():
                if name in _ASKED["datetime"]:
                    yield f"datetime.{name}"
            case ast.ImportFrom(module=str(module), names=names) if module in _ASKED:
                for name in (imported.name for imported in names):
                    if module != "datetime" and _is_asked(module, name, is_seeded):
                        yield f"{module}.{name}"
            case ast.Call(func=ast.Name(id="id" | "hash" as name)) if name not in bound:
                if id(node) not in hashes:
                    yield name


def _imported(nodes: list[ast.AST]) -> dict[str, str]:
    """Tell which names stand for which of the modules, and for the classes of `datetime`."""
    names = {}
    for node in nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name in _ASKED:
                    names[alias.asname or alias.name] = alias.name
        elif isinstance(node, ast.ImportFrom) and node.module == "datetime":
            names |= {alias.asname or alias.name: "datetime" for alias in node.names}
    return names


def _is_asked(module: str, name: str, is_seeded: bool) -> bool:
    if module == "random" and (is_seeded or name in _SEEDS):
        return name == "SystemRandom"
    return not _ASKED[module] or name in _ASKED[module] or name == "*"


def _is_seeding(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=[_, *_]):
            return name in _SEEDS
        case _:
            return False


def _is_bound(node: ast.Name) -> bool:
    return not isinstance(node.ctx, ast.Load)


def _is_hash_method(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef) and node.name == "__hash__"
