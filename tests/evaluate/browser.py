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
    "--virtual-time-budget=5000", "--window-size=1400,900",
)  # fmt: skip
# A window is never narrower than some 500 pixels, but a frame is as wide as it is told to be.
_FRAME = """<!doctype html><body><script>
onmessage = (said) => {{ document.body.dataset.answer = said.data; }};
</script><iframe src="page.html{fragment}" width="{width}" height="800" style="border: 0">"""
# What the console would show as an error ends the test, as does a request that the page's policy
# refuses.
_WATCH = """<head><script>
window.problems = [];
addEventListener("error", (event) => problems.push(event.message));
addEventListener("securitypolicyviolation", (event) => problems.push(event.violatedDirective));
</script>"""
_ASK = """<script>
const answer = (() => {{ {script} }})();
setTimeout(() => parent.postMessage(JSON.stringify([problems, answer]), "*"), 100);
</script></body>"""


def ask_page(page: str, script: str, folder: Path, *, fragment: str = "", width: int = 1280) -> Any:
    """Open a page so wide and give what a script in it returns. Any: JSON."""
    browser = next(filter(None, map(shutil.which, _NAMES)), None)
    if browser is None:
        pytest.skip(f"no browser to look at pages with: none of {', '.join(_NAMES)} is installed")
    asking = page.replace("</body>", _ASK.format(script=script)).replace("<head>", _WATCH, 1)
    (folder / "page.html").write_bytes(asking.encode("utf-8", "backslashreplace"))
    frame = folder / "frame.html"
    frame.write_text(_FRAME.format(fragment=html.escape(fragment), width=width))
    profile = f"--user-data-dir={folder / 'profile'}"
    command = [browser, *_OPTIONS, profile, "--dump-dom", frame.as_uri()]
    done = subprocess.run(command, capture_output=True, timeout=100, check=True)
    answer = re.search(r'data-answer="([^"]*)"', done.stdout.decode())
    assert answer is not None, "a script of the page failed"
    problems, told = json.loads(html.unescape(answer[1]))
    assert not problems
    return told
