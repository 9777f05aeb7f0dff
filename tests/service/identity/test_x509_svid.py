"""X.509-SVIDs over a real mTLS: who shows a good certificate of a known domain calls as its workload, and nobody else does.

Keys and certificates are made in the test: no issuer of SPIFFE runs here.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import http.client
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvloop
from cryptography.hazmat.primitives.serialization import Encoding

from agpc.service.config.models import Loaded
from agpc.service.config.read import ConfigError, read_settings
from agpc.service.http.app import ProcessParts, Service
from agpc.service.http.connections.server import configured, listening
from agpc.service.identity.bundles import Bundles
from agpc.service.identity.x509_svid import Certificates
from agpc.service.serving.trust import asking_of, bundles_of, callers_of
from agpc.service.tokens.compact import Refused

from ..http.served import Prompt, Remembering
from .authority import DAY, Authority, bundle, usage_of

GATEWAY = "spiffe://acme.example/ns/gateways/sa/one"
TOML = """
public_url = "https://127.0.0.1:1"
trust_domains = [{ name = "acme.example", bundle = "acme.json" }, { name = "other.example", bundle = "other.json" }]

[tls]
cert = "server.pem"
key = "server.key"
workloads = true

[[workloads]]
spiffe = "spiffe://acme.example/ns/gateways/sa/*"
roles = ["decide", "outcome"]
agents = ["spiffe://acme.example/**"]

