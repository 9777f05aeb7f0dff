"""Brokers of others: what they are held to, and that what they say wrong is told to nobody."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import ECKey

from agpc.service.brokers.broker import (
    BrokerError,
    Credential,
    PlatformFailed,
    Prepared,
    Wanted,
    load_broker,
)
from agpc.service.core import Problem
from agpc.service.http.endpoints.credentials import BrokerCalls

from .lending import US, Shop, shop

CANARY = "canary-of-a-plug-in"


@dataclass
class Fake:
    """A broker that does as it is told."""

    ended: list[Credential] = field(default_factory=list)
    asked: list[Prepared] = field(default_factory=list)
    prepared: Callable[[Prepared], Prepared] = lambda each: each
    given: Callable[[Prepared], Credential] = lambda each: Credential(each.until, {"x": CANARY})
    can_end: bool = True

    def prepare(self, wanted: Wanted) -> Prepared:
        return self.prepared(Prepared(wanted.until, {"for": list(wanted.capabilities)}))

    def obtain(self, prepared: Prepared) -> Credential:
        self.asked.append(prepared)
        return self.given(prepared)

    def end(self, credential: Credential) -> bool:
        if not self.can_end:
            raise RuntimeError(CANARY)
        self.ended.append(credential)
        return True


@pytest.fixture
def fake() -> Fake:
    return Fake()


@pytest.fixture
def clerk(tmp_path: Path, fake: Fake) -> Iterator[Shop]:
    with shop(tmp_path, {"fake": fake}) as found:
        yield found


def ask(clerk: Shop) -> Any:
    return clerk.credential(clerk.lease("forge.pull")["lease"], "fake")


def dpop(key: Any, path: str, jti: str) -> dict[str, str]:
    told = {"jti": jti, "htm": "POST", "htu": f"{US}{path}", "iat": int(time.time())}
    head = {"typ": "dpop+jwt", "alg": "ES256", "jwk": key.as_dict(private=False)}
    registry = jws.JWSRegistry(algorithms=["ES256"])
    return {"dpop": jws.serialize_compact(head, json.dumps(told), key, registry=registry)}


def raising(error: Exception) -> Callable[[Any], Any]:
    def work(_: Any) -> Any:
        raise error

    return work


def test_what_it_gives_is_in_the_answer(clerk: Shop, fake: Fake) -> None:
    answer = ask(clerk).json()
    assert answer["credential"] == {"x": CANARY} and answer["broker"] == "fake"
    (told,) = clerk.events("credential")
    assert b"shop.forge.pull" in told and CANARY.encode() not in told


@pytest.mark.parametrize(
    "change",
    [lambda each: replace(each, until=each.until + 1), lambda each: replace(each, until=0)],
    ids=["later", "never"],
)
def test_it_asks_for_no_longer_than_the_lease(clerk: Shop, fake: Fake, change: Any) -> None:
    fake.prepared = change
    answer = ask(clerk)
    assert (answer.status_code, answer.json()["code"]) == (424, "broker_failed")
    assert fake.asked == [] and clerk.events("credential") == []


@pytest.mark.parametrize("can_end", [True, False])
def test_what_outlives_the_lease_is_given_to_nobody(
    clerk: Shop, fake: Fake, can_end: bool, caplog: pytest.LogCaptureFixture
) -> None:
    fake.given, fake.can_end = lambda each: Credential(each.until + 1, {"x": CANARY}), can_end
    answer = ask(clerk)
    assert (answer.status_code, answer.json()["code"]) == (424, "platform_failed")
    assert len(fake.ended) == can_end and CANARY not in answer.text + caplog.text
    assert ("thrown away" in caplog.text) is not can_end
    assert len(clerk.events("credential")) == 1


@pytest.mark.parametrize("where", ["prepared", "given"])
def test_what_it_raises_is_told_to_nobody(
    clerk: Shop, fake: Fake, where: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "agpc")
    setattr(fake, where, raising(RuntimeError(CANARY)))
    answer = ask(clerk)
    assert (answer.status_code, answer.json()["code"]) == (424, "broker_failed")
    assert CANARY not in answer.text + caplog.text and "a broker cannot" in caplog.text


def test_what_the_platform_refused_is_said(clerk: Shop, fake: Fake) -> None:
    fake.given = raising(PlatformFailed("it said no"))
    assert ask(clerk).json()["detail"] == "it said no"


def test_what_comes_when_nobody_waits_any_more_is_ended() -> None:
    begun, go_on, over = threading.Event(), threading.Event(), threading.Event()

    class Slow(Fake):
        def obtain(self, prepared: Prepared) -> Credential:
            begun.set()
            go_on.wait(30)
            return Credential(prepared.until, {})

        def end(self, credential: Credential) -> bool:
            over.set()
            return True

    async def given_up() -> None:
        asking = BrokerCalls(ThreadPoolExecutor(2))
        task = asyncio.ensure_future(asking.obtained(Slow(), "slow", Prepared(1, {})))
        await asyncio.to_thread(begun.wait, 30)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        go_on.set()
        await asyncio.to_thread(over.wait, 30)

    asyncio.run(given_up())
    assert over.is_set()


def test_a_problem_is_no_exception_of_a_broker() -> None:
    asking = BrokerCalls(ThreadPoolExecutor(1))
    fake = Fake(given=raising(PlatformFailed("no")))
    with pytest.raises(Problem):
        asyncio.run(asking.obtained(fake, "fake", Prepared(1, {})))


def test_a_plug_in_is_found_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(BrokerError, match="there is no broker `none`; installed are aws, github"):
        load_broker("none", {}, tmp_path)
    with pytest.raises(
        BrokerError, match="`region`: this key is needed; `access_key`: this key is needed"
    ):
        load_broker("aws", {}, tmp_path)
    with pytest.raises(
        BrokerError, match=r"`key`: a secret has a place.*`keys`: there is no such key"
    ):
        load_broker("github", {"key": CANARY, "keys": CANARY}, tmp_path)


def test_a_lease_that_is_bound_to_a_key_takes_a_proof(clerk: Shop) -> None:
    key, other = ECKey.generate_key("P-256"), ECKey.generate_key("P-256")
    task = clerk.task()
    issued = clerk.post(
        "/v1/leases",
        headers=dpop(key, "/v1/leases", "a"),
        task=task,
        capabilities=["shop.forge.pull"],
    ).json()
    path = f"/v1/leases/{issued['lease']}/credential"
    for headers in ({}, dpop(other, path, "b")):
        assert clerk.post(path, headers=headers, broker="fake").status_code == 403
    assert clerk.post(path, headers=dpop(key, "/v1/leases", "c"), broker="fake").status_code == 400
    assert clerk.events("credential") == []
    proof = dpop(key, path, "d")
    assert clerk.post(path, headers=proof, broker="fake").status_code == 200
    assert clerk.post(path, headers=proof, broker="fake").json()["code"] == "replayed"
