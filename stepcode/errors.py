"""What stepcode raises: each class says whose fault it is, and so which exit code it gets."""

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(name: str, known: Iterable[str]) -> str:
    """Hint at the name that was probably meant; empty if none is near."""
    names = list(known)
    begun = [one for one in names if name and one.startswith(name)]
    near = begun or get_close_matches(name, names, n=1)
    return f"; did you mean '{near[0]}'?" if near else ""


class StepcodeError(Exception):
    """Something failed; the message names the thing, what was found and what to do."""

    exit_code = 1


class MisuseError(StepcodeError):
    """The user asked for something that cannot be: a wrong path, option or combination."""

    exit_code = 2


class AnchorError(StepcodeError):
    """A program is refused: it cannot be anchored without changing its meaning."""

    def __init__(self, reason: str, *, line: int | None = None) -> None:
        """Keep the reason apart from the line, for machine-readable reports."""
        self.reason = reason
        self.line = line
        super().__init__(reason if line is None else f"line {line}: {reason}")


class StripError(StepcodeError):
    """The recorded edits do not fit the text they are said to belong to."""


class RecipeError(MisuseError):
    """A recipe has an unknown key, a value of the wrong type, or does not exist."""


class SourceError(MisuseError):
    """A source cannot be read at all (a single bad row is data, not an error)."""


class DatasetError(MisuseError):
    """A folder is not what was expected: not a dataset, not empty, or of another recipe."""


class MissingExtraError(MisuseError):
    """A command needs an optional dependency that is not installed."""


class EndpointError(StepcodeError):
    """A model's server is down, too slow, refuses, or answers what is no answer."""


class QuestionRefusedError(EndpointError):
    """A model's server refuses this question, and may well answer another."""


class HubError(StepcodeError):
    """The Hugging Face Hub is out of reach, refuses, or holds what is not to be replaced."""


class SandboxError(StepcodeError):
    """Programs cannot be executed on this machine."""
