"""What libraries say of themselves, kept from people who asked for something else."""

import logging
import os
import sys
import warnings


def quiet_hub() -> None:
    """Keep progress off where nobody watches, and what the Hub's libraries say of themselves.

    Before they are imported, which is when they look.
    """
    if not sys.stderr.isatty():
        os.environ.setdefault("HF_DATASETS_DISABLE_PROGRESS_BARS", "1")
        os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
        os.environ.setdefault("HF_HUB_VERBOSITY", "error")  # it tells of every retry
    if not sys.warnoptions:
        warnings.simplefilter("ignore")
    os.environ.setdefault("DATASETS_VERBOSITY", "critical")  # it tells of errors that it raises


def quiet() -> None:
    """The same for training and for models."""
    os.environ.setdefault("TRL_EXPERIMENTAL_SILENCE", "1")
    quiet_hub()
    import transformers

    transformers.utils.logging.set_verbosity_error()
    if not sys.stderr.isatty():
        transformers.utils.logging.disable_progress_bar()
    for name in ("accelerate", "peft", "trl"):
        logging.getLogger(name).setLevel(logging.ERROR)
