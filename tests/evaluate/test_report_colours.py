"""What is written on a page can be told from what is behind it, by day and by night (WCAG AA)."""

import re
from importlib.resources import files

import pytest

CSS = (files("stepcode.evaluate.report") / "page.css").read_text()
DAY, NIGHT = (dict(re.findall(r"--([\w-]+): (#\w{6});", one)) for one in CSS.split("@media")[:2])
TEXTS = ("text", "soft", "good", "bad", "warn", "bar0")
PICTURES = tuple(f"bar{number}" for number in range(6))


def brightness(colour: str) -> float:
    """WCAG's relative luminance."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(weight * one for weight, one in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    low, high = sorted(map(brightness, (one, other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colours", [DAY, NIGHT], ids=["day", "night"])
def test_texts_can_be_read(colours: dict[str, str]) -> None:
    for text in TEXTS:
        for behind in ("back", "card"):
            assert contrast(colours[text], colours[behind]) >= 4.5, (text, behind)
    assert contrast(colours["text"], colours["bad-back"]) >= 4.5
    assert contrast(colours["back"], colours["bar0"]) >= 4.5  # a button that is pressed


@pytest.mark.parametrize("colours", [DAY, NIGHT], ids=["day", "night"])
def test_pictures_can_be_seen(colours: dict[str, str]) -> None:
    for picture in PICTURES:
        assert contrast(colours[picture], colours["back"]) >= 3, picture
