"""All that the service asks of others, by settings or by what others say: it reaches nothing inside, however it is led there."""

from __future__ import annotations

import ast
import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from agpc.guard import Asked, CannotDo, Duty, Task
from agpc.guard.obligations.notify import Channel, Notify
from agpc.service.brokers import aws, github, vault
from agpc.service.brokers.broker import PlatformFailed, Prepared
from agpc.service.config.identity import TrustDomain
from agpc.service.config.models import Loaded, Settings
from agpc.service.config.notices import Webhook
from agpc.service.config.secrets import SecretFrom
from agpc.service.config.signals import ReceiverEntry
from agpc.service.identity.oidc import Client, Discovered, Unreachable
from agpc.service.outbound import fetching
from agpc.service.outbound.fetching import NotFetched, Reach, fetch
from agpc.service.serving.notices import Hook, NotSent
from agpc.service.serving.trust import _source, _target

from .other import answering, sent

SERVICE = Path(__file__).parents[3] / "service"
KEY = rsa.generate_private_key(65537, 2048).private_bytes(
    serialization.Encoding.PEM,
    serialization.PrivateFormat.PKCS8,
    serialization.NoEncryption(),
)
FAILS = (CannotDo, NotFetched, NotSent, PlatformFailed, Unreachable, ValueError)
"""How each place says that it got nothing."""


def written(folder: Path, name: str, content: str) -> SecretFrom:
    (folder / name).write_text(content)
    return SecretFrom(file=name)


def of_bundle(url: str, private: bool, folder: Path) -> None:
    domain = TrustDomain(name="acme.example", bundle_url=url, private=private)
    _source(Loaded(settings=Settings(), root=folder), domain).read()


def of_provider(url: str, private: bool, folder: Path) -> None:
    client = Client(
        issuer=url.rstrip("/"), id="agpc", secret=None, redirect="https://agp.example/callback",
        scopes=("openid",), reach=Reach(private=private), leeway=30,
    )  # fmt: skip
    Discovered(client).provider()


def of_webhook(url: str, private: bool, folder: Path) -> None:
    entry = Webhook(name="leads", url=written(folder, "url", url), private=private)
    Hook(entry, Loaded(settings=Settings(), root=folder)).send("subject", "text")


def of_receiver(url: str, private: bool, folder: Path) -> None:
    entry = ReceiverEntry(name="siem", url=url, private=private)
    target = _target(Loaded(settings=Settings(), root=folder), entry)
    fetch(target.url, target.reach, method="POST", content=b"x")


def of_aws(url: str, private: bool, folder: Path) -> None:
    for name in ("id", "secret"):
        written(folder, name, "x")
    keys = {"access_key": {"file": "id"}, "secret_key": {"file": "secret"}}
    given = {"region": "eu-west-1", "endpoint": url, "private": private, **keys}
    aws.make(given, folder).obtain(Prepared(2**62, {}, _Form()))


class _Form:
    def form(self) -> bytes:
        return b"Action=AssumeRole"


def of_github(url: str, private: bool, folder: Path) -> None:
    (folder / "pem").write_bytes(KEY)
    grant = {"capability": "a.b.c", "repositories": ["r"], "permissions": {"contents": "read"}}
    given = {"app": "a", "installation": 1, "key": {"file": "pem"}, "grants": [grant]}
    broker = github.make({**given, "endpoint": url, "private": private}, folder)
    broker.obtain(Prepared(2**62, {}, {"repositories": [], "permissions": {}}))


def of_vault(url: str, private: bool, folder: Path) -> None:
    written(folder, "token", "x")
    grant = {"capability": "a.b.c", "policies": ["p"]}
    given = {"address": url, "token": {"file": "token"}, "grants": [grant], "private": private}
    broker = vault.make(given, folder)
    asked = vault._Asked(("p",), {"lease": "l"}, broker._watch() + 60)
    broker.obtain(Prepared(2**62, {}, asked))


def of_channel(url: str, private: bool, folder: Path) -> None:
    channel = Channel(url, Reach(private=private))
    asked = Asked(Task("t-1", "spiffe://acme.example/a", "desk.answer"), "desk.shop", "lookup")
    duty = Duty("r", "notify", {"channel": "leads"}, "c-1", asked, None)
    asyncio.run(Notify({"leads": channel}).before(duty))


