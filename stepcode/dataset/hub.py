"""One commit on the Hugging Face Hub: all files of a dataset or a model, or none.

    hub = open_hub("dataset", "alice/traces")
    published = publish(hub, content, private=False)      # readers see the old commit or the new
    check_files(hub, content.files, published.revision)

Large files go up first and are not sent again where the Hub has them, so that what was interrupted
goes on. Endpoint and token are those of huggingface_hub: HF_ENDPOINT, HF_TOKEN, `hf auth login`.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from huggingface_hub import (
    CommitOperationAdd,
    CommitOperationDelete,
    HfApi,
    get_session,
    get_token,
)
from huggingface_hub.hf_api import RepoFile

from stepcode.dataset.hub_failures import AGAIN, plain_hub_errors
from stepcode.errors import HubError

_SILENCE_SECONDS = 300.0
"""After so long without a byte the connection counts as lost."""
_TOKEN = re.compile(r"[!-~]+")
_THEIRS = frozenset({".gitattributes", "README.md"})
"""What the Hub's site puts into a new repository."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file to publish."""

    path: str
    """In the repository."""
    content: Path | bytes
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Content:
    """All that is to be in a repository, and what else in there is ours."""

    files: tuple[Upload, ...]
    record: str
    """The file that says what is published; a repository that has it is ours."""
    message: str
    """Of the commit."""
    is_ours: Callable[[str], bool]
    """Whether a path is one that we publish; what is ours and out of date is deleted."""
    why_other: Callable[[bytes], str]
    """Says of a record that is there of what other thing it is; empty if it may be replaced."""


@dataclass(frozen=True, slots=True)
class Hub:
    """A repository on the Hub, which may not be there yet, and who we are."""

    api: HfApi
    kind: str
    """`dataset` or `model`."""
    repo_id: str
    user: str
    """Whose token is used."""

    @property
    def url(self) -> str:
        """The page of the repository."""
        prefix = "" if self.kind == "model" else f"{self.kind}s/"
        return f"{self.api.endpoint}/{prefix}{self.repo_id}"


@dataclass(frozen=True, slots=True)
class Published:
    """What came of a push."""

    revision: str
    """The commit."""
    is_new: bool
    """False if all was there already."""
    private: bool
    sent: tuple[str, ...]
    deleted: tuple[str, ...]
    kept: tuple[str, ...]
    """Files of others, which were left as they are."""


def upload_of(path: str, content: bytes) -> Upload:
    """Describe a file that is in memory."""
    return Upload(path, content, len(content), hashlib.sha256(content).hexdigest())


