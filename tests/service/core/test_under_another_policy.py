"""An approval that was given under one policy and is used under another: core and verifier agree on when it is good."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agpc.service.core import SYSTEM, Adopt

from ..audit.stored import SIGNER, in_export, in_store, publish
from .asking import LEAD, bodies, effect, judge, know, refund
from .desk import POLICY, Desk, opened, policy

RULE = 'require approval by "role:lead" within 1h'


@pytest.fixture
def desk(store_url: str, tmp_path: Path) -> Iterator[Desk]:
    with opened(store_url, policy(), signer=SIGNER) as desk:
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
    desk: Desk, now: str, expected: str, used: int
) -> None:
    task = desk.start()["task"]["id"]
    judge(desk, refund(desk, task))
    text = POLICY.replace(RULE, now)
    if now.startswith("when"):
        text = text.replace("args.order == task.order when", "args.order == task.order and")
    desk.do(Adopt(caller=SYSTEM, key="other", generation=policy(text)))
    assert effect(refund(desk, task)) == expected
    assert len(bodies(desk, "use")) == used


def test_it_is_not_good_where_another_rule_asks(desk: Desk) -> None:
    task = desk.start()["task"]["id"]
    judge(desk, refund(desk, task))
    text = POLICY.replace("allow shop.refund when", "allow shop.refund as anew when")
    desk.do(Adopt(caller=SYSTEM, key="other", generation=policy(text)))
    assert effect(refund(desk, task)) == "challenge" and bodies(desk, "use") == []
