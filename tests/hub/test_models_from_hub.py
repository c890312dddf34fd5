"""Models by their name on the Hub: trained, evaluated, and told in one line where they are not."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="needs the extra `train`: torch, transformers and trl")
pytest.importorskip("trl", reason="needs the extra `train`: torch, transformers and trl")

from tests.end_to_end.build_samples import row, write_jsonl
from tests.hub.access import STRANGER, WRITE
from tests.hub.conftest import Place
from tests.hub.faults import Drop
from tests.train.folders import RECIPE, write_dataset, write_model

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

SHORT = ("--stage", "sft", "--set", "sft.max_steps=1")


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OMP_NUM_THREADS", "1")
        yield


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """A model whose tokenizer is not the one that its type has, as those of small runs are."""
    folder = tmp_path_factory.mktemp("made")
    model = write_model(folder / "model", write_dataset(folder / "set"))
    return {path.name: path.read_bytes() for path in model.iterdir()}


@pytest.fixture
def here(place: Place, files: dict[str, bytes]) -> Place:
    """A Hub with models, and a recipe beside its data."""
    if not (place.folder / "r.toml").exists():
        write_dataset(place.folder / "set")
        (place.folder / "r.toml").write_text('[data]\npath = "set"\n' + RECIPE)
        place.hub.add("model", "user/tiny", files)
        place.hub.add("model", "user/hidden", files, private=True)
        place.hub.add("model", "user/adapter", {"adapter_config.json": b"{}"})
        bare = {name: content for name, content in files.items() if "token" not in name}
        place.hub.add("model", "user/mute", bare)
    return place


def test_model_of_the_hub_is_trained_as_one_in_a_folder(
    here: Place, files: dict[str, bytes]
) -> None:
    folder = here.folder / "model"
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    weights = {}
    for name in ("model", "user/tiny"):
        run = f"run-{name.rpartition('/')[2]}"
        told = here.run("train", "r.toml", "--model", name, "--out", run, *SHORT)
        assert told.code == 0, told.err
        weights[name] = (here.folder / run / "sft" / "model.safetensors").read_bytes()
    assert weights["model"] == weights["user/tiny"]
    asked = {Path(entry.path).name for entry in here.hub.log.of("resolve")}
    assert asked >= {"config.json", "tokenizer.json", "model.safetensors"}


@pytest.mark.parametrize(
    ("name", "token", "says"),
    [
        ("user/nothing", WRITE, "has no model of that name for the owner of the token"),
        ("user/nothing", None, "has no model of that name; if it is private, set HF_TOKEN"),
        ("user/hidden", None, "has no model of that name; if it is private, set HF_TOKEN"),
        ("user/hidden", STRANGER, "has no model of that name for the owner of the token"),
        ("user/hidden", "hf_mistyped", "does not know the token; set another as HF_TOKEN"),
        ("user/adapter", WRITE, "has no config.json, so it is no model of transformers"),
        ("user/mute", WRITE, "a trained model would not stop"),
    ],
)
def test_model_that_cannot_be_had_is_one_line(
    here: Place, name: str, token: str | None, says: str
) -> None:
    told = here.run("train", "r.toml", "--model", name, "--out", "none", *SHORT, token=token)
    assert (told.code, told.out) == (2, "")
    assert told.err.startswith(f"stepcode: {name}: ")
    assert told.err.count("\n") == 1
    assert says in told.err
    assert not (here.folder / "none").exists()


def test_hub_that_hangs_up_is_one_line(here: Place) -> None:
    here.hub.faults.order("resolve", Drop.BEFORE, times=100)
    told = here.run("train", "r.toml", "--model", "user/other", "--out", "none", *SHORT)
    assert told.code == 2
    assert "user/other: cannot be read as a model: no connection to http://127" in told.err
    assert told.err.count("\n") == 1


def test_model_of_the_hub_is_asked_and_scored(here: Place) -> None:
    write_jsonl(here.folder / "asked.jsonl", [row(1, output="4")])
    benchmark = ("--benchmark", "cruxeval-output", "--data", "asked.jsonl")
    few = ("-n", "2", "--max-tokens", "4", "--workers", "1")
    told = here.run("eval", *benchmark, *few, "--model", "user/tiny", "-o", "report.json")
    assert told.code == 0, told.err
    report = json.loads((here.folder / "report.json").read_bytes())
    assert (report["model"], report["scores"]) == ("user/tiny", {"row-1": [False, False]})
    refused = here.run("eval", *benchmark, *few, "--model", "user/nothing")
    assert refused.code == 2
    assert "user/nothing: cannot be read as a model" in refused.err
