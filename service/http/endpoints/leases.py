"""Leases: they are issued, renewed and revoked, and looked up by whoever is shown a token."""

from __future__ import annotations

import json
import time
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from ...core import Issue, Problem, Renew, Revoke, View
from ...core.operations.problem import not_found
from ...identity.jwt_svid import Verifier
from ...store import Lease, Task
from ...tokens.compact import Refused
from ...tokens.dpop import Proof, proved
from ...tokens.holding import held
from ...tokens.tokens import Tokens, chain_of
from ..contract import answers, bodies
from ..contract.json_responses import json_response
from ..contract.queries import BEFORE, LIMIT, next_of, only, page_in
from ..contract.routes import Exchange, Query, Route, roles
from ..gate.gate import Gate
from ..telemetry.metrics import Metrics
from .face import Core, More
from .reading import ReadingRoutes

OF_TASK = Query("task", "Leases of this task alone.", {"type": "string"})
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
JWT = "urn:ietf:params:oauth:token-type:jwt"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"
PATHS = {"leases": "/v1/leases", "token": "/v1/token", "introspect": "/v1/introspect"}
JWKS = "/.well-known/jwks.json"
_FORM = "application/x-www-form-urlencoded"
_MOST_FIELDS = 16


class OAuthError(Exception):
    """A refusal as RFC 6749 writes it."""

    def __init__(self, code: str, message: str) -> None:
        """Say what is wrong."""
        super().__init__(message)
        self.code, self.message = code, message


def lease_routes(core: Core, tokens: Tokens, svids: Verifier | None = None) -> More:
    """Give what makes the routes of leases; without `svids` no token is exchanged."""

    def make(gate: Gate, metrics: Metrics) -> tuple[Route, ...]:
        return LeaseRoutes(core, ReadingRoutes(core, metrics), tokens, svids).routes()

    return make


