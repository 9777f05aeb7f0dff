"""The one comment of a pipeline on a pull request or merge request: found again by its marker, and renewed.

Anybody may write a comment with the marker in it. So only one by the pipeline's own account is renewed: another one's
could be changed by its author afterwards, under the words of the pipeline.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from ...compiler.structs import Struct
from .. import exits
from .hosts import Host, event_of

TIMEOUT = 30.0  # seconds that an answer may take
MAX_BYTES = 16 * 1024 * 1024  # of an answer
MAX_PAGES = 100  # of comments, 100 each
BOT = "github-actions[bot]"
TOKEN_OF_GITLAB = "AGPC_GITLAB_TOKEN"
MARKER = re.compile(r"<!-- agpc [a-z]+ -->(?=\n|\Z)")


class TokenRefused(Exception):
    """The token may not do that."""


class Untold(Exception):
    """There is nothing to comment on, or nobody who may; the message says why."""


class Api(Struct):
    """A REST interface: where it is, and what is sent with every request."""

    address: str
    headers: Mapping[str, str]

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """Send a request, and give the answer. Raises `Refused`, and `Failure` for everything else."""
        from http.client import HTTPException
        from urllib.error import HTTPError
        from urllib.request import Request, build_opener

        data = None if body is None else json.dumps(body).encode()
        headers = {"Accept": "application/json", "User-Agent": "agpc", **self.headers}
        if data is not None:
            headers["Content-Type"] = "application/json"
        try:
            request = Request(f"{self.address}{path}", data, headers, method=method)
            if request.type not in ("http", "https"):
                raise exits.Failure(f"`{self.address}` is not the address of an interface")
            with build_opener(_stay()).open(request, timeout=TIMEOUT) as answer:
                content = answer.read(MAX_BYTES + 1)
        except HTTPError as error:
            if error.code in (401, 403):
                raise TokenRefused(f"{error.code} {error.reason}") from None
            raise exits.Failure(f"{method} {path}: {error.code} {error.reason}") from None
        except (OSError, ValueError, HTTPException) as error:
            raise exits.Failure(f"{method} {path}: {error}") from None
        try:
            return json.loads(content[:MAX_BYTES])
        except (ValueError, RecursionError):
            raise exits.Failure(f"{method} {path}: the answer is not JSON") from None

    def pages(self, path: str) -> Iterator[Any]:
        """All that a list holds, page by page."""
        for page in range(1, MAX_PAGES + 1):
            found = self.ask("GET", f"{path}?per_page=100&page={page}")
            if not isinstance(found, list):
                raise exits.Failure(f"the answer to GET {path} is not a list")
            yield from found
            if len(found) < 100:
                return


def _stay() -> Any:
    """What follows no redirect, which could lead the token elsewhere."""
    from urllib.request import HTTPRedirectHandler

    class Stay(HTTPRedirectHandler):
        def redirect_request(self, *_: Any) -> None:
            return None

    return Stay()


class CommentPlace(Struct):
    """Where the comment goes: its list, where one of it is, how it is renewed, and whose are ours."""

    api: Api
    comments: str
    one: str
    renewing: str
    is_ours: Callable[[Mapping[str, Any]], bool]


def put(place: CommentPlace, body: str) -> str:
    """Write the comment or renew it, and say which. Raises as `Api.ask` does."""
    marker = marker_of(body)
    for each in place.api.pages(place.comments):
        if not isinstance(each, dict) or type(each.get("id")) is not int:
            continue
        said = each.get("body")
        if isinstance(said, str) and marker_of(said) == marker and place.is_ours(each):
            if said.replace("\r\n", "\n").strip() == body.strip():
                return "unchanged"
            place.api.ask(place.renewing, f"{place.one}/{each['id']}", {"body": body})
            return "renewed"
    place.api.ask("POST", place.comments, {"body": body})
    return "written"


def marker_of(text: str) -> str | None:
    """The marker at the start of a comment."""
    found = MARKER.match(text.replace("\r\n", "\n"))
    return None if found is None else found[0]


def place_of(host: Host, environment: Mapping[str, str], author: str) -> CommentPlace:
    """Where the comment of this pipeline goes. Raises `Untold`."""
    if host.kind == "github":
        return _on_github(environment, author)
    if host.kind == "gitlab":
        return _on_gitlab(environment)
    raise Untold("this is no pipeline of GitHub or GitLab")


def _on_github(environment: Mapping[str, str], author: str) -> CommentPlace:
    try:
        about = event_of(environment).get("pull_request")
    except ValueError as error:
        raise exits.Failure(str(error)) from None
    if not isinstance(about, dict) or type(about.get("number")) is not int:
        raise Untold("this is no pipeline of a pull request")
    repository = environment.get("GITHUB_REPOSITORY", "")
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", repository, re.ASCII):
        raise exits.Failure("`GITHUB_REPOSITORY` names no repository")
    if _repository(about, "head") != repository:
        raise Untold("the change comes from a fork, for which the token cannot write")
    token = environment.get("GITHUB_TOKEN")
    if not token:
        raise Untold("there is no `GITHUB_TOKEN`")
    issues = f"/repos/{repository}/issues"
    api = Api(
        environment.get("GITHUB_API_URL", "https://api.github.com").rstrip("/"),
        {"Authorization": f"Bearer {token}", "X-GitHub-Api-Version": "2022-11-28"},
    )

    def is_ours(comment: Mapping[str, Any]) -> bool:
        user = comment.get("user")
        return isinstance(user, dict) and user.get("login") == author

    return CommentPlace(
        api, f"{issues}/{about['number']}/comments", f"{issues}/comments", "PATCH", is_ours
    )


def _repository(about: Mapping[str, Any], side: str) -> object:
    found: Any = about.get(side)
    for key in ("repo", "full_name"):
        found = found.get(key) if isinstance(found, dict) else None
    return found


def _on_gitlab(environment: Mapping[str, str]) -> CommentPlace:
    number = environment.get("CI_MERGE_REQUEST_IID", "")
    if not re.fullmatch("[0-9]+", number):
        raise Untold("this is no pipeline of a merge request")
    token = environment.get(TOKEN_OF_GITLAB)
    if not token:
        raise Untold(f"there is no `{TOKEN_OF_GITLAB}`")
    address = environment.get("CI_API_V4_URL", "")
    project = quote(environment.get("CI_MERGE_REQUEST_PROJECT_ID", ""), safe="")
    if not address or not project:
        raise exits.Failure("`CI_API_V4_URL` and `CI_MERGE_REQUEST_PROJECT_ID` have to be there")
    api = Api(address.rstrip("/"), {"PRIVATE-TOKEN": token})
    me = api.ask("GET", "/user")
    id = me.get("id") if isinstance(me, dict) else None
    if type(id) is not int:
        raise exits.Failure("the answer to GET /user names nobody")

    def is_ours(note: Mapping[str, Any]) -> bool:
        author = note.get("author")
        return isinstance(author, dict) and author.get("id") == id

    notes = f"/projects/{project}/merge_requests/{number}/notes"
    return CommentPlace(api, notes, notes, "PUT", is_ours)
