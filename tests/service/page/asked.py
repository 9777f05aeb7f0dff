"""What the tests of the pages of requests ask people, and whom."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from agpc.service.config.callers import PersonEntry
from agpc.service.config.models import Settings
from agpc.service.core import SYSTEM, Know
from agpc.service.http.app import ProcessParts, Service
from agpc.service.http.gate.callers import Callers, hashed
from agpc.service.page.routes import page_routes

from ..core.desk import POLICY, Desk, opened, policy

TEXT = POLICY.replace(
    "allow vault.put, vault.look", 'allow vault.put, vault.look require approval by "role:lead"'
).replace(
    "allow mail.send when args.to from vouched and mails <= 3",
    'allow mail.send when mails <= 3 require approval by "role:lead"\n'
    "    allow mail.send as vouched_mail when args.to from vouched and mails <= 3 "
    'require approval by "role:lead"',
)
EVIL = "<script>alert(1)</script>\u202egpj.exe\u200b p\u0430ypal \x1b[31m"


@contextmanager
def a_desk(url: str) -> Iterator[Desk]:
    """A desk that asks people, who are known."""
    with opened(url, policy(TEXT)) as desk:
        for person, role in (("user:ann", "role:lead"), ("user:bob", "role:clerk")):
            desk.do(Know(caller=SYSTEM, key=desk.key(), person=person, roles=(role,)))
        yield desk


def people() -> list[PersonEntry]:
    return [
        PersonEntry(id=id, roles=(), read=reads, key_sha256=hashed(f"agpk_{id}"))
        for id, reads in (("user:ann", False), ("user:bob", True))
    ]


def pages_of(desk: Desk, *, is_secure: bool = True) -> Any:
    """The application with the pages, for these people."""
    parts = ProcessParts(
        callers=Callers.of([], Path(), people=people()),
        more=[page_routes(desk.core, is_secure=is_secure)],
    )
    return Service(desk.core, Settings(), parts).app


def form_of(text: str) -> str:
    found = re.search(r'name="form" value="(\w+)"', text)
    assert found is not None
    return found[1]


def signed_in(pages: TestClient, key: str) -> Any:
    form = form_of(pages.get("/sign-in").text)
    return pages.post("/sign-in", data={"form": form, "key": key})


def asks(desk: Desk, **arguments: Any) -> str:
    task = desk.start(said=arguments.pop("said", "Refund them."))["task"]["id"]
    answer = desk.call(task, "shop", "refund", **{"order": "o-7", "amount": 5, **arguments})
    return str(answer["request"]["id"])


def state(desk: Desk, id: str) -> tuple[str, list[tuple[str, str]]]:
    with desk.core.view() as view:
        row = view.request(id)
        assert row is not None
        return row.state, [(each.person, each.verdict) for each in view.verdicts(id)]
