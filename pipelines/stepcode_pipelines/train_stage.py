"""One stage, from a model and examples to a model: which trainer, and what it is given."""

import gc
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, assert_never

from stepcode.dataset.training import TrainingSet
from stepcode.errors import RecipeError
from stepcode.train.checkpoints import step_of
from stepcode.train.models import is_adapter, load_model
from stepcode.train.plan import Stage
from stepcode.train.rewards import Scorer
from stepcode.train.runs import GRPORun, SFTRun, run
from stepcode.train.steplog import ExampleLog
from stepcode_pipelines.train_options import Options, lora_config
from stepcode_pipelines.train_recipe import TrainRecipe


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A stage with all that it works on."""

    stage: Stage
    options: Options
    config: Any  # Any, here and below: TRL, transformers and peft have no types here
    tokenizer: Any
    examples: TrainingSet
    start: str
    """The model that it starts from: a folder, or a name of the Hub."""
    name: str
    """Of the run, as its checkpoints say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageResult:
    """What came of a stage."""

    stage: Stage
    folder: Path
    steps: int
    metrics: Mapping[str, Any] = field(default_factory=dict)  # Any: what TRL logs
    """What was logged last."""
    resumed_at: int = 0
    """The step of the checkpoint that it went on from."""
    was_finished: bool = False
    """Whether it was there already."""


def run_stage(work: Work, recipe: TrainRecipe) -> StageResult:
    """Train a stage to its end and save the model; goes on from its last checkpoint."""
    folder = Path(work.config.output_dir)
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        try:
            trainer, examples = _open_trainer(work, recipe, stack)
        except (ValueError, ImportError, OSError) as error:
            # How TRL, peft and transformers refuse options that go together with nothing they have.
            raise RecipeError(f"[{work.stage}] {' '.join(str(error).split())}") from error
        keep = work.options["save_total_limit"]
        checkpoint = run(trainer, examples, name=work.name, keep=keep)
        logged = [entry for entry in trainer.state.log_history if "train_runtime" not in entry]
        result = StageResult(
            stage=work.stage,
            folder=folder,
            steps=trainer.state.global_step,
            metrics=logged[-1] if logged else {},
            resumed_at=step_of(checkpoint) if checkpoint else 0,
        )
        trainer.accelerator.free_memory()
    gc.collect()
    return result


def _open_trainer(work: Work, recipe: TrainRecipe, stack: ExitStack) -> tuple[Any, ExampleLog]:
    adapter = is_adapter(work.start)
    given: dict[str, Any] = {
        # A name lets TRL load the model, split over processes from the first if it has to be.
        "model": load_model(work.start, **_init(work.config)) if adapter else work.start,
        "args": work.config,
        "train_dataset": work.examples.to_dataset(),
        "processing_class": work.tokenizer,
        "peft_config": None if adapter else lora_config(recipe),
        "examples": ExampleLog(Path(work.config.output_dir), work.config.process_index),
    }
    match work.stage:
        case Stage.SFT:
            return SFTRun(**given), given["examples"]
        case Stage.GRPO:
            scorer = stack.enter_context(Scorer())
            mode, lam = recipe.advantage.mode, recipe.advantage.lam
            return GRPORun(**given, mode=mode, lam=lam, scorer=scorer), given["examples"]
        case _:
            assert_never(work.stage)


def _init(config: Any) -> dict[str, Any]:
    """Take the options for loading a model away from TRL, which would warn that it loads none."""
    init, config.model_init_kwargs = config.model_init_kwargs, None
    return init or {}
