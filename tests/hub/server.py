"""A Hub on the loopback for the tests: it speaks the Hub's API to the real client, or misbehaves.

    with running_hub(tmp_path / "hub") as hub:
        hub.add("dataset", "user/name", {"data/train.jsonl": b"{}\\n"})
        hub.faults.order("lfs_put", Drop.HALFWAY)
        subprocess.run(command, env=os.environ | hub.environment(tmp_path / "home", token=WRITE))
        assert len(hub.log.of("lfs_put")) == 2

It stands for the Hub as huggingface_hub's own source tells of it, without what no test needs: pull
requests, spaces, gated repositories, Xet. Storage is another port, so another host for the client.
"""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.hub.connections import HubServer
from tests.hub.faults import Faults, Log
from tests.hub.git import File
from tests.hub.repos import Repo, Repos
from tests.hub.routes import HUB_ROUTES, STORAGE_ROUTES
from tests.hub.site import Site


@dataclass(frozen=True, slots=True)
class Hub:
    """A Hub that is running."""

    site: Site
    faults: Faults
    log: Log
    crashes: list[BaseException]
    """What went wrong in the Hub itself; a test of anything else should find none."""

    @property
    def url(self) -> str:
        """What HF_ENDPOINT has to say."""
        return self.site.url

    def environment(self, home: Path, *, token: str | None = None) -> dict[str, str]:
        """Name this Hub to a process whose caches are in `home`."""
        # huggingface_hub 2 uploads by Xet wherever hf_xet is installed, without asking the Hub
        # whether it does: that has to be turned off. It downloads by Xet only where told to.
        return {
            "HF_ENDPOINT": self.url,
            "HF_HOME": str(home),
            "HF_HUB_OFFLINE": "0",
            "HF_HUB_DISABLE_XET": "1",
            "HF_HUB_DISABLE_IMPLICIT_TOKEN": "0",
            "HF_UPDATE_DOWNLOAD_COUNTS": "0",
            "HF_TOKEN": token or "",
            "NO_PROXY": "127.0.0.1",
            "no_proxy": "127.0.0.1",
        }

    def repo(self, kind: str, name: str) -> Repo:
        """A repository that is there."""
        found = self.site.repos.find(kind, name)
        assert found is not None, f"no {kind} {name}"
        return found

    def add(
        self, kind: str, name: str, files: Mapping[str, bytes], *, private: bool = False
    ) -> Repo:
        """Make a repository with these files, as if they had been uploaded."""
        repo = self.site.repos.create(kind, name, private=private)
        assert repo is not None, f"there is a {kind} {name} already"
        return self.change(kind, name, files)

    def change(self, kind: str, name: str, files: Mapping[str, bytes]) -> Repo:
        """Put files into a repository, as a commit on top of what is there."""
        repos, repo = self.site.repos, self.repo(kind, name)
        first = repo.commits[repo.branches["main"]]
        kept: dict[str, File] = {}
        for path, content in files.items():
            by_lfs = repos.is_lfs(first, path, sample=content[:512], size=len(content))
            kept[path] = repos.keep_object(content) if by_lfs else repos.keep_blob(content)
        repo.commit("main", {**first.files, **kept}, author=repo.owner, title="Upload files")
        return repo

    def files(self, kind: str, name: str, revision: str = "main") -> dict[str, bytes]:
        """Read the files of a repository, without asking over HTTP."""
        commit = self.repo(kind, name).find(revision)
        assert commit is not None, f"no revision {revision} of {name}"
        return {
            path: self.site.repos.path(file).read_bytes() for path, file in commit.files.items()
        }

    def corrupt(self, kind: str, name: str, path: str) -> None:
        """Change one byte of what is stored of a file; its names and its size stay."""
        repo = self.repo(kind, name)
        stored = self.site.repos.path(repo.commits[repo.branches["main"]].files[path])
        content = bytearray(stored.read_bytes())
        content[len(content) // 2] ^= 0xFF
        stored.write_bytes(content)


@contextmanager
def running_hub(folder: Path, *, part_bytes: int = 1 << 30) -> Iterator[Hub]:
    """Serve a Hub that keeps what it has in a folder, until the end of the block."""
    faults, log, crashes = Faults(), Log(), list[BaseException]()
    with (
        HubServer(HUB_ROUTES, faults, log, crashes) as web,
        HubServer(STORAGE_ROUTES, faults, log, crashes) as storage,
    ):
        site = Site(Repos(folder), web.url, storage.url, part_bytes)
        with _serving(web, site), _serving(storage, site):
            yield Hub(site, faults, log, crashes)


@contextmanager
def _serving(server: HubServer, site: Site) -> Iterator[None]:
    server.site = site
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.hang_up()
