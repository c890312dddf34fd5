"""The names that git gives to files, folders and commits, as the Hub shows them."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha1, sha256

Tree = Mapping[str, "File"]
"""The files of a revision by their path."""


@dataclass(frozen=True, slots=True)
class File:
    """A file of a revision."""

    oid: str
    """The name of its blob; of an LFS file, the blob of its pointer."""
    size: int
    """In bytes; of an LFS file, of the object pointed to."""
    sha256: str | None = None
    """The name of the object, for LFS files only."""
    pointer_size: int = 0

    @property
    def etag(self) -> str:
        """What tells one content from another."""
        return self.sha256 or self.oid


def regular_file(content: bytes) -> File:
    """Name a file that git holds itself."""
    return File(_name("blob", content), len(content))


def lfs_file(sha256_hex: str, size: int) -> File:
    """Name a file that git holds a pointer to."""
    pointer = (
        f"version https://git-lfs.github.com/spec/v1\noid sha256:{sha256_hex}\nsize {size}\n"
    ).encode()
    return File(_name("blob", pointer), size, sha256_hex, len(pointer))


def object_name(content: bytes) -> str:
    """Name an LFS object."""
    return sha256(content).hexdigest()


def folders(tree: Tree) -> dict[str, str]:
    """Name every folder of a tree by its path; the root is ''."""
    found: dict[str, str] = {}
    _name_folder("", tree, found)
    return found


def commit_name(tree: Tree, *, parent: str | None, author: str, seconds: int, message: str) -> str:
    """Name a commit."""
    lines = [f"tree {folders(tree)['']}"]
    lines += [f"parent {parent}"] if parent else []
    who = f"{author} <{author}@users.noreply.localhost> {seconds} +0000"
    lines += [f"author {who}", f"committer {who}", "", message, ""]
    return _name("commit", "\n".join(lines).encode())


def _name_folder(path: str, tree: Tree, found: dict[str, str]) -> str:
    """Name a folder, whose files are given by their paths inside it, after those it holds."""
    inside: dict[str, dict[str, File]] = {}
    entries: list[tuple[str, str, str]] = []
    for name, file in tree.items():
        folder, slash, rest = name.partition("/")
        if slash:
            inside.setdefault(folder, {})[rest] = file
        else:
            entries.append((name, "100644", file.oid))
    for folder, files in inside.items():
        name = _name_folder(f"{path}/{folder}".lstrip("/"), files, found)
        entries.append((folder + "/", "40000", name))
    # Git sorts a folder as if its name ended in a slash, and does not write that slash.
    listing = b"".join(
        f"{mode} {name.rstrip('/')}\0".encode() + bytes.fromhex(oid)
        for name, mode, oid in sorted(entries, key=lambda entry: entry[0].encode())
    )
    found[path] = _name("tree", listing)
    return found[path]


def _name(kind: str, content: bytes) -> str:
    return sha1(f"{kind} {len(content)}\0".encode() + content).hexdigest()
