"""Whoever wants to know learns of each lease that has ended, once it did: by fetching, or by being sent it."""

from __future__ import annotations

import asyncio
import base64
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import ECKey
from pydantic import ValidationError
from starlette.testclient import TestClient

from agpc.service.config.callers import CallerEntry
from agpc.service.config.models import Settings
from agpc.service.core import SYSTEM, Adopt, Caller, Issue, Review, Revoke
from agpc.service.http.app import ProcessParts, Service
from agpc.service.http.endpoints.signals import MOST, signal_routes
from agpc.service.http.gate.callers import Callers, hashed
from agpc.service.outbound.fetching import Reach
from agpc.service.serving.chores import Chores
from agpc.service.signals.pushing import LONGEST_PAUSE, Pusher, Target
from agpc.service.signals.sets import CLAIMS_CHANGED, SESSION_REVOKED, jti_of
from agpc.service.tokens.compact import Refused
from agpc.service.tokens.keys import TokenKeys
from agpc.service.tokens.tokens import Tokens

from ..core.desk import HELPER, SECRET, Desk, opened, policy
from ..core.lending import POLICY
from ..outbound.other import answering, sent

US = "https://agp.acme.example"
GATEWAY = Caller("desk", ("start", "decide"), (HELPER,))


@pytest.fixture
def desk(store_url: str) -> Iterator[Desk]:
    with opened(store_url, policy(POLICY)) as found:
        yield found


@pytest.fixture
def tokens() -> Tokens:
    return Tokens(TokenKeys(SECRET, 30 * 86_400, time.time), US)


def ended(desk: Desk, count: int) -> list[str]:
    """Issue leases and revoke them; give their events."""
    task, found = desk.start()["task"]["id"], []
    for _ in range(count):
        issue = Issue(caller=GATEWAY, key=desk.key(), task=task, capabilities=("desk.shop.peek",))
        lease = desk.do(issue)["lease"]
        desk.do(Revoke(caller=GATEWAY, key=desk.key(), lease=lease))
        found.append(lease)
    names = events_of(desk)
    return [names[each] for each in found]


def events_of(desk: Desk) -> dict[str, str]:
    """The names of the events that there are, by leases."""
    with desk.core.view() as view:
        return {each.lease.id: jti_of(each) for each in view.told_of(-1, 1_000)}


def opened_set(tokens: Tokens, text: str) -> dict[str, Any]:
    part = text.split(".")[0]
    head = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    assert head["typ"] == "secevent+jwt"
    keys = {each["kid"]: each for each in tokens.keys.published()["keys"]}
    key = ECKey.import_key(keys[head["kid"]])
    found: dict[str, Any] = json.loads(
        jws.deserialize_compact(text, key, algorithms=["ES256"]).payload
    )
    return found


# --- Fetching -------------------------------------------------------------------------------------


@pytest.fixture
def client(desk: Desk, tokens: Tokens) -> TestClient:
    entries = [
        CallerEntry(name=name, roles=("read",), key_sha256=hashed(name)) for name in ("one", "two")
    ]
    parts = ProcessParts(Callers.of(entries, Path()), more=[signal_routes(desk.core, tokens)])
    return TestClient(Service(desk.core, Settings(), parts).app, base_url=US)


def poll(client: TestClient, name: str = "one", **body: Any) -> Any:
    return client.post("/ssf/poll", json=body, headers={"authorization": f"Bearer {name}"})


def test_what_ended_is_fetched_until_it_is_acknowledged(
    desk: Desk, client: TestClient, tokens: Tokens
) -> None:
    assert poll(client).json() == {"sets": {}, "moreAvailable": False}
    names = ended(desk, 3)
    for _ in range(2):
        assert list(poll(client).json()["sets"]) == names
    first = poll(client, maxEvents=1).json()
    assert list(first["sets"]) == names[:1] and first["moreAvailable"] is True
    told = opened_set(tokens, first["sets"][names[0]])
    assert (told["iss"], told["aud"], told["jti"]) == (US, "one", names[0])
    assert told["sub_id"]["session"]["id"] == names[0].partition(".")[0]
    assert told["sub_id"]["user"] == {"format": "uri", "uri": HELPER}
    assert told["events"][SESSION_REVOKED]["reason_admin"]["en"] == "Somebody revoked it."
    assert list(poll(client, ack=names[:1]).json()["sets"]) == names[1:]
    assert list(poll(client, setErrs={names[1]: {"err": "x"}}).json()["sets"]) == names[2:]
    assert poll(client, ack=names).json()["sets"] == {}
    assert list(poll(client, "two").json()["sets"]) == names  # who has a stream of its own


