"""An approval that was given under one policy and is used under another: core and verifier agree on when it is good."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from agpc.audit.events import Event
from agpc.audit.findings import Findings
from agpc.audit.index import Index
from agpc.audit.passkeys import Passkeys
from agpc.audit.people import People
from agpc.runtime.time_text import format_time
from agpc.service.core import SYSTEM, Adopt

from ..audit.stored import SIGNER, in_export, in_store, publish
from .asking import LEAD, bodies, effect, judge, know, refund
from .desk import POLICY, Desk, opened, policy

RULE = 'require approval by "role:lead" within 1h'


@pytest.fixture
def desk(store_url: str, tmp_path: Path) -> Iterator[Desk]:
    with opened(store_url, policy(tmp_path), signer=SIGNER) as desk:
        know(desk, LEAD, "role:lead")
        yield desk
        publish(desk)
        assert in_store(store_url).wrong == []
        found = in_export(store_url, tmp_path / "trail")
        assert found.wrong == [] and found.verdict == "proved"


@pytest.mark.parametrize(
    ("now", "expected", "used"),
    [
        ('require approval by "role:lead" within 2h', "permit", 1),
        ('require approval by "role:lead", "role:boss" within 1h', "permit", 1),
        ("", "permit", 0),
        ('require approval by "role:boss" within 1h', "challenge", 0),
        ('require approval by "role:lead" count 2 within 1h', "challenge", 0),
        ('when args.amount < 5 require approval by "role:lead" within 1h', "deny", 0),
    ],
    ids=["longer", "others too", "nobody", "somebody else", "two", "never"],
)
def test_it_is_good_where_the_policy_of_its_use_asks_for_it(
    desk: Desk, tmp_path: Path, now: str, expected: str, used: int
) -> None:
    task = desk.start()["task"]["id"]
    judge(desk, refund(desk, task))
    text = POLICY.replace(RULE, now)
    if now.startswith("when"):
        text = text.replace("args.order == task.order when", "args.order == task.order and")
    desk.do(Adopt(caller=SYSTEM, key="other", generation=policy(tmp_path, text)))
    assert effect(refund(desk, task)) == expected
    assert len(bodies(desk, "use")) == used


def test_it_is_not_good_where_another_rule_asks(desk: Desk, tmp_path: Path) -> None:
    task = desk.start()["task"]["id"]
    judge(desk, refund(desk, task))
    text = POLICY.replace("allow shop.refund when", "allow shop.refund as anew when")
    desk.do(Adopt(caller=SYSTEM, key="other", generation=policy(tmp_path, text)))
    assert effect(refund(desk, task)) == "challenge" and bodies(desk, "use") == []


NOW = 1_800_000_000 * 10**9


@pytest.mark.parametrize("question", ["hmac-sha256:a", "hmac-sha256:b", None])
def test_a_trail_in_which_what_others_asked_was_taken(question: str | None) -> None:
    wrong: list[str] = []
    call = {"resource": {"type": "d.t"}, "action": {"name": "do"}, "context": {"task": {"id": "t"}}}
    with closing(Index()) as index:
        passkeys = Passkeys(index, Findings(), lambda event, what: None)
        people = People(
            index, lambda event, what: wrong.append(what), lambda event, what: None, passkeys
        )
        answer = {"request": {"id": "q-3", "expires_at": format_time(NOW + 10**12)}}
        asked = {"effect": "challenge", "answer": answer, "question": "hmac-sha256:a"}
        people.asked(Event(3, NOW, "call", None, asked), asked, call)
        index.put_person(LEAD, ["role:lead"], None)
        told: dict[str, Any] = {"call": "c-3", "by": LEAD, "task": "t", "capability": "d.t.do"}
        told |= {
            "digest": "sha256:x",
            "request": "q-3",
            "roles": ["role:lead"],
            "verdict": "approve",
        }
        told |= {"at": format_time(NOW + 1), "caller": f"person:{LEAD}"}
        index.put_verdict("v-4", 4, json.loads(json.dumps(told)))
        each = {name: told[name] for name in ("by", "task", "capability", "at", "roles")}
        given = {**call["context"], "approvals": [{**each, "id": "v-4", "args": {}}]}
        body = {"effect": "permit", "digest": "sha256:x", "question": question}
        people.approvals(Event(5, NOW + 2, "call", None, body), body, {**call, "context": given})
    is_same = question == "hmac-sha256:a"
    assert [each for each in wrong if "not of what is asked" in each] == ([] if is_same else wrong)
    assert len(wrong) == (not is_same)
