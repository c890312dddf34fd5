"""The files of a repository: listed, described, and sent; large ones from the storage."""

import re
from typing import Any
from urllib.parse import quote, urlencode

from tests.hub.git import File, folders
from tests.hub.messages import Answer, refuse, say
from tests.hub.repo_api import when
from tests.hub.repos import Commit
from tests.hub.site import Call

_PAGE = 1000
"""The Hub lists so many files at once, and names the next page in a header."""


def tree(call: Call) -> Answer:
    """List a folder, with what is in its folders if asked to."""
    commit = call.commit(call.repo)
    path = call.named.get("path") or ""
    entries = _entries(commit, path, recursive=call.asked.flag("recursive"))
    if path and not entries:
        raise _no_entry(commit, f"{path} does not exist on {call.revision!r}")
    first = int(call.asked.query.get("cursor", ["0"])[0])
    page = [
        _shown(commit, one, expand=call.asked.flag("expand")) for one in entries[first:][:_PAGE]
    ]
    more = {"Link": _next_page(call, first + _PAGE)} if len(entries) > first + _PAGE else {}
    return say(page, headers=more)


def paths_info(call: Call) -> Answer:
    """Describe files and folders, saying nothing of those that are not there."""
    commit, form = call.commit(call.repo), call.asked.form()
    named = {path.strip("/") for path in form.get("paths", [])}
    expand = form.get("expand", ["false"])[0].lower() == "true"
    there = [one for one in _entries(commit, "", recursive=True) if one in named]
    return say([_shown(commit, one, expand=expand) for one in there])


def _entries(commit: Commit, folder: str, *, recursive: bool) -> list[str]:
    """Name the files and folders below a folder."""
    start = f"{folder}/" if folder else ""
    below = [path for path in [*commit.files, *folders(commit.files)] if path]
    return sorted(
        path
        for path in below
        if path.startswith(start) and (recursive or "/" not in path[len(start) :])
    )


def _shown(commit: Commit, path: str, *, expand: bool) -> dict[str, Any]:  # JSON
    file = commit.files.get(path)
    if file is None:
        shown: dict[str, Any] = {"type": "directory", "oid": folders(commit.files)[path], "size": 0}
    else:
        shown = {"type": "file", "oid": file.oid, "size": file.size}
    if file is not None and file.sha256:
        pointed = {"oid": file.sha256, "size": file.size, "pointerSize": file.pointer_size}
        shown["lfs"] = pointed
    if expand:
        date = when(commit.seconds)
        shown["lastCommit"] = {"id": commit.sha, "title": commit.title, "date": date}
    return shown | {"path": path}


def _next_page(call: Call, cursor: int) -> str:
    query = {name: values[0] for name, values in call.asked.query.items()} | {"cursor": cursor}
    return f'<{call.site.url}{call.asked.path}?{urlencode(query)}>; rel="next"'


def resolve(call: Call) -> Answer:
    """Send a file, or say where the storage has it."""
    commit = call.commit(call.repo)
    file = commit.files.get(call.named["path"])
    if file is None:
        raise _no_entry(commit, "Entry not found")
    headers = {"X-Repo-Commit": commit.sha, "Accept-Ranges": "bytes", "ETag": f'"{file.etag}"'}
    if not file.sha256:
        return _content(call, file, headers)
    name = quote(call.named["path"].rpartition("/")[2])
    where = f"{call.site.storage_url}/objects/{file.sha256}?signed=yes&name={name}"
    linked = {"X-Linked-Size": str(file.size), "X-Linked-ETag": f'"{file.sha256}"'}
    return Answer(302, headers=headers | linked | {"Location": where})


def stored(call: Call) -> Answer:
    """Send an object from the storage, to whoever has a signed address."""
    name = call.named["oid"]
    path = call.site.repos.object_path(name)
    if "signed" not in call.asked.query:
        raise refuse(403, "Access denied")
    if not path.is_file():
        raise refuse(404, "No such object")
    headers = {"Accept-Ranges": "bytes", "ETag": f'"{name}"'}
    return _content(call, File("", path.stat().st_size, name), headers)


def _content(call: Call, file: File, headers: dict[str, str]) -> Answer:
    """Send the part of a file that is asked for, or all of it."""
    kind = {"Content-Type": "application/octet-stream"} | headers
    path, size = call.site.repos.path(file), file.size
    part = re.fullmatch(r"bytes=(\d*)-(\d*)", call.asked.headers.get("range", ""))
    if part is None:
        return Answer(200, b"", kind, path, 0, size)
    first, last = part.groups()
    start = int(first) if first else max(0, size - int(last or 0))
    end = min(int(last) + 1, size) if first and last else size
    if start >= end:
        raise refuse(416, "range not satisfiable", headers={"Content-Range": f"bytes */{size}"})
    kind["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    return Answer(206, b"", kind, path, start, end)


def _no_entry(commit: Commit, message: str) -> Exception:
    return refuse(404, message, code="EntryNotFound", headers={"X-Repo-Commit": commit.sha})
