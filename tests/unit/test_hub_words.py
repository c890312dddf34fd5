import pytest

from stepcode.dataset.hub_words import (
    LARGEST,
    LICENSES,
    SIZES,
    license_tag,
    size_category,
    why_forbidden,
)


@pytest.mark.parametrize(
    ("rows", "name"),
    [
        (0, "n<1K"),
        (999, "n<1K"),
        (1000, "1K<n<10K"),
        (10**6, "1M<n<10M"),
        (10**7, "10M<n<100M"),
        (10**12 - 1, "100B<n<1T"),
        (10**12, "n>1T"),
    ],
)
def test_size_categories_are_those_of_the_hub(rows: int, name: str) -> None:
    assert size_category(rows) == name
    assert name in {*SIZES, LARGEST}


@pytest.mark.parametrize(
    ("license", "tag"),
    [
        ("MIT", "mit"),
        ("Apache-2.0", "apache-2.0"),
        (" GPL-3.0-or-later ", "gpl-3.0"),
        ("LGPL-2.1-only", "lgpl-2.1"),
        ("CC-BY-NC-SA-4.0", "cc-by-nc-sa-4.0"),
    ],
)
def test_licences_written_as_in_spdx_are_the_hubs(license: str, tag: str) -> None:
    assert license_tag(license) == tag
    assert tag in LICENSES
    assert why_forbidden(license) == ""


@pytest.mark.parametrize("license", ["", "unknown", "Unknown", "none"])
def test_nothing_without_a_licence_may_be_published(license: str) -> None:
    assert why_forbidden(license) == "no licence is stated"


@pytest.mark.parametrize("license", sorted(name for name in LICENSES if "-nd" in name))
def test_no_licence_against_changed_versions_lets_anchors_in(license: str) -> None:
    assert "forbids to publish changed versions" in why_forbidden(license)


@pytest.mark.parametrize(
    "license", ["cc", "other", "All rights reserved", "MIT OR GPL", "BUSL-1.1"]
)
def test_texts_that_say_nothing_sure_are_refused(license: str) -> None:
    assert "does not say which" in why_forbidden(license)
