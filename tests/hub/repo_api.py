"""Repositories as wholes: who asks, create, describe, change, delete, branches, tags, history."""

from datetime import UTC, datetime
from typing import Any

from tests.hub.access import no_repo, require_write
from tests.hub.cards import card_data, tags
from tests.hub.messages import Answer, refuse, say
from tests.hub.repos import Commit, Repo
from tests.hub.site import Call


def whoami(call: Call) -> Answer:
    """Tell who asks."""
    token = call.token
    if token is None:
        raise refuse(401, "Invalid username or password.")
    role = "write" if token.may_write else "read"
    access = {"type": "access_token", "accessToken": {"displayName": "tests", "role": role}}
    who = {"type": "user", "id": token.user, "name": token.user, "fullname": token.user}
    return say(who | {"isPro": False, "orgs": [], "auth": access})


def create(call: Call) -> Answer:
    """Make a repository, in the namespace of whoever asks if none is given."""
    given, token = call.asked.json(), call.token
    kind = str(given.get("type") or "model")
    owner = str(given.get("organization") or (token.user if token else ""))
    token = require_write(token, owner, kind)
    name = f"{owner}/{given['name']}"
    prefix = "" if kind == "model" else f"{kind}s/"
    place = {"url": f"{call.site.url}/{prefix}{name}", "name": name, "id": name}
    private = given.get("private") is True or given.get("visibility") == "private"
    if call.site.repos.create(kind, name, private=private) is None:
        message = f"You already created this {kind} repo: {name}"
        return say({"error": message} | place, status=409, headers={"X-Error-Message": message})
    return say(place)


def delete(call: Call) -> Answer:
    """Delete a repository."""
    given, token = call.asked.json(), call.token
    kind = str(given.get("type") or "model")
    owner = str(given.get("organization") or (token.user if token else ""))
    require_write(token, owner, kind)
    repo = call.site.repos.find(kind, f"{owner}/{given['name']}")
    if repo is None:
        raise no_repo(token)
    call.site.repos.delete(repo)
    return Answer()


def settings(call: Call) -> Answer:
    """Make a repository private or public."""
    repo, _ = call.writable()
    given = call.asked.json()
    repo.private = given.get("private") is True or given.get("visibility") == "private"
    return say({"private": repo.private})


def may(call: Call) -> Answer:
    """Tell whether the repository may be read, or written."""
    call.writable() if call.asked.path.endswith("/write") else call.repo
    return say({})


def describe(call: Call) -> Answer:
    """Describe a repository at a revision."""
    repo = call.repo
    commit = call.commit(repo)
    whole = _description(call, repo, commit)
    if wanted := call.asked.query.get("expand", []) + call.asked.query.get("expand[]", []):
        return say({name: whole[name] for name in whole if name in {"id", "_id", *wanted}})
    return say(whole)


def _description(call: Call, repo: Repo, commit: Commit) -> dict[str, Any]:  # JSON
    data = card_data(call.site.repos, commit)
    first = min(one.seconds for one in repo.commits.values())
    return {
        "_id": repo.name,
        "id": repo.name,
        **({"modelId": repo.name} if repo.kind == "model" else {}),
        "author": repo.owner,
        "sha": commit.sha,
        "createdAt": when(first),
        "lastModified": when(commit.seconds),
        "private": repo.private,
        "gated": False,
        "disabled": False,
        "downloads": 0,
        "likes": 0,
        "tags": tags(data),
        "cardData": data or None,
        "siblings": [
            {"rfilename": path} | (_blob(call, commit, path) if call.asked.flag("blobs") else {})
            for path in sorted(commit.files)
        ],
    }


def _blob(call: Call, commit: Commit, path: str) -> dict[str, Any]:  # JSON
    file = commit.files[path]
    found: dict[str, Any] = {"size": file.size, "blobId": file.oid}
    if file.sha256:
        pointed = {"sha256": file.sha256, "size": file.size, "pointerSize": file.pointer_size}
        found["lfs"] = pointed
    return found


def refs(call: Call) -> Answer:
    """List branches and tags."""
    repo = call.repo
    branches = [_ref("heads", name, sha) for name, sha in sorted(repo.branches.items())]
    tagged = [_ref("tags", name, sha) for name, sha in sorted(repo.tags.items())]
    return say({"branches": branches, "tags": tagged, "converts": [], "pullRequests": []})


def _ref(folder: str, name: str, sha: str) -> dict[str, str]:
    return {"name": name, "ref": f"refs/{folder}/{name}", "targetCommit": sha}


def create_branch(call: Call) -> Answer:
    """Make a branch."""
    repo, _ = call.writable()
    found = repo.find(str(call.asked.json().get("startingPoint") or "main"))
    with repo.lock:
        if call.revision in repo.branches:
            raise refuse(409, f"Reference already exists: refs/heads/{call.revision}")
        if found is None:
            raise refuse(404, "Invalid rev id", code="RevisionNotFound")
        repo.branches[call.revision] = found.sha
    return say({})


def create_tag(call: Call) -> Answer:
    """Name a revision."""
    repo, _ = call.writable()
    commit, name = call.commit(repo), str(call.asked.json()["tag"])
    with repo.lock:
        if name in repo.tags:
            raise refuse(409, f"Tag reference exists already: {name}")
        repo.tags[name] = commit.sha
    return say({})


def history(call: Call) -> Answer:
    """List a revision and those before it, newest first."""
    repo = call.repo
    found: list[dict[str, Any]] = []  # JSON
    commit: Commit | None = call.commit(repo)
    while commit is not None:
        text = {"title": commit.title, "message": commit.message, "date": when(commit.seconds)}
        found.append({"id": commit.sha, "authors": [{"user": commit.author}]} | text)
        commit = repo.commits[commit.parent] if commit.parent else None
    return say(found)


def when(seconds: int) -> str:
    """Write a time as the Hub does."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
