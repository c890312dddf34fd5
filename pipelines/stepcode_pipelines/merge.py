"""Merge the parts of a dataset: check that they belong together, join their blocks, finish.

    stepcode build-dataset ... --shard 0/2 --out a     # and 1/2 in b, anywhere
    stepcode merge a b --out DIR                       # the bytes of a single build

Blocks are joined one at a time and kept until the end, so a merge that is killed goes on.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from stepcode.dataset.folder import differences, read_unfinished
from stepcode.dataset.manifest import NAME, current_versions
from stepcode.dataset.part import PART, WHOLE, Part, PartManifest, read_part, read_part_name
from stepcode.errors import DatasetError, MisuseError
from stepcode_pipelines.build import Summary, summarize

Parts = Mapping[Path, PartManifest]
"""The parts by their folders."""

_WRITERS = ("stepcode", "polars")
"""What decides the bytes of a shard once the rows are there."""


def merge_parts(folders: Sequence[Path], out: Path, *, overwrite: bool = False) -> Summary:
    """Make the dataset of all parts in `out`; the parts are left as they are."""
    from stepcode.dataset.parquet import open_build

    parts = read_parts(folders)
    _refuse_part_as_target(parts, out)
    first = next(iter(parts.values()))
    with open_build(
        out,
        first.recipe,
        isolation=first.isolation,
        overwrite=overwrite,
        versions=first.versions,
    ) as build:
        was_finished = build.finished
        blocks = set().union(*(part.blocks() for part in parts.values()))
        if not was_finished:
            digests = {folder: part.digests() for folder, part in parts.items()}
            for index in sorted(blocks - build.done_blocks()):
                build.join_block(index, digests)
        manifest = build.finish(
            blocks=blocks,
            evaluation_only=first.evaluation_only,
            drop_duplicates=first.drop_duplicates,
            test_share=first.test_share,
        )
    return summarize(manifest, was_finished=was_finished)


def read_parts(folders: Sequence[Path]) -> Parts:
    """Read the parts, which have to be all of one dataset, each once."""
    parts: dict[Path, PartManifest] = {}
    for folder in folders:
        part = _read_finished(folder)
        for other, there in parts.items():
            if there.part == part.part:
                raise MisuseError(f"part {part.part} is given twice: {other} and {folder}")
        for other, there in list(parts.items())[:1]:
            _refuse_stranger(folder, part, other, there)
        parts[folder] = part
    _refuse_missing(parts)
    _refuse_other_writer(next(iter(parts.values())))
    return parts


def _read_finished(folder: Path) -> PartManifest:
    if not folder.is_dir():
        raise DatasetError(f"{folder}: no such folder; give the folders of all parts")
    unfinished = read_unfinished(folder)
    if unfinished is not None and unfinished.part != WHOLE:
        again = "run its build-dataset again, with the same --out, to finish it"
        raise DatasetError(f"{folder}: part {unfinished.part} is unfinished; {again}")
    if (folder / PART).is_file():
        return read_part(folder)
    if (folder / NAME).is_file():
        raise DatasetError(f"{folder}: is a whole dataset, not a part of one (no {PART})")
    if unfinished is not None:
        raise DatasetError(f"{folder}: is the unfinished build of a whole dataset, not of a part")
    raise DatasetError(f"{folder}: is no part: it has no {PART}, as build-dataset --shard writes")


def _refuse_stranger(folder: Path, part: PartManifest, other: Path, there: PartManifest) -> None:
    counts = read_part_name(part.part).count, read_part_name(there.part).count
    if counts[0] != counts[1]:
        raise MisuseError(
            f"{folder} is part {part.part} and {other} part {there.part}: of one number of parts"
            " each; build all parts with the same n"
        )
    found = list(differences(_shared(part), _shared(there)))
    if found:
        shown = "; ".join(found[:5])
        raise MisuseError(f"{folder} is a part of another dataset than {other}: {shown}")


def _shared(part: PartManifest) -> dict[str, object]:
    return {
        "recipe": part.recipe,
        "versions": part.versions,
        "isolation": part.isolation,
        "input_rows": part.input_rows,
        "evaluation_only": part.evaluation_only,
        "drop_duplicates": part.drop_duplicates,
        "test_share": part.test_share,
    }


def _refuse_missing(parts: Parts) -> None:
    if not parts:
        raise MisuseError("no part is given: name the folders of all parts")
    held = {read_part_name(part.part) for part in parts.values()}
    count = next(iter(held)).count
    missing = [str(Part(index, count)) for index in range(count) if Part(index, count) not in held]
    if missing:
        shown = ", ".join(missing[:5]) + (", ..." if len(missing) > 5 else "")
        word = "part" if len(missing) == 1 else "parts"
        raise MisuseError(f"missing {word} {shown}: name the folders of all {count} parts")
    rows = sum(part.rows["in"] - part.mutations.get("kept", 0) for part in parts.values())
    expected = next(iter(parts.values())).input_rows
    if rows != expected:
        raise DatasetError(f"the parts hold {rows} of {expected} input rows; build them again")


def _refuse_other_writer(part: PartManifest) -> None:
    here = current_versions()
    for name in _WRITERS:
        if part.versions[name] != here[name]:
            found = f"{name} {part.versions[name]}, and this is {name} {here[name]}"
            raise MisuseError(f"the parts were built with {found}: merge with the same")


def _refuse_part_as_target(parts: Parts, out: Path) -> None:
    for folder in parts:
        if out.resolve() == folder.resolve():
            raise MisuseError(f"{out}: is one of the parts; give the dataset a folder of its own")
