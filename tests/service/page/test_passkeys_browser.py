"""Passkeys in a real browser, with an authenticator that is not one: made, used, and what somebody without it can do."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from pathlib import Path

import uvicorn
from engines.chromium import BROWSER, PACKAGES, needs_chromium

from agpc.service.config.callers import PersonEntry
from agpc.service.config.models import Settings
from agpc.service.core import SYSTEM, Know, Passkeys
from agpc.service.http.app import ProcessParts, Service
from agpc.service.http.connections.server import listening
from agpc.service.http.gate.callers import Callers, hashed
from agpc.service.page.routes import page_routes
from agpc.service.passkeys.ceremony import Site

from ..core.asking import bodies
from ..core.checking import checked, wrong
from ..core.desk import opened, policy
from .asked import TEXT, asks, state

CODE = "agpe_code"
pytestmark = needs_chromium


def entry() -> PersonEntry:
    return PersonEntry(
        id="user:ann", roles=("role:lead",), enrol_sha256=hashed(CODE), enrol_until="2200-01-01T00:00:00Z"
    )  # fmt: skip


def test_a_person_with_a_passkey(sqlite_url: str) -> None:
    listener = listening("127.0.0.1", 0)
    address = f"http://localhost:{listener.getsockname()[1]}"
    passkeys = Passkeys(Site.of(address), step_up=("mfa",))
    with opened(sqlite_url, policy(TEXT), passkeys=passkeys) as desk:
        desk.do(Know(caller=SYSTEM, key="ann", person="user:ann", roles=("role:lead",)))
        callers = Callers.of([], Path(), people=[entry()])
        callers = Callers((*callers.known, (b"x" * 32, SYSTEM)), people=callers.people)
        routes = page_routes(desk.core, is_secure=False, passkeys=passkeys)
        app = Service(desk.core, Settings(), ProcessParts(callers=callers, more=[routes])).app
        paths = [f"/requests/{asks(desk)}" for _ in range(3)]
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            done = subprocess.run(
                ["node", Path(__file__).parent / "passkeys.mjs", PACKAGES, str(BROWSER), address, CODE,
                 os.environ.get("AGPC_PICTURES", "-"), *paths],
                capture_output=True, text=True, check=False, timeout=240,
            )  # fmt: skip
        finally:
            server.should_exit = True
            thread.join()
            listener.close()
        assert done.returncode == 0, done.stderr
        seen = json.loads(done.stdout)
        first, second, third = (each.rpartition("/")[2] for each in paths)
        assert seen["for"] == "user:ann" and "The passkey is yours." in seen["made"]
        assert (
            seen["credentials"] == 1
            and "A passkey was made with this code before." in seen["again"]
        )
        assert seen["inside"] == "/requests"
        assert "approved" in seen["approved"] and "refused" in seen["refused"]
        assert state(desk, first)[1] == [("user:ann", "approve")]
        assert state(desk, second)[1] == [("user:ann", "refuse")]
        assert "Nothing was recorded: the signature is refused" in seen["wrong"]
        assert all(each in (403, 409) for each in seen["replayed"]), seen["replayed"]
        assert "Nothing was sent" in seen["unverified"]
        assert (
            "Nothing was recorded: this person signs what they say with a passkey" in seen["stolen"]
        )
        assert "ask an operator" in seen["thief"]
        assert state(desk, third)[1] == []
        for each in seen["looks"]:
            assert each == {"name": each["name"], "wide": True, "violations": []}
        assert [each for each in seen["said"] if "status of 4" not in each] == []
        found = checked(desk)
        assert (wrong(found), found.proved["passkeys"]) == ([], 3)
        (begun,) = bodies(desk, "session")
        assert (begun["source"], begun["methods"]) == ("passkey", ["mfa"])
        approve, refuse = bodies(desk, "verdict")
        assert (approve["message"], refuse["message"]) == (
            "Go on,\nbut once.",
            "Ask the customer first.",
        )
