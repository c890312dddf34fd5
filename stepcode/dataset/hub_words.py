"""The Hub's own words for licences and sizes, and which licences let a dataset be published.

The Hub checks the words of a card only when it is there, so they are kept here; from its
documentation, "Licenses" and "Dataset Cards".
"""

LICENSES = {
    "afl-3.0", "agpl-3.0", "apache-2.0", "apple-amlr", "apple-ascl", "artistic-2.0",
    "bigcode-openrail-m", "bigscience-bloom-rail-1.0", "bigscience-openrail-m", "bsd",
    "bsd-2-clause", "bsd-3-clause", "bsd-3-clause-clear", "bsl-1.0", "c-uda", "cc", "cc-by-2.0",
    "cc-by-2.5", "cc-by-3.0", "cc-by-4.0", "cc-by-nc-2.0", "cc-by-nc-3.0", "cc-by-nc-4.0",
    "cc-by-nc-nd-3.0", "cc-by-nc-nd-4.0", "cc-by-nc-sa-2.0", "cc-by-nc-sa-3.0", "cc-by-nc-sa-4.0",
    "cc-by-nd-4.0", "cc-by-sa-3.0", "cc-by-sa-4.0", "cc0-1.0", "cdla-permissive-1.0",
    "cdla-permissive-2.0", "cdla-sharing-1.0", "creativeml-openrail-m", "deepfloyd-if-license",
    "ecl-2.0", "epl-1.0", "epl-2.0", "etalab-2.0", "eupl-1.1", "eupl-1.2",
    "fair-noncommercial-research-license", "gemma", "gfdl", "gpl", "gpl-2.0", "gpl-3.0",
    "grok2-community", "h-research", "intel-research", "isc", "lgpl", "lgpl-2.1", "lgpl-3.0",
    "lgpl-lr", "llama2", "llama3", "llama3.1", "llama3.2", "llama3.3", "llama4", "lppl-1.3c", "mit",
    "mpl-2.0", "ms-pl", "ncsa", "odbl", "odc-by", "ofl-1.1", "openmdw-1.0", "openrail",
    "openrail++", "osl-3.0", "other", "pddl", "postgresql", "unknown", "unlicense", "wtfpl", "zlib",
}  # fmt: skip

SIZES = {
    "n<1K": 10**3,
    "1K<n<10K": 10**4,
    "10K<n<100K": 10**5,
    "100K<n<1M": 10**6,
    "1M<n<10M": 10**7,
    "10M<n<100M": 10**8,
    "100M<n<1B": 10**9,
    "1B<n<10B": 10**10,
    "10B<n<100B": 10**11,
    "100B<n<1T": 10**12,
}
"""Each size category with the number of rows that it ends before."""
LARGEST = "n>1T"

_UNSTATED = frozenset({"", "unknown", "none"})
_SAYS_NOTHING = frozenset({"cc", "other"})
"""A family with members that forbid changes, and the word for what is not in the list."""
_SPDX_SUFFIXES = ("-only", "-or-later")


def size_category(rows: int) -> str:
    """Give the Hub's name for a number of rows."""
    return next((name for name, end in SIZES.items() if rows < end), LARGEST)


def license_tag(license: str) -> str | None:
    """Give the Hub's identifier of a licence that is written as there or as in SPDX, if any."""
    name = license.strip().lower()
    if name in LICENSES:
        return name
    for suffix in _SPDX_SUFFIXES:
        if name.removesuffix(suffix) in LICENSES:
            return name.removesuffix(suffix)
    return None


def why_forbidden(license: str) -> str:
    """Say why rows of a licence are not to be published with anchors added; empty if they may.

    Nobody may publish what comes without a licence; "nd" licences allow no changes; and of a text
    that is not in the list nobody can tell here.
    """
    if license.strip().lower() in _UNSTATED:
        return "no licence is stated"
    tag = license_tag(license)
    if tag is None or tag in _SAYS_NOTHING:
        return f"licence {license!r} does not say which of the Hub's licences it is"
    if "nd" in tag.split("-"):
        return f"licence {license} forbids to publish changed versions"
    return ""
