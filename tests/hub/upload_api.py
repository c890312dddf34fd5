"""Uploads: how each file is to go up, the objects of LFS, and the commit that names them all."""

import base64
import json
from typing import Any

from tests.hub.cards import check_card
from tests.hub.git import File, lfs_file, object_name
from tests.hub.messages import Answer, refuse, say
from tests.hub.repos import Commit
from tests.hub.site import Call

_LFS = {"Content-Type": "application/vnd.git-lfs+json"}


def preupload(call: Call) -> Answer:
    """Tell of each file whether it goes up by LFS or within the commit, and what is there now."""
    repo, _ = call.writable()
    commit, found = call.commit(repo), []
    for given in call.asked.json().get("files", []):
        path, sample = str(given["path"]), base64.b64decode(given.get("sample", ""))
        by_lfs = call.site.repos.is_lfs(commit, path, sample=sample, size=int(given["size"]))
        there = commit.files.get(path)
        oid = {"oid": there.etag} if there else {}
        mode = "lfs" if by_lfs else "regular"
        found.append({"path": path, "uploadMode": mode, "shouldIgnore": False} | oid)
    return say({"files": found})


def lfs_batch(call: Call) -> Answer:
    """Tell where each object is to be put, unless it is there already."""
    call.writable()
    asked = call.asked.json()
    objects = [_batch_object(call, one) for one in asked.get("objects", [])]
    return say({"transfer": "basic", "objects": objects}, headers=_LFS)


def _batch_object(call: Call, given: dict[str, Any]) -> dict[str, Any]:  # JSON
    name, size = str(given["oid"]), int(given["size"])
    found: dict[str, Any] = {"oid": name, "size": size, "authenticated": True}
    if call.site.repos.object_path(name).is_file():
        return found
    place = f"{call.site.storage_url}/objects/{name}"
    verify = {"href": f"{_repo_url(call)}.git/info/lfs/verify", "header": {}}
    upload: dict[str, Any] = {"href": f"{place}?signed=yes", "header": {}}
    if size > call.site.part_bytes:
        count = -(-size // call.site.part_bytes)
        parts = {str(i): f"{place}?signed=yes&part={i}" for i in range(1, count + 1)}
        whole = f"{_repo_url(call)}.git/info/lfs/complete/{name}"
        upload = {"href": whole, "header": {"chunk_size": str(call.site.part_bytes)} | parts}
    return found | {"actions": {"upload": upload, "verify": verify}}


def _repo_url(call: Call) -> str:
    prefix = "" if call.named["kind"] == "model" else f"{call.named['kind']}s/"
    return f"{call.site.url}/{prefix}{call.named['repo']}"


def lfs_put(call: Call) -> Answer:
    """Take an object, or a part of one, into the storage."""
    body, name = call.asked.body, call.named["oid"]
    if "signed" not in call.asked.query:
        raise refuse(403, "Access denied")
    etag = {"ETag": f'"{object_name(body)}"'}
    if number := call.asked.query.get("part", [""])[0]:
        call.site.repos.object_path(f"{name}.{int(number)}.part").write_bytes(body)
    elif object_name(body) != name:
        raise refuse(400, "BadDigest: the content is not what the address names")
    else:
        call.site.repos.keep_object(body)
    return Answer(200, headers=etag)


def lfs_complete(call: Call) -> Answer:
    """Put an object together from its parts."""
    name, repos = call.named["oid"], call.site.repos
    listed = sorted(call.asked.json()["parts"], key=lambda part: int(part["partNumber"]))
    paths = [repos.object_path(f"{name}.{part['partNumber']}.part") for part in listed]
    if not all(path.is_file() for path in paths):
        raise refuse(400, "a part is missing")
    body = b"".join(path.read_bytes() for path in paths)
    if object_name(body) != name:
        raise refuse(400, "the parts are not what the address names")
    repos.keep_object(body)
    for path in paths:
        path.unlink()
    return say({"success": True})


def lfs_verify(call: Call) -> Answer:
    """Tell whether an object arrived."""
    call.writable()
    given = call.asked.json()
    path = call.site.repos.object_path(str(given["oid"]))
    if not path.is_file() or path.stat().st_size != int(given["size"]):
        raise refuse(404, "the object was not uploaded")
    return say({"success": True}, headers=_LFS)


def commit(call: Call) -> Answer:
    """Change a branch by all that the lines say, or not at all."""
    repo, token = call.writable()
    if call.asked.flag("create_pr"):
        raise refuse(501, "this Hub has no pull requests")
    lines = [json.loads(line) for line in call.asked.body.splitlines() if line.strip()]
    header: dict[str, str] = next((one["value"] for one in lines if one["key"] == "header"), {})
    with repo.lock:
        parent = call.commit(repo)
        if call.revision not in repo.branches:
            raise refuse(400, "commits go to branches only")
        if header.get("parentCommit", parent.sha) != parent.sha:
            message = "A commit has happened since. Please refresh and try again."
            raise refuse(412, message)
        title = "\n\n".join(filter(None, [header["summary"], header.get("description")]))
        files = _changed(call, parent, lines)
        made = repo.commit(call.revision, files, author=token.user, title=title)
    url = f"{_repo_url(call)}/commit/{made.sha}"
    return say({"success": True, "commitOid": made.sha, "commitUrl": url, "hookOutput": ""})


def _changed(call: Call, parent: Commit, lines: list[dict[str, Any]]) -> dict[str, File]:
    files = dict(parent.files)
    for line in lines:
        path = str(line["value"].get("path", ""))
        match line["key"]:
            case "file":
                content = base64.b64decode(line["value"]["content"])
                files[path] = _kept(call, path, content)
            case "lfsFile":
                files[path] = _pointed(call, line["value"])
            case "deletedFile":
                if files.pop(path, None) is None:
                    raise refuse(404, "A file with this name doesn't exist", code="EntryNotFound")
            case "deletedFolder":
                inside = [one for one in files if one.startswith(path.rstrip("/") + "/")]
                for one in inside:
                    del files[one]
    return files


def _kept(call: Call, path: str, content: bytes) -> File:
    if path == "README.md" and (errors := check_card(content.decode("utf-8", "replace"))[0]):
        raise refuse(400, f"Invalid metadata in README.md: {errors[0]}")
    return call.site.repos.keep_blob(content)


def _pointed(call: Call, value: dict[str, Any]) -> File:
    path = call.site.repos.object_path(str(value["oid"]))
    if not path.is_file():
        raise refuse(400, "Your push was rejected: an LFS pointer points to no uploaded object")
    return lfs_file(str(value["oid"]), path.stat().st_size)