PLACES: dict[str, Callable[[str, bool, Path], None]] = {
    "bundle": of_bundle,
    "provider": of_provider,
    "webhook": of_webhook,
    "receiver": of_receiver,
    "aws": of_aws,
    "github": of_github,
    "vault": of_vault,
    "channel": of_channel,
}
INSIDE = (
    *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"),
    *("::1", "fe80::1", "fd00:ec2::254", "::ffff:169.254.169.254", "::ffff:127.0.0.1", "64:ff9b::a00:1"),
)  # fmt: skip


class Net:
    """What names lead to, and what was connected to: nothing answers."""

    def __init__(self) -> None:
        self.answers: Iterator[list[str]] = iter(())
        self.connected: list[str] = []
        self.looked_up: list[str] = []

    def look_up(self, host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        self.looked_up.append(host)
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in next(self.answers)
        ]

    def connect(self, address: tuple[str, int], **_: Any) -> socket.socket:
        self.connected.append(address[0])
        raise ConnectionRefusedError


@pytest.fixture
def net(monkeypatch: pytest.MonkeyPatch) -> Net:
    found = Net()
    monkeypatch.setattr(fetching.socket, "getaddrinfo", found.look_up)
    monkeypatch.setattr(fetching.socket, "create_connection", found.connect)
    return found


@pytest.mark.parametrize("address", INSIDE)
@pytest.mark.parametrize("place", PLACES)
def test_a_name_that_leads_inside_is_not_followed(
    net: Net, tmp_path: Path, place: str, address: str
) -> None:
    for found in ([address], ["93.184.216.34", address], [address, "93.184.216.34"]):
        net.answers = iter([found] * 5)
        with pytest.raises(FAILS):
            PLACES[place]("https://inside.example/", False, tmp_path)
    assert net.connected == [] and net.looked_up != []


@pytest.mark.parametrize("place", PLACES)
def test_a_name_that_leads_elsewhere_the_next_time_is_looked_up_once(
    net: Net, tmp_path: Path, place: str
) -> None:
    """Whoever answers for the name says an address of the Internet when it is looked at, and one inside when it is used."""
    net.answers = iter([["93.184.216.34"], *[["169.254.169.254"]] * 5])
    with pytest.raises(FAILS):
        PLACES[place]("https://inside.example/", False, tmp_path)
    assert net.connected == ["93.184.216.34"]
    assert net.looked_up == ["inside.example"]


@pytest.mark.parametrize("place", PLACES)
def test_without_tls_nobody_else_is_asked(net: Net, tmp_path: Path, place: str) -> None:
    net.answers = iter([["10.1.2.3"]] * 5)
    for private in (False, True):
        with pytest.raises(FAILS):
            PLACES[place]("http://inside.example/", private, tmp_path)
    assert net.connected == []


class Leading:
    """One that leads everybody to another one, and what each was asked."""

    def __init__(self, url: str, elsewhere: str) -> None:
        self.url, self.elsewhere = url, elsewhere
        self.status = 302
        self.first: list[str] = []
        self.second: list[str] = []


@pytest.fixture(scope="module")
def leading() -> Iterator[Leading]:
    found = Leading("", "")

    def there(handler: Any) -> None:
        found.second.append(handler.path)
        sent(handler, b"{}")

    def leads_there(handler: Any) -> None:
        found.first.append(handler.path)
        sent(handler, b"", found.status, location=f"{found.elsewhere}/x")

    with answering(there) as found.elsewhere, answering(leads_there) as found.url:
        yield found


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("place", PLACES)
def test_nobody_is_followed(leading: Leading, tmp_path: Path, place: str, status: int) -> None:
    leading.status, before = status, len(leading.first)
    with suppress(*FAILS):
        PLACES[place](f"{leading.url}/", True, tmp_path)
    assert len(leading.first) == before + 1 and leading.second == []


REACHING = {"http.client", "urllib.request", "smtplib", "ftplib", "requests", "httpx", "httpx2", "aiohttp"}  # fmt: skip
ALLOWED = {
    "outbound/fetching.py": "the one way out",
    "client/exchange.py": "the client of `agpc task`, which speaks to the service",
    "serving/mailing.py": "mail, to the host of the settings",
}


def test_there_is_no_other_way_out() -> None:
    found = {
        path.relative_to(SERVICE).as_posix()
        for path in SERVICE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if REACHING & _imported(node) or _connects(node)
    }
    assert found == set(ALLOWED)


def _imported(node: ast.AST) -> set[str]:
    if isinstance(node, ast.Import):
        return {each.name for each in node.names}
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        return {node.module, *(f"{node.module}.{each.name}" for each in node.names)}
    return set()


def _connects(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr in (
        *("create_connection", "open_connection", "urlopen"),
    )
