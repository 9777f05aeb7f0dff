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

from agpc.service.config.models import Settings
from agpc.service.http.app import Parts, Service
from agpc.service.http.callers import Callers
from agpc.service.http.server import listening
from agpc.service.page.routes import page_routes

from ..core.desk import Desk
from .test_browser import BROWSER, IS_THERE, PACKAGES
from .test_requests import EVIL, asks, desk, people, state

__all__ = ["desk"]
pytestmark = pytest.mark.skipif(
    not IS_THERE,
    reason="no Chromium, node, or playwright-core and axe-core in .cache; .ci/run installs what it can",
)


@contextmanager
def served(desk: Desk) -> Iterator[str]:
    """The pages on a free port."""
    parts = Parts(
        callers=Callers.of([], Path(), people=people()),
        more=[page_routes(desk.core, is_secure=False)],
    )
    app = Service(desk.core, Settings(), parts).app
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
