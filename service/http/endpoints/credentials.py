"""Credentials of platforms: a broker turns a lease that holds into one, once it is recorded what it asks for.

INVARIANT: nothing but the answer to whoever holds the lease has the credential: no event, no log, no later answer.
"""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from ....runtime.time_text import format_time
from ...brokers.broker import Broker, Credential, NotBrokered, PlatformFailed, Prepared, Wanted
from ...core import Lend, Problem, View
from ...core.operations.problem import not_found, unavailable
from ...policies.generation import Generation
from ...store import Lease, Task
from ..contract import answers, bodies
from ..contract.routes import Exchange, Route, roles
from ..gate.gate import Gate
from ..telemetry import logs
from ..telemetry.metrics import Metrics
from .face import Core, More
from .leases import proof_of
from .reading import ReadingRoutes

FAILED = 424
AT_ONCE = 8
"""Threads that ask platforms. They are not those that read the store: a platform that hangs keeps nobody else waiting."""
R = TypeVar("R")


def credential_routes(core: Core, brokers: Mapping[str, Broker], issuer: str) -> More:
    """Give what makes the route of credentials; `issuer` is the URL of the service."""

    def make(gate: Gate, metrics: Metrics) -> tuple[Route, ...]:
        return CredentialRoutes(core, ReadingRoutes(core, metrics), brokers, issuer).routes()

    return make


class CredentialRoutes:
    """The route of credentials."""

    def __init__(
        self, core: Core, reading: ReadingRoutes, brokers: Mapping[str, Broker], issuer: str
    ) -> None:
        """Keep who does it."""
        self._core, self._reading, self._brokers, self._issuer = core, reading, brokers, issuer
        self._asking = BrokerCalls(ThreadPoolExecutor(AT_ONCE, "broker"))

    def routes(self) -> tuple[Route, ...]:
        """Give the row of the table."""
        given = answers.record(
            {
                "lease": answers.TEXT,
                "broker": answers.TEXT,
                "expires_at": answers.TIME,
                "event": {"type": "integer"},
                "credential": answers.OBJECT,
            }
        )
        return (
            Route(
                "POST", "/v1/leases/{id}/credential", roles("decide", "lease"), self.give,
                "Turn a lease into a credential of a platform.",
                takes=bodies.CREDENTIAL, reads="json", gives=given, refuses=(401, 404, 409, FAILED),
            ),
        )  # fmt: skip

    async def give(self, exchange: Exchange) -> dict[str, Any]:
        """Give a credential for a lease."""
        body = exchange.body
        proof = proof_of(exchange.request, self._issuer)
        broker = self._brokers.get(body["broker"])
        lease, task, now = await self._held(exchange)
        if broker is None:
            raise not_found("broker")
        policy = await self._policy(lease)
        wanted = Wanted(
            lease=lease.id,
            task=lease.task,
            intent=task.intent,
            agent=lease.agent,
            capabilities=tuple(json.loads(lease.capabilities)),
            until=lease.expires,
            now=now,
            policy=policy,
        )
        prepared = await self._asking.prepared(broker, body["broker"], wanted)
        once = secrets.token_hex(16)
        answer = await self._core.do(
            Lend(
                caller=exchange.caller,
                key=body["key"],
                lease=lease.id,
                broker=body["broker"],
                policy=policy.digest,
                until=prepared.until,
                asked=dict(prepared.told),
                once=once,
                proved=None if proof is None else proof.thumbprint,
                proof=None if proof is None else proof.id,
            )
        )
        if answer["once"] != once:
            raise Problem(
                409,
                "given_before",
                "what was given for this key is kept nowhere: ask with another key",
            )
        credential = await self._asking.obtained(broker, body["broker"], prepared)
        try:
            await self._held(exchange)
        except Problem:  # whoever asked gets nothing, and what can be ended is ended
            await self._asking.end(broker, body["broker"], credential)
            raise
        return {
            "lease": lease.id,
            "broker": body["broker"],
            "expires_at": format_time(credential.until),
            "event": answer["event"],
            "credential": dict(credential.values),
        }

    async def _held(self, exchange: Exchange) -> tuple[Lease, Task, int]:
        """Give a lease that holds, of an agent whom the caller speaks for. Raises `Problem`."""
        id, caller = exchange.id, exchange.caller

        def look(view: View) -> tuple[Lease, Task, int]:
            row = view.lease(id)
            task = None if row is None else view.task(row.task)
            if row is None or task is None or not caller.speaks_for(row.agent):
                raise not_found("lease")
            if not view.is_good(row):
                state = view.lease_shown(row)["state"]
                if state == "active":
                    raise Problem(
                        409, "changed", "the lease has to be looked at again first: come back"
                    )
                raise Problem(409, "has_ended", f"the lease is {state}")
            return row, task, view.now

        return await self._reading.read(look)

    async def _policy(self, lease: Lease) -> Generation:
        """Give the policy of a lease, which is the active one."""
        found = self._core.generation
        if found.digest != lease.policy:  # another process has made it the active one
            raise unavailable("another policy is being taken up: come back")
        return found


