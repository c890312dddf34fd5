"""One tiny model and tokenizer for all tests of training, built from nothing."""

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="session")
def tokenizer() -> Any:
    """A byte-level BPE whose tokens cut many characters into pieces."""
    pytest.importorskip("transformers")
    import torch

    from tests.train import tiny

    torch.set_num_threads(1)  # what is tiny is slower on two
    return tiny.make_tokenizer()


@pytest.fixture
def model(tokenizer: Any) -> Any:
    """A Qwen2 of two layers, the same for each test."""
    from tests.train import tiny

    return tiny.make_model(tokenizer)


@pytest.fixture
def out(tmp_path: Path) -> str:
    """Where a trainer may write."""
    return str(tmp_path / "out")
