"""What the Hugging Face Hub has of a name, and why reading it failed, in one line."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from stepcode.errors import MisuseError, SourceError
from stepcode.source.rows import one_line

if TYPE_CHECKING:
    from huggingface_hub.errors import HfHubHTTPError

_ANSWER_SECONDS = 10


def find_commit(name: str, revision: str) -> str:
    """Ask the Hub for the commit of a dataset at a revision, or its newest.

    Raises SourceError if the Hub cannot be reached, has no such dataset, or does not show it: the
    loader would try for long and tell less.
    """
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HFValidationError

    try:
        info = HfApi().dataset_info(name, revision=revision or None, timeout=_ANSWER_SECONDS)
        return str(info.sha)
    except HFValidationError as error:
        raise SourceError(f"{name}: is no id of a dataset: {one_line(error)}") from error
    # Of the Hub's client, or of the client of HTTP below.
    except Exception as error:
        raise SourceError(f"{name}: cannot be read as a dataset: {explain(error)}") from error


def find_model_file(name: str, file: str) -> str | None:
    """Fetch a small file of a model, or find it in the cache; None if the model has no such file.

    Raises MisuseError if the Hub cannot be reached and nothing is cached, has no such model, or
    does not show it.
    """
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import LocalEntryNotFoundError, RemoteEntryNotFoundError

    try:
        return hf_hub_download(name, file)
    except RemoteEntryNotFoundError:
        return None
    # As above; what is not in the cache either tells the error that came before.
    except Exception as error:
        first = error.__cause__ if isinstance(error, LocalEntryNotFoundError) else None
        why = explain(first or error, of="model")
        raise MisuseError(f"{name}: cannot be read as a model: {why}") from error


def explain(error: BaseException, *, of: str = "dataset") -> str:
    """Say what kept a dataset, or a model, from being read, and what to do."""
    from huggingface_hub import constants
    from huggingface_hub.errors import GatedRepoError, HfHubHTTPError, RepositoryNotFoundError

    hub, chain = constants.ENDPOINT, list(_chain(error))
    for one in chain:
        if isinstance(one, GatedRepoError):
            return f"{hub} shows it to those only who accept its terms, on its page there"
        if isinstance(one, RepositoryNotFoundError):
            return f"{hub} has no {of} of that name{_for_whom()}"
        if isinstance(one, HfHubHTTPError) and (why := _WHY.get(_kind(one))):
            return f"{hub} {why}"
    for one in chain:
        # Which client of HTTP is below depends on the version of the Hub's.
        if type(one).__module__.startswith("http"):
            said = f"{type(one).__name__}: {one_line(one)}"
            return f"no connection to {hub}, or none that lasts ({said}); run it again later"
    return f"{type(error).__name__}: {one_line(error)}"


_WHY = {
    401: "does not know the token; set another as HF_TOKEN, or run `hf auth login`",
    403: "does not let the token read it; set another as HF_TOKEN, or run `hf auth login`",
    429: "takes no more requests for now; wait some minutes and run it again",
    500: "fails; run it again later",
}
"""By kind of status. A 404 is of a file that may be missing: what the loader makes of it counts."""


def _kind(error: "HfHubHTTPError") -> int:
    status = error.response.status_code
    return 500 if status >= 500 else status


def _for_whom() -> str:
    from huggingface_hub import get_token

    if get_token() is None:
        return "; if it is private, set HF_TOKEN, or run `hf auth login`"
    return " for the owner of the token that is set"


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Give an error and those that it came of."""
    while error is not None:
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
