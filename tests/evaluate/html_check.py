"""A page read by a parser: what is open is closed in its order, and every id is there once."""

from html.parser import HTMLParser

_VOID = {"meta", "link", "input", "br", "img"}
_SELF_CLOSED_IN_SVG = {"line", "rect", "circle", "polyline", "polygon"}


class Check(HTMLParser):
    """Collects what is wrong with a page, and what stands in it."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.problems: list[str] = []
        self.ids: list[str] = []
        self.texts: list[str] = []
        self._open: list[str] = []
        self.feed(page)
        self.close()
        self.problems += [f"{tag} is never closed" for tag in self._open]
        self.problems += [f"id {one} is there twice" for one in {*self.ids} if self._repeats(one)]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        if len(names) != len(set(names)):
            self.problems.append(f"{tag} has an attribute twice")
        self.ids += [value or "" for name, value in attrs if name == "id"]
        if tag not in _VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _SELF_CLOSED_IN_SVG:
            self.problems.append(f"{tag} is closed at once")

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.problems.append(f"{tag} is closed and was not open")

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def _repeats(self, one: str) -> bool:
        return self.ids.count(one) > 1


def problems_of(page: str) -> list[str]:
    """Say what is wrong with a page; nothing if it is sound."""
    return Check(page).problems
