"""Programs that repeat an earlier one under other names, in another layout, or nearly.

Of programs with the same form (`normal_form.py`), and of those that have `SIMILAR` of the 5-grams
of both their forms in common (Jaccard), the first in input order is kept. Calls of one program have
its text in common and are never compared. With 0.85 a program with one other constant is another
program up to 65 tokens, some 15 lines, and the same one beyond. Of the 800 programs of CRUXEval,
which were written one by one, 9 repeat another; of 427 of MBPP 10 do, of 117 bundled ones none.

MinHash names the pairs to be compared: 128 numbers a program in 16 bands, of which a pair with 0.85
shares one in 994 of 1,000 cases. They wait on the disk and are looked at one band after another, so
memory holds some 30 bytes a program, and a kilobyte of those only that share a band with another.
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
import polars as pl

from stepcode.dataset.durable import remove
from stepcode.dataset.grams import FACTOR, Numbers, form_grams, form_number
from stepcode.dataset.normal_form import read_form

SIMILAR = 0.85
N = 5
_BANDS = 16
_BAND_ROWS = 8
_MAX_COMPARED = 50
"""In one band of a program: a thousand alike are compared with the first few that were kept."""
_BATCH = 500

_FORM = "form"
_BAND_NAMES = tuple(f"band{number}" for number in range(_BANDS))
_SIGNED = pl.Schema(
    {
        "id": pl.String(),
        "code": pl.UInt64(),
        _FORM: pl.UInt64(),
        "shingles": pl.List(pl.UInt64()),
        **dict.fromkeys(_BAND_NAMES, pl.UInt64()),
    }
)


class Likeness(StrEnum):
    """How a program repeats an earlier one."""

    SAME_FORM = "same_form"
    NEAR = "near"


@dataclass(frozen=True, slots=True)
class Repeat:
    """What a program repeats."""

    likeness: Likeness
    first: str
    """The id of the first row of the program that is kept."""
    similarity: float = 1.0

    def detail(self) -> str:
        """Write it for a rejected row."""
        if self.likeness is Likeness.SAME_FORM:
            return f"same program but for names, comments and layout as row {self.first}"
        return f"nearly the program of row {self.first}: {self.similarity:.0%} the same"


def find_repeated_programs(blocks: Mapping[int, Path], scratch: Path) -> dict[int, Repeat]:
    """Find the programs that repeat an earlier one, by the `code_hash` of their text.

    `scratch` is a folder that is made, and removed in the end.
    """
    scratch.mkdir(parents=True)
    try:
        files = [_sign_block(blocks[index], scratch / f"{index}") for index in sorted(blocks)]
        return _find(files) if files else {}
    finally:
        remove(scratch)


def code_hash() -> pl.Expr:
    """Hash the text of a program; the same within one process, which is all it is used in."""
    return pl.col("code").hash()


def _sign_block(block: Path, file: Path) -> Path:
    """Write the form, the 5-grams and the bands of each program of a block."""
    rows = pl.read_parquet(block / "data.parquet", glob=False, columns=["id", "code"])
    programs = rows.unique("code", keep="first", maintain_order=True)
    signed = [_sign(part) for part in programs.iter_slices(_BATCH)]
    pl.concat([_SIGNED.to_frame(), *signed]).write_parquet(file, compression="lz4")
    return file


def _sign(programs: pl.DataFrame) -> pl.DataFrame:
    forms = [read_form(code) for code in programs["code"]]
    grams = form_grams(forms, N).distinct()
    shingles = np.split(grams.numbers, np.searchsorted(grams.owners, np.arange(1, len(forms))))
    bands = _bands(shingles)
    has_bands = pl.Series([len(some) > 0 for some in shingles])
    numbers = [None if form is None else form_number(form) for form in forms]
    return programs.select(
        "id",
        code_hash().alias("code"),
        pl.Series(_FORM, numbers, dtype=pl.UInt64),
        pl.Series("shingles", [some.tolist() for some in shingles], dtype=pl.List(pl.UInt64)),
        *(
            pl.when(has_bands).then(pl.Series(bands[:, number])).alias(name)
            for number, name in enumerate(_BAND_NAMES)
        ),
    )


def _bands(shingles: Sequence[Numbers]) -> Numbers:
    from datasketch import MinHash  # brings SciPy, which nothing else here needs

    empty = MinHash(num_perm=_BANDS * _BAND_ROWS, seed=1, hashfunc=int, scheme="affine32")
    bands = np.zeros((len(shingles), _BANDS), dtype=np.uint64)
    for place, numbers in enumerate(shingles):
        sketch = empty.copy()
        sketch.update_batch((numbers >> np.uint64(32)).tolist())
        for column in sketch.hashvalues.reshape(_BANDS, _BAND_ROWS).T:
            bands[place] = bands[place] * FACTOR + column.astype(np.uint64)
    return bands


def _find(files: Sequence[Path]) -> dict[int, Repeat]:
    is_new = _column(files, "code").is_first_distinct()
    is_suspect = pl.Series([False]).new_from_index(0, len(is_new))
    shared: dict[str, set[int]] = {}
    for name in (_FORM, *_BAND_NAMES):
        numbers = pl.select(pl.when(is_new).then(_column(files, name))).to_series()
        is_shared = numbers.is_duplicated() & numbers.is_not_null()
        shared[name] = set(numbers.filter(is_shared))
        is_suspect |= is_shared
    finder = _Finder(shared)
    start = 0
    for file in files:
        programs = pl.read_parquet(file, glob=False)
        finder.look_at(programs.filter(is_suspect.slice(start, programs.height)))
        start += programs.height
    return finder.repeats


def _column(files: Iterable[Path], name: str) -> pl.Series:
    return pl.concat(
        [pl.read_parquet(file, glob=False, columns=[name]).to_series() for file in files]
    )


class _Finder:
    """Compares each suspect with those kept before it that have its form or share a band."""

    def __init__(self, shared: Mapping[str, Container[int]]) -> None:
        self.repeats: dict[int, Repeat] = {}
        self._shared = shared
        self._ids: list[str] = []
        self._shingles: list[Numbers] = []
        self._forms: dict[int, str] = {}
        self._buckets: dict[tuple[str, int], list[int]] = {}

    def look_at(self, suspects: pl.DataFrame) -> None:
        """Take the next programs in input order."""
        for program in suspects.iter_rows(named=True):
            shingles = np.array(program["shingles"], dtype=np.uint64)
            keys = [key for key in program.items() if self._is_shared(*key)]
            repeat = self._same_form(program[_FORM]) or self._nearest(shingles, keys)
            if repeat is not None:
                self.repeats[program["code"]] = repeat
            else:
                self._keep(program["id"], program[_FORM], shingles, keys)

    def _is_shared(self, name: str, number: int) -> bool:
        return name in _BAND_NAMES and number in self._shared[name]

    def _same_form(self, form: int) -> Repeat | None:
        first = self._forms.get(form)
        return None if first is None else Repeat(Likeness.SAME_FORM, first)

    def _nearest(self, shingles: Numbers, keys: list[tuple[str, int]]) -> Repeat | None:
        near = {place for key in keys for place in self._buckets.get(key, ())}
        best = max(((_similarity(shingles, self._shingles[p]), -p) for p in near), default=(0, 0))
        if best[0] < SIMILAR:
            return None
        return Repeat(Likeness.NEAR, self._ids[-best[1]], best[0])

    def _keep(self, row: str, form: int, shingles: Numbers, keys: list[tuple[str, int]]) -> None:
        for key in keys:
            bucket = self._buckets.setdefault(key, [])
            if len(bucket) < _MAX_COMPARED:
                bucket.append(len(self._ids))
        self._forms[form] = row
        self._ids.append(row)
        self._shingles.append(shingles)


def _similarity(left: Numbers, right: Numbers) -> float:
    """Share of the 5-grams of both that both have (Jaccard)."""
    both = len(np.intersect1d(left, right, assume_unique=True))
    return both / (len(left) + len(right) - both)
