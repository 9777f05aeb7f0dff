"""A house that hears events of one who sends them, and whose leases end by these."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from joserfc.jwk import ECKey

from agpc.audit.reading.notes import LogKey
from agpc.audit.reading.trail import StoredTrail
from agpc.audit.verify import verify
from agpc.service.audit.notes import Signer
from agpc.service.core import (
    SYSTEM,
    Issue,
    Publish,
    SignIn,
    Start,
)
from agpc.service.http.endpoints.hearing import hearing_routes
from agpc.service.http.gate.callers import hashed
from agpc.service.signals.reading import Transmitters

from ..core.chains import GATEWAY, INSIDE
from ..core.desk import HELPER, OTHER, Desk, opened, policy, start
from ..http.served import Answer, Served, serving
from ..identity.issuer import new_key, unsigned
from .transmitting import ISSUER, JOE, REVOKED, US, Lying, Sender, known, lying

SIGNER = Signer.generate("log.example/desk")


class House:
    """A service with a transmitter that it believes."""

    def __init__(self, desk: Desk, served: Served, there: Lying, url: str) -> None:
        self.desk, self.served, self.there, self.url = desk, served, there, url

    def push(
        self, text: str, *, key: str = "okta", media: str = "application/secevent+jwt"
    ) -> Answer:
        return self.served.ask(
            "POST", "/ssf/events", key=key, content=text.encode(), headers={"content-type": media}
        )

    def told(self, **claims: Any) -> None:
        """Bring an event that is taken in."""
        answer = self.push(self.there.sender.set(**claims))
        assert (answer.status, answer.content) == (202, b""), answer

    def task(self, user: str = "user:joe", agent: str = HELPER, inside: str | None = None) -> str:
        intent = "answer" if agent == HELPER else "look"
        request = start(intent=intent, task=inside)
        if inside is None:
            request["subject"]["id"] = agent
            request["context"] = {"user": {"id": user}}
        else:
            request["subject"]["id"] = OTHER
        operation = Start(
            caller=GATEWAY, key=self.desk.key(), request=request, agent=inside and agent
        )
        found: str = self.desk.do(operation)["task"]["id"]
        return found

    def lease(self, task: str, **context: Any) -> str:
        issue = Issue(
            caller=GATEWAY, key=self.desk.key(), task=task, capabilities=("desk.shop.peek",),
            context={"delegation": [], **context},
        )  # fmt: skip
        found: str = self.desk.do(issue)["lease"]
        return found

    def is_good(self, lease: str) -> bool:
        with self.desk.core.view() as view:
            found = view.lease(lease)
            assert found is not None
            return view.is_good(found)

    def bodies(self, kind: str) -> list[dict[str, Any]]:
        with self.desk.core.view() as view:
            found = view.events(0, view.head.seq)
            return [json.loads(bytes(each.body or b"{}")) for each in found if each.kind == kind]


@contextmanager
def a_house(url: str) -> Iterator[House]:
    with (
        opened(url, policy(INSIDE), signer=SIGNER) as desk,
        lying() as (there, where),
        served_with(desk, known(there.sender, where, agents=(HELPER, OTHER))) as served,
    ):
        yield House(desk, served, there, where)
        desk.do(Publish(caller=SYSTEM, key="publish"))
        with desk.core.view() as view:
            found = verify(StoredTrail(view, view), LogKey.read(SIGNER.vkey))
        assert (found.verdict, found.wrong) == ("proved", [])


def served_with(desk: Desk, transmitters: Transmitters) -> Any:
    callers = [
        {"name": name, "roles": [role], "key_sha256": hashed(name)}
        for name, role in (("okta", "signal"), ("other", "signal"), ("reader", "read"))
    ]
    return serving({"callers": callers}, desk.core, more=[hearing_routes(desk.core, transmitters)])


def sign_in(house: House, person: str = "user:joe", *roles: str) -> str:
    now = int(time.time())
    operation = SignIn(
        caller=SYSTEM, key=house.desk.key(), person=person, roles=roles, source=ISSUER,
        methods=("mfa",), at=now, ends=now + 3600,
    )  # fmt: skip
    return str(house.desk.do(operation)["session"])


def hostile() -> dict[str, tuple[str, Callable[[Sender], str]]]:
    """Tokens that are not taken, each with the word why."""
    future = int(time.time()) + 3600
    deep: Any = {}
    for _ in range(100):
        deep = {"a": deep}
    claims = {
        "iss": ISSUER,
        "aud": US,
        "iat": 1,
        "jti": "x",
        "sub_id": JOE,
        "events": {REVOKED: {}},
    }
    return {
        "nothing": ("invalid_request", lambda _: ""),
        "no token": ("invalid_request", lambda _: "a.b"),
        "no signature": (
            "invalid_request",
            lambda _: unsigned({"alg": "none", "typ": "secevent+jwt", "kid": "k1"}, claims),
        ),
        "alg none": (
            "invalid_key",
            lambda _: unsigned({"alg": "none", "typ": "secevent+jwt", "kid": "k1"}, claims, b"x"),
        ),
        "a shared secret": (
            "invalid_key",
            lambda _: unsigned({"alg": "HS256", "typ": "secevent+jwt", "kid": "k1"}, claims, b"x"),
        ),
        "another key": ("invalid_key", lambda s: s.set(key=new_key())),
        "an unknown key": ("invalid_key", lambda s: s.set(kid="k9", key=new_key())),
        "its own key": (
            "invalid_request",
            lambda s: s.set(header={"jwk": ECKey.generate_key("P-256").as_dict(private=False)}),
        ),
        "an identity token": ("invalid_request", lambda s: s.set(header={"typ": "JWT"})),
        "another issuer": ("invalid_issuer", lambda s: s.set(iss="https://elsewhere.example")),
        "no issuer": ("invalid_issuer", lambda s: s.set(iss=None)),
        "for others": ("invalid_audience", lambda s: s.set(aud=["https://elsewhere.example"])),
        "for nobody": ("invalid_audience", lambda s: s.set(aud=None)),
        "not yet": ("invalid_request", lambda s: s.set(iat=future)),
        "no time": ("invalid_request", lambda s: s.set(iat=None)),
        "a bad time": ("invalid_request", lambda s: s.set(iat="now")),
        "with an end": ("invalid_request", lambda s: s.set(exp=future)),
        "no name": ("invalid_request", lambda s: s.set(jti=None)),
        "an empty name": ("invalid_request", lambda s: s.set(jti="")),
        "a broken name": ("invalid_request", lambda s: s.set(jti="a\0b")),
        "no events": ("invalid_request", lambda s: s.set(events={})),
        "events that are none": ("invalid_request", lambda s: s.set(events=[REVOKED])),
        "an event that is none": ("invalid_request", lambda s: s.set(events={REVOKED: "x"})),
        "many events": (
            "invalid_request",
            lambda s: s.set(events={f"https://x.example/{i}": {} for i in range(17)}),
        ),
        "about nobody": ("invalid_request", lambda s: s.set(sub_id=None)),
        "a broken subject": ("invalid_request", lambda s: s.set(sub_id={**JOE, "sub": "j\0"})),
        "a subject in itself": (
            "invalid_request",
            lambda s: s.set(sub_id={"format": "complex", "user": {"format": "complex"}}),
        ),
        "aliases in aliases": (
            "invalid_request",
            lambda s: s.set(
                sub_id={"format": "aliases", "identifiers": [{"format": "aliases"}]}
            ),
        ),
        "huge": ("invalid_request", lambda s: s.set(events={REVOKED: {"x": "y" * 20_000}})),
        "deep": ("invalid_request", lambda s: s.set(events={REVOKED: deep})),
    }  # fmt: skip