def test_what_is_acknowledged_out_of_order_hides_nothing(desk: Desk, client: TestClient) -> None:
    names = ended(desk, 3)
    assert list(poll(client, ack=[names[2]]).json()["sets"]) == names[:2]
    assert list(poll(client, ack=[names[0]]).json()["sets"]) == names[1:]
    assert poll(client, ack=["l-999.revoked", "x"]).status_code == 200
    assert list(poll(client).json()["sets"]) == names[1:]


def test_many_come_in_parts(desk: Desk, client: TestClient) -> None:
    names = ended(desk, MOST + 5)
    first = poll(client).json()
    assert len(first["sets"]) == MOST and first["moreAvailable"] is True
    second = poll(client, ack=list(first["sets"])).json()
    assert list(second["sets"]) == names[MOST:] and second["moreAvailable"] is False


def test_a_poll_has_its_form(client: TestClient) -> None:
    for body in ({"ack": "x"}, {"maxEvents": -1}, {"maxEvents": True}, {"setErrs": []}, {"x": 1}):
        assert poll(client, **body).status_code == 400
    assert client.post("/ssf/poll", json={}).status_code == 401
    told = client.get("/.well-known/ssf-configuration").json()
    assert told["issuer"] == US and told["jwks_uri"] == f"{US}/.well-known/jwks.json"


def test_an_event_is_no_token_and_a_token_no_event(
    desk: Desk, client: TestClient, tokens: Tokens
) -> None:
    (name,) = ended(desk, 1)
    with pytest.raises(Refused):
        tokens.read(poll(client).json()["sets"][name])


