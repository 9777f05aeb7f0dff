"""One process that serves: from settings to the end, in order."""

from __future__ import annotations

import asyncio
import hmac
import logging
import os
import re
import signal
import socket
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from ...runtime.values import NANOSECONDS
from ..authzen.access import REQUESTS, Access
from ..authzen.point import DecisionPoint
from ..brokers.broker import Broker, BrokerError, load_broker
from ..config.kinds import is_loopback
from ..config.models import Loaded, host_and_port
from ..config.read import where_of
from ..config.secrets import SecretError
from ..core import CoreSettings
from ..core.turns.state import LONGEST_KNOWN
from ..decisions.log import DecisionLog
from ..http.app import ProcessParts, Service
from ..http.connections.server import Server, configured, noted_stops
from ..http.endpoints import authzen
from ..http.endpoints.access import access_routes
from ..http.endpoints.credentials import credential_routes
from ..http.endpoints.hearing import hearing_routes
from ..http.endpoints.leases import lease_routes
from ..http.endpoints.passkeys import passkey_routes
from ..http.endpoints.people import people_routes
from ..http.endpoints.signals import signal_routes
from ..http.telemetry import logs
from ..http.telemetry.metrics import Metrics
from ..page.routes import page_routes
from ..policies.generation import GenerationError, load_generation
from ..signals.pushing import Pusher
from ..store import Store, StoreError
from ..tokens.keys import TokenKeys
from ..tokens.tokens import Tokens
from .candidate import Candidate, facts_of
from .chores import Chores
from .hearing import Hearing
from .keys import KeyProblem, keys_of, places_of
from .live import Live
from .modes import warn_of_missing_secrets, warn_of_open_files
from .notices import Notices
from .people import People
from .trust import (
    asking_of,
    bundles_of,
    callers_of,
    passkeys_of,
    provider_of,
    receivers_of,
    transmitters_of,
)


class CannotServe(Exception):
    """The service cannot start; the message says why, and what to do."""


class CannotCompile(CannotServe):
    """Policies that the service cannot start without do not load; `problems` are a line each."""

    def __init__(self, what: str, problems: list[str]) -> None:
        """Keep why."""
        super().__init__(what)
        self.problems = problems


def brokers_of(loaded: Loaded) -> dict[str, Broker]:
    """Make the brokers of the settings. Raises `CannotServe`, with where each that is wrong stands."""
    found, wrong = {}, []
    for name, each in loaded.settings.brokers.items():
        try:
            found[name] = load_broker(each.plugin or name, each.own(), loaded.root)
        except BrokerError as error:
            key = re.match(r"`([A-Za-z0-9_.-]+)`: ", str(error))
            place = ["brokers", name, *(key[1].split(".") if key else ())]
            wrong.append(f"{where_of(loaded.file, place)}: `brokers.{name}`: {error}")
    if wrong:
        raise CannotServe("; ".join(wrong))
    return found


def run(loaded: Loaded, sockets: list[socket.socket], number: int) -> bool:
    """Serve until a signal ends it; tell whether it ended in order. Raises `CannotServe`.

    `number` is 0 in the process that also does what one does for all.
    """
    loop_factory: Callable[[], asyncio.AbstractEventLoop] | None = None
    with suppress(ImportError):
        import uvloop

        loop_factory = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        return runner.run(_serve(loaded, sockets, number))


async def _serve(loaded: Loaded, sockets: list[socket.socket], number: int) -> bool:
    with noted_stops() as stops:
        return await _served(loaded, sockets, number, stops)


