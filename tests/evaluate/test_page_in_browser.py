"""The page in a real browser, without a network: its filters, and that nothing sticks out."""

import shutil
import subprocess
from pathlib import Path

import pytest

from stepcode.evaluate.report.page import render_page
from tests.evaluate.test_report import EVIL, evaluation

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="needs chromium, which is not installed"),
]


def dump(page: str, script: str, folder: Path, *, width: int) -> str:
    """What the page's title is once a script has written there what it found."""
    path = folder / "page.html"
    path.write_text(f"{page}<script>document.title = JSON.stringify({script})</script>")
    done = subprocess.run(
        [
            str(CHROMIUM),
            *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync"),
            *("--disable-background-networking", "--disable-component-update", "--dump-dom"),
            f"--user-data-dir={folder / 'profile'}",
            f"--window-size={width},900",
            path.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.stdout.partition("<title>")[2].partition("</title>")[0]


@pytest.mark.parametrize(
    ("action", "shown"),
    [
        ("null", "3 of 3 rows"),
        ("document.querySelector('button[value=failed]').click()", "1 of 3 rows"),
        ("document.querySelector('button[value=lucky]').click()", "2 of 3 rows"),
        ("(search.value = 'R2', search.dispatchEvent(new Event('input')))", "1 of 3 rows"),
        ("(search.value = 'nowhere', search.dispatchEvent(new Event('input')))", "0 of 3 rows"),
    ],
)
def test_filters_show_the_rows_they_name(tmp_path: Path, action: str, shown: str) -> None:
    page = render_page(evaluation([[True], [False], [True]]))
    script = f"(() => {{ {action}; return document.querySelector('#shown').textContent }})()"
    assert dump(page, script, tmp_path, width=1280) == f'"{shown}"'


@pytest.mark.parametrize("width", [1280, 500])
def test_page_is_no_wider_than_the_window(tmp_path: Path, width: int) -> None:
    page = render_page(evaluation([[True], [False]], model=EVIL * 5))
    page = page.replace("<details class=row", "<details open class=row")
    script = "document.documentElement.scrollWidth <= window.innerWidth"
    assert dump(page, script, tmp_path, width=width) == "true"