def test_what_ends_earlier_than_its_tokens_say_is_told(
    desk: Desk, client: TestClient, tokens: Tokens
) -> None:
    task = desk.start()["task"]["id"]
    issue = Issue(caller=GATEWAY, key="i", task=task, capabilities=("desk.shop.peek",))
    lease = desk.do(issue)["lease"]

    def adopt(ttl: str) -> None:
        text = POLICY.replace("ttl 5m", f"ttl {ttl}")
        desk.do(Adopt(caller=SYSTEM, key=ttl, generation=policy(text)))
        desk.do(Review(caller=SYSTEM, key=f"look {ttl}"))

    adopt("7m")  # it was given for five, and is kept for them
    assert poll(client).json()["sets"] == {}
    adopt("2m")
    ((name, text),) = poll(client).json()["sets"].items()
    told = opened_set(tokens, text)
    assert name == told["jti"] and name.startswith(f"{lease}.changed.")
    with desk.core.view() as view:
        row = view.lease(lease)
        assert row is not None
    assert told["events"][CLAIMS_CHANGED]["claims"] == {"exp": row.expires // 10**9}
    assert told["sub_id"]["session"]["id"] == lease
    adopt("1m")
    ((again, _),) = poll(client).json()["sets"].items()  # the latest alone
    assert again != name
    assert poll(client, ack=[again]).json()["sets"] == {}
    desk.do(Revoke(caller=GATEWAY, key="r", lease=lease))
    assert list(poll(client).json()["sets"]) == [events_of(desk)[lease]]
    assert list(poll(client, "two").json()["sets"]) == [events_of(desk)[lease]]


def test_an_event_of_a_store_that_was_put_back_has_another_name(desk: Desk) -> None:
    """Else a receiver that was told of the one would take the other for it, and a revocation would get lost."""
    (name,) = ended(desk, 1)
    with desk.core.view() as view:
        (told,) = view.told_of(-1, 10)
    assert jti_of(told) == name
    assert jti_of(replace(told, at=told.at + 10**9)) != name


# --- Sending --------------------------------------------------------------------------------------


class Receiver:
    """Takes events, or does not."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, str | None]] = []
        self.statuses: list[int] = []

    def __call__(self, handler: BaseHTTPRequestHandler) -> None:
        content = handler.rfile.read(int(handler.headers["content-length"]))
        assert handler.headers["content-type"] == "application/secevent+jwt"
        status = self.statuses.pop(0) if self.statuses else 202
        if status == 202:
            self.taken.append((content.decode(), handler.headers["authorization"]))
        body = b'{"err": "invalid_key", "description": "secret"}' if status == 400 else b""
        sent(
            handler, body, status, **({"location": "http://127.0.0.1:1/"} if status == 302 else {})
        )


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def names_of(tokens: Tokens, receiver: Receiver) -> list[str]:
    return [opened_set(tokens, text)["jti"] for text, _ in receiver.taken]


def target(url: str, *, private: bool = True) -> Target:
    return Target("siem", url, "siem", Reach(private=private), {"authorization": "Bearer secret"})


def test_what_ended_is_sent_once(desk: Desk, tokens: Tokens) -> None:
    receiver = Receiver()
    names = ended(desk, 3)
    with answering(receiver) as url:
        pusher = Pusher([target(url)], tokens)
        for _ in range(2):
            pusher.push(desk.core)
        names += ended(desk, 1)
        Pusher([target(url)], tokens).push(desk.core)  # as another process, or after a restart
    assert names_of(tokens, receiver) == names
    assert {each for _, each in receiver.taken} == {"Bearer secret"}
    assert opened_set(tokens, receiver.taken[0][0])["aud"] == "siem"


def test_one_that_hangs_keeps_nobody_else_waiting(desk: Desk, tokens: Tokens) -> None:
    arrived, released, prompt = threading.Event(), threading.Event(), Receiver()
    names = ended(desk, 1)

    def hanging(handler: BaseHTTPRequestHandler) -> None:
        arrived.set()
        released.wait(30)
        sent(handler, b"", 202)

    async def both(slow: Target, quick: Target) -> None:
        pusher = Pusher([slow, quick], tokens)
        live: Any = SimpleNamespace(core=desk.core)
        nothing: Any = None
        chores = Chores(nothing, live, nothing, nothing, nothing, pusher)
        waiting = asyncio.create_task(chores.push(slow))
        try:
            await asyncio.to_thread(arrived.wait, 30)
            await chores.push(quick)
            assert names_of(tokens, prompt) == names and not waiting.done()
        finally:
            released.set()
            await waiting

    with answering(hanging) as one, answering(prompt) as other:
        asyncio.run(both(replace(target(one), name="slow"), target(other)))


@pytest.mark.parametrize("status", [302, 401, 403, 404, 429, 500, 503])
def test_what_is_not_taken_is_sent_again_later(desk: Desk, tokens: Tokens, status: int) -> None:
    receiver, clock = Receiver(), Clock()
    names = ended(desk, 2)
    with answering(receiver) as url:
        pusher = Pusher([target(url)], tokens, clock)
        receiver.statuses = [202, status, status]
        pusher.push(desk.core)
        assert names_of(tokens, receiver) == names[:1]
        pusher.push(desk.core)  # it waits
        assert len(receiver.statuses) == 1
        clock.now += 1.5
        pusher.push(desk.core)
        assert receiver.statuses == []
        clock.now += 1.5
        pusher.push(desk.core)  # it waits for longer
        assert names_of(tokens, receiver) == names[:1]
        clock.now += LONGEST_PAUSE
        pusher.push(desk.core)
    assert names_of(tokens, receiver) == names


def test_one_that_is_refused_for_good_does_not_stop_those_after_it(
    desk: Desk, tokens: Tokens, caplog: pytest.LogCaptureFixture
) -> None:
    receiver = Receiver()
    names = ended(desk, 2)
    receiver.statuses = [400]
    with answering(receiver) as url:
        Pusher([target(url)], tokens).push(desk.core)
    assert names_of(tokens, receiver) == names[1:]
    assert "secret" not in caplog.text


def test_nothing_is_sent_to_a_private_address_that_nobody_allowed(
    desk: Desk, tokens: Tokens
) -> None:
    receiver = Receiver()
    ended(desk, 1)
    with answering(receiver) as url:
        for each in (url, url.replace("http:", "https:"), "https://169.254.169.254/latest"):
            Pusher([target(each, private=False)], tokens).push(desk.core)
    assert receiver.taken == []


def test_two_receivers_of_one_name_are_refused() -> None:
    one = {"name": "siem", "url": "https://siem.example/events"}
    with pytest.raises(ValidationError, match="two receivers are named"):
        Settings.model_validate({"receivers": [one, one]})
    with pytest.raises(ValidationError, match="begins with"):
        Settings.model_validate({"receivers": [{**one, "url": "file:///etc/passwd"}]})
