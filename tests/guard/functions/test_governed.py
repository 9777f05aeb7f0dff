"""Plain functions, called only as the policy permits: with what was decided, or not at all."""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from agpc.guard import About, CannotEnforce, Denied, NotNow, NotStarted, Session, Waiting, governed
from agpc.service.store import Store

from ..enforcing.desk import HELPER, JOE, POLICY

OPEN = POLICY.replace("write action note(text: string)", "write action note(text: string, ...)")


def begin(folder: Path, text: str = POLICY, **more: Any) -> Session:
    (folder / "desk.agp").write_text(text, encoding="utf-8")
    (folder / "service.toml").write_text('[guard]\nwait = "1s"\n')
    given: dict[str, Any] = {
        "agent": HELPER,
        "intent": "desk.answer",
        "fields": {"order": "o-7"},
        "user": JOE,
        "store": f"sqlite:///{folder}/agpc.db",
        "config": folder / "service.toml",
        **more,
    }
    return Session(folder / "desk.agp", **given)


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with begin(tmp_path) as session:
        yield session


def events(folder: Path, *kinds: str) -> list[dict[str, Any]]:
    store = Store(f"sqlite:///{folder}/agpc.db", read_only=True)
    try:
        with store.reading() as reading:
            rows = reading.select("SELECT kind, body FROM event ORDER BY seq", ())
    finally:
        store.close()
    return [json.loads(bytes(body)) for kind, body in rows if kind in kinds]


def test_what_nothing_does_here_is_said_at_the_beginning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    duties = 'oblige dance(steps: 3)\n    oblige notify(channel: "ops")\n    oblige notify(channel: "log")\n    '
    text = POLICY.replace("allow ", f"{duties}allow ", 1)
    (tmp_path / "url").write_text("https://hooks.example/x")
    (tmp_path / "service.toml").write_text(
        '[guard.channels.log]\nurl = { file = "url" }\n', encoding="utf-8"
    )
    (tmp_path / "url").chmod(0o600)
    (tmp_path / "desk.agp").write_text(text, encoding="utf-8")
    config = tmp_path / "service.toml"
    with Session(
        tmp_path / "desk.agp",
        agent=HELPER,
        intent="desk.answer",
        fields={"order": "o-7"},
        user=JOE,
        store=f"sqlite:///{tmp_path}/agpc.db",
        config=config,
    ):
        pass
    said = [each.getMessage() for each in caplog.records if "obliges" in each.getMessage()]
    assert said == [
        "the policy obliges to `dance`, which nothing does here: such calls are refused",
        "the policy obliges to `notify`, for which the channel `ops` is not there: such calls are refused",
    ]


def test_a_function_is_called_as_it_was_decided(session: Session, tmp_path: Path) -> None:
    seen: list[Any] = []

    @governed(session, "desk.shop.lookup")
    def lookup(order: str, deep: bool | None = None) -> dict[str, Any]:
        seen.append((order, deep, threading.current_thread()))
        return {"total": 5, "customer": "joe@mail.example"}

    assert lookup("o-7") == {"total": 5, "customer": "joe@mail.example"}
    assert lookup(order="o-7", deep=True)["total"] == 5
    assert [each[:2] for each in seen] == [("o-7", None), ("o-7", True)]
    with pytest.raises(Denied, match="Nothing ran"):
        lookup("o-8")
    with pytest.raises(TypeError):
        lookup()  # type: ignore[call-arg]
    with pytest.raises(Denied, match="`deep` is not what the policy declares"):
        lookup("o-7", "yes")  # type: ignore[arg-type]
    assert len(seen) == 2
    session.close()
    assert [each["outcome"] for each in events(tmp_path, "outcome")] == ["done", "done"]
    assert events(tmp_path, "state")[0]["state"] == "ended"


def test_a_function_that_waits_is_one(session: Session) -> None:
    @governed(session, "desk.shop.lookup")
    async def lookup(order: str) -> dict[str, Any]:
        await asyncio.sleep(0)
        return {"total": 5, "customer": "joe@mail.example"}

    @governed(session, "desk.mail.send")
    async def send(to: list[str], body: str) -> None:
        assert type(to) is list

    async def main() -> None:
        with pytest.raises(Denied):
            await send(["joe@mail.example"], "Hello.")
        results = await asyncio.gather(*(lookup("o-7") for _ in range(10)))
        assert len(results) == 10
        await send(("joe@mail.example",), body="Hello.")  # type: ignore[arg-type]

    asyncio.run(main())


def test_what_asks_people_waits_for_them(session: Session) -> None:
    @governed(session, "desk.shop.refund")
    def refund(order: str, amount: float) -> None:
        raise AssertionError

    with pytest.raises(Waiting, match="Repeat exactly the same call later"):
        refund("o-7", 5)


def test_what_a_function_raises_is_raised(session: Session, tmp_path: Path) -> None:
    @governed(session, "desk.shop.note")
    def note(text: str) -> None:
        raise LookupError(text)

    with pytest.raises(LookupError, match="hello"):
        note("hello")
    session.close()
    assert [each["outcome"] for each in events(tmp_path, "outcome")] == ["failed"]


