"""The pages in a real browser: wide and narrow, light and dark, with the keyboard alone, and with words that mean harm."""

from __future__ import annotations

import json
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from engines.chromium import BROWSER, PACKAGES, needs_chromium

from .fake import KEY, OTHER, FakeView, hostile, ordinary, service

pytestmark = needs_chromium


@contextmanager
def served(view: FakeView, *, is_open: bool = True) -> Iterator[str]:
    """The pages on a free port."""
    app = service(view, is_open=is_open).app
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


def looked_at(address: str, *looks: str, pictures: str = "-") -> list[dict[str, Any]]:
    done = subprocess.run(
        ["node", Path(__file__).parent / "browser.mjs", PACKAGES, str(BROWSER), address, pictures, *looks],
        capture_output=True, text=True, check=False, timeout=240,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def check(found: list[dict[str, Any]]) -> None:
    for each in found:
        look = each["look"]
        assert each["styled"] == "15px", f"{look}: it has no style"
        assert each["wide"], f"{look}: the page scrolls sideways"
        assert each["said"] == [] and each["failed"] == [], look
        assert each["violations"] == [], look
        assert len(each["stops"]) > 1, f"{look}: the keyboard reaches nothing"
        assert {stop["outline"] for stop in each["stops"]} == {"3px"}, look
        assert all(stop["seen"] for stop in each["stops"]), look


TASK = "/tasks/t-abcdefghijklmnopqrstuvwxyz"


def test_pages_of_an_ordinary_day_in_light_and_in_dark() -> None:
    paths = [
        "/",
        TASK,
        "/calls?outcome=none",
        "/calls/c-3",
        "/trail",
        "/trail/3",
        "/policy",
        "/health",
    ]
    with served(ordinary()) as address:
        found = looked_at(
            address, *(f"{path}|{look}" for look in ("1280|light", "390|dark") for path in paths)
        )
    check(found)
    light, dark = (
        {each["background"] for each in found if each["look"].endswith(scheme)}
        for scheme in ("light", "dark")
    )
    assert len(light) == len(dark) == 1 and light != dark


def test_pages_of_a_task_that_means_harm() -> None:
    view = hostile()
    seq = view.calls_[-1].seq
    paths = ["/", "/calls", f"/calls/c-{seq}", "/trail"]
    with served(view) as address:
        check(looked_at(address, *(f"{each}|390|dark" for each in paths)))


def test_the_page_that_asks_for_a_key() -> None:
    with served(ordinary(), is_open=False) as address:
        found = looked_at(address, "/|390|dark", "/|1280|light")
    assert {each["title"] for each in found} == {"Sign in · agpc"}
    check(found)


def test_signing_in_and_out_without_javascript() -> None:
    with served(ordinary(), is_open=False) as address:
        done = subprocess.run(
            ["node", Path(__file__).parent / "sign_in.mjs", PACKAGES, str(BROWSER), address, OTHER, KEY],
            capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "asked": "/sign-in",
        "refused": "This key does not have the role read, which looking takes.",
        "inside": "/",
        "title": "Tasks · agpc",
        "cookies": [{"name": "agpc-session", "httpOnly": True, "sameSite": "Strict"}],
        "heading": "Trail",
        "outside": "/sign-in",
        "again": "/sign-in",
    }
