"""Who asks the tests' Hub, what they may see and change, and how it answers who may not."""

from dataclasses import dataclass

from tests.hub.messages import Asked, Refused, refuse
from tests.hub.repos import Commit, Repo, Repos


@dataclass(frozen=True, slots=True)
class Token:
    """What a token stands for."""

    user: str
    may_write: bool = True


WRITE, READ, STRANGER = "hf_write", "hf_read", "hf_stranger"

TOKENS = {
    WRITE: Token("user"),
    READ: Token("user", may_write=False),
    STRANGER: Token("stranger"),
}
"""Two tokens of `user`, one to read only, and one of somebody else."""


def who_asks(asked: Asked) -> Token | None:
    """Tell who asks, nobody if no token is given; a wrong token is refused whatever it is for."""
    given = asked.headers.get("authorization")
    if given is None:
        return None
    scheme, _, secret = given.partition(" ")
    if scheme.lower() != "bearer" or secret not in TOKENS:
        message = "Invalid credentials in Authorization header"
        raise refuse(401, message, headers={"WWW-Authenticate": 'Bearer realm="Authentication"'})
    return TOKENS[secret]


def find_repo(repos: Repos, kind: str, name: str, token: Token | None) -> Repo:
    """Find a repository that is there for whoever asks."""
    repo = repos.find(kind, name)
    if repo is None or (repo.private and (token is None or token.user != repo.owner)):
        raise no_repo(token)
    return repo


def no_repo(token: Token | None) -> Refused:
    """Deny that there is such a repository; who is not known may not even know that."""
    # The Hub leaves out the code where it answers 401, and the client then goes by the address,
    # but by one of https only. Over http it takes the code to be told the same.
    if token is None:
        return refuse(401, "Invalid username or password.", code="RepoNotFound")
    return refuse(404, "Repository not found", code="RepoNotFound")


def require_write(token: Token | None, owner: str, kind: str) -> Token:
    """Let pass who may change what belongs to an owner."""
    if token is None:
        raise refuse(401, "Invalid username or password.")
    if not token.may_write or token.user != owner:
        what = f'create a {kind} under the namespace "{owner}"'
        raise refuse(403, f"Forbidden: You don't have the rights to {what}")
    return token


def find_commit(repo: Repo, revision: str) -> Commit:
    """Find a revision of a repository."""
    commit = repo.find(revision)
    if commit is None:
        raise refuse(404, f"Invalid rev id: {revision}", code="RevisionNotFound")
    return commit
