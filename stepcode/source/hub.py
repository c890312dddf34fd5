"""Any dataset of the Hugging Face Hub, or a local folder in the form of one, read as it streams."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from stepcode.errors import SourceError
from stepcode.source.cases import Row
from stepcode.source.files import read_input_rows
from stepcode.source.rows import check_shape, one_line
from stepcode.source.settings import SourceSettings
from stepcode.types import Case

_NETWORK_SECONDS = 10


def read_hub(settings: SourceSettings) -> Iterator[Case]:
    """Read input rows from a dataset id; `fields` maps its columns to ours."""
    if not settings.path:
        raise SourceError("source 'hub' needs a dataset: give its id, like 'user/name', as --input")
    code = dict(settings.fields).get("code", "code")
    return read_input_rows(
        check_shape(read_hub_rows(settings), (code,), of=settings.path), settings
    )


def read_hub_rows(settings: SourceSettings) -> Iterator[Row]:
    """Read the rows of a dataset as they are."""
    number = 0
    try:
        for number, fields in enumerate(_stream(settings), start=1):
            yield Row(number - 1, f"row {number - 1}", dict(fields))
    # Loaders and networks fail with exceptions of a dozen unrelated libraries.
    except Exception as error:
        raise SourceError(
            f"{settings.path}: cannot be read as a dataset (split {settings.split!r}, "
            f"after {number} rows): {type(error).__name__}: {one_line(error)}"
        ) from error
    if number == 0:
        raise SourceError(f"{settings.path}: split {settings.split!r} holds no rows")


def _stream(settings: SourceSettings) -> Any:  # datasets publishes no types
    import datasets

    if not Path(settings.path).exists() and not datasets.config.HF_HUB_OFFLINE:
        _require_network(settings.path)
    return datasets.load_dataset(
        settings.path, settings.config or None, split=settings.split, streaming=True
    )


def _require_network(dataset: str) -> None:
    """Ask the Hub once: the loader would try for half a minute and log each failure."""
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HfHubHTTPError

    with suppress(HfHubHTTPError):  # it answers; what is wrong the loader says better
        HfApi().dataset_info(dataset, timeout=_NETWORK_SECONDS)
