"""What a release has to agree on, and the notes that it is published with.

    python .ci/release.py check v0.2.0      before anything is built
    python .ci/release.py dist              dist/ has what git has of the packages, and no more
    python .ci/release.py notes v0.2.0      the section of CHANGELOG.md, to stdout

Each prints one line for what is wrong and ends with exit code 1.
"""

import re
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = {
    "stepcode": "stepcode",
    "stepcode_cli": "cli/stepcode_cli",
    "stepcode_pipelines": "pipelines/stepcode_pipelines",
}


def main(arguments: list[str]) -> int:
    """Run one of the three; returns the exit code."""
    match arguments:
        case ["check", tag]:
            problems = list(check(tag))
        case ["dist"]:
            problems = list(check_dist())
        case ["notes", tag]:
            text = section(tag.removeprefix("v"))
            problems = [] if text else [f"CHANGELOG.md: has no section for {tag}"]
            sys.stdout.write(text)
        case _:
            problems = ["expected: check TAG, dist, or notes TAG"]
    for problem in problems:
        print(f"release: {problem}", file=sys.stderr)
    return 1 if problems else 0


def check(tag: str) -> Iterator[str]:
    """Say where tag, version, changelog and citation disagree."""
    there = version()
    if tag != f"v{there}":
        yield f"tag is {tag!r}, stepcode/__init__.py says {there}: expected the tag v{there}"
    if not section(there):
        yield f"CHANGELOG.md: has no section '## [{there}] - YYYY-MM-DD' with a line in it"
    cited = _find(r"^version: (\S+)$", ROOT / "CITATION.cff")
    if cited != there:
        yield f"CITATION.cff: version is {cited}, expected {there}"


def check_dist() -> Iterator[str]:
    """Say what dist/ lacks, or has too much of: what is not in git is not to be published."""
    wheels, sdists = (sorted((ROOT / "dist").glob(form)) for form in ("*.whl", "*.tar.gz"))
    expected = ([f"stepcode-{version()}-py3-none-any.whl"], [f"stepcode-{version()}.tar.gz"])
    if ([one.name for one in wheels], [one.name for one in sdists]) != expected:
        yield f"dist/: expected {expected[0][0]} and {expected[1][0]} and no others"
        return
    tracked = _tracked()
    yield from _compare(wheels[0].name, _in_wheel(wheels[0]), tracked)
    in_sdist = {name for name in _in_sdist(sdists[0]) if name.startswith(tuple(PACKAGES.values()))}
    yield from _compare(sdists[0].name, in_sdist, tracked)


def version() -> str:
    """Read the version that the packages are built with."""
    return _find(r'^__version__ = "([^"]+)"$', ROOT / "stepcode" / "__init__.py")


def section(number: str) -> str:
    """Read what CHANGELOG.md says of a version that has a date; empty if it says nothing."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    head = rf"^## \[{re.escape(number)}\] - \d{{4}}-\d\d-\d\d\n(.*?)(?=^## \[|\Z)"
    found = re.search(head, text, re.MULTILINE | re.DOTALL)
    body = found[1].strip() if found else ""
    return f"{body}\n" if re.search(r"^- ", body, re.MULTILINE) else ""


def _find(pattern: str, path: Path) -> str:
    found = re.search(pattern, path.read_text(encoding="utf-8"), re.MULTILINE)
    return found[1] if found else "missing"


def _tracked() -> set[str]:
    command = ["git", "ls-files", "-z", *PACKAGES.values()]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return set(filter(None, done.stdout.split("\0")))


def _in_wheel(wheel: Path) -> set[str]:
    """Name what a wheel holds as the repository does, without its own records."""
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if ".dist-info/" not in name]
    tops = ((name, *name.partition("/")[::2]) for name in names)
    return {f"{PACKAGES[top]}/{rest}" if top in PACKAGES else name for name, top, rest in tops}


def _in_sdist(sdist: Path) -> set[str]:
    with tarfile.open(sdist) as archive:
        return {one.name.partition("/")[2] for one in archive.getmembers() if one.isfile()}


def _compare(name: str, there: set[str], expected: set[str]) -> Iterator[str]:
    for what, paths in (("lacks", expected - there), ("has, and git has not,", there - expected)):
        if paths:
            shown = ", ".join(sorted(paths)[:5])
            yield f"{name}: {what} {len(paths)} files: {shown}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
