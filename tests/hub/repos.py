"""The repositories of the tests' Hub: what is in them, who may see them, and their history."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from tests.hub.git import File, commit_name, lfs_file, object_name, regular_file

_MAX_REGULAR_BYTES = 10 << 20
"""From here on the Hub takes a file by LFS only."""

_BY_LFS = """
    7z arrow avro bin bz2 gz h5 joblib lz4 model msgpack npy npz onnx parquet pb pickle pkl pt pth
    rar safetensors tar tflite tgz xz zip zst
"""

_ATTRIBUTES = "".join(f"*.{one} filter=lfs diff=lfs merge=lfs -text\n" for one in _BY_LFS.split())
"""What the Hub puts into a new repository's .gitattributes: which names are LFS's."""


@dataclass(frozen=True, slots=True)
class Commit:
    """One state of a repository."""

    sha: str
    parent: str | None
    author: str
    seconds: int
    title: str
    message: str
    files: Mapping[str, File]


@dataclass(slots=True)
class Repo:
    """A repository; whoever changes it holds its lock."""

    kind: str
    """`model` or `dataset`."""
    name: str
    """With its owner: `user/name`."""
    private: bool
    commits: dict[str, Commit] = field(default_factory=dict)
    branches: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def owner(self) -> str:
        """Who may change it."""
        return self.name.partition("/")[0]

    def find(self, revision: str) -> Commit | None:
        """Find the commit of a branch, a tag or a hash (of 7 digits or more)."""
        known = {f"refs/heads/{name}": sha for name, sha in self.branches.items()}
        sha = (known | self.tags | self.branches).get(revision, revision)
        if len(sha) >= 7:
            for commit in self.commits.values():
                if commit.sha.startswith(sha):
                    return commit
        return None

    def commit(self, branch: str, files: Mapping[str, File], *, author: str, title: str) -> Commit:
        """Add a commit with these files to a branch; `title` may go on with a message."""
        parent, seconds = self.branches.get(branch), int(time.time())
        sha = commit_name(files, parent=parent, author=author, seconds=seconds, message=title)
        first, _, message = title.partition("\n\n")
        commit = Commit(sha, parent, author, seconds, first, message, dict(files))
        self.commits[sha] = commit
        self.branches[branch] = sha
        return commit


class Repos:
    """All repositories, with the contents of their files in a folder."""

    def __init__(self, folder: Path) -> None:
        self._blobs, self._objects = folder / "blobs", folder / "objects"
        self._repos: dict[tuple[str, str], Repo] = {}
        self._lock = threading.Lock()
        for directory in (self._blobs, self._objects):
            directory.mkdir(parents=True)

    def find(self, kind: str, name: str) -> Repo | None:
        """Find a repository."""
        with self._lock:
            return self._repos.get((kind, name))

    def create(self, kind: str, name: str, *, private: bool) -> Repo | None:
        """Make a repository with its first commit, or nothing if there is one of that name."""
        repo = Repo(kind, name, private)
        files = {".gitattributes": self.keep_blob(_ATTRIBUTES.encode())}
        repo.commit("main", files, author=repo.owner, title="initial commit")
        with self._lock:
            return repo if self._repos.setdefault((kind, name), repo) is repo else None

    def delete(self, repo: Repo) -> None:
        """Forget a repository; contents stay."""
        with self._lock:
            self._repos.pop((repo.kind, repo.name), None)

    def keep_blob(self, content: bytes) -> File:
        """Keep the content of a regular file."""
        file = regular_file(content)
        _write(self._blobs / file.oid, content)
        return file

    def keep_object(self, content: bytes) -> File:
        """Keep the content of an LFS file."""
        file = lfs_file(object_name(content), len(content))
        _write(self.object_path(file.etag), content)
        return file

    def object_path(self, sha256: str) -> Path:
        """Where an LFS object is, or would be."""
        return self._objects / sha256

    def path(self, file: File) -> Path:
        """Where the content of a file is."""
        return self.object_path(file.sha256) if file.sha256 else self._blobs / file.oid

    def is_lfs(self, commit: Commit, path: str, *, sample: bytes, size: int) -> bool:
        """Decide by .gitattributes, by size and by content how a file is to be uploaded."""
        attributes = commit.files.get(".gitattributes")
        text = self.path(attributes).read_text() if attributes else ""
        patterns = [line.split()[0] for line in text.splitlines() if "filter=lfs" in line]
        name = path.rpartition("/")[2]
        return (
            size >= _MAX_REGULAR_BYTES
            or b"\0" in sample
            or any(fnmatchcase(path, one) or fnmatchcase(name, one) for one in patterns)
        )


def _write(path: Path, content: bytes) -> None:
    """Write a content under its own name, once, and whole or not at all."""
    if not path.exists():
        part = path.with_name(f"{path.name}.{threading.get_ident()}.part")
        part.write_bytes(content)
        part.replace(path)
