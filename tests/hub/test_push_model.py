"""`stepcode push` of what `stepcode train` made: which files go up, and what the card says."""

import json
import shutil
import sys
from contextlib import chdir
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="needs the extra `train`: torch, transformers and trl")
pytest.importorskip("trl", reason="needs the extra `train`: torch, transformers and trl")

from huggingface_hub import ModelCard

from stepcode.dataset.hub_words import LICENSES
from stepcode_cli.main import app
from tests.hub.pushing import Client, failure
from tests.hub.server import Hub
from tests.train.folders import RECIPE, on_one_thread, write_dataset, write_model

REPO = "user/stepper"
BASE = "Qwen/tiny"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300), pytest.mark.filterwarnings("ignore")]

_LOAD = """
import sys
from transformers import AutoModelForCausalLM, AutoTokenizer
name, revision = sys.argv[1:]
model = AutoModelForCausalLM.from_pretrained(name, revision=revision)
tokenizer = AutoTokenizer.from_pretrained(name, revision=revision)
print(model.num_parameters(), tokenizer.decode(tokenizer("ys: [1, 2]")["input_ids"]))
"""


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `run`, of both stages, and `lora`, an adapter."""
    folder = tmp_path_factory.mktemp("trained")
    write_model(folder / BASE, write_dataset(folder / "set"))
    places = f'[data]\npath = "{folder}/set"\n[model]\npath = "{BASE}"\n'
    (folder / "r.toml").write_text(places + RECIPE)
    train(folder, "--out", "run", "--set", "sft.max_steps=2", "--set", "grpo.max_steps=1")
    lora = ("--set", "lora.r=2", "--set", "lora.target_modules=all-linear")
    train(folder, "--out", "lora", "--stage", "sft", "--set", "sft.max_steps=1", *lora)
    for run in ("run", "lora"):
        begin_with(folder / run, BASE)
    return folder


def begin_with(run: Path, name: str) -> None:
    """Have a run begun with a name of the Hub, or with what was a folder."""
    record = json.loads((run / "run.json").read_bytes())
    record["stages"]["sft"]["identity"]["model"]["is"] = name
    (run / "run.json").write_text(json.dumps(record))


def train(folder: Path, *arguments: str) -> None:
    with on_one_thread(), chdir(folder), pytest.raises(SystemExit) as stop:
        app(("train", "r.toml", *arguments), prog_name="stepcode")
    assert stop.value.code == 0


@pytest.fixture
def client(hub: Hub, tmp_path: Path) -> Client:
    return Client(hub, tmp_path / "home")


def test_model_of_the_last_stage_is_published_and_loads(
    client: Client, hub: Hub, trained: Path
) -> None:
    done = client.push(trained / "run", "--repo-id", REPO)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{hub.url}/{REPO}: ")
    files = hub.files("model", REPO)
    assert set(files) == {
        *(".gitattributes", "README.md", "run.json", "chat_template.jinja", "config.json"),
        *("generation_config.json", "model.safetensors", "tokenizer.json"),
        "tokenizer_config.json",
    }
    assert files["model.safetensors"] == (trained / "run/grpo/model.safetensors").read_bytes()
    for name, content in files.items():
        assert str(trained).encode() not in content, name
    assert json.loads(files["run.json"])["recipe"]["data"]["path"] == "set"
    revision = hub.repo("model", REPO).branches["main"]
    loaded = client.run([sys.executable, "-c", _LOAD, REPO, revision])
    assert loaded.stdout.endswith(" ys: [1, 2]\n"), loaded.stderr
    assert "was there already" in client.push(trained / "run", "--repo-id", REPO).stdout


def test_card_of_a_model_says_what_its_run_recorded(
    client: Client, hub: Hub, trained: Path
) -> None:
    card = ModelCard(client.push(trained / "run", "--repo-id", REPO, "--dry-run").stdout)
    data = card.data
    assert data["license"] in LICENSES
    assert data["base_model"] == BASE
    assert (data["library_name"], data["pipeline_tag"]) == ("transformers", "text-generation")
    run = json.loads((trained / "run/run.json").read_bytes())
    for text in (
        "by SFT on verified traces, then GRPO",
        run["stages"]["grpo"]["identity"]["data"]["sha256"],
        "| licence | MIT | ",
        f"| final_accuracy | {run['stages']['grpo']['metrics']['final_accuracy']:.4g} |",
        "no held-out measurement",
        f"| torch | {run['versions']['torch']} |",
    ):
        assert text in card.text
    assert hub.log.of() == []


def test_adapter_names_its_base_model_and_peft(client: Client, trained: Path) -> None:
    done = client.push(trained / "lora", "--repo-id", REPO, "--dry-run")
    data = ModelCard(done.stdout).data
    assert (data["library_name"], data["base_model"]) == ("peft", BASE)
    assert "adapter_model.safetensors" in done.stdout
    assert "optimizer" not in done.stdout


def test_licence_that_the_base_model_states_is_the_models(
    client: Client, trained: Path, tmp_path: Path
) -> None:
    shutil.copytree(trained / BASE, tmp_path / BASE)
    (tmp_path / BASE / "README.md").write_text("---\nlicense: apache-2.0\n---\n# Tiny\n")
    done = client.push(trained / "run", "--repo-id", REPO, "--dry-run")
    assert ModelCard(done.stdout).data["license"] == "apache-2.0"


def test_base_model_that_is_a_folder_is_not_named_as_one_of_the_hub(
    client: Client, trained: Path, tmp_path: Path
) -> None:
    for name in ("run", "lora"):
        shutil.copytree(trained / name, tmp_path / name)
        begin_with(tmp_path / name, "6366af1893b412e2ae73e6fe")
    card = ModelCard(client.push("run", "--repo-id", REPO, "--dry-run").stdout)
    assert card.data.get("base_model") is None
    assert card.text.lstrip().startswith("# A model trained by stepcode\n")
    line = client.push("lora", "--repo-id", REPO, "--dry-run").stderr
    assert f"is an adapter of {BASE}, a folder of this machine" in line


def test_prose_of_people_is_kept_in_the_card_of_a_run(
    client: Client, trained: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    shutil.copytree(trained / "run", run)
    text = "<!-- prose: evaluation -->\nCRUXEval-O: 41.5.\n<!-- end of prose -->\n"
    (run / "README.md").write_text(text)
    assert text in client.push(run, "--repo-id", REPO, "--dry-run").stdout


def test_run_that_is_not_whole_is_refused(
    client: Client, hub: Hub, trained: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    shutil.copytree(trained / "run", run)
    weights = run / "grpo/model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1])
    assert f"{weights}: is missing or damaged" in failure(client.push(run, "--repo-id", REPO))
    record = json.loads((run / "run.json").read_bytes())
    record["stages"]["grpo"]["status"] = "running"
    (run / "run.json").write_text(json.dumps(record))
    done = client.push(run, "--repo-id", REPO)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "grpo is not done; run the same `stepcode train` again" in done.stderr
    assert (
        f"is part of a training run; push {run}"
        in client.push(run / "sft", "--repo-id", REPO).stderr
    )
    assert hub.log.of() == []
