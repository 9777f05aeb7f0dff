"""Requests for access (AuthZEN's Access Request and Approval Profile, a draft): what binds one to the denial that it is
about, the names of tasks and approvals, and how they are written. No HTTP.

A denial that may be asked about carries a token that we alone can make: for whom it is, until when, and the digest of what was
denied. So nothing has to be kept of a denial, and nothing is asked that was not denied. Names of tasks and approvals
are those of requests to people with a part that nobody guesses; who has one still has to speak for the agent.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from ...runtime.call import fields_of
from ...runtime.time_text import format_time
from ...runtime.values import NANOSECONDS
from ..base64url import decoded, encoded

REQUESTS = "/access/v1/requests"
PROFILE = "authzen-access-request-approval-profile-1_0, draft 1 (read in November 2026)"
LASTS = 600  # seconds in which a denial may be asked about
MOST_TOKEN = 4_096
MACHINERY = frozenset(
    {"approval", "access_request", "evaluation_id", "evaluated_at", "reason", "time"}
)
"""What a context may hold that is about the profile itself, or about the moment: no denial is bound to it."""
_TYPE = "arap-binding+jwt"
_TASK, _APPROVAL = "arq", "apr"


class NotBound(Exception):
    """A request for access is not about a denial of ours: the code says why, and the message for people."""

    def __init__(self, code: str, why: str) -> None:
        """Say why."""
        super().__init__(why)
        self.code = code


@dataclass(frozen=True, slots=True)
class Access:
    """What makes and reads all of it. `key` is for nothing else; `url` is where others reach the service."""

    key: bytes
    url: str

    # --- Denials ----------------------------------------------------------------------------------

    def denial(
        self, caller: str, request: Mapping[str, Any], template: str, now: int
    ) -> dict[str, Any] | None:
        """Give what a denial carries that may be asked about; None where it would be too large. `now` is in seconds since 1970."""
        ends = now + LASTS
        members = sorted(fields_of(request.get("context")).keys() - MACHINERY)
        claims = {
            "iss": self.url,
            "aud": self.url,
            "sub": caller,
            "iat": now,
            "exp": ends,
            "binding_context_members": members,
            "denied": _digest(request, members),
        }
        token = self._signed(claims)
        if len(token) > MOST_TOKEN:
            return None
        return {
            "endpoint": self.url + REQUESTS,
            "template": template,
            "expires_at": format_time(ends * NANOSECONDS),
            "binding_token": token,
        }

    def denied(self, caller: str, body: Mapping[str, Any], now: int) -> dict[str, Any]:
        """Give the request that was denied, as it was then. Raises `NotBound` if it was not, or too long ago."""
        denial = fields_of(body.get("denial"))
        claims = self._read(denial.get("binding_token"))
        if claims["sub"] != caller:
            raise NotBound("invalid_denial_binding", "the denial was another caller's")
        if denial.get("expires_at") != format_time(claims["exp"] * NANOSECONDS):
            raise NotBound(
                "invalid_denial_binding", "`denial.expires_at` is not that of the denial"
            )
        if now >= claims["exp"]:
            raise NotBound(
                "expired_denial", "the denial is too old to be asked about: evaluate the call again"
            )
        members, given = claims["binding_context_members"], fields_of(body.get("context"))
        if claims["denied"] != _digest(body, members):
            raise NotBound("invalid_denial_binding", "what is asked for is not what was denied")
        asked = {name: body[name] for name in ("subject", "action", "resource")}
        return {**asked, "context": {name: given[name] for name in members}}

    def _signed(self, claims: Mapping[str, Any]) -> str:
        head = encoded(json.dumps({"alg": "HS256", "typ": _TYPE}).encode())
        told = f"{head}.{encoded(json.dumps(claims, sort_keys=True).encode())}"
        return f"{told}.{encoded(self._mac(told))}"

    def _read(self, token: Any) -> dict[str, Any]:
        if type(token) is not str or len(token) > MOST_TOKEN or not token.isascii():
            raise NotBound(
                "invalid_denial_binding", "`denial.binding_token` is missing, or is no token"
            )
        told, _, mac = token.rpartition(".")
        if not hmac.compare_digest(encoded(self._mac(told)), mac):
            raise NotBound("invalid_denial_binding", "`denial.binding_token` is none of ours")
        claims = told.partition(".")[2]
        found: dict[str, Any] = json.loads(decoded(claims))
        return found

    def _mac(self, text: str) -> bytes:
        return hmac.digest(self.key, text.encode(), "sha256")

    # --- Names ------------------------------------------------------------------------------------

    def task(self, request: str) -> str:
        """Name the task that a request to people is here."""
        return self._named(_TASK, request)

    def request_of_task(self, name: object) -> str | None:
        """Give the request that a task names; None if it names none."""
        return self._request_of(_TASK, name)

    def approval(self, request: str) -> str:
        """Name the approval that completes a request to people."""
        return self._named(_APPROVAL, request)

    def request_of_approval(self, name: object) -> str | None:
        """Give the request whose approval this names; None if it names none."""
        return self._request_of(_APPROVAL, name)

    def _named(self, kind: str, request: str) -> str:
        return f"{kind}_{encoded(self._mac(f'{kind} {request}'))[:27]}_{request}"

    def _request_of(self, kind: str, name: object) -> str | None:
        if type(name) is not str or len(name) > 256 or not name.isascii():
            return None
        request = name.rpartition("_")[2]
        return request if hmac.compare_digest(self._named(kind, request), name) else None

    # --- Tasks ------------------------------------------------------------------------------------

    def task_shown(
        self, request: str, status: str, expires: int, *, approved_at: int | None, said: str | None
    ) -> dict[str, Any]:
        """Write a task, with its result where it was approved."""
        name = self.task(request)
        place = f"{self.url}{REQUESTS}/{name}"
        task: dict[str, Any] = {
            "id": name,
            "status": status,
            "status_endpoint": place,
            "expires_at": format_time(expires),
            "links": {"review": f"{self.url}/requests/{request}"},
        }
        if status == "pending":
            task["links"]["cancel"] = f"{place}/cancel"
        if said is not None:
            task["display"] = {"description": said}
        if status != "approved":
            return {"task": task}
        approval: dict[str, Any] = {
            "id": self.approval(request),
            "approved_until": format_time(expires),
        }
        if approved_at is not None:
            approval["approved_at"] = format_time(approved_at)
        return {"task": task, "result": {"mode": "reevaluate", "approval": approval}}


def approval_in(request: Mapping[str, Any]) -> tuple[dict[str, Any], object]:
    """Give an evaluation without the approval that it brings, and how that is named; None if it brings none of a profile's form."""
    context = request.get("context")
    given = fields_of(fields_of(context).get("approval"))
    name = given.get("id")
    if type(context) is not dict or type(name) is not str or not name.startswith(f"{_APPROVAL}_"):
        return dict(request), None
    rest = {each: value for each, value in context.items() if each != "approval"}
    return {**request, "context": rest}, name


def _digest(request: Mapping[str, Any], members: list[str]) -> str:
    """Give the digest of what was denied; what is not there is another thing than null."""
    context = fields_of(request.get("context"))
    told = {
        **{name: request.get(name) for name in ("subject", "action", "resource")},
        "context": {name: context[name] for name in members if name in context},
    }
    return encoded(sha256(json.dumps(told, sort_keys=True).encode()).digest())
