"""What the answers of the tests' Hub are made from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.hub.access import Token, find_commit, find_repo, require_write, who_asks
from tests.hub.messages import Answer, Asked
from tests.hub.repos import Commit, Repo, Repos


@dataclass(frozen=True, slots=True)
class Site:
    """The Hub, and the storage beside it, which is another host for the client."""

    repos: Repos
    url: str
    storage_url: str
    part_bytes: int
    """Objects larger than this are uploaded in parts of so many bytes."""


@dataclass(frozen=True, slots=True)
class Call:
    """A request, and what its address says."""

    site: Site
    asked: Asked
    named: Mapping[str, str]
    """The parts of the address: `kind`, `repo`, `revision`, `path`."""

    @property
    def token(self) -> Token | None:
        """Who asks."""
        return who_asks(self.asked)

    @property
    def repo(self) -> Repo:
        """The repository asked about."""
        return find_repo(self.site.repos, self.named["kind"], self.named["repo"], self.token)

    @property
    def revision(self) -> str:
        """The revision asked about."""
        return self.named.get("revision") or "main"

    def commit(self, repo: Repo) -> Commit:
        """Find the revision asked about."""
        return find_commit(repo, self.revision)

    def writable(self) -> tuple[Repo, Token]:
        """The repository asked about, if whoever asks may change it, and who that is."""
        repo = self.repo
        return repo, require_write(self.token, repo.owner, repo.kind)


Respond = Callable[[Call], Answer]
