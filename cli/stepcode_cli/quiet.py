"""What libraries say of themselves, kept from people who asked for something else."""

import logging
import os
import sys
import warnings


def quiet() -> None:
    """Keep progress off where nobody watches, and what libraries say of themselves."""
    os.environ.setdefault("TRL_EXPERIMENTAL_SILENCE", "1")
    if not sys.stderr.isatty():
        os.environ.setdefault("HF_DATASETS_DISABLE_PROGRESS_BARS", "1")
        os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    if not sys.warnoptions:
        warnings.simplefilter("ignore")
    import transformers

    transformers.utils.logging.set_verbosity_error()
    if not sys.stderr.isatty():
        transformers.utils.logging.disable_progress_bar()
    for name in ("accelerate", "huggingface_hub", "peft", "trl"):
        logging.getLogger(name).setLevel(logging.ERROR)