def digest_file(path: Path) -> str:
    """Give the sha256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def open_hub(kind: str, repo_id: str) -> Hub:
    """Find out who we are; raises HubError without a token that may write."""
    api = HfApi(token=True)
    token = get_token()
    if token is not None and not _TOKEN.fullmatch(token):
        # The client would show it in its complaint.
        raise HubError(f"{repo_id}: the token has characters that no token has; copy it again")
    with plain_hub_errors(repo_id):
        get_session().timeout = _SILENCE_SECONDS
        who = api.whoami()
    role = who.get("auth", {}).get("accessToken", {}).get("role")
    if role == "read":
        tokens = f"{api.endpoint}/settings/tokens"
        raise HubError(f"{repo_id}: the token of {who['name']} may only read; make one: {tokens}")
    return Hub(api, kind, repo_id, str(who["name"]))


def publish(hub: Hub, content: Content, *, private: bool) -> Published:
    """Put all files there in one commit, or see that they are there.

    Makes the repository if there is none. Raises HubError for one that holds something else, or is
    public where `private` is asked for.
    """
    with plain_hub_errors(hub.repo_id, user=hub.user):
        head, is_private = _open_repo(hub, private=private)
        there = list_files(hub, head)
        ours = _claim(hub, content, there, head)
        wanted = {file.path for file in content.files}
        changed = [file for file in content.files if not is_same(file, there.get(file.path))]
        stale = tuple(sorted(ours - wanted))
        kept = tuple(sorted(there.keys() - ours - wanted - _THEIRS))
        sent = tuple(file.path for file in changed)
        if not changed and not stale:
            return Published(head, False, is_private, sent, stale, kept)
        revision = _commit(hub, content.message, changed, stale, head)
    return Published(revision, True, is_private, sent, stale, kept)


def check_files(hub: Hub, files: Sequence[Upload], revision: str) -> None:
    """Raise HubError unless the Hub has every file of a commit as it is here."""
    with plain_hub_errors(f"{hub.url} is published, but could not be checked"):
        there = list_files(hub, revision)
    for file in files:
        if not is_same(file, there.get(file.path)):
            raise HubError(f"{hub.url}: {file.path} is not there as it is here; {AGAIN}")


def list_files(hub: Hub, revision: str) -> dict[str, RepoFile]:
    """List the files of a commit by path."""
    entries = hub.api.list_repo_tree(
        hub.repo_id, recursive=True, revision=revision, repo_type=hub.kind
    )
    return {entry.path: entry for entry in entries if isinstance(entry, RepoFile)}


def is_same(file: Upload, there: RepoFile | None) -> bool:
    """Whether the Hub has the bytes of a file, by the digest that it states."""
    if there is None or there.size != file.size:
        return False
    if there.lfs is not None:
        return bool(there.lfs.sha256 == file.sha256)
    data = file.content if isinstance(file.content, bytes) else file.content.read_bytes()
    return bool(there.blob_id == hashlib.sha1(b"blob %d\0%b" % (len(data), data)).hexdigest())


def _open_repo(hub: Hub, *, private: bool) -> tuple[str, bool]:
    """Find the repository or make it; gives its newest commit, and whether it is private."""
    if not hub.api.repo_exists(hub.repo_id, repo_type=hub.kind):
        # Without --private the default of the user or organisation holds.
        asked = True if private else None
        hub.api.create_repo(hub.repo_id, repo_type=hub.kind, private=asked, exist_ok=True)
    info = hub.api.repo_info(hub.repo_id, repo_type=hub.kind)
    if private and not info.private:
        settings = f"make it private there ({hub.url}/settings) or leave --private out"
        raise HubError(f"{hub.repo_id}: is public already; {settings}")
    return str(info.sha), bool(info.private)


def _claim(hub: Hub, content: Content, there: Mapping[str, RepoFile], head: str) -> set[str]:
    """Tell which of the files that are there are ours, if the repository is."""
    if content.record not in there:
        strange = sorted(there.keys() - _THEIRS)
        if strange:
            shown = ", ".join(strange[:3]) + (", ..." if len(strange) > 3 else "")
            hint = "use another name, or delete them there first"
            raise HubError(f"{hub.repo_id}: holds files that are not of stepcode ({shown}); {hint}")
        return set()
    path = hub.api.hf_hub_download(hub.repo_id, content.record, repo_type=hub.kind, revision=head)
    other = content.why_other(Path(path).read_bytes())
    if other:
        hint = "use another name, or delete that there first"
        raise HubError(f"{hub.repo_id}: holds {other}; {hint}")
    return {path for path in there if content.is_ours(path)}


def _commit(
    hub: Hub, message: str, changed: Sequence[Upload], stale: Sequence[str], head: str
) -> str:
    commit = hub.api.create_commit(
        hub.repo_id,
        list(_operations(changed, stale)),
        commit_message=message,
        repo_type=hub.kind,
        parent_commit=head,  # else two pushes at a time could mix
    )
    return str(commit.oid)


def _operations(
    changed: Sequence[Upload], stale: Sequence[str]
) -> Iterator[CommitOperationAdd | CommitOperationDelete]:
    for file in changed:
        yield CommitOperationAdd(file.path, file.content)
    for path in stale:
        yield CommitOperationDelete(path)