[[workloads]]
spiffe = "spiffe://other.example/**"
roles = ["read"]
"""
CALL: dict[str, Any] = {
    "key": "k",
    "subject": {"type": "agent", "id": "spiffe://acme.example/ns/a/sa/b"},
    "action": {"name": "pay"},
    "resource": {"type": "bank.account", "id": "a-1"},
}


@dataclass
class World:
    """Two trust domains, and a service that knows them."""

    folder: Path
    acme: Authority
    other: Authority
    bundles: Bundles
    core: Remembering
    port: int
    trusted: Path

    def context(self, shown: tuple[Path, Path] | None = None) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=str(self.trusted))
        if shown is not None:
            context.load_cert_chain(*map(str, shown))
        return context

    def connection(self, shown: tuple[Path, Path] | None = None) -> http.client.HTTPSConnection:
        return http.client.HTTPSConnection(
            "127.0.0.1", self.port, timeout=30, context=self.context(shown)
        )

    def call(self, shown: tuple[Path, Path] | None = None, **headers: str) -> tuple[int, str]:
        """Make a call with a certificate; 0 where TLS itself refuses it."""
        with contextlib.closing(self.connection(shown)) as connection:
            try:
                return ask(connection, **headers)
            except (ssl.SSLError, ConnectionError, http.client.HTTPException):
                return 0, ""


def ask(connection: http.client.HTTPSConnection, **headers: str) -> tuple[int, str]:
    sent = {"content-type": "application/json", **headers}
    connection.request("POST", "/v1/calls", json.dumps(CALL), sent)
    answer = connection.getresponse()
    told = json.loads(answer.read())
    return answer.status, str(told.get("code", ""))


@contextmanager
def serving(loaded: Loaded, bundles: Bundles, core: Remembering) -> Iterator[int]:
    service = Service(core, loaded.settings, ProcessParts(callers=callers_of(loaded, bundles)))
    listener = listening("127.0.0.1", 0)
    server = Prompt(configured(service.app, loaded, asking_of(loaded, bundles)))

    def run() -> None:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:  # as the service does
            runner.run(server.serve([listener]))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        while not server.started and thread.is_alive():
            threading.Event().wait(0.01)
        assert server.started
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("mtls")
    acme, other, web = (Authority.new(each) for each in ("acme", "other", "web"))
    certificate, key = web.issue(folder, server=True)
    certificate.rename(folder / "server.pem")
    key.rename(folder / "server.key")
    trusted = folder / "web.pem"
    trusted.write_bytes(web.certificate.public_bytes(Encoding.PEM))
    (folder / "acme.json").write_bytes(bundle(acme))
    (folder / "other.json").write_bytes(bundle(other))
    file = folder / "service.toml"
    file.write_text(TOML, encoding="utf-8")
    loaded, core = read_settings(file, {}), Remembering()
    bundles = bundles_of(loaded)
    bundles.refresh(all=True)
    with serving(loaded, bundles, core) as port:
        yield World(folder, acme, other, bundles, core, port, trusted)


def test_a_workload_calls_with_its_certificate(world: World) -> None:
    shown = world.acme.issue(world.folder, GATEWAY)
    with contextlib.closing(world.connection(shown)) as connection:
        for _ in range(3):  # on one connection
            assert ask(connection) == (200, "")
    assert world.core.asked[-1].caller.name == GATEWAY == world.core.asked[-1].caller.identity


def test_an_authority_below_the_root_is_led_up_from(world: World) -> None:
    below = Authority.new("below", world.acme)
    assert world.call(below.issue(world.folder, GATEWAY, below=(below,))) == (200, "")
    assert world.call(below.issue(world.folder, GATEWAY))[0] in (0, 401)


def test_who_shows_none_is_nobody(world: World) -> None:
    assert world.call() == (401, "no_key")
    assert world.call(Authorization="Bearer agpk_x") == (401, "unknown_key")


def test_a_key_that_is_shown_beside_it_has_to_be_good(world: World) -> None:
    shown = world.acme.issue(world.folder, GATEWAY)
    assert world.call(shown, Authorization="Bearer agpk_x") == (401, "unknown_key")


def test_what_tls_itself_refuses(world: World) -> None:
    stranger = Authority.new("acme")
    for shown in (
        stranger.issue(world.folder, GATEWAY),
        world.acme.issue(world.folder, GATEWAY, ends=-DAY),
        Authority(stranger.key, world.acme.certificate).issue(world.folder, GATEWAY),
    ):
        assert world.call(shown) == (0, "")


@pytest.mark.parametrize(
    ("uris", "more"),
    [
        ((), {}),
        ((GATEWAY, GATEWAY.replace("one", "two")), {}),
        ((GATEWAY, "https://acme.example/"), {}),
        (("https://acme.example/ns/gateways/sa/one",), {}),
        (("spiffe://acme.example",), {}),
        (("spiffe://acme.example/a/../ns/gateways/sa/one",), {}),
        (("spiffe://nobody.example/ns/gateways/sa/one",), {}),
        (("spiffe://other.example/a",), {}),
        ((GATEWAY,), {"ca": True}),
        ((GATEWAY,), {"usage": usage_of(digital_signature=True, key_cert_sign=True)}),
        ((GATEWAY,), {"usage": usage_of(digital_signature=True, crl_sign=True)}),
    ],
    ids=str,
)  # fmt: skip
def test_certificates_that_are_no_svid_of_their_domain(world: World, uris: Any, more: Any) -> None:
    """That of the other domain is good as far as TLS knows, which trusts both."""
    status, code = world.call(world.acme.issue(world.folder, *uris, **more))
    assert (status, code) in ((401, "refused_certificate"), (0, ""))
    if not more:
        assert status == 401


def test_a_workload_that_may_not_call(world: World) -> None:
    shown = world.acme.issue(world.folder, "spiffe://acme.example/ns/elsewhere/sa/one")
    assert world.call(shown) == (401, "unknown_workload")
    assert world.call(world.other.issue(world.folder, "spiffe://other.example/a")) == (
        403,
        "wrong_role",
    )


def test_authorities_are_turned_over_while_connections_are_open(world: World) -> None:
    new = Authority.new("acme, the next")
    place = world.folder / "acme.json"
    try:
        old = world.acme.issue(world.folder, GATEWAY)
        assert world.call(new.issue(world.folder, GATEWAY)) == (0, "")
        with contextlib.closing(world.connection(old)) as connection:
            assert ask(connection) == (200, "")
            place.write_bytes(bundle(world.acme, new))
            world.bundles.refresh(all=True)
            assert ask(connection) == (200, "") == world.call(new.issue(world.folder, GATEWAY))
            place.write_bytes(bundle(new))
            world.bundles.refresh(all=True)
            assert ask(connection) == (401, "refused_certificate") == world.call(old)
    finally:
        place.write_bytes(bundle(world.acme))
        world.bundles.refresh(all=True)


def test_a_certificate_ends_while_its_connection_is_open(world: World) -> None:
    certificate, _ = world.acme.issue(world.folder, GATEWAY, ends=datetime.timedelta(hours=1))
    chain = (
        ssl.PEM_cert_to_DER_cert(certificate.read_text()),
        next(iter(world.bundles.of("acme.example").bundle.roots)),  # type: ignore[union-attr]
    )
    now = [0.0]
    certificates = Certificates(world.bundles, clock=lambda: now[0])
    real = datetime.datetime.now().timestamp()
    now[0] = real
    assert certificates.identify(chain) == GATEWAY
    for now[0] in (real + 3601, real - 3 * 86_400):
        with pytest.raises(Refused, match="expired"):
            certificates.identify(chain)


def test_asking_for_certificates_is_for_who_ends_tls(tmp_path: Path) -> None:
    file = tmp_path / "service.toml"
    file.write_text("[tls]\nelsewhere = true\nworkloads = true\n")
    with pytest.raises(ConfigError, match="sees certificates"):
        read_settings(file, {})