class LeaseRoutes:
    """The routes of leases and their tokens."""

    def __init__(
        self, core: Core, reading: ReadingRoutes, tokens: Tokens, svids: Verifier | None
    ) -> None:
        """Keep who does it."""
        self._core, self._reading, self._tokens = core, reading, tokens
        self._svids = svids

    def routes(self) -> tuple[Route, ...]:
        """Give the rows of the table."""
        row = {
            "lease": answers.TEXT,
            "task": answers.TEXT,
            "agent": answers.TEXT,
            "capabilities": answers.listed(answers.TEXT),
            "state": {"type": "string", "enum": ["active", "revoked", "expired"]},
            "issued_at": answers.TIME,
            "decided_at": answers.TIME,
            "expires_at": answers.TIME,
            "renewals_left": {"type": "integer"},
        }
        more = {"ended_at": answers.TIME, "cause": answers.TEXT, "policy": answers.TEXT}
        of_one = {**more, "why": answers.TEXT, "had_ended": {"type": "boolean"}}
        shown = answers.record(row, of_one)
        listed = answers.record({**row, "good": {"type": "boolean"}}, more)
        issued = answers.record(
            {"decision": {"type": "boolean"}},
            {
                **row,
                **more,
                "context": answers.OBJECT,
                "token": answers.TEXT,
                "token_type": answers.TEXT,
            },
        )
        asks = roles("decide", "lease")
        gone = (401, 404, 409)
        form = {"type": "object"}
        return (
            Route(
                "POST", "/v1/leases", asks, self.issue, "Issue a lease, if the policy permits what it is to stand for.",
                takes=bodies.LEASE, reads="json", gives=issued, refuses=gone,
            ),
            Route(
                "POST", "/v1/leases/{id}/renew", asks, self.renew, "Renew a lease, if it would be issued now.",
                takes=bodies.RENEWAL, reads="json", gives=issued, refuses=gone,
            ),
            Route(
                "POST", "/v1/leases/{id}/revoke", roles("decide", "lease", "start", "admin", "approve"), self.revoke,
                "End a lease.",
                takes=bodies.REVOCATION, reads="json", gives=shown, refuses=gone,
            ),
            Route(
                "GET", "/v1/leases", roles("read", "admin"), self.list, "Leases, the latest first.",
                gives=answers.record({"leases": answers.listed(listed), "next": answers.NEXT}),
                query=(OF_TASK, BEFORE, LIMIT),
            ),
            Route(
                "GET", "/v1/leases/{id}", roles("read", "admin"), self.show, "A lease.",
                gives=answers.record({"lease": shown, "good": {"type": "boolean"}}), refuses=(404,),
            ),
            Route(
                "POST", "/v1/introspect", roles("decide", "read", "outcome", "admin"), self.introspect,
                "Whether the lease of a token holds now (RFC 7662).",
                takes=bodies.TOKEN, reads="bytes", form=True, gives=answers.record({"active": {"type": "boolean"}}),
            ),
            Route(
                "POST", "/v1/token", asks, self.exchange,
                "Exchange the JWT-SVID of an agent for a token of one of its tasks (RFC 8693).",
                takes=bodies.EXCHANGE, reads="bytes", form=True, gives=form,
            ),
            Route("GET", JWKS, None, self.keys, "The keys that sign tokens.", gives=form),
        )  # fmt: skip

    # --- Leases -----------------------------------------------------------------------------------

    async def issue(self, exchange: Exchange) -> dict[str, Any]:
        """Issue a lease."""
        body, proof = exchange.body, self._proof(exchange)
        answer = await self._core.do(
            Issue(
                caller=exchange.caller,
                key=body["key"],
                task=body["task"],
                capabilities=tuple(body["capabilities"]),
                context=body.get("context"),
                properties=body.get("properties"),
                proved=None if proof is None else proof.thumbprint,
                proof=None if proof is None else proof.id,
            )
        )
        return await self._with_token(exchange, answer)

    async def renew(self, exchange: Exchange) -> dict[str, Any]:
        """Renew a lease."""
        proof = self._proof(exchange)
        answer = await self._core.do(
            Renew(
                caller=exchange.caller,
                key=exchange.body["key"],
                lease=exchange.id,
                proved=None if proof is None else proof.thumbprint,
                proof=None if proof is None else proof.id,
            )
        )
        return await self._with_token(exchange, answer)

    async def revoke(self, exchange: Exchange) -> dict[str, Any]:
        """End a lease."""
        body = exchange.body
        return await self._core.do(
            Revoke(caller=exchange.caller, key=body["key"], lease=exchange.id, why=body.get("why"))
        )

    async def list(self, exchange: Exchange) -> dict[str, Any]:
        """List leases."""
        given = only(exchange, OF_TASK, BEFORE, LIMIT)
        before, limit = page_in(given)

        def look(view: View) -> dict[str, Any]:
            rows = view.leases(task=given.get("task"), before=before, limit=limit + 1)
            return {
                "leases": [
                    {**view.lease_shown(each), "good": view.is_good(each)} for each in rows[:limit]
                ],
                "next": next_of(rows, limit),
            }

        return await self._reading.read(look)

    async def show(self, exchange: Exchange) -> dict[str, Any]:
        """Show a lease."""
        only(exchange)
        id = exchange.id

        def look(view: View) -> dict[str, Any]:
            row = view.lease(id)
            if row is None:
                raise not_found("lease")
            why = view.why_ended(row)
            told = {} if why is None else {"why": why}
            return {"lease": {**view.lease_shown(row), **told}, "good": view.is_good(row)}

        return await self._reading.read(look)

    # --- Tokens -----------------------------------------------------------------------------------

    async def keys(self, exchange: Exchange) -> Response:
        """Give the keys that sign tokens."""
        response = json_response(self._tokens.keys.published())
        response.headers["cache-control"] = "public, max-age=3600"
        return response

    async def introspect(self, exchange: Exchange) -> dict[str, Any] | Response:
        """Say whether the lease of a token holds. What is no token of ours is not active, and nobody learns why."""
        try:
            text = _form(exchange).get("token")
            if text is None:
                raise OAuthError("invalid_request", "there is no `token`")
        except OAuthError as error:
            return _refused(error)
        try:
            claims = self._tokens.read(text)
        except Refused:
            return {"active": False}
        return await self._reading.read(lambda view: held(claims, view)) or {"active": False}

    async def exchange(self, exchange: Exchange) -> dict[str, Any] | Response:
        """Exchange a JWT-SVID for the token of a lease."""
        try:
            return await self._exchanged(exchange, _form(exchange))
        except OAuthError as error:
            return _refused(error)
        except Problem as problem:
            if problem.status >= 500:
                raise
            return _refused(OAuthError("invalid_request", problem.message))

    async def _exchanged(self, exchange: Exchange, form: dict[str, str]) -> dict[str, Any]:
        if form.get("grant_type") != EXCHANGE:
            raise OAuthError("unsupported_grant_type", "this is for the exchange of tokens alone")
        subject, task = form.get("subject_token"), form.get("task")
        if subject is None or form.get("subject_token_type") != JWT:
            raise OAuthError("invalid_request", f"`subject_token` is a JWT-SVID, of type `{JWT}`")
        if "actor_token" in form or "actor_token_type" in form:
            raise OAuthError("invalid_request", "who acts for whom is known here, and not told")
        if form.get("requested_token_type", ACCESS_TOKEN) not in (ACCESS_TOKEN, JWT):
            raise OAuthError("invalid_request", "no token of that type is given")
        if not {*map(form.get, ("audience", "resource"))} <= {None, *self._tokens.audience}:
            raise OAuthError("invalid_target", "no token is given for that audience")
        capabilities = tuple(dict.fromkeys(form.get("scope", "").split(" ")))
        if task is None or capabilities == ("",):
            raise OAuthError(
                "invalid_request",
                "`task` names the task, and `scope` the capabilities, with a space between two",
            )
        if self._svids is None:
            raise OAuthError("invalid_request", "no trust domain is configured here")
        try:
            agent = self._svids.identify(subject)
        except Refused as error:
            raise OAuthError("invalid_grant", f"`subject_token` is not taken: {error}") from None
        if not exchange.caller.speaks_for(agent) or not await self._is_of(task, agent):
            raise OAuthError("invalid_grant", "the task is none of that agent's")
        proof = self._proof(exchange)
        once = [subject, task, *capabilities, None if proof is None else proof.thumbprint]
        answer = await self._core.do(
            Issue(
                caller=exchange.caller,
                key=f"exchange-{sha256(json.dumps(once).encode()).hexdigest()}",
                task=task,
                capabilities=capabilities,
                proved=None if proof is None else proof.thumbprint,
                proof=None if proof is None else proof.id,
            )
        )
        answer = await self._with_token(exchange, answer)
        if answer["decision"] is not True:
            context = answer["context"]
            why = context["reasons"][0] if context["reasons"] else "people are asked about it"
            raise OAuthError("invalid_scope", why)
        if "token" not in answer:  # it was exchanged before, and the lease has ended since
            raise OAuthError("invalid_grant", "what was given for this has ended")
        return {
            "access_token": answer["token"],
            "issued_token_type": ACCESS_TOKEN,
            "token_type": answer["token_type"],
            "expires_in": answer["expires_in"],
            "scope": " ".join(answer["capabilities"]),
            "lease": answer["lease"],
        }

    async def _is_of(self, task: str, agent: str) -> bool:
        def look(view: View) -> bool:
            row = view.task(task)
            return row is not None and row.agent == agent

        return await self._reading.read(look)

    async def _with_token(self, exchange: Exchange, answer: dict[str, Any]) -> dict[str, Any]:
        """Add the token of a lease that holds now: an answer that is given again is of a lease that may have ended."""
        exchange.told["lease"] = answer.get("decision") is True
        if answer["decision"] is not True:
            return answer
        id = answer["lease"]

        def look(view: View) -> tuple[Lease, Task, list[str], int] | None:
            row = view.lease(id)
            task = None if row is None else view.task(row.task)
            if row is None or task is None or not view.is_good(row):
                return None
            return row, task, chain_of(task, view.task), view.now

        found = await self._reading.read(look)
        if found is None:
            return answer
        lease, task, chain, now = found
        return {
            **answer,
            "token": self._tokens.of(lease, task, chain),
            "token_type": "Bearer" if lease.proved is None else "DPoP",
            "expires_in": max(0, (lease.expires - now) // 10**9),
        }

    def _proof(self, exchange: Exchange) -> Proof | None:
        return proof_of(exchange.request, self._tokens.issuer)


def proof_of(request: Request, issuer: str) -> Proof | None:
    """Read the proof of possession that came along with a request to us, if one did. Raises `Problem`."""
    given = request.headers.getlist("dpop")
    if not given:
        return None
    try:
        if len(given) > 1:
            raise Refused("there are two")
        return proved(given[0], request.method, f"{issuer}{request.url.path}", time.time)
    except Refused as error:
        raise Problem(
            400, "invalid_dpop_proof", f"the proof of possession is not taken: {error}"
        ) from None


def _form(exchange: Exchange) -> dict[str, str]:
    """Read a form. Raises `OAuthError`."""
    media = exchange.request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media != _FORM:
        raise OAuthError("invalid_request", f"the body has to be `{_FORM}`")
    try:
        pairs = parse_qsl(
            exchange.content.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=_MOST_FIELDS,
        )
    except ValueError:
        raise OAuthError("invalid_request", "the form cannot be read") from None
    found = dict(pairs)
    if len(found) != len(pairs):
        raise OAuthError("invalid_request", "a field stands twice")
    return {name: value for name, value in found.items() if value}


def _refused(error: OAuthError) -> Response:
    return json_response({"error": error.code, "error_description": error.message}, 400)
