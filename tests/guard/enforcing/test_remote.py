"""A service that does not answer, answers badly, or is not heard: nothing runs, and what it did is done once."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from agpc.compiler.check.compiling.load import load_policy
from agpc.guard import Asked, CannotEnforce, Denied, Guard, NotNow, Returned, Task, Unavailable
from agpc.guard.enforcing.remote import Remote
from agpc.guard.enforcing.vocabulary import Vocabulary
from agpc.service.client import client as asking
from agpc.service.client.address import read_address
from agpc.service.client.client import Client

from .desk import HELPER, JOE, KEY, POLICY, REMOTE, desk

Work = Callable[[str, Any], tuple[int, Any]]
PERMIT = {
    "decision": True,
    "call": "c-1",
    "context": {"effect": "permit", "rules": [], "obligations": []},
}


@contextmanager
def answering(work: Work) -> Iterator[str]:
    """A service of sorts."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            status, answer = work(self.path, body)
            if status == 0:  # gone without an answer
                return
            content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()


@pytest.fixture
def vocabulary(tmp_path: Path) -> Vocabulary:
    (tmp_path / "desk.agp").write_text(POLICY)
    return Vocabulary.of(load_policy([tmp_path / "desk.agp"]))


async def called(url: str, vocabulary: Vocabulary) -> list[dict[str, Any]]:
    """Make one call; give what ran."""
    done: list[dict[str, Any]] = []

    async def perform(arguments: dict[str, Any]) -> Returned:
        done.append(arguments)
        return Returned("done", "done")

    client = Client(read_address(url), timeout=5, pause=lambda seconds: None)
    remote = Remote(client, vocabulary)
    guard = Guard(remote)
    task = Task("t-1", HELPER, "desk.answer", JOE)
    try:
        await guard.call(Asked(task, "desk.shop", "note", {"text": "hello"}), perform)
    except Exception:
        assert done == []
        raise
    finally:
        await guard.close()
        await remote.close()
    return done


@pytest.mark.parametrize(
    "answer",
    [
        (500, {"title": "no"}),
        (503, {"title": "busy"}),
        (200, b"<html>yes</html>"),
        (200, b'{"decision": true, "decision": true}'),
        (200, {}),
        (200, {"decision": True}),
        (200, {"decision": True, "context": {"effect": "permit"}}),
        (200, {**PERMIT, "decision": "true"}),
        (200, {**PERMIT, "decision": False}),
        (200, {**PERMIT, "call": 1}),
        (200, {**PERMIT, "context": {"effect": "permit", "obligations": "none"}}),
        (200, {"decision": False, "call": "c-1", "context": {"effect": "permit"}}),
        (200, {"decision": True, "call": "c-1", "context": {"effect": "deny"}}),
        (200, {"decision": True, "call": "c-1", "context": {"effect": "maybe"}}),
        (302, PERMIT),
        (401, {"detail": "who is it?"}),
        (403, {"detail": "the key has another role"}),
        (0, None),
    ],
)
def test_without_an_answer_that_permits_nothing_runs(
    vocabulary: Vocabulary, answer: tuple[int, Any]
) -> None:
    with answering(lambda path, body: answer) as url:
        with pytest.raises(NotNow, match="Nothing ran") as caught:
            asyncio.run(called(url, vocabulary))
        assert "127.0.0.1" not in str(caught.value)


def test_nobody_there_permits_nothing(vocabulary: Vocabulary) -> None:
    with pytest.raises(NotNow):
        asyncio.run(called("http://127.0.0.1:9", vocabulary))


def test_what_is_refused_for_its_form_is_told_so(vocabulary: Vocabulary) -> None:
    answer = (400, {"detail": "a request has a subject", "code": "malformed"})
    with answering(lambda path, body: answer) as url, pytest.raises(Denied, match="has a subject"):
        asyncio.run(called(url, vocabulary))


def test_an_answer_that_got_lost_is_asked_for_again_with_the_same_key(
    vocabulary: Vocabulary,
) -> None:
    seen: list[tuple[str, Any]] = []

    def work(path: str, body: Any) -> tuple[int, Any]:
        seen.append((path, body))
        if path == "/v1/calls":
            return (0, None) if len(seen) == 1 else (200, PERMIT)
        return (503, {}) if len(seen) == 3 else (200, {"call": "c-1", "outcome": "done"})

    with answering(work) as url:
        assert asyncio.run(called(url, vocabulary)) == [{"text": "hello"}]
    (first, second, told, again) = seen
    assert first == second and told == again
    assert told[0] == "/v1/calls/c-1/outcome" and told[1]["result"] == "done"


def test_what_a_service_did_while_its_answer_got_lost_is_done_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, lost = asking.exchange, [True, False, True]

    def exchange(*given: Any, **named: Any) -> Any:
        found = real(*given, **named)
        if lost and lost.pop():
            raise asking.Lost("it closed the connection without an answer")
        return found

    monkeypatch.setattr(asking, "PAUSES", (0.0, 0.0))

    async def run() -> None:
        async with desk(tmp_path) as found:
            monkeypatch.setattr(asking, "exchange", exchange)
            await found.call("note", text="hello")
            assert found.shop.done == [{"text": "hello"}]
            assert [each["effect"] for each in found.events("call")] == ["permit", "permit"]
            assert [each["outcome"] for each in found.events("outcome")] == ["done"]

    token = REMOTE.set(True)
    asyncio.run(run())
    REMOTE.reset(token)


def test_what_may_be_and_what_was_refused_are_the_service_s(tmp_path: Path) -> None:
    async def run() -> None:
        async with desk(tmp_path) as found:
            possible = await found.enforcement.possible(found.task)
            assert "desk.shop.lookup" in possible and "desk.shop.none" not in possible
            assert await found.enforcement.task(found.task.id) == found.task
            await found.enforcement.refuse(found.task.id, "no such method", {"id": 1}, "no-1")
            await found.enforcement.refuse(found.task.id, "no such method", {"id": 1}, "no-1")
            (told,) = found.events("refused")
            assert told["why"] == "no such method"
            await found.enforcement.say(found.task.id, "please", "say-1")
            await found.enforcement.report(found.task.id, {"confidence": 1}, "report-1")
            await found.enforcement.move(found.task.id, "ended", "end-1")
            with pytest.raises(Unavailable):
                await found.enforcement.task("t-none")
            with pytest.raises(Denied):
                await found.call("note", text="hello")

    for is_remote in (True, False):
        token = REMOTE.set(is_remote)
        (tmp_path / str(is_remote)).mkdir()
        asyncio.run(run())
        REMOTE.reset(token)
        for each in tmp_path.glob("agpc.*"):
            each.unlink()


def test_a_key_goes_nowhere_where_others_read_it(tmp_path: Path) -> None:
    (tmp_path / "desk.agp").write_text(POLICY)
    (tmp_path / "key").write_text(f"{KEY}\n")
    (tmp_path / "empty").write_text("\n")

    def begin(service: str, key: str) -> Remote:
        policies = [tmp_path / "desk.agp"]
        return asyncio.run(Remote.begin(policies, service, key_file=tmp_path / key))

    asyncio.run(begin("https://agpc.example", "key").close())
    for service, key in (
        ("http://agpc.example", "key"),
        ("https://agpc.example", "empty"),
        ("https://agpc.example", "none"),
        ("https://who:me@agpc.example", "key"),
    ):
        with pytest.raises(CannotEnforce) as caught:
            begin(service, key)
        assert KEY not in str(caught.value)
