"""Any dataset of the Hugging Face Hub, or a local folder in the form of one, read as it streams."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from stepcode.errors import SourceError
from stepcode.source.cases import Row
from stepcode.source.files import read_input_rows
from stepcode.source.hub_access import explain, find_commit
from stepcode.source.rows import check_shape
from stepcode.source.settings import SourceSettings
from stepcode.types import Case


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
    except SourceError:
        raise
    # Loaders and networks fail with exceptions of a dozen unrelated libraries.
    except Exception as error:
        raise SourceError(
            f"{settings.path}: cannot be read as a dataset (split {settings.split!r}, "
            f"after {number} rows): {explain(error)}"
        ) from error
    if number == 0:
        raise SourceError(f"{settings.path}: split {settings.split!r} holds no rows")


def pin_hub_source(settings: SourceSettings) -> SourceSettings:
    """Name the commit that a source reads, so that all of a build is of one.

    Anything but a dataset on the Hub is given back as it is, and so is that without a network.
    """
    if settings.name != "hub" or not settings.path or not _is_remote(settings):
        return settings
    return replace(settings, revision=find_commit(settings.path, settings.revision))


def _is_remote(settings: SourceSettings) -> bool:
    import datasets

    return not (Path(settings.path).exists() or datasets.config.HF_HUB_OFFLINE)


def _stream(settings: SourceSettings) -> Any:  # datasets publishes no types
    import datasets

    revision = settings.revision
    if _is_remote(settings):
        revision = find_commit(settings.path, revision)
        _try_no_longer_than_the_client(datasets.config)
    return datasets.load_dataset(
        settings.path,
        settings.config or None,
        split=settings.split,
        revision=revision or None,
        streaming=True,
    )


def _try_no_longer_than_the_client(config: Any) -> None:  # a module of datasets
    """Have a lost connection tried six times, as the Hub's client does, not twenty times that."""
    config.STREAMING_READ_MAX_RETRIES = 1
    # It waits after the last try as well.
    config.STREAMING_READ_RETRY_INTERVAL = 0
    config.STREAMING_READ_SERVER_UNAVAILABLE_RETRY_INTERVAL = 0
    config.STREAMING_READ_RATE_LIMIT_RETRY_INTERVAL = 0
