"""Which address of the tests' Hub is answered by what, and the name of that kind of request."""

import re
from dataclasses import dataclass
from typing import NoReturn
from urllib.parse import unquote

from tests.hub import cards, file_api, repo_api, upload_api
from tests.hub.messages import Asked, refuse
from tests.hub.site import Call, Respond, Site

_AFTER = (
    "revision|tree|paths-info|preupload|commits|commit|refs|branch|tag|settings|auth-check|resolve"
)
_REPO = rf"(?P<repo>[^/]+?(?:/(?!(?:{_AFTER})(?:/|$))[^/]+?)?)"
"""`user/name`, or only `name`: what follows a repository in an address is no part of its name."""

_API = rf"/api/(?P<kind>model|dataset)s/{_REPO}"
_WEB = rf"/(?:(?P<kind>dataset)s/)?{_REPO}"
_REVISION = r"(?P<revision>[^/]+)"


@dataclass(frozen=True, slots=True)
class Route:
    """The requests of a kind."""

    kind: str
    methods: str
    address: str
    respond: Respond


HUB_ROUTES = (
    Route("whoami", "GET", "/api/whoami-v2", repo_api.whoami),
    Route("validate_yaml", "POST", "/api/validate-yaml", cards.validate),
    Route("create_repo", "POST", "/api/repos/create", repo_api.create),
    Route("delete_repo", "DELETE", "/api/repos/delete", repo_api.delete),
    Route("settings", "PUT", rf"{_API}/settings", repo_api.settings),
    Route("auth_check", "GET", rf"{_API}/auth-check(?:/write)?", repo_api.may),
    Route("info", "GET", rf"{_API}(?:/revision/{_REVISION})?", repo_api.describe),
    Route("refs", "GET", rf"{_API}/refs", repo_api.refs),
    Route("branch", "POST", rf"{_API}/branch/{_REVISION}", repo_api.create_branch),
    Route("tag", "POST", rf"{_API}/tag/{_REVISION}", repo_api.create_tag),
    Route("commits", "GET", rf"{_API}/commits/{_REVISION}", repo_api.history),
    Route("tree", "GET", rf"{_API}/tree/{_REVISION}(?:/(?P<path>.+))?", file_api.tree),
    Route("paths_info", "POST", rf"{_API}/paths-info/{_REVISION}", file_api.paths_info),
    Route("preupload", "POST", rf"{_API}/preupload/{_REVISION}", upload_api.preupload),
    Route("commit", "POST", rf"{_API}/commit/{_REVISION}", upload_api.commit),
    Route("lfs_batch", "POST", rf"{_WEB}\.git/info/lfs/objects/batch", upload_api.lfs_batch),
    Route("lfs_verify", "POST", rf"{_WEB}\.git/info/lfs/verify", upload_api.lfs_verify),
    Route(
        "lfs_complete",
        "POST",
        rf"{_WEB}\.git/info/lfs/complete/(?P<oid>[0-9a-f]{{64}})",
        upload_api.lfs_complete,
    ),
    Route("resolve", "GET HEAD", rf"{_WEB}/resolve/{_REVISION}/(?P<path>.+)", file_api.resolve),
)

STORAGE_ROUTES = (
    Route("lfs_put", "PUT", "/objects/(?P<oid>[0-9a-f]{64})", upload_api.lfs_put),
    Route("lfs_get", "GET HEAD", "/objects/(?P<oid>[0-9a-f]{64})", file_api.stored),
)


@dataclass(frozen=True, slots=True)
class Found:
    """The route of a request, and the parts of its address."""

    kind: str
    respond: Respond
    named: dict[str, str]


def find_route(routes: tuple[Route, ...], method: str, path: str) -> Found:
    """Find what answers a request; what is of no kind that is known is `unknown`."""
    for route in routes:
        match = re.fullmatch(route.address, path)
        if match and method in route.methods.split():
            named = {name: unquote(text) for name, text in match.groupdict().items() if text}
            return Found(route.kind, route.respond, {"kind": "model"} | named)
    return Found("unknown", _unknown, {})


def call(found: Found, site: Site, asked: Asked) -> Call:
    """Put together what a request is answered from."""
    return Call(site, asked, found.named)


def _unknown(_: Call) -> NoReturn:
    raise refuse(404, "Sorry, we can't find the page you are looking for.")
