"""The site builds without a warning, and its pages need nothing but each other."""

import re
import subprocess
import sys
from html.parser import HTMLParser
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from typer.main import get_group

from stepcode_cli.main import app
from tests.documents.pages import ROOT, documents, name_of
from tests.evaluate.browser import ask_page

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (ROOT / "docs").is_dir(), reason="these tests were copied away from the documents"
    ),
    pytest.mark.skipif(find_spec("sphinx") is None, reason="needs the extra `docs`"),
]
_LOADING = {("script", "src"), ("link", "href"), ("img", "src"), ("iframe", "src")}


class Page(HTMLParser):
    """What a page links to, what it loads, and the places in it that can be linked to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.places: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if value and (tag, name) == ("a", "href"):
                self.links.append(value)
            elif value and (tag, name) in _LOADING:
                self.loaded.append(value)
            elif value and name == "id":
                self.places.add(value)


def sphinx(source: Path, target: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Build as `make docs` does: a warning is an error, but all of them are told."""
    return subprocess.run(
        [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", *options, source, target],
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    done = sphinx(ROOT / "docs", folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Page]:
    return {path: Page(path.read_text(encoding="utf-8")) for path in site.rglob("*.html")}


def test_every_link_inside_leads_somewhere(pages: dict[Path, Page]) -> None:
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            assert target.is_file(), f"{path.name}: {link}"
            if parts.fragment and target in pages:
                assert unquote(parts.fragment) in pages[target].places, f"{path.name}: {link}"


def test_name_that_a_page_refers_to_is_in_the_reference(pages: dict[Path, Page]) -> None:
    places = set().union(*(page.places for page in pages.values()))
    for document in documents():
        text = document.read_text(encoding="utf-8")
        for name in re.findall(r"\{py:\w+\}`~?([\w.]+)`", text):
            assert name in places, f"{name_of(document)}: {name}"


def test_no_page_loads_anything_from_elsewhere(pages: dict[Path, Page], site: Path) -> None:
    for path, page in pages.items():
        for link in page.loaded:
            assert not urlsplit(link).netloc, f"{path.name} loads {link}"
    for sheet in site.rglob("*.css"):
        assert not re.search(r"url\(\W*(https?:|//)", sheet.read_text(encoding="utf-8")), sheet


def test_command_has_its_help_in_the_reference(site: Path) -> None:
    text = (site / "reference" / "commands.html").read_text(encoding="utf-8")
    for name, command in get_group(app).commands.items():
        assert f'id="stepcode-{name}"' in text
        options = {option for one in command.params for option in one.opts if option[0] == "-"}
        assert not {option for option in options if option not in text}, name


def test_every_public_docstring_is_read_without_a_warning(tmp_path: Path) -> None:
    names = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for path in sorted((ROOT / "stepcode").rglob("*.py"))
        if not {"programs", "jail"} & set(path.parts)
    ]
    modules = "".join(f".. automodule:: {name}\n   :members:\n   :no-index:\n\n" for name in names)
    (tmp_path / "index.rst").write_text(f"All\n===\n\n{modules}")
    done = sphinx(tmp_path, tmp_path / "built", "-b", "dummy", "-c", str(ROOT / "docs"))
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("name", ["index", "method", "reference/train", "tutorials/one-gpu"])
def test_page_fits_the_width_of_its_window(
    site: Path, name: str, width: int, tmp_path: Path
) -> None:
    page = (site / f"{name}.html").read_text(encoding="utf-8")
    base = f'<head><base href="{(site / name).as_uri()}">'
    script = "const all = document.documentElement; return [all.scrollWidth, all.clientWidth];"
    needed, given = ask_page(page.replace("<head>", base), script, tmp_path, width=width)
    assert needed <= given
