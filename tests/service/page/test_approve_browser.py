"""A request is looked at and answered in a real browser, by somebody with a keyboard and no JavaScript."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from engines.chromium import BROWSER, PACKAGES, needs_chromium

from agpc.service.http.connections.server import listening

from ..core.desk import Desk
from .asked import EVIL, a_desk, asks, pages_of, state

pytestmark = needs_chromium


@pytest.fixture
def desk(sqlite_url: str) -> Iterator[Desk]:
    with a_desk(sqlite_url) as desk:
        yield desk


@contextmanager
def served(desk: Desk) -> Iterator[str]:
    """The pages on a free port."""
    app = pages_of(desk, is_secure=False)
    listener = listening("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def answered(
    desk: Desk, path: str, verdict: str, pictures: str = "-", name: str = "request"
) -> dict[str, Any]:
    with served(desk) as address:
        done = subprocess.run(
            ["node", Path(__file__).parent / "approve.mjs", PACKAGES, str(BROWSER), address, "agpk_user:ann", path,
             pictures, name, verdict],
            capture_output=True, text=True, check=False, timeout=240,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    assert found["said"] == [] and found["inside"] == path
    for each in found["looks"]:
        assert each == {"wide": True, "violations": []}
    return found


@pytest.mark.parametrize("verdict", ["approve", "refuse"])
def test_a_request_is_answered_with_the_keyboard(desk: Desk, verdict: str) -> None:
    id = asks(desk)
    found = answered(desk, f"/requests/{id}", verdict)
    assert found["heading"] == "desk.shop.refund"
    assert {each["outline"] for each in found["buttons"]} == {"3px"}
    assert found["after"] == f"/requests/{id}" and "Looked at it." in found["text"]
    assert state(desk, id)[1] == [("user:ann", verdict)]


def test_what_wants_to_mislead_moves_nothing(desk: Desk) -> None:
    task = desk.start(said=EVIL)["task"]["id"]
    arguments: dict[str, Any] = {"to": [EVIL] * 3, "body": f"{'a' * 5000} the end\n{EVIL}\n" * 3}
    asked = desk.call(task, "mail", "send", **arguments)["request"]["id"]
    answered(desk, f"/requests/{asked}", "look")
    answered(desk, "/requests", "look")
