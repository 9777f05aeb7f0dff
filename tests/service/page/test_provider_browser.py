"""Signing in with a provider in a real browser, for which the provider is another site."""

from __future__ import annotations

import json
import socket
import subprocess
import threading
from pathlib import Path

import pytest
import uvicorn
from engines.chromium import BROWSER, PACKAGES, needs_chromium

from agpc.service.config.callers import CallerEntry
from agpc.service.config.models import Settings
from agpc.service.http.app import ProcessParts, Service
from agpc.service.http.gate.callers import Callers, hashed
from agpc.service.identity.oidc import Client, SignIn
from agpc.service.identity.persons import ClaimNames
from agpc.service.outbound.fetching import Reach
from agpc.service.page.routes import page_routes
from agpc.service.page.signing import People

from ..core.asking import bodies
from ..core.desk import opened, policy
from ..identity.providers import SECRET, provider, why_no_provider

pytestmark = needs_chromium


@pytest.mark.skipif(why_no_provider() is not None, reason=why_no_provider() or "")
def test_a_person_signs_in_and_out_without_javascript(tmp_path: Path) -> None:
    listening = socket.create_server(("127.0.0.1", 0))
    us = f"http://localhost:{listening.getsockname()[1]}"  # of which 127.0.0.1 is another site
    with (
        provider(f"{us}/callback") as issuer,
        opened(f"sqlite:///{tmp_path / 'agpc.db'}", policy()) as desk,
    ):
        client = Client(issuer, "agpc", SECRET, f"{us}/callback", ("groups",), Reach(private=True))
        reading = ClaimNames(
            "sub", "user:", "groups", {"all": ("role:reader",)}, {"mfa": ("amr:mfa",)}
        )
        people = People(SignIn(client), reading, frozenset(["role:reader"]))
        entry = CallerEntry(name="auditor", roles=("read",), key_sha256=hashed("agpk_x"))
        pages = page_routes(desk.core, is_secure=False, people=people)
        app = Service(
            desk.core, Settings(), ProcessParts(callers=Callers.of([entry], Path()), more=[pages])
        ).app
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            done = subprocess.run(
                ["node", Path(__file__).parent / "provider_sign_in.mjs", PACKAGES, str(BROWSER), us],
                capture_output=True, text=True, check=False, timeout=120,
            )  # fmt: skip
        finally:
            server.should_exit = True
            thread.join()
            listening.close()
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout) == {
            "said": [],
            "asked": "/sign-in",
            "away": True,
            "inside": "/",
            "name": "signed in as user:ann",
            "cookies": [{"name": "agpc-session", "httpOnly": True, "sameSite": "Strict"}],
            "outside": "/sign-in",
            "left": [{"name": "agpc-form", "httpOnly": True, "sameSite": "Strict"}],
        }
        assert [each["what"] for each in bodies(desk, "session")] == ["begun", "ended"]