def test_a_result_that_is_no_json_is_given_and_its_values_are_unknown(
    session: Session, tmp_path: Path
) -> None:
    thing = object()

    @governed(session, "desk.shop.note")
    def note(text: str) -> Any:
        return thing

    assert note("hello") is thing
    session.close()
    (told,) = events(tmp_path, "outcome")
    assert told["unreadable"] is True


def none(**rest: Any) -> None: ...
def many(*text: str) -> None: ...
def other(words: str) -> None: ...
def missing() -> None: ...
def more(text: str, loud: bool = False) -> None: ...
def bits(text: str) -> Iterator[str]:
    yield text


@pytest.mark.parametrize("function", [none, many, other, missing, more, bits])
def test_a_function_that_is_not_what_the_policy_declares_is_refused_at_once(
    session: Session, function: Callable[..., Any]
) -> None:
    with pytest.raises(TypeError):
        governed(session, "desk.shop.note")(function)
    with pytest.raises(TypeError, match="declares no"):
        governed(session, "desk.shop.none")(function)


def test_an_action_that_is_open_takes_the_rest(tmp_path: Path) -> None:
    with begin(tmp_path, OPEN) as session:

        @governed(session, "desk.shop.note")
        def note(text: str, **rest: Any) -> Any:
            return [text, rest]

        assert note("hello", to="all", at=3) == ["hello", {"at": 3, "to": "all"}]


def test_what_a_call_is_about_is_worked_out_of_its_arguments(
    session: Session, tmp_path: Path
) -> None:
    about = About(
        resource_id=lambda given: f"order-{given['order']}", context=lambda given: {"stage": "test"}
    )

    @governed(session, "desk.shop.lookup", about=about)
    def lookup(order: str) -> dict[str, Any]:
        return {"total": 5, "customer": "joe@mail.example"}

    lookup("o-7")
    session.close()
    request = events(tmp_path, "call")[-1]["request"]
    assert request["resource"]["id"] == "order-o-7"
    assert request["context"]["stage"] == "test"


def test_after_its_end_a_session_permits_nothing(session: Session) -> None:
    @governed(session, "desk.shop.note")
    def note(text: str) -> None:
        raise AssertionError

    session.close()
    session.close()
    with pytest.raises(NotNow, match="The session has ended"):
        note("hello")


def test_a_session_that_cannot_begin_leaves_nothing_behind(tmp_path: Path) -> None:
    before = threading.active_count()
    for other, says in (
        ({"intent": "desk.nothing"}, "the policy has no intent `desk.nothing`, but `desk.answer`"),
        ({"fields": {}}, "has a field `order`, which is not given"),
        ({"agent": f"{HELPER}/x"}, f"the policy has no agent `{HELPER}/x`, but `{HELPER}`"),
    ):
        with pytest.raises(NotStarted, match=re.escape(says)):
            begin(tmp_path, **other)
    for wrong in (
        {"store": "nothing"},
        {"config": tmp_path / "no.toml"},
        {"service": "ftp://x"},
        {"service": "http://127.0.0.1:9", "key_file": tmp_path / "no.key"},
    ):
        with pytest.raises(CannotEnforce):
            begin(tmp_path, **wrong)
    with pytest.raises(CannotEnforce, match="does not compile"):
        begin(tmp_path, "language 2\nnothing")
    assert threading.active_count() == before


def test_nothing_goes_on_after_a_call_was_recorded_as_done(
    session: Session, tmp_path: Path
) -> None:
    ran: list[str] = []

    async def later(order: str) -> dict[str, Any]:
        ran.append(order)
        return {"total": 5, "customer": "joe@mail.example"}

    @governed(session, "desk.shop.lookup")
    def hidden(order: str) -> Any:  # as a decorator of somebody's leaves it
        return later(order)

    @governed(session, "desk.shop.lookup")
    def bit_by_bit(order: str) -> Any:
        return (ran.append(each) for each in order)

    for each in (hidden, bit_by_bit):
        with pytest.raises(TypeError, match="as a whole"):
            each("o-7")
    assert not ran
    session.close()
    assert [each["outcome"] for each in events(tmp_path, "outcome")] == ["failed", "failed"]


def test_what_is_said_about_a_call_is_said_of_what_is_decided(
    session: Session, tmp_path: Path
) -> None:
    lists: list[Any] = []

    def changes(arguments: Any) -> dict[str, Any]:
        lists[0].append("eve@evil.example")  # as another thread might
        return {"to": list(arguments["to"])}

    @governed(session, "desk.mail.send", about=About(context=changes))
    def send(to: list[str], body: str) -> None:
        """Send it."""

    lists.append(["ann@desk.example"])
    with pytest.raises((Denied, Waiting)):
        send(lists[0], "Hello.")
    session.close()
    asked = [each["request"] for each in events(tmp_path, "call")][-1]
    assert asked["action"]["properties"]["to"] == ["ann@desk.example"]
    assert asked["context"]["to"] == ["ann@desk.example"]
