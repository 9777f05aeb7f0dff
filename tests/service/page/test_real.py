"""The pages over a real core and a real store: what was done by its operations is what people see."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from agpc.service.config.models import Settings
from agpc.service.core import Move, Report, Say, Tell
from agpc.service.http.app import ProcessParts, Service
from agpc.service.http.gate.callers import Callers
from agpc.service.page.routes import page_routes

from ..core.desk import DESK, Desk, opened, policy


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with opened(f"sqlite:///{tmp_path / 'agpc.db'}", policy()) as found:
        yield found


@pytest.fixture
def pages(desk: Desk) -> TestClient:
    parts = ProcessParts(callers=Callers(()), more=[page_routes(desk.core, is_secure=False)])
    return TestClient(Service(desk.core, Settings(), parts).app, base_url="http://127.0.0.1")


def test_what_was_done_is_what_people_see(desk: Desk, pages: TestClient) -> None:
    task = desk.start(said="Where is order o-7?\nThank you.")["task"]["id"]
    desk.do(Say(caller=DESK, key=desk.key(), task=task, text="And o-8?"))
    desk.do(Report(caller=DESK, key=desk.key(), task=task, context={"confidence": 0.61}))
    looked = desk.call(task, "shop", "lookup", order="o-7")["call"]
    result = {"total": 20, "customer": "ann@acme.example"}
    desk.do(Tell(caller=DESK, key=desk.key(), call=looked, outcome="done", result=result))
    other = desk.call(task, "shop", "lookup", order="o-8")["call"]
    again = desk.call(task, "shop", "lookup", order="o-7")["call"]
    secret = desk.call(task, "vault", "put", secret="hunter2")["call"]

    listed = pages.get("/").text
    assert task in listed and "user:joe" in listed and "desk.answer" in listed
    text = pages.get(f"/tasks/{task}").text
    for each in (
        "Where is order o-7?\nThank you.",
        "And o-8?",
        "0.61",
        "desk.shop.lookup",
        looked,
        other,
    ):
        assert each in text
    whole = pages.get(f"/calls/{looked}").text
    assert "ann@acme.example" in whole and "done" in whole and "answering" in whole
    assert ">deny<" in pages.get(f"/calls/{other}").text
    open_ones = pages.get("/calls?outcome=none").text
    assert f"/calls/{again}" in open_ones and f"/calls/{looked}" not in open_ones

    for path in (f"/calls/{secret}", "/calls", "/trail", f"/trail/{secret[2:]}", f"/tasks/{task}"):
        assert "hunter2" not in pages.get(path).text
    assert "digests kept" in pages.get(f"/calls/{secret}").text

    desk.do(Move(caller=DESK, key=desk.key(), task=task, state="ended", why="done & dusted"))
    ended = pages.get("/?state=ended").text
    assert task in ended and task not in pages.get("/?state=active").text
    assert "done &amp; dusted" in pages.get(f"/tasks/{task}").text


def test_every_event_has_its_page_and_the_policy_is_told(desk: Desk, pages: TestClient) -> None:
    task = desk.start(said="x")["task"]["id"]
    desk.call(task, "shop", "lookup", order="o-7")
    with desk.core.view() as view:
        size, digest = view.head.seq, view.head.generation
    trail = pages.get("/trail").text
    assert all(f'href="/trail/{seq}"' in trail for seq in range(size))
    for seq in range(size):
        assert pages.get(f"/trail/{seq}").status_code == 200
    policy_page = pages.get("/policy").text
    assert digest in policy_page and "6 that allow, 0 that forbid" in policy_page
    assert "Ready." in pages.get("/health").text


def test_what_was_said_first_is_there_however_much_was_done_since(
    desk: Desk, pages: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agpc.service.page.reading.MOST", 3)
    task = desk.start(said="the very first words")["task"]["id"]
    first = desk.call(task, "shop", "lookup", order="o-7")["call"]
    for _ in range(60):
        desk.call(task, "shop", "lookup", order="o-8")
    desk.do(Tell(caller=DESK, key=desk.key(), call=first, outcome="failed"))
    assert "the very first words" in pages.get(f"/tasks/{task}").text
    assert ">failed<" in pages.get(f"/calls/{first}").text
    for word in ("second", "third", "fourth"):
        desk.do(Say(caller=DESK, key=desk.key(), task=task, text=f"the {word} words"))
    text = pages.get(f"/tasks/{task}").text
    assert "the very first words" not in text and "the second words" in text
    assert "More was said than stands here" in text