class BrokerCalls:
    """What brokers do, each on a thread that may wait."""

    def __init__(self, threads: ThreadPoolExecutor) -> None:
        """Keep the threads."""
        self._threads = threads

    async def prepared(self, broker: Broker, name: str, wanted: Wanted) -> Prepared:
        """Have a request prepared. Raises `Problem`."""
        try:
            prepared = await self._done(lambda: broker.prepare(wanted))
        except NotBrokered as error:
            raise Problem(
                409, "not_brokered", f"there is no credential for this lease: {error}"
            ) from None
        except Exception as error:  # noqa: BLE001 -- a plug-in is somebody else's, and what it says may be secret
            _say(name, "cannot prepare a request", error)
            raise Problem(FAILED, "broker_failed", "the broker failed") from None
        if not wanted.now < prepared.until <= wanted.until:
            raise Problem(FAILED, "broker_failed", "the broker asks for longer than the lease")
        return prepared

    async def obtained(self, broker: Broker, name: str, prepared: Prepared) -> Credential:
        """Have a platform asked. What comes when nobody waits any more is ended. Raises `Problem`."""
        asking = asyncio.ensure_future(self._done(lambda: broker.obtain(prepared)))
        try:
            credential = await asyncio.shield(asking)
        except asyncio.CancelledError:
            asking.add_done_callback(lambda done: self._abandon(broker, name, done))
            raise
        except PlatformFailed as error:
            raise Problem(FAILED, "platform_failed", str(error)) from None
        except Exception as error:  # noqa: BLE001 -- as above
            _say(name, "cannot ask its platform", error)
            raise Problem(FAILED, "broker_failed", "the broker failed") from None
        if credential.until > prepared.until:
            await self.end(broker, name, credential)
            raise Problem(
                FAILED, "platform_failed", "the platform gave a credential that outlives the lease"
            )
        return credential

    async def end(self, broker: Broker, name: str, credential: Credential) -> None:
        """End a credential that nobody gets, and say so where that cannot be."""
        await self._done(lambda: _ended(broker, name, credential))

    def _abandon(self, broker: Broker, name: str, done: asyncio.Future[Credential]) -> None:
        if not done.cancelled() and done.exception() is None:
            self._threads.submit(_ended, broker, name, done.result())

    async def _done(self, work: Callable[[], R]) -> R:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)


def _ended(broker: Broker, name: str, credential: Credential) -> None:
    try:
        is_ended = broker.end(credential)
    except Exception as error:  # noqa: BLE001 -- as above
        _say(name, "cannot end a credential", error)
        is_ended = False
    if not is_ended:
        logs.say(
            logging.WARNING,
            "a credential was thrown away unused, and its platform does not end it early",
            broker=name,
            until=format_time(credential.until),
        )


def _say(name: str, what: str, error: Exception) -> None:
    logs.say(logging.ERROR, f"a broker {what}", broker=name, error=type(error).__name__)
