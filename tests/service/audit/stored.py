"""A store in which all that can be done was done, and what the verifier finds in it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from agpc.audit.reading.directory import ExportedTrail
from agpc.audit.reading.findings import Findings
from agpc.audit.reading.notes import LogKey
from agpc.audit.reading.trail import StoredTrail
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
    Publish,
    Report,
    Say,
    Start,
    Tell,
    as_person,
    open_view,
)
from agpc.service.policies.generation import Generation

from ..core.desk import DESK, HELPER, OTHER, POLICY, Desk, call, policy, start

SIGNER = Signer.generate("log.example/desk")
ADMIN = Caller("ops", ("admin",), ())


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
    set_back(desk)
    desk.do(Move(caller=DESK, key="m", task=task, state="ended"))
    desk.call(task, "shop", "lookup", order="o-7")
    desk.call(task, "shop", "refund", key="r", order="o-7", amount=5)
    publish(desk)
    return middle


def set_back(desk: Desk) -> None:
    """Set the clock of the store back, and have an operator accept it: from there on it goes as it goes."""
    with desk.core.store.reading() as reading:
        now = iter((reading.head.time - 2 * 10**9,))
    desk.core.store._clock = lambda: next(now, time.time_ns())  # type: ignore[assignment]
    desk.do(AcceptClock(caller=ADMIN, key="clock", why="it ran ahead"))


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
        trail = StoredTrail(view, view)
        return verify(trail, LogKey.read(SIGNER.vkey), tuple(each.encode() for each in since))


def in_export(url: str, directory: Path) -> Findings:
    """Verify what is exported of a store."""
    with open_view(url) as view:
        export(view, directory)
    return verify(ExportedTrail(directory, LINES), LogKey.read(SIGNER.vkey))


def second() -> Generation:
    return policy(POLICY.replace("mails <= 3", "mails <= 5"))
