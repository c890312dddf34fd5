"""`stepcode eval --data USER/NAME`: the benchmark comes from the Hub, or one line says why not."""

import io
import json
import socket
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.end_to_end.build_samples import write_jsonl
from tests.hub.access import STRANGER, WRITE
from tests.hub.conftest import Place
from tests.hub.faults import Drop, Status

pytestmark = pytest.mark.slow

Row = Mapping[str, Any]

CRUXEVAL = [
    {
        "id": f"sample_{n}",
        "code": f"def f(x):\n    return x + {n}",
        "input": "1",
        "output": str(1 + n),
    }
    for n in range(4)
]
LIVECODEBENCH = [
    {
        "id": f"sample_{n}",
        "code": f"def add(x):\n    return x + {n}",
        "input": "add(x = 1)",
        "output": str(1 + n),
        "function_name": "add",
        "difficulty": "easy",
    }
    for n in range(3)
]
HUMANEVAL = [
    {
        "task_id": f"HumanEval/{n}",
        "prompt": f"def add(x):\n    # adds {n}\n",
        "entry_point": "add",
        "canonical_solution": f"    return x + {n}\n",
        "test": f"def check(candidate):\n    assert candidate(1) == {1 + n}\n",
    }
    for n in range(2)
]
SETS: Mapping[str, Sequence[Row]] = {
    "cruxeval-output": CRUXEVAL,
    "livecodebench-exec": LIVECODEBENCH,
    "humaneval": HUMANEVAL,
}
SAID = {
    "cruxeval-output": {row["id"]: ["1", row["output"]] for row in CRUXEVAL},
    "livecodebench-exec": {row["id"]: ["2", "["] for row in LIVECODEBENCH},
    "humaneval": {row["task_id"]: ["    return x\n", "    return x + 1\n"] for row in HUMANEVAL},
}
CARD = b"""---
license: mit
configs:
- config_name: default
  data_files:
  - split: train
    path: data/train-*
  - split: test
    path: data/test-*
---
# A benchmark
"""


