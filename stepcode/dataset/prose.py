"""The places of a card that people may write in, and what they wrote there.

    <!-- prose: summary -->
    Programs of our students, anonymised.
    <!-- end of prose -->

Everything else in a card is filled in anew each time that it is written.
"""

import re
from collections.abc import Mapping
from importlib.resources import files
from string import Template

from stepcode.errors import DatasetError, nearest

_PLACE = re.compile(
    r"^(<!-- prose: *(\w+) *-->)[^\S\n]*\n(.*?)^(<!-- end of prose -->)", re.MULTILINE | re.DOTALL
)
_MARK = re.compile(r"^<!-- (?:prose\b|end of prose\b)", re.MULTILINE)

Prose = Mapping[str, str]
"""What people wrote, by the name of the place."""


def read_prose(card: str, *, where: str) -> Prose:
    """Read what people wrote in a card; raises DatasetError if its marks do not fit together."""
    found = _PLACE.findall(card.replace("\r\n", "\n"))
    names = [name for _, name, _, _ in found]
    if len(_MARK.findall(card)) != 2 * len(found):
        raise DatasetError(
            f"{where}: its marks do not fit together: expected pairs of <!-- prose: NAME --> and "
            "<!-- end of prose -->, each on a line of its own"
        )
    for name in names:
        if names.count(name) > 1:
            raise DatasetError(f"{where}: has two places for prose named {name!r}: join them")
    return {name: text for _, name, text, _ in found}


def fill_card(template: str, values: Mapping[str, str], prose: Prose, *, where: str) -> str:
    """Fill a template, a card with `$names`, and put what people wrote in its places.

    Raises DatasetError for prose that the template has no place for, which would be lost.
    """
    places = [match[2] for match in _PLACE.finditer(template)]
    for name in prose:
        if name not in places:
            known = f"expected {', '.join(places)}"
            hint = nearest(name, places)
            raise DatasetError(f"{where}: has prose named {name!r}: {known}{hint}")

    def written(match: re.Match[str]) -> str:
        text = prose.get(match[2])
        inside = match[3] if text is None else text.replace("$", "$$")
        return f"{match[1]}\n{inside}{match[4]}"

    return Template(_PLACE.sub(written, template)).substitute(values)


def read_resource(package: str, name: str) -> str:
    """Read a text that is shipped in a package."""
    return (files(package) / name).read_text(encoding="utf-8")


def render_citation(version: str) -> str:
    """Write how to cite the method, and stepcode of a version, as BibTeX."""
    return (
        Template(read_resource("stepcode.dataset", "citation.bib"))
        .substitute(version=version)
        .strip()
    )