async def _served(
    loaded: Loaded, sockets: list[socket.socket], number: int, stops: Sequence[int]
) -> bool:
    settings = loaded.settings
    logs.set_up(settings.logging)
    try:
        bundles = bundles_of(loaded)
        callers, provider = callers_of(loaded, bundles), provider_of(loaded)
        receivers = receivers_of(loaded)
        transmitters, places = transmitters_of(loaded)
        url = loaded.store_url()
        store = _opened(url)
        with store.reading() as reading:
            is_new = reading.head.seq == 0
        keys = keys_of(loaded, url, is_new=is_new)
    except (SecretError, StoreError, KeyProblem, ValueError) as error:
        raise CannotServe(str(error)) from None
    try:
        configured(None, loaded).load_tls()
    except (OSError, ValueError) as error:  # an error of TLS is one of the system
        why = error.strerror if isinstance(error, OSError) and error.strerror else "they are no PEM"
        tls = settings.tls
        which = "" if tls is None else f" (`{tls.cert}`, `{tls.key}`)"
        raise CannotServe(f"the certificate or its key{which} cannot be used: {why}") from None
    brokers = brokers_of(loaded)
    if number == 0:
        warn_of_open_files(loaded, places_of(loaded, url))
        warn_of_missing_secrets(loaded)
    metrics = Metrics()
    host, port = host_and_port(settings.listen)
    scheme = "http" if settings.tls is None else "https"
    here = f"[{host}]" if ":" in host else host

    def observe(operations: int, seconds: float) -> None:
        metrics.turn_operations.observe(operations)
        metrics.turn_seconds.observe(seconds)

    core_settings = CoreSettings(
        secret=keys.store,
        signer=keys.signer,
        observe=observe,
        public_url=settings.public_url or f"{scheme}://{here}:{port}",
        lease=settings.tokens.longest * NANOSECONDS,
        revokers=frozenset(settings.tokens.revokers),
        passkeys=passkeys_of(loaded),
        asked_by_task=settings.requests.open_of_task,
        asked_by_agent=settings.requests.open_of_agent,
        known=LONGEST_KNOWN
        if settings.oidc is None
        else int(settings.oidc.counts_for) * NANOSECONDS,
    )
    await asyncio.to_thread(bundles.refresh, all=True)
    await asyncio.to_thread(transmitters.bundles.refresh, all=True)
    token_keys = TokenKeys(keys.store, settings.tokens.rotate, time.time)
    tokens = Tokens(token_keys, core_settings.public_url, settings.tokens.audience)
    live = Live(loaded, store, core_settings, metrics)
    await live.begin()
    candidate = await asyncio.to_thread(_candidate, loaded, metrics if number == 0 else None)
    chores = Chores(loaded, live, metrics, candidate, bundles, Pusher(receivers, tokens))
    key = hmac.digest(keys.store, b"the pages of searches", "sha256")
    decision_log = _decision_log(loaded, metrics, number)
    access = Access(
        hmac.digest(keys.store, b"requests for access", "sha256"), core_settings.public_url
    )
    point = DecisionPoint(
        live, key=key, most=settings.limits.batch, log=decision_log, access=access
    )
    service = Service(
        live,
        settings,
        ProcessParts(
            callers=callers,
            metrics=metrics,
            more=(
                authzen.routes(point, core_settings.public_url, access.url + REQUESTS),
                access_routes(live, point, access),
                lease_routes(live, tokens, callers.tokens),
                signal_routes(live, tokens),
                hearing_routes(live, transmitters),
                credential_routes(live, brokers, core_settings.public_url),
                page_routes(
                    live,
                    is_secure=core_settings.public_url.startswith("https://"),
                    people=provider,
                    passkeys=core_settings.passkeys,
                    revokers=core_settings.revokers,
                ),
                passkey_routes(live),
                people_routes(live),
            ),
            refresh=chores.refresh,
            candidate=lambda: (
                None if candidate is None else candidate.report(facts_of(live.generation))
            ),
        ),
    )
    chores.notices = Notices(loaded, live, metrics, core_settings.public_url)
    chores.hearing = Hearing(live, transmitters, places)
    chores.people = People(loaded, live, bundles, service.gate)
    if number == 0:
        await chores.people.know()
    server = Server(configured(service.app, loaded, asking_of(loaded, bundles)))
    server.stops = stops
    loop = asyncio.get_running_loop()
    with suppress(NotImplementedError, AttributeError, ValueError):  # of other systems, and threads
        loop.add_signal_handler(signal.SIGHUP, chores.ask_for_policies)
    chores.begin(for_all=number == 0)
    logs.say(
        logging.INFO,
        "the service listens",
        listen=settings.listen,
        tls=settings.tls is not None and settings.tls.cert is not None,
        store=url.partition(":")[0],
        verifier_key=keys.signer.vkey,
        loopback_only=is_loopback(host),
    )
    try:
        if not stops:
            await server.serve(sockets)
    finally:
        if not server.force_exit:
            await chores.end()
            await asyncio.to_thread(live.stop)
            if decision_log is not None:
                decision_log.close()
            logs.say(logging.INFO, "the service has ended in order")
    return not server.force_exit


def _decision_log(loaded: Loaded, metrics: Metrics, number: int) -> DecisionLog | None:
    """The decision log of this process: workers write a file each, since each turns its own over."""
    audit = loaded.settings.audit
    if audit.decision_log is None:
        return None
    path = str(loaded.path(audit.decision_log)) if audit.decision_log != "-" else "-"
    if number and path != "-":
        path = f"{path}.{number}"
    return DecisionLog(path, lossy=audit.decision_log_lossy, lost=metrics.log_lost.inc)


def _opened(url: str) -> Store:
    """Open the store. A file that is made now is for nobody else to read: it holds what agents were given."""
    before = os.umask(0o077)
    try:
        return Store(url)
    finally:
        os.umask(before)


def _candidate(loaded: Loaded, metrics: Metrics | None) -> Candidate | None:
    """Load the candidate, if there is one. Raises `CannotServe` if it does not load."""
    settings = loaded.settings
    if not settings.candidate:
        return None
    try:
        found = load_generation(
            [loaded.path(each) for each in settings.candidate],
            mapping=settings.mapping and loaded.path(settings.mapping),
            directory=settings.directory and loaded.path(settings.directory),
        )
    except GenerationError as error:
        raise CannotCompile("the candidate policies do not load", str(error).splitlines()) from None
    candidate = Candidate(found)
    if metrics is not None:
        candidate.count = lambda active, other: metrics.candidate.labels(active, other).inc()
    return candidate
