"""Options of TRL and peft: taken by their own names, refused with the nearest."""

import re
from typing import Any

import pytest

pytest.importorskip("trl", reason="needs the extra `train`")

from peft import LoraConfig
from trl import GRPOConfig, SFTConfig

from stepcode.errors import RecipeError
from stepcode.train.options import OURS, check_options, make_config

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.mark.parametrize(
    ("kind", "options", "says"),
    [
        (SFTConfig, {"learning_rat": 1}, "SFTConfig has no option 'learning_rat'; did you mean "
         "'learning_rate'?"),
        (GRPOConfig, {"num_generation": 8}, "GRPOConfig has no option 'num_generation'; did you "
         "mean 'num_generations'?"),
        (LoraConfig, {"rank": 8}, "LoraConfig has no option 'rank'"),
        (SFTConfig, {"xyzzy": 1}, "SFTConfig has no option 'xyzzy'"),
        (SFTConfig, {"learning_rate": "1e-5x"}, "learning_rate is '1e-5x': expected float or int"),
        (SFTConfig, {"packing": 1}, "packing is 1: expected bool"),
        (GRPOConfig, {"num_generations": True}, "num_generations is True: expected int"),
        (GRPOConfig, {"output_dir": "x"}, "output_dir cannot be set: --out says where"),
        (LoraConfig, {"bias": 1}, "bias is 1: expected str"),
    ],
)  # fmt: skip
def test_mistake_in_an_option_is_named(kind: type, options: dict[str, Any], says: str) -> None:
    with pytest.raises(RecipeError, match=re.escape(says)):
        check_options("sft", options, kind)


def test_values_that_a_class_takes_are_let_through() -> None:
    check_options("sft", {"learning_rate": 1, "report_to": ["trackio"], "optim": "sgd"}, SFTConfig)
    check_options("grpo", {"model_init_kwargs": {"dtype": "bfloat16"}, "beta": 0.1}, GRPOConfig)
    check_options("lora", {"target_modules": "all-linear", "init_lora_weights": True}, LoraConfig)


def test_options_that_are_ours_are_options_of_trl() -> None:
    known = SFTConfig.__dataclass_fields__.keys() & GRPOConfig.__dataclass_fields__.keys()
    assert OURS.keys() <= known


def test_value_that_the_class_itself_refuses_is_told_in_one_line(tmp_path: Any) -> None:
    with pytest.raises(RecipeError, match=r"^\[grpo\] GRPO requires at least 2 generations") as e:
        make_config(
            "grpo",
            {"num_generations": 1, "use_cpu": True, "bf16": False},
            GRPOConfig,
            output_dir=str(tmp_path),
        )
    assert "\n" not in str(e.value)
