"""A trained model made ready for the Hub: the last stage of a finished run, and its card.

What `from_pretrained` reads goes up, with the card and the record of the run; optimizer states,
logs and checkpoints stay here, and so do the folders that the recipe names.
"""

import json
from dataclasses import asdict
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

from huggingface_hub import ModelCard, try_to_load_from_cache

from stepcode.dataset.card import CARD
from stepcode.dataset.durable import to_json
from stepcode.dataset.hub import Content, Upload, digest_file, upload_of
from stepcode.dataset.release import prose_of, read_card
from stepcode.errors import DatasetError
from stepcode.train.card import TrainedModel, render_model_card
from stepcode.train.models import base_of, check_model, is_adapter, is_hub_name
from stepcode.train.weights import check_weights
from stepcode_pipelines.push import Prepared
from stepcode_pipelines.train_run import NAME, Run, Status, parse_run, read_run

_PARTS = (
    *("config.json", "generation_config.json", "adapter_config.json", "chat_template.jinja"),
    *("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json"),
    *("vocab.json", "vocab.txt", "merges.txt", "tokenizer.model", "spiece.model"),
    *("model*.safetensors", "adapter_model*.safetensors", "model.safetensors.index.json"),
    *("pytorch_model*.bin", "pytorch_model.bin.index.json", "adapter_model.bin"),
)
"""What `from_pretrained` reads."""


def prepare_model(out: Path) -> Prepared:
    """Check a run and write the card of its model.

    Raises DatasetError for a run that is not finished, and StepcodeError for damaged weights.
    """
    run = read_run(out)
    if run is None:
        raise DatasetError(f"{out}: is no training run")
    folder = _finished_model(out, run)
    check_model(str(folder))
    check_weights(folder)
    path = out / CARD
    written = prose_of(path, read_card(path))
    model = _describe(run, folder)
    card = render_model_card(model, written, where=str(path))
    return Prepared("model", card, _content(run, folder, card, model.base), (), _nothing_more)


def _nothing_more(repo_id: str, revision: str) -> None:
    """The digests of all files are compared; to load a model takes the memory that it needs."""


def _finished_model(out: Path, run: Run) -> Path:
    if not run.stages:
        raise DatasetError(f"{out}: no stage has begun, so there is no model")
    for stage, record in run.stages.items():
        if record.status is not Status.DONE:
            again = "run the same `stepcode train` again to finish it"
            raise DatasetError(f"{out}: {stage} is not done; {again}")
    return out / list(run.stages)[-1]


def _describe(run: Run, folder: Path) -> TrainedModel:
    adapter = is_adapter(str(folder))
    base = base_of(str(folder)) if adapter else str(run.recipe["model"]["path"])
    on_hub = _is_on_hub(base, run)
    if adapter and not on_hub:
        raise DatasetError(
            f"{folder}: is an adapter of {base}, a folder of this machine, so nobody could load "
            "it: publish that model and name it in adapter_config.json, or merge the two"
        )
    return TrainedModel(
        stages={stage.value: asdict(record) for stage, record in run.stages.items()},
        recipe=_without_folders(run.recipe),
        versions=run.versions,
        base=base if on_hub else Path(base).name,
        base_is_on_hub=on_hub,
        base_license=_license_of(base),
        is_adapter=adapter,
    )


def _is_on_hub(base: str, run: Run) -> bool:
    """Whether a run began with a name of the Hub: a fingerprint has the name in its own place."""
    first = next(iter(run.stages.values()))
    if base == run.recipe["model"]["path"]:
        return bool(first.identity["model"].get("is") == base)
    return is_hub_name(base) and not Path(base).exists()


def _license_of(base: str) -> str:
    """Look for the licence of a base model in its configuration, then in its card; no network."""
    for name, read in (("config.json", _license_in_config), (CARD, _license_in_card)):
        path = Path(base) / name
        if not path.is_file():
            cached = try_to_load_from_cache(base, name) if is_hub_name(base) else None
            if not isinstance(cached, str):
                continue
            path = Path(cached)
        found = read(path)
        if isinstance(found, str) and found:
            return found
    return ""


def _license_in_config(path: Path) -> object:
    try:
        config = json.loads(path.read_bytes())
    except ValueError:
        return None
    return config.get("license") if isinstance(config, dict) else None


def _license_in_card(path: Path) -> object:
    try:
        return ModelCard.load(path).data.license
    except ValueError:  # a card without YAML, or with a broken one
        return None


def _content(run: Run, folder: Path, card: str, base: str) -> Content:
    record = {"format": 1, **asdict(run)} | {"recipe": _without_folders(run.recipe)}
    texts = upload_of(CARD, card.encode()), upload_of(NAME, to_json(record))
    parts = [path for path in sorted(folder.iterdir()) if path.is_file() and _is_part(path.name)]
    return Content(
        files=(*texts, *map(_upload, parts)),
        record=NAME,
        message=f"{folder.name} by stepcode {run.versions.get('stepcode', '')}",
        is_ours=_is_ours,
        why_other=partial(_why_other, base),
    )


def _upload(path: Path) -> Upload:
    return Upload(path.name, path, path.stat().st_size, digest_file(path))


def _is_part(name: str) -> bool:
    return any(PurePosixPath(name).match(pattern) for pattern in _PARTS)


def _is_ours(path: str) -> bool:
    return "/" not in path and (path in (CARD, NAME) or _is_part(path))


def _why_other(base: str, record: bytes) -> str:
    """A new version of a model is trained from the same one; anything else is a slip."""
    try:
        there = parse_run(record, NAME)
        trained_from = Path(there.recipe["model"]["path"]).name
    except (DatasetError, KeyError, TypeError) as error:
        return f"something else ({error})"
    if trained_from == Path(base).name:
        return ""
    return f"another model, trained from {trained_from} and not from {Path(base).name}"


def _without_folders(value: Any) -> Any:  # Any: JSON
    """Keep of paths on this machine only their last part."""
    match value:
        case dict():
            return {key: _without_folders(item) for key, item in value.items()}
        case list() | tuple():
            return [_without_folders(item) for item in value]
        case str() if value.startswith(("/", "~", "./", "../")):
            return Path(value).name
        case _:
            return value
