"""The data card: README.md, filled from the manifest, with the YAML that makes a folder load.

`card.md` is the text, with `$names` for what the manifest says and marked places for what people
write (`prose.py`). `datasets.load_dataset(DIR)` opens the kept rows and `load_dataset(DIR,
"rejected")` the others. A configuration without files fails to load, so one is declared only where
it has rows.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from stepcode.dataset.hub_words import license_tag, size_category
from stepcode.dataset.manifest import Manifest
from stepcode.dataset.prose import Prose, fill_card, read_resource, render_citation
from stepcode.dataset.split import SPLITS, TRAIN
from stepcode.types import short_hash

CARD = "README.md"
CONFIGS = MappingProxyType({"default": "data", "rejected": "rejected"})
"""The folder of each configuration."""

_REPEATED = {
    "same_call": "program and call",
    "same_form": "program but for names, comments and layout",
    "near": "nearly the program",
}
_CONTAMINATION = """

A program was rejected if but for names, comments and layout it is a program of a benchmark, or has
most of the 10-grams of one. A row is counted once, under the benchmark that its program is most
of."""
_NOT_COMPARED = "The programs were compared with no benchmark (`build-dataset --decontaminate`)."
_IS_BENCHMARK = "The programs are themselves a benchmark, so they were compared with none."


def render_card(
    manifest: Manifest,
    prose: Prose = MappingProxyType({}),
    *,
    where: str = CARD,
) -> str:
    """Write the data card of a dataset, with what people wrote in its marked places.

    `where` is what an error names. Raises DatasetError for prose that the card has no place for.
    """
    values = {
        "license": render_licenses(manifest.licenses),
        "size_category": size_category(manifest.rows["kept"]),
        "configs": _configs(manifest),
        "title": ", ".join(manifest.sources) or "no rows",
        "overview": _overview(manifest),
        "policies": ", ".join(manifest.policies) or "none",
        "recipe": cell(json.dumps(manifest.recipe, sort_keys=True).replace("<", "\\u003c")),
        "counts": "\n\n".join(_counts(manifest)),
        "licenses": _licenses(manifest),
        "contamination": _contamination(manifest),
        "isolation": cell(manifest.isolation),
        "versions": rows_of_table(manifest.versions.items()),
        "citation": render_citation(manifest.versions.get("stepcode", "unknown")),
    }
    return fill_card(read_resource("stepcode.dataset", "card.md"), values, prose, where=where)


def configs_of(manifest: Manifest) -> dict[str, dict[str, int]]:
    """Give the rows of each split of each configuration that has any."""
    rows: dict[str, dict[str, int]] = {}
    for config, folder in CONFIGS.items():
        for split in SPLITS:
            start = f"{folder}/{split}-"
            found = [shard.rows for shard in manifest.shards if shard.path.startswith(start)]
            if found:
                rows.setdefault(config, {})[split] = sum(found)
    return rows


def render_licenses(licenses: Iterable[str]) -> str:
    """Write licences as the YAML that the Hub knows."""
    names = sorted({name.strip() for name in licenses})
    tags = sorted({license_tag(name) or "" for name in names})
    if not names or tags == ["unknown"]:
        return "license: unknown"
    if "" in tags:
        return f"license: other\nlicense_name: {json.dumps(', '.join(names))}"
    return f"license: {tags[0]}" if len(tags) == 1 else "\n".join(["license:", *items(tags)])


def items(values: Iterable[str]) -> Iterator[str]:
    """Write the items of a list in YAML."""
    return (f"- {value}" for value in values)


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """Write a table in Markdown."""
    names = tuple(head)
    top = [f"| {' | '.join(names)} |", "|" + "---|" * len(names)]
    return "\n".join([*top, rows_of_table(rows)]).rstrip()


def rows_of_table(rows: Iterable[Iterable[object]]) -> str:
    """Write the rows of a table in Markdown."""
    return "\n".join(f"| {' | '.join(map(cell, row))} |" for row in rows)


def cell(value: object) -> str:
    """Write a value so that it stays in its cell, and is no mark of a place for prose."""
    return " ".join(str(value).split()).replace("|", "\\|").replace("<!--", "&lt;!--")


def _configs(manifest: Manifest) -> str:
    lines: list[str] = []
    for config, splits in configs_of(manifest).items():
        lines += [f"- config_name: {config}", f"  description: rows {_digest(manifest, config)}"]
        lines.append("  data_files:")
        for split in splits:
            path = f"{CONFIGS[config]}/{split}-*.parquet"
            lines += [f"  - split: {split}", f"    path: {path}"]
    return "\n".join(["configs:", *lines]) if lines else ""


def _digest(manifest: Manifest, config: str) -> str:
    """Hash the shards of a configuration, for its YAML.

    `datasets` looks for a folder in its cache by the folder's name and this YAML alone: without it,
    a dataset that was built again would be loaded as it was before.
    """
    folder = f"{CONFIGS[config]}/"
    return short_hash(*(one.sha256 for one in manifest.shards if one.path.startswith(folder)))


def _overview(manifest: Manifest) -> str:
    rows = manifest.rows
    told = [f"{rows['in']} rows were read and {rows['kept']} kept."]
    if set(manifest.splits) - {TRAIN}:
        told.append("All rows of a program are in one split.")
    if manifest.evaluation_only:
        told.append(
            "**For evaluation only**: these programs are a public benchmark; do not train on them."
        )
    return "\n".join(told)


def _counts(manifest: Manifest) -> Iterator[str]:
    rows = manifest.rows
    counts: list[tuple[str, int]] = [("rows in", rows["in"])]
    if manifest.mutations:
        proposed = f"of them calls by mutation, from {manifest.mutations['proposed']} proposed"
        counts.append((proposed, manifest.mutations["kept"]))
    counts.append(("kept", rows["kept"]))
    counts += [(f"rejected: {reason}", count) for reason, count in manifest.rejected.items()]
    yield table(("rows", "number"), counts)
    if set(manifest.splits) - {TRAIN}:
        yield table(("split", "rows kept"), manifest.splits.items())
    if manifest.duplicates:
        repeated = [(_REPEATED.get(name, name), n) for name, n in manifest.duplicates.items()]
        yield table(("what a duplicate repeats", "rows rejected"), repeated)
    if manifest.steps:
        yield table(("steps", "rows kept"), manifest.steps.items())


def _licenses(manifest: Manifest) -> str:
    counted = [
        (source, license, counts["kept"], counts["rejected"])
        for source, licenses in manifest.licenses_by_source.items()
        for license, counts in licenses.items()
    ]
    if not counted:
        return table(("licence", "rows kept"), manifest.licenses.items())
    return table(("source", "licence", "rows kept", "rows rejected"), counted)


def _contamination(manifest: Manifest) -> str:
    """Report what was compared and what was found, of each benchmark that was asked about."""
    asked = manifest.recipe.get("decontaminate", ())
    if not asked:
        return _IS_BENCHMARK if manifest.evaluation_only else _NOT_COMPARED
    found: Mapping[str, int] = {
        some["benchmark"]: manifest.contamination.get(some["benchmark"], 0) for some in asked
    }
    return table(("benchmark", "rows rejected"), sorted(found.items())) + _CONTAMINATION
