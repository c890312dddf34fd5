"""A recipe that has a shape and names no model: the model is made, untrained, in the run's folder.

OUT/untrained       weights and tokenizer, from which the first stage starts
"""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from stepcode.dataset.durable import plain_disk_errors
from stepcode.dataset.training import TrainingSet
from stepcode.errors import MisuseError
from stepcode.train.hardware import launched_processes
from stepcode.train.shape import ModelShape
from stepcode.train.untrained import check_untrained, write_untrained
from stepcode_pipelines.train_recipe import TrainRecipe
from stepcode_pipelines.train_run import UNTRAINED, own_folder


def missing_model(recipe: TrainRecipe) -> ModelShape | None:
    """The shape of the model that is to be made; None for a recipe that names one."""
    return None if recipe.model.path else recipe.shape


def with_untrained(
    recipe: TrainRecipe, shape: ModelShape, out: Path, examples: TrainingSet, *, is_new: bool
) -> TrainRecipe:
    """Make the model, or find it where the run has begun; the recipe then names it."""
    check_untrained(shape)
    if launched_processes()[0] > 1:
        raise MisuseError(
            "a model from nothing is for trying a run out, in one process: name one with --model"
        )
    folder = out / UNTRAINED
    if is_new or not folder.is_dir():
        with plain_disk_errors(out), own_folder(out):
            unfinished = out / f"{UNTRAINED}.tmp"
            shutil.rmtree(unfinished, ignore_errors=True)
            write_untrained(unfinished, shape, _texts(examples))
            shutil.rmtree(folder, ignore_errors=True)
            unfinished.rename(folder)
    return replace(recipe, model=replace(recipe.model, path=str(folder)))


def _texts(examples: TrainingSet) -> Iterator[str]:
    columns = [name for name in ("prompt", "completion") if name in examples.frame.columns]
    for record in examples.frame.select(columns).iter_rows():
        for messages in record:
            yield from (message["content"] for message in messages)
