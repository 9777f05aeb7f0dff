"""A provider of OpenID Connect that answers as a test likes."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from agpc.service.identity.oidc import Client, Flow, SignIn
from agpc.service.outbound.fetching import Reach

from ..outbound.other import answering, sent
from .issuer import Issuer, new_key
from .providers import SECRET

CALLBACK = "http://127.0.0.1:9/callback"
HERE = Reach(private=True)


def client(issuer: str, id: str = "agpc", secret: str | None = SECRET) -> SignIn:
    return SignIn(Client(issuer, id, secret, CALLBACK, ("openid", "email", "groups"), HERE))


def flow(**more: Any) -> Flow:
    return Flow.new(now=time.time(), **more)


class Hostile:
    """What a provider answers, which a test changes."""

    def __init__(self) -> None:
        self.keys = Issuer({"k1": new_key("RS256")})
        self.document: dict[str, Any] = {}
        self.claims: dict[str, Any] = {}
        self.flow = flow()
        self.token: str | None = None
        self.status = 200
        self.issuer = ""
        self.asked: list[str] = []

    def answer(self, handler: Any) -> None:
        self.asked.append(handler.path)
        if handler.path.endswith("/openid-configuration"):
            own = {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/auth",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/jwks",
            }
            return sent(handler, json.dumps({**own, **self.document}).encode())
        if handler.path == "/jwks":
            return sent(handler, self.keys.jwks(use="sig"))
        handler.rfile.read(int(handler.headers["content-length"]))
        token = self.token or self.keys.token("k1", "RS256", **{**self.good(), **self.claims})
        return sent(handler, json.dumps({"id_token": token}).encode(), self.status)

    def good(self) -> dict[str, Any]:
        now = int(time.time())
        return {
            "iss": self.issuer,
            "sub": "ann",
            "aud": "agpc",
            "nonce": self.flow.nonce,
            "auth_time": now,
            "exp": now + 60,
        }

    def signs_in(self, **flow_: Any) -> Any:
        sign_in = client(self.issuer)
        self.flow = flow(**flow_)
        sign_in.begin(self.flow)
        return sign_in.complete(self.flow, {"code": "c", "state": self.flow.state})


@contextmanager
def hostile() -> Iterator[Hostile]:
    found = Hostile()
    with answering(found.answer) as here:
        found.issuer = here
        yield found
