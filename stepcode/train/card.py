"""The model card: README.md of a trained model, filled from what its run recorded.

`card.md` is the text, with marked places for what people write, as in the data card. It needs no
torch.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from stepcode.dataset.card import render_licenses, rows_of_table, table
from stepcode.dataset.prose import Prose, fill_card, read_resource, render_citation

_TOLD = {
    "step_accuracy": "right steps among the steps of the truth",
    "final_accuracy": "right final answers",
    "gap": "final minus step accuracy",
    "path_consistency": "right steps where the answer is right",
    "reward": "mean reward",
    "mean_token_accuracy": "right next tokens",
    "loss": "loss",
}
_MEASURED = {
    "sft": "Of the last logged step of SFT, on the examples that were trained on: no held-out"
    " measurement.",
    "grpo": "Of the last logged step of GRPO, over the completions that were sampled for training,"
    " on the examples that were trained on: no held-out measurement.",
}
_METHODS = {"sft": "SFT on verified traces", "grpo": "GRPO with credit for each step"}

Record = Mapping[str, Any]
"""Any: JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainedModel:
    """What a card says of a model; all of it was recorded by the run."""

    stages: Mapping[str, Record]
    """What run.json says of each, in their order; the model is the last one's."""
    recipe: Record
    versions: Mapping[str, str]
    base: str
    """The name of the model that it was trained from."""
    base_is_on_hub: bool
    base_license: str
    """As it was stated with the base model; empty if it was not."""
    is_adapter: bool


def render_model_card(model: TrainedModel, prose: Prose, *, where: str) -> str:
    """Write the card of a model, with what people wrote in its marked places.

    `where` is what an error names. Raises DatasetError for prose that the card has no place for.
    """
    last = list(model.stages)[-1]
    made = "A LoRA adapter" if model.is_adapter else "A model"
    stages = ", then ".join(_METHODS[stage] for stage in model.stages)
    values = {
        "license": render_licenses([model.base_license] if model.base_license else []),
        "library": "peft" if model.is_adapter else "transformers",
        "base_model": f"base_model: {model.base}" if model.base_is_on_hub else "# base model: none",
        "title": _title(model),
        "overview": f"{made} from {_base(model)}, by {stages}.",
        "usage": _usage(model),
        "data": rows_of_data(model),
        "origin": _origin(model.stages[last].get("origin", {})),
        "training": rows_of_table(_training(model)),
        "recipe": json.dumps(model.recipe, indent=2),
        "metrics": _metrics(last, model.stages[last]["metrics"]),
        "versions": rows_of_table(model.versions.items()),
        "citation": render_citation(model.versions.get("stepcode", "unknown")),
    }
    return fill_card(read_resource("stepcode.train", "card.md"), values, prose, where=where)


def _title(model: TrainedModel) -> str:
    if not model.base_is_on_hub:
        return "A model trained by stepcode"
    return f"{model.base.rpartition('/')[2]}, trained by stepcode"


def rows_of_data(model: TrainedModel) -> str:
    """Say of each stage what it was trained on."""
    rows = []
    for stage, record in model.stages.items():
        data = record["identity"]["data"]
        rows.append(
            (stage, data["split"], ", ".join(data["kinds"]), data["reasons"], data["sha256"])
        )
    return table(("stage", "split", "tasks", "reasons", "sha256 of the manifest or file"), rows)


def _base(model: TrainedModel) -> str:
    stated = model.base_license or "not known here"
    where = "on the Hub" if model.base_is_on_hub else "not published by this name"
    return f"`{model.base}` ({where}; licence: {stated})"


def _usage(model: TrainedModel) -> str:
    package, name = "transformers", "AutoModelForCausalLM"
    if model.is_adapter:
        package, name = "peft", "AutoPeftModelForCausalLM"
    return f'from {package} import {name}\n\nmodel = {name}.from_pretrained("DIR")'


def _origin(origin: Record) -> str:
    if not origin:
        return "The file that was trained on does not say where its rows came from."
    rows = [("source", name, n) for name, n in origin["sources"].items()]
    rows += [("licence", name, n) for name, n in origin["licenses"].items()]
    told = table(("of the rows", "is", "rows"), rows)
    if origin["evaluation_only"]:
        warning = "**Trained on a public benchmark**: its scores on that benchmark mean nothing."
        return f"{warning}\n\n{told}"
    return told


def _training(model: TrainedModel) -> Iterator[tuple[str, object]]:
    for stage, record in model.stages.items():
        yield f"{stage}: steps", record["steps"]
        yield f"{stage}: processes", record["identity"]["processes"]
    if "grpo" in model.stages:
        advantage = model.stages["grpo"]["identity"]["advantage"]
        yield "advantage", f"{advantage['mode']}, lambda {advantage['lam']}"


def _metrics(stage: str, metrics: Record) -> str:
    rows = [
        (name, f"{metrics[name]:.4g}", meaning)
        for name, meaning in _TOLD.items()
        if isinstance(metrics.get(name), int | float)
    ]
    if not rows:
        return "The run logged none."
    return f"{_MEASURED[stage]}\n\n{table(('metric', 'value', 'meaning'), rows)}"
