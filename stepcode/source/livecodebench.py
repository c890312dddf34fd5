"""LiveCodeBench's execution set: whole calls of solutions that rely on the harness's imports.

The harness imports some sixty names, numpy and pandas before every program, whether used or not.
Here a program gets those that it reads and does not define, so that its anchored text is complete
and a run does not wait for libraries that it never touches.
"""

from collections.abc import Iterator
from dataclasses import replace

from stepcode.source.cases import Row
from stepcode.source.files import read_input_rows
from stepcode.source.imports import free_names, prepend_imports
from stepcode.source.rows import check_shape, open_file, read_rows, rename
from stepcode.source.settings import SourceSettings
from stepcode.types import Case

FIELDS = ("code", "input", "output", "function_name")
LICENSE = "none stated (user submissions)"

MODULES = (
    *("bisect", "collections", "copy", "datetime", "functools", "heapq", "itertools", "json"),
    *("math", "operator", "random", "re", "statistics", "string", "sys"),
)
RENAMED = {
    "np": "import numpy as np",
    "pd": "import pandas as pd",
    "re_search": "from re import search as re_search",
}
NAMES = {
    "bisect": "bisect_left bisect_right insort insort_left insort_right",
    "collections": "ChainMap Counter OrderedDict defaultdict deque namedtuple",
    "copy": "deepcopy",
    "datetime": "date time timedelta",
    "functools": "cache cached_property cmp_to_key lru_cache partial reduce total_ordering wraps",
    "heapq": "heapify heappop heappush heappushpop heapreplace merge nlargest nsmallest",
    "itertools": "accumulate chain combinations combinations_with_replacement compress count cycle"
    " dropwhile filterfalse groupby islice pairwise permutations product repeat starmap takewhile"
    " tee zip_longest",
    "math": "acos asin atan atan2 ceil comb cos degrees dist e exp fabs factorial floor fmod fsum"
    " gcd hypot inf isclose isfinite isinf isnan isqrt lcm log log10 log1p log2 nan perm pi prod"
    " radians sin sqrt tan tau trunc",
    "operator": "add and_ attrgetter eq floordiv ge gt iand ior itemgetter le lt methodcaller mod"
    " mul ne neg or_ sub truediv xor",
    "os.path": "commonprefix",
    "random": "choice choices randint random randrange sample shuffle uniform",
    "re": "findall finditer fullmatch match search split",
    "statistics": "fmean mean median mode pstdev stdev variance",
    "string": "ascii_letters ascii_lowercase ascii_uppercase digits hexdigits punctuation",
    "sys": "maxsize setrecursionlimit",
    "typing": "Any Callable DefaultDict Deque Dict FrozenSet Generator Generic Iterable Iterator"
    " List Literal Mapping NamedTuple Optional Sequence Set Tuple Type TypeVar Union",
}


def read_livecodebench(settings: SourceSettings) -> Iterator[Case]:
    """Read LiveCodeBench's execution rows; each program gets the imports that it uses."""
    rows = rename(read_rows(open_file(settings.path, source=settings.name)), settings.fields)
    checked = check_shape(rows, FIELDS, of=settings.path)
    named = rename(checked, (("entry", "function_name"),))
    complete = (_with_imports(row) for row in named)
    return read_input_rows(complete, replace(settings, license=LICENSE, fields=()))


def harness_imports(names: frozenset[str]) -> list[str]:
    """Write the imports of the harness that provide some of these names, sorted by module."""
    # `bisect` and its like name a module and one of its functions: the harness means the module.
    modules = [f"import {name}" for name in MODULES if name in names]
    wanted = {module: sorted(names & set(given.split())) for module, given in NAMES.items()}
    members = [f"from {m} import {', '.join(found)}" for m, found in wanted.items() if found]
    return modules + members + [line for name, line in RENAMED.items() if name in names]


def _with_imports(row: Row) -> Row:
    code, call = row.fields.get("code"), row.fields.get("input")
    if not (isinstance(code, str) and isinstance(call, str)):
        return row
    used = free_names(f"{code}\n{call}")
    return replace(row, fields={**row.fields, "code": prepend_imports(code, harness_imports(used))})
