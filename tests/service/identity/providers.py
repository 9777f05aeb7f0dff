"""Real providers of OpenID Connect for tests, each in a process of its own: `oidc-provider` of npm, and Dex."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit
from urllib.request import HTTPCookieProcessor, HTTPRedirectHandler, Request, build_opener, urlopen

from forking.ports import free_port

ROOT = Path(__file__).parents[3]
PACKAGES = ROOT / ".cache" / "oidc" / "node_modules"
DEX = ROOT / ".cache" / "bin" / "dex"
SECRET = "a secret: of+ours%"


def why_no_provider() -> str | None:
    """Why there is no `oidc-provider` here; None if there is."""
    if shutil.which("node") and (PACKAGES / "oidc-provider").is_dir():
        return None
    return "no node, or no oidc-provider in .cache/oidc; .ci/run installs what it can"


def why_no_dex() -> str | None:
    """Why there is no Dex here; None if there is."""
    return None if DEX.exists() else "no Dex in .cache/bin; .ci/run builds it where there is Go"


@contextmanager
def provider(callback: str) -> Iterator[str]:
    """Run `oidc-provider`, and give its issuer."""
    command = ["node", str(Path(__file__).parent / "provider.mjs"), str(PACKAGES), callback]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None and process.stderr is not None
        line = process.stdout.readline().strip()
        assert line.startswith("http"), process.stderr.read()
        yield line
    finally:
        process.kill()
        process.communicate()


@contextmanager
def dex(folder: Path, callback: str) -> Iterator[str]:
    """Run Dex, which lets in whoever comes as Kilgore Trout, of the group `authors`, and give its issuer."""
    port = free_port()
    issuer = f"http://127.0.0.1:{port}/dex"
    told = {
        "issuer": issuer,
        "storage": {"type": "memory"},
        "web": {"http": f"127.0.0.1:{port}"},
        "oauth2": {"skipApprovalScreen": True},
        "staticClients": [
            {"id": "agpc", "name": "agpc", "secret": SECRET, "redirectURIs": [callback]}
        ],
        "connectors": [{"type": "mockCallback", "id": "mock", "name": "Mock"}],
    }
    (folder / "dex.yaml").write_text(json.dumps(told))  # which is YAML, too
    with (folder / "dex.log").open("wb") as log:
        process = subprocess.Popen(
            [str(DEX), "serve", str(folder / "dex.yaml")], stdout=log, stderr=log
        )
    try:
        for _ in range(1200):
            assert process.poll() is None, (folder / "dex.log").read_text()
            try:
                urlopen(f"{issuer}/.well-known/openid-configuration", timeout=5).close()
                break
            except OSError:
                time.sleep(0.1)
        yield issuer
    finally:
        process.kill()
        process.wait()


class _Stay(HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


class _Form(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.action: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "form":
            self.action = dict(attrs).get("action") or ""


@dataclass
class Browser:
    """What goes to a provider, fills its form in, and comes back with what it says. It keeps cookies."""

    opener: Any = field(default_factory=lambda: build_opener(HTTPCookieProcessor(), _Stay()))

    def open(self, url: str, form: dict[str, str] | None = None) -> tuple[int, dict[str, str], str]:
        data = None if form is None else urlencode(form).encode()
        try:
            with self.opener.open(Request(url, data=data), timeout=30) as reply:
                return (
                    reply.status,
                    {n.lower(): v for n, v in reply.headers.items()},
                    reply.read().decode(),
                )
        except OSError as error:
            if not hasattr(error, "headers"):
                raise
            with error:  # type: ignore[attr-defined]
                return (
                    error.code,
                    {n.lower(): v for n, v in error.headers.items()},
                    error.read().decode(),
                )  # type: ignore[attr-defined]

    def signs_in(self, url: str, callback: str, **form: str) -> dict[str, str]:
        """Go where the URL leads until it leads to the callback, and give what that is told."""
        filled: dict[str, str] | None = None
        for _ in range(20):
            if url.startswith(callback):
                return dict(parse_qsl(urlsplit(url).query))
            status, headers, text = self.open(url, filled)
            filled = None
            if status in (302, 303):
                url = urljoin(url, headers["location"])
                continue
            assert status == 200, (status, text)
            found = _Form()
            found.feed(text)
            assert found.action is not None, text
            url, filled = urljoin(url, found.action or url), form
        raise AssertionError("it leads nowhere")
