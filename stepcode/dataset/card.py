"""The data card: a README.md written from the manifest, with the YAML that makes a folder load.

`datasets.load_dataset(DIR)` opens the kept rows and `load_dataset(DIR, "rejected")` the others. A
configuration without files fails to load, so one is declared only where it has rows.
"""

import json
from collections.abc import Iterable, Mapping

from stepcode.dataset.manifest import Manifest
from stepcode.dataset.split import SPLITS, TRAIN

_KNOWN_LICENSES = {
    "apache-2.0", "mit", "bsd-2-clause", "bsd-3-clause", "cc-by-4.0", "cc-by-sa-4.0", "cc0-1.0",
    "gpl-3.0", "lgpl-3.0", "mpl-2.0", "unlicense",
}  # fmt: skip
"""Those of the hub's identifiers that sources of programs use."""

_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
_LARGEST = "1M<n<10M"

_COLUMNS = {
    "id": "hash of source, source_row, code, call and policy",
    "program_id": "hash of code and entry",
    "source, source_row, license": "where the program came from",
    "entry": "the function that is called",
    "code, anchored_code": "the program without and with its print anchors",
    "call, output": "the call, and the repr of its value",
    "anchors": "one per print: index, kind, name, line, original_line, scope",
    "steps, n_steps": "what the anchors showed, in order: anchor, visit, name, text, and novelty:"
    " informative, noop, element, alias, literal or repeat",
    "stdout": "the program's own prints, without the anchors'",
    "policy, isolation, python, stepcode": "how the row was made",
}

_REPEATED = {
    "same_call": "program and call",
    "same_form": "program but for names, comments and layout",
    "near": "nearly the program",
}

_CONTAMINATION = """\
A program was rejected if but for names, comments and layout it is a program of a benchmark, or has
most of the 10-grams of one. A row is counted once, under the benchmark that its program is most of.
"""

_LIMITS = """\
- A kept row was run three times: without anchors, and with them under two hash seeds; all agreed on
  output and prints. Under `fill` runs with all anchors that are possible, under either seed, took
  the place of one of them; the row's anchors were chosen by them and showed what they foretold.
- Programs that depend on time, addresses or set order are rejected, not mended.
- Steps are true of the Python version in their row; another version may print a value differently.
- Programs were run as they came; nothing here says that they are correct, useful or harmless.
"""


def render_card(manifest: Manifest) -> str:
    """Write the data card of a dataset."""
    title = ", ".join(manifest.sources) or "no rows"
    parts = [
        _front_matter(manifest),
        f"# Verified execution traces: {title}\n",
        "Each row is a Python program with print anchors, one call of it, the output, and what"
        " every anchor\nshowed on the way, recorded while the program ran.\n",
        _evaluation_note(manifest),
        _counts(manifest),
        _table("Columns", ("column", "meaning"), _COLUMNS.items()),
        "The configuration `rejected` has every other input row, with its reason and detail.\n",
        _how_made(manifest),
        f"## Limits\n\n{_LIMITS}",
    ]
    return "\n".join(part for part in parts if part)


def size_category(rows: int) -> str:
    """The hub's name for a number of rows."""
    return next((name for limit, name in _SIZES if rows < limit), _LARGEST)


def _front_matter(manifest: Manifest) -> str:
    lines = ["---", *_license_lines(manifest.licenses)]
    lines += ["language:", "- code", "tags:", "- code", "- execution-traces", "- stepcode"]
    lines += ["task_categories:", "- text-generation"]
    lines += ["size_categories:", f"- {size_category(manifest.rows['kept'])}"]
    configs = [("default", "data"), ("rejected", "rejected")]
    present = {shard.path.partition("-")[0] for shard in manifest.shards}
    declared = {
        (name, folder): [split for split in SPLITS if f"{folder}/{split}" in present]
        for name, folder in configs
    }
    if present:
        lines.append("configs:")
    for (name, folder), splits in declared.items():
        if splits:
            lines += [f"- config_name: {name}", "  data_files:"]
        for split in splits:
            lines += [f"  - split: {split}", f"    path: {folder}/{split}-*.parquet"]
    return "\n".join([*lines, "---", ""])


def _license_lines(licenses: Mapping[str, int]) -> list[str]:
    names = sorted({name.lower() for name in licenses})
    if not names:
        return ["license: unknown"]
    if not set(names) <= _KNOWN_LICENSES:
        return ["license: other", f"license_name: {json.dumps(', '.join(names))}"]
    return [f"license: {names[0]}"] if len(names) == 1 else ["license:", *(f"- {n}" for n in names)]


def _evaluation_note(manifest: Manifest) -> str:
    if not manifest.evaluation_only:
        return ""
    return "**For evaluation only**: these programs are a public benchmark; do not train on them.\n"


def _counts(manifest: Manifest) -> str:
    rows = manifest.rows
    reasons = [(f"rejected: {reason}", count) for reason, count in manifest.rejected.items()]
    counts = [("rows in", rows["in"]), ("kept", rows["kept"]), *reasons]
    if manifest.mutations:
        proposed = f"of them calls by mutation, from {manifest.mutations['proposed']} proposed"
        counts.insert(1, (proposed, manifest.mutations["kept"]))
    parts = [_table("Counts", ("rows", "number"), counts)]
    if set(manifest.splits) - {TRAIN}:
        note = "All rows of a program are in one split.\n"
        parts += [_table("Splits", ("split", "rows"), manifest.splits.items()), note]
    if manifest.duplicates:
        repeated = [(_REPEATED.get(name, name), n) for name, n in manifest.duplicates.items()]
        parts.append(_table("Duplicates", ("what is repeated", "rows rejected"), repeated))
    parts.append(_contamination(manifest))
    if manifest.steps:
        parts.append(_table("Steps", ("steps", "rows"), manifest.steps.items()))
    if manifest.licenses:
        parts.append(_table("Licences", ("license", "rows"), manifest.licenses.items()))
    return "\n".join(parts)


def _contamination(manifest: Manifest) -> str:
    """Report what was compared and what was found, of each benchmark that was asked about."""
    asked = manifest.recipe.get("decontaminate", ())
    if not asked:
        return ""
    found = {some["benchmark"]: manifest.contamination.get(some["benchmark"], 0) for some in asked}
    table = _table("Contamination", ("benchmark", "rows rejected"), sorted(found.items()))
    return f"{table}\n{_CONTAMINATION}"


def _how_made(manifest: Manifest) -> str:
    made = {
        "policies": ", ".join(manifest.policies) or "none",
        "isolation": manifest.isolation,
        **manifest.versions,
        "recipe": f"`{json.dumps(manifest.recipe, sort_keys=True)}`",
    }
    return _table("How it was made", ("what", "value"), made.items())


def _table(title: str, head: tuple[str, str], rows: Iterable[tuple[str, object]]) -> str:
    lines = [f"## {title}", "", f"| {head[0]} | {head[1]} |", "|---|---|"]
    lines += [f"| {_cell(left)} | {_cell(right)} |" for left, right in rows]
    return "\n".join([*lines, ""])


def _cell(value: object) -> str:
    return " ".join(str(value).split()).replace("|", "\\|")
