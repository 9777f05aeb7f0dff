"""A transmitter for tests: its keys, the tokens that it signs, good and bad, and where they lie to be fetched."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from agpc.service.identity.bundles import Bundles, Source
from agpc.service.outbound.fetching import Reach
from agpc.service.signals.meanings import NAMES
from agpc.service.signals.reading import Transmitter, Transmitters
from agpc.service.signals.subjects import IdentifierReading

from ..identity.issuer import Issuer
from ..outbound.other import answering, sent

ISSUER = "https://id.example"
US = "https://agp.acme.example"
REVOKED = NAMES["session-revoked"]
JOE = {"format": "iss_sub", "iss": ISSUER, "sub": "joe"}


@dataclass
class Sender(Issuer):
    """Who signs events."""

    count: int = 0

    def set(self, *, kid: str = "k1", key: Any = None, header: Any = None, **claims: Any) -> str:
        """An event, good if nothing else is said; a claim of None is left out."""
        self.count += 1
        told = {
            "iss": ISSUER,
            "aud": US,
            "iat": int(time.time()),
            "jti": f"e-{self.count}",
            "sub_id": JOE,
            "events": {REVOKED: {}},
            "exp": None,
            "sub": None,
            **claims,
        }
        head = {"typ": "secevent+jwt", **(header or {})}
        return self.token(kid, key=key, header=head, **told)


def known(sender: Sender, url: str, **more: Any) -> Transmitters:
    """What a service knows of a transmitter, with the keys that lie at a URL."""
    told: dict[str, Any] = {
        "name": "id",
        "issuer": ISSUER,
        "audience": (US,),
        "caller": "okta",
        "agents": (),
        "people": IdentifierReading((ISSUER,), "user:"),
        "chosen": {},
        **more,
    }
    bundles = Bundles([Source("id", f"{url}/keys", Reach(private=True))])
    found = Transmitters([Transmitter(**told)], bundles)
    bundles.refresh(all=True)
    return found


@dataclass
class Lying:
    """Where events lie: what is acknowledged goes."""

    sender: Sender
    sets: dict[str, object] = field(default_factory=dict)
    asked: list[dict[str, Any]] = field(default_factory=list)
    refused: dict[str, Any] = field(default_factory=dict)
    answers: list[bytes] = field(default_factory=list)
    most: int = 1000

    def __call__(self, handler: BaseHTTPRequestHandler) -> None:
        if handler.path == "/keys":
            return sent(handler, self.sender.jwks(use="sig"))
        body = json.loads(handler.rfile.read(int(handler.headers["content-length"])))
        assert handler.headers["authorization"] == "Bearer ours"
        self.asked.append(body)
        self.refused.update(body.get("setErrs", {}))
        for name in (*body.get("ack", ()), *body.get("setErrs", {})):
            self.sets.pop(name, None)
        if self.answers:
            return sent(handler, self.answers.pop(0))
        given = list(self.sets.items())[: min(self.most, body["maxEvents"])]
        told = {"sets": dict(given), "moreAvailable": len(given) < len(self.sets)}
        return sent(handler, json.dumps(told).encode())


@contextmanager
def lying() -> Iterator[tuple[Lying, str]]:
    """A transmitter that runs, and its URL."""
    found = Lying(Sender())
    with answering(found) as url:
        yield found, url
