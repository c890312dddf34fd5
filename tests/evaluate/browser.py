"""Opening a page in headless Chromium, with no network; a test that needs one skips without."""

import html
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_OPTIONS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage", "--host-resolver-rules=MAP * ~NOTFOUND",
)  # fmt: skip
_ASK = """<script>
document.body.dataset.answer = JSON.stringify((() => {{ {} }})());
</script></body>"""


def ask_page(page: str, script: str, folder: Path, *, fragment: str = "", width: int = 1280) -> Any:
    """Open a page and give what a script in it returns. Any: JSON."""
    browser = next(filter(None, map(shutil.which, _NAMES)), None)
    if browser is None:
        pytest.skip(f"no browser to look at pages with: none of {', '.join(_NAMES)} is installed")
    path = folder / "page.html"
    asking = page.replace("</body>", _ASK.format(script))
    path.write_bytes(asking.encode("utf-8", "backslashreplace"))
    command = [
        browser, *_OPTIONS, f"--user-data-dir={folder / 'profile'}", f"--window-size={width},900",
        "--dump-dom", f"{path.as_uri()}{fragment}",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, timeout=100, check=True)
    answer = re.search(r'data-answer="([^"]*)"', done.stdout.decode())
    assert answer is not None, "the page's own script failed"
    return json.loads(html.unescape(answer[1]))