def lines(rows: Sequence[Row]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def parquet(rows: Sequence[Row]) -> bytes:
    content = io.BytesIO()
    pl.DataFrame(list(rows)).write_parquet(content)
    return content.getvalue()


def evaluate(
    place: Place, benchmark: str, data: str | Path, *, token: str | None = WRITE
) -> tuple[int, str, str, dict[str, Any]]:
    """Score the sayings of a benchmark; Any: JSON."""
    (place.folder / "said.json").write_text(json.dumps(SAID[benchmark]))
    out = place.folder / "report.json"
    out.unlink(missing_ok=True)
    asked = ("--benchmark", benchmark, "--data", data, "--generations", "said.json", "-o", out)
    told = place.run("eval", *asked, token=token)
    found = json.loads(out.read_bytes()) if out.exists() else {}
    return told.code, told.out, told.err, found


def refused(place: Place, data: str, *, token: str | None = WRITE) -> str:
    """The one line that says why not."""
    code, out, err, _ = evaluate(place, "cruxeval-output", data, token=token)
    assert (code, out) == (2, "")
    assert err.startswith(f"stepcode: {data}: "), err
    assert err.count("\n") == 1
    return err


@pytest.mark.parametrize("benchmark", SETS)
@pytest.mark.parametrize("form", ["lines", "shards"])
def test_scores_are_those_of_the_file(place: Place, benchmark: str, form: str) -> None:
    rows = SETS[benchmark]
    files = {"test.jsonl": lines(rows)}
    if form == "shards":
        files = {
            "README.md": CARD,
            "data/train-00000-of-00001.parquet": parquet(rows[:1]),
            "data/test-00000-of-00002.parquet": parquet(rows[:1]),
            "data/test-00001-of-00002.parquet": parquet(rows[1:]),
        }
    name = f"user/{benchmark}-{form}"
    place.hub.add("dataset", name, files, private=form == "shards")
    local = write_jsonl(place.folder / "local.jsonl", rows)
    of_file = evaluate(place, benchmark, local)
    of_hub = evaluate(place, benchmark, name)
    assert (of_hub[0], of_hub[1]) == (of_file[0], of_file[1]) == (0, of_hub[1])
    assert of_hub[2] == of_file[2].replace(str(local), name)
    for part in ("scores", "metrics", "counts"):
        assert of_hub[3][part] == of_file[3][part]
    assert of_hub[3]["settings"]["data"] == name


@pytest.mark.parametrize(
    ("name", "token", "says"),
    [
        ("user/nothing", WRITE, "has no dataset of that name for the owner of the token"),
        ("user/nothing", None, "has no dataset of that name; if it is private, set HF_TOKEN"),
        ("user/hidden", None, "has no dataset of that name; if it is private, set HF_TOKEN"),
        ("user/hidden", STRANGER, "has no dataset of that name for the owner of the token"),
        ("user/hidden", "hf_mistyped", "does not know the token; set another as HF_TOKEN"),
        ("user/-", WRITE, "is no id of a dataset: Repo id must use alphanumeric"),
        ("user/other", WRITE, "row 0 has no id, code, input, output but text; it is of another"),
        ("user/empty", WRITE, "doesn't contain any data files"),
        ("user/untested", WRITE, "Bad split: test. Available splits: ['train']"),
        ("user/torn", WRITE, "(split 'test', after 0 rows)"),
    ],
)
def test_what_cannot_be_had_is_one_line(
    place: Place, name: str, token: str | None, says: str
) -> None:
    sets = {
        "user/hidden": {"test.jsonl": lines(CRUXEVAL)},
        "user/other": {"test.jsonl": b'{"text": "x"}\n'},
        "user/empty": {"README.md": b"# Nothing yet\n"},
        "user/untested": {"train.jsonl": lines(CRUXEVAL)},
        "user/torn": {"data/test-0.parquet": parquet(CRUXEVAL)[:-9]},
    }
    if name in sets and place.hub.site.repos.find("dataset", name) is None:
        place.hub.add("dataset", name, sets[name], private=name == "user/hidden")
    assert says in refused(place, name, token=token)


def test_connection_that_breaks_once_is_made_again(place: Place) -> None:
    place.hub.add("dataset", "user/shaky", {"data/test-0.parquet": parquet(CRUXEVAL)})
    place.hub.faults.order("lfs_get", Drop.HALFWAY)
    place.hub.faults.order("tree", Drop.BEFORE)
    code, out, err, found = evaluate(place, "cruxeval-output", "user/shaky")
    assert code == 0
    assert "4 rows, 8 answers" in out
    assert len(found["scores"]) == 4
    assert [line for line in err.splitlines() if "warning" not in line] == [
        f"{place.folder / 'report.json'}: written"
    ]
    assert [entry.status for entry in place.hub.log.of("lfs_get")][:2] == [None, 206]


@pytest.mark.parametrize(
    ("kind", "fault", "says"),
    [
        ("info", Drop.BEFORE, "no connection to http://127.0.0.1:"),
        ("info", Status(503), "fails; run it again later"),
        ("info", Status(429, 5), "takes no more requests for now"),
        ("lfs_get", Status(403), "does not let the token read it"),
        ("resolve", Drop.BEFORE, "no connection to http://127.0.0.1:"),
    ],
)
def test_hub_that_fails_is_one_line(
    place: Place, kind: str, fault: Drop | Status, says: str
) -> None:
    name = f"user/failing-{kind}"
    if place.hub.site.repos.find("dataset", name) is None:
        place.hub.add("dataset", name, {"data/test-0.parquet": parquet(CRUXEVAL)})
    place.hub.faults.order(kind, fault, times=100)
    assert says in refused(place, name)


def test_connection_that_always_breaks_is_given_up(place: Place) -> None:
    place.hub.add("dataset", "user/broken", {"data/test-0.parquet": parquet(CRUXEVAL)})
    place.hub.faults.order("lfs_get", Drop.HALFWAY, times=100)
    assert "no connection to http://127.0.0.1:" in refused(place, "user/broken")
    assert len(place.hub.log.of("lfs_get")) == 6


def test_hub_that_is_down_is_one_line(
    place: Place, tmp_path: Path, stepcode: Callable[..., subprocess.CompletedProcess[bytes]]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        nowhere = f"http://127.0.0.1:{listening.getsockname()[1]}"
    (tmp_path / "said.json").write_text("{}")
    asked = ("--benchmark", "cruxeval-output", "--data", "user/any", "--generations", "said.json")
    environment = place.hub.environment(tmp_path / "home") | {"HF_ENDPOINT": nowhere}
    done = stepcode("eval", *asked, **environment)
    assert (done.returncode, done.stdout) == (2, b"")
    said = f"stepcode: user/any: cannot be read as a dataset: no connection to {nowhere}"
    assert done.stderr.decode().startswith(said)
    assert done.stderr.count(b"\n") == 1
