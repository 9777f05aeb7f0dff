"""What the core records is proved by the verifier, in the store and in an export; and is not once a byte is another one."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from agpc.audit.directory import ExportedTrail
from agpc.audit.findings import Findings
from agpc.audit.notes import Key
from agpc.audit.trail import StoredTrail
from agpc.audit.verify import verify
from agpc.service.audit.export import export
from agpc.service.audit.lines import LINES
from agpc.service.audit.notes import Signer
from agpc.service.core import (
    SYSTEM,
    AcceptClock,
    Adopt,
    Caller,
    Decide,
    Judge,
    Know,
    Move,
    Prune,
    Publish,
    Report,
    Say,
    Start,
    Tell,
    as_person,
    open_view,
)
from agpc.service.policies.generation import Generation

from ..core.desk import DESK, HELPER, OTHER, POLICY, Desk, call, opened, policy, start

SIGNER = Signer.generate("log.example/desk")
ADMIN = Caller("ops", ("admin",), ())


@pytest.fixture
def generation(tmp_path: Path) -> Generation:
    return policy(tmp_path)


def publish(desk: Desk) -> str:
    answer = desk.do(Publish(caller=SYSTEM, key=f"p-{desk.key()}"))
    note: str = answer["checkpoint"]
    return note


def everything(desk: Desk, other: Generation) -> str:
    """Do all that can be done; give the checkpoint of the middle."""
    task = desk.start(said="tell joe@mail.example when it comes")["task"]["id"]
    found = desk.call(task, "shop", "lookup", order="o-7")
    result = {"total": 1.5, "customer": "ann@mail.example"}
    desk.do(Tell(caller=DESK, key="t1", call=found["call"], outcome="done", result=result))
    desk.call(task, "shop", "lookup", order="o-8")
    for to in ("joe@mail.example", "eve@mail.example", "ann@mail.example", "joe@mail.example"):
        desk.call(task, "mail", "send", to=[to], body="it is here")
    sent = desk.call(task, "mail", "send", to=["joe@mail.example"], body="once more")
    assert sent["decision"] is False  # the fourth
    desk.call(task, "shop", "refund", key="r", order="o-7", amount=5)
    desk.call(task, "shop", "refund", key="r", order="o-7", amount=5)
    people(desk, task)
    inside = desk.do(Start(caller=DESK, key="in", request=start(intent="look", task=task)))
    desk.do(Start(caller=DESK, key="wide", request=start(intent="look", task=task, order="o-9")))
    desk.call(inside["task"]["id"], "shop", "lookup", order="o-7")
    middle = publish(desk)
    desk.do(Report(caller=DESK, key="rep", task=task, context={"confidence": 0.5}))
    desk.do(Say(caller=DESK, key="say", task=task, text="and bob@mail.example"))
    desk.do(Adopt(caller=SYSTEM, key="second", generation=other))
    desk.call(task, "mail", "send", to=["bob@mail.example"], body="it is here")
    both = Caller("both", ("decide",), (HELPER, OTHER))
    request = call(task, "shop", "lookup", order="o-7")
    request["subject"]["id"] = OTHER
    desk.do(Decide(caller=both, key="other", request=request))
    desk.call("t-nobody", "shop", "lookup", order="o-7")
    desk.do(AcceptClock(caller=ADMIN, key="clock", why="to be sure"))
    desk.do(Move(caller=DESK, key="m", task=task, state="ended"))
    desk.call(task, "shop", "lookup", order="o-7")
    desk.call(task, "shop", "refund", key="r", order="o-7", amount=5)
    publish(desk)
    return middle


def people(desk: Desk, task: str) -> None:
    """Let people approve and refuse."""
    desk.do(Know(caller=SYSTEM, key="ann", person="user:ann", roles=("role:lead",)))

    def refund(key: str, amount: int) -> dict[str, Any]:
        return desk.call(task, "shop", "refund", key=key, order="o-7", amount=amount)

    for amount, verdict in ((7, "approve"), (8, "refuse")):
        asked = refund(f"a{amount}", amount)["request"]["id"]
        desk.do(
            Judge(
                caller=as_person("user:ann"),
                key=f"j{amount}",
                request=asked,
                verdict=verdict,  # type: ignore[arg-type]
                policy=desk.core.generation.digest,
                message="no" if verdict == "refuse" else None,
            )
        )
        refund(f"a{amount}", amount)
        refund(f"b{amount}", amount)


def in_store(url: str, *since: str) -> Findings:
    with open_view(url) as view:
        trail = StoredTrail(view)
        return verify(trail, Key.read(SIGNER.vkey), tuple(each.encode() for each in since))


def in_directory(url: str, directory: Path, *since: str) -> Findings:
    with open_view(url) as view:
        export(view, directory)
    trail = ExportedTrail(directory, LINES)
    return verify(trail, Key.read(SIGNER.vkey), tuple(each.encode() for each in since))


def second(tmp_path: Path) -> Generation:
    (tmp_path / "second").mkdir()
    return policy(tmp_path / "second", POLICY.replace("mails <= 3", "mails <= 5"))


def test_all_that_the_core_records_is_proved(
    store_url: str, generation: Generation, tmp_path: Path
) -> None:
    with opened(store_url, generation, signer=SIGNER) as desk:
        middle = everything(desk, second(tmp_path))
    for found in (
        in_store(store_url, middle),
        in_directory(store_url, tmp_path / "trail", middle),
        in_directory(store_url, tmp_path / "trail", middle),  # a second export changes nothing
    ):
        assert found.wrong == []
        assert found.verdict == "proved", found.undetermined
        assert found.proved["consistency"] == 1
        assert found.proved["decisions"] == found.proved["facts"] > 10
        assert found.proved["policies"] == 2


def test_a_call_whose_values_are_not_kept(
    store_url: str, generation: Generation, tmp_path: Path
) -> None:
    with opened(store_url, generation, signer=SIGNER) as desk:
        task = desk.start()["task"]["id"]
        done = desk.call(task, "vault", "put", secret="xyzzy")
        desk.do(
            Tell(caller=DESK, key="t", call=done["call"], outcome="done", result={"a": "xyzzy"})
        )
        desk.call(task, "shop", "lookup", order="o-7")
        publish(desk)
    found = in_directory(store_url, tmp_path / "trail")
    assert found.wrong == []
    assert (found.verdict, found.undetermined["redacted"]) == ("undetermined", 1)
    kept = [each.read_bytes() for each in (tmp_path / "trail").rglob("*") if each.is_file()]
    assert not any(b"xyzzy" in each for each in kept)


def test_a_trail_whose_old_bodies_are_pruned(
    store_url: str, generation: Generation, tmp_path: Path
) -> None:
    with opened(store_url, generation, signer=SIGNER) as desk:
        everything(desk, second(tmp_path))
        with desk.core.view() as view:
            now = view.head.time + 1
        desk.do(Prune(caller=SYSTEM, key="prune", before=now))
        task = desk.start()["task"]["id"]
        desk.call(task, "shop", "lookup", order="o-7")
        publish(desk)
    found = in_directory(store_url, tmp_path / "trail")
    assert found.wrong == []
    assert found.verdict == "undetermined"
    assert found.undetermined["pruned"] > 10
    assert found.proved["decisions"] > 0


def test_a_byte_in_a_store(sqlite_url: str, generation: Generation, tmp_path: Path) -> None:
    with opened(sqlite_url, generation, signer=SIGNER) as desk:
        everything(desk, second(tmp_path))
    assert in_store(sqlite_url).verdict == "proved"
    database = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))
    with database:
        database.execute(
            "UPDATE event SET body = replace(body, 'it is here', 'it is gone') WHERE kind = 'call'"
        )
    database.close()
    found = in_store(sqlite_url)
    assert found.verdict == "wrong"
    assert "the body is not the one whose digest the entry has" in found.wrong[0].what


def test_a_tile_that_a_store_has_laid_aside(
    sqlite_url: str, generation: Generation, tmp_path: Path
) -> None:
    with opened(sqlite_url, generation, signer=SIGNER) as desk:
        task = desk.start()["task"]["id"]
        for _ in range(260):
            desk.call(task, "shop", "lookup", order="o-7")
        publish(desk)
    found = in_store(sqlite_url)
    assert (found.verdict, found.proved["tiles"]) == ("proved", 1)
    database = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))
    with database:
        database.execute("UPDATE tile SET hashes = zeroblob(8192)")
    database.close()
    assert in_store(sqlite_url).wrong[0].what == "tile 0/0 of the store has another hash"
