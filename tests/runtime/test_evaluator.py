"""The evaluator on its own: what it survives, and what it keeps."""

from __future__ import annotations

import copy
import json
from typing import Any
from zoneinfo import ZoneInfoNotFoundError

import pytest

from agpc.runtime import evaluator as module
from agpc.runtime.call import Call
from agpc.runtime.evaluator import Evaluator
from agpc.runtime.rules import (
    Allow,
    Forbid,
    Owner,
    Rule,
    Vocabulary,
)
from agpc.runtime.windows import Validity, Window

VOCABULARY = Vocabulary(
    agents={"p.bot": (("s://x/bot",), ()), "p.bots": ((), ("s://x/*",))},
    intents=("p.pay",),
    resources={"p.ledger": ("post", "read"), "p.files": ("any",)},
    owners={"p.ledger": Owner("o", "c")},
    user_declared=False,
)
REQUEST: dict[str, Any] = {
    "subject": {"type": "agent", "id": "s://x/bot"},
    "action": {"name": "post"},
    "resource": {"type": "p.ledger", "id": "main"},
    "context": {"task": {"intent": "p.pay", "state": "active"}},
}


def allow(id: str, **more: Any) -> Allow:
    return Allow(**{"id": id, "source": "", "capabilities": ("p.ledger.post",), **more})


def nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


HOSTILE: dict[str, Any] = {
    "nothing": None,
    "deep": nested(100_000),
    "huge": 10**5_000,
    "nan": float("nan"),
    "surrogate": "\ud800",
    "odd keys": {1: {(): object()}},
    "list": [],
    "deep task": {"task": nested(100_000), 3: 4},
    "deep id": {"type": "agent", "id": nested(100_000), "name": [], "properties": {"a": {}}},
}


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("place", ["", "subject", "action", "resource", "context"])
def test_nothing_raises(place: str, value: str) -> None:
    hostile = HOSTILE[value]
    engine = Evaluator(VOCABULARY, [allow("p.a"), Forbid(id="p.f", source="", capabilities=())])
    asked = {**REQUEST, place: hostile} if place else hostile
    assert engine.decide(asked).effect == "deny"


def test_answers_share_nothing_that_can_change() -> None:
    rule = allow(
        "p.a", owner=Owner("o", "c"), credential=(60, 1), obligations=(("n", (("k", "v"),)),)
    )
    engine = Evaluator(VOCABULARY, [rule])
    first = engine.decide(REQUEST)
    before = copy.deepcopy(first)
    assert first.owner and first.credential
    first.owner["name"] = "another"
    first.credential["ttl_seconds"] = 10**9
    first.obligations[0]["properties"]["k"] = "another"
    assert engine.decide(REQUEST) == before


def test_answers_are_json() -> None:
    engine = Evaluator(VOCABULARY, [allow("p.a", owner=Owner("o", "c"))])
    assert json.loads(json.dumps(engine.decide(REQUEST).to_authzen()))["decision"] is True


def test_a_rule_reached_in_two_ways_counts_once() -> None:
    rule = allow("p.a", agents=("p.bot", "p.bots"), capabilities=("any", "p.ledger.*"))
    assert Evaluator(VOCABULARY, [rule]).decide(REQUEST).rules == ("p.a",)


def test_a_name_is_no_way_in() -> None:
    """What stands for everyone inside the evaluator cannot be said by a request."""
    everyone = Forbid(id="p.f", source="", capabilities=("any",), agents=("p.bot",))
    engine = Evaluator(VOCABULARY, [everyone, allow("p.a")])
    for agent in ("*", "+", "0", "p.bot", "p.bots", "", "s://x/*"):
        asked = {**REQUEST, "subject": {"type": "agent", "id": agent}}
        assert engine.decide(asked).rules == ()


def test_an_allow_for_anyone_is_for_the_declared() -> None:
    engine = Evaluator(VOCABULARY, [allow("p.a")])
    other = {**REQUEST, "subject": {"type": "agent", "id": "s://y/bot"}}
    assert not engine.decide(other).decision
    undeclared = {**REQUEST, "context": {"task": {"intent": "p.x", "state": "active"}}}
    assert not engine.decide(undeclared).decision
    assert engine.decide(REQUEST).decision


def test_a_forbid_for_anyone_is_for_the_undeclared_too() -> None:
    engine = Evaluator(VOCABULARY, [Forbid(id="p.f", source="", capabilities=("any",))])
    other = {**REQUEST, "subject": {"type": "agent", "id": "s://y/bot"}, "context": 3}
    assert engine.decide(other).rules == ("p.f",)


def test_memory_of_groups_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "REMEMBERED", 3)
    names = {f"p.f{n}": ((), (f"s://x/{n}/*",)) for n in range(20)}
    vocabulary = Vocabulary(names, ("p.pay",), {"p.ledger": ("post",)}, {}, False)
    engine = Evaluator(vocabulary, [allow("p.a", agents=tuple(names))])
    for number in range(20):
        asked = {**REQUEST, "subject": {"type": "agent", "id": f"s://x/{number}/a"}}
        assert engine.decide(asked).decision
        assert len(engine._groups) <= 3


def test_rules_about_others_are_not_asked() -> None:
    def never(call: Call) -> bool:
        raise AssertionError("a rule about something else was asked")

    others: list[Rule] = [
        allow("p.a1", agents=("p.other",), applies=never),
        allow("p.a2", intents=("p.other",), applies=never),
        allow("p.a3", capabilities=("p.ledger.read",), applies=never),
        allow("p.a4", capabilities=("p.files.*",), applies=never),
        Forbid(id="p.f", source="", capabilities=("any",), agents=("p.other",), applies=never),
    ]
    assert Evaluator(VOCABULARY, [*others, allow("p.a")]).decide(REQUEST).rules == ("p.a",)


def test_a_validity_that_is_no_time_is_an_error_at_once() -> None:
    with pytest.raises(ValueError, match="not a time"):
        Validity(None, "2027-13-01T00:00:00Z")


def test_an_unknown_zone_is_an_error_at_once() -> None:
    with pytest.raises(ZoneInfoNotFoundError):
        Window((0,), 0, 1, "Nowhere/Land")
