"""The evaluator on its own: what it survives, and what it keeps."""

from __future__ import annotations

import copy
import json
import operator
import pickle
import threading
from collections.abc import Callable
from dataclasses import FrozenInstanceError, replace
from typing import Any
from zoneinfo import ZoneInfoNotFoundError

import pytest

from agpc.runtime import call as call_module
from agpc.runtime import evaluator as module
from agpc.runtime.arguments import Arguments
from agpc.runtime.call import Call
from agpc.runtime.decision import Decision
from agpc.runtime.evaluator import Evaluator
from agpc.runtime.evidence import Approval
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
    arguments={"p.ledger.post": Arguments({}, is_open=True)},
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


def nested_objects(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = {"a": value}
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


def test_answers_are_shared_and_cannot_be_changed() -> None:
    rule = allow(
        "p.a", owner=Owner("o", "c"), credential=(60, 1), obligations=(("n", (("k", "v"),)),)
    )
    engine = Evaluator(VOCABULARY, [rule])
    first = engine.decide(REQUEST)
    before = copy.deepcopy(first)
    assert first is engine.decide(copy.deepcopy(REQUEST))
    obligation = first.obligations[0]
    for shared in (first.owner, first.credential, obligation, obligation["properties"]):
        held: Any = shared
        for change in (
            lambda held: held.__setitem__("name", "another"),
            lambda held: held.__delitem__(next(iter(held))),
            lambda held: held.update(name="another"),
            lambda held: operator.ior(held, {"name": "another"}),
            lambda held: held.setdefault("name", "another"),
            lambda held: held.pop(next(iter(held))),
            lambda held: held.popitem(),
            lambda held: held.clear(),
        ):
            with pytest.raises(TypeError, match="does not change"):
                change(held)
        held.__init__({"name": "another"}, id="another")  # which makes a plain dictionary hold more
    with pytest.raises(FrozenInstanceError):
        first.effect = "deny"  # type: ignore[misc]
    for change in (
        lambda held: held.__init__("deny"),
        lambda held: held.__setstate__(["deny", *[None] * 6]),
        lambda held: Decision.__init__(held, effect="deny"),
    ):
        with pytest.raises(TypeError, match="does not change"):
            change(first)
    assert replace(first, effect="deny").effect == "deny"
    assert engine.decide(REQUEST) == before


@pytest.mark.parametrize(
    "copied", [copy.copy, copy.deepcopy, lambda it: pickle.loads(pickle.dumps(it))]
)
def test_what_copies_a_part_of_an_answer_may_change_it(copied: Callable[[Any], Any]) -> None:
    rule = allow("p.a", obligations=(("n", (("k", "v"),)),))
    shared = Evaluator(VOCABULARY, [rule]).decide(REQUEST).obligations[0]
    own = copied(shared)
    assert own == shared
    own["id"] = "another"
    assert shared["id"] == "p.a"


@pytest.mark.parametrize("state", ["active", "done"])
def test_the_document_of_an_answer_is_the_caller_s_own(state: str) -> None:
    rule = allow(
        "p.a",
        owner=Owner("o", "c"),
        credential=(60, 1),
        obligations=(("n", (("k", "v"),)),),
        requirements=(Approval(("role:a",)),) if state == "done" else (),
    )
    engine = Evaluator(VOCABULARY, [rule])
    first = engine.decide(REQUEST).to_authzen()
    before = copy.deepcopy(first)

    def empty(value: Any) -> None:
        for inner in list(value.values() if isinstance(value, dict) else value):
            if isinstance(inner, dict | list):
                empty(inner)
        value.clear()

    empty(first)
    assert engine.decide(REQUEST).to_authzen() == before


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
    monkeypatch.setattr(module, "REMEMBERED", 12)
    names = {f"p.f{n}": ((), (f"s://x/{n}/*",)) for n in range(20)}
    vocabulary = Vocabulary(names, ("p.pay",), {"p.ledger": ("post",)}, {}, False)
    engine = Evaluator(vocabulary, [allow("p.a", agents=tuple(names))])
    for number in range(20):
        asked = {**REQUEST, "subject": {"type": "agent", "id": f"s://x/{number}/a"}}
        assert engine.decide(asked).decision
        assert len(engine._groups) <= 3
        assert len(engine._known) <= 3


def test_memory_of_decisions_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "REMEMBERED", 60)

    def has(number: int) -> Callable[[Call], bool]:
        return lambda call: bool(call.args["n"] >> number & 1)

    engine = Evaluator(VOCABULARY, [allow(f"p.a{at}", applies=has(at)) for at in range(8)])
    kept = []
    for number in range(1, 256):
        asked = {**REQUEST, "action": {"name": "post", "properties": {"n": number}}}
        found = engine.decide(asked)
        assert found.rules == tuple(f"p.a{at}" for at in range(8) if number >> at & 1)
        kept.append(sum(len(group.permits) for group in engine._groups.values()))
    assert 1 < max(kept) <= 60


def test_what_is_not_declared_is_not_remembered() -> None:
    engine = Evaluator(
        VOCABULARY, [allow("p.a"), Forbid(id="p.f", source="", capabilities=("any",))]
    )
    for number in range(100):
        for place, name in (("subject", "id"), ("action", "name"), ("resource", "type")):
            asked = {**REQUEST, place: {**REQUEST[place], name: f"s://y/{number}"}}
            assert not engine.decide(asked).decision
        engine.decide({**REQUEST, "context": {"task": {"intent": f"p.x{number}"}}})
    assert len(engine._groups) <= 3
    assert len(engine._known) <= 1


def test_threads_that_forget_for_each_other_get_the_same_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "REMEMBERED", 20)
    names = {f"p.f{n}": ((), (f"s://x/{n}/*",)) for n in range(20)}
    vocabulary = Vocabulary(names, ("p.pay",), {"p.ledger": ("post",)}, {}, False)
    rules = [allow(f"p.a{n}", agents=(f"p.f{n}",)) for n in range(0, 20, 2)]
    engine = Evaluator(vocabulary, rules)
    wrong: list[object] = []

    def ask(start: int) -> None:
        for step in range(2_000):
            number = (start + step * 7) % 20
            asked = {**REQUEST, "subject": {"type": "agent", "id": f"s://x/{number}/a"}}
            if engine.decide(asked).rules != (() if number % 2 else (f"p.a{number}",)):
                wrong.append(number)

    threads = [threading.Thread(target=ask, args=(start,)) for start in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


# --- Depth ----------------------------------------------------------------------------------------

PLACES: dict[str, tuple[str, ...]] = {
    "a key that nothing reads": ("more",),
    "beside the agent": ("subject", "more"),
    "instead of the agent's properties": ("subject", "properties"),
    "in the agent's properties": ("subject", "properties", "a"),
    "beside the action": ("action", "more"),
    "instead of the arguments": ("action", "properties"),
    "in the arguments": ("action", "properties", "a"),
    "beside the resource": ("resource", "more"),
    "in the resource's properties": ("resource", "properties", "a"),
    "in the context": ("context", "a"),
    "in the user": ("context", "user", "a"),
    "in the task": ("context", "task", "a"),
    "under a key that is no text": ("context", 3),  # type: ignore[dict-item]
}


@pytest.mark.parametrize("all_properties", [False, True])
@pytest.mark.parametrize("make", [nested, nested_objects])
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("tells", [False, True])
def test_64_levels_are_permitted_and_65_are_not(
    place: str,
    make: Callable[[int], Any],
    all_properties: bool,
    tells: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Wherever they stand, whatever stands beside them, and if the collector does not tell."""
    if not tells:
        monkeypatch.setattr(call_module, "may_hold_more", lambda _: True)
    engine = Evaluator(VOCABULARY, [allow("p.a")])
    for levels in (1, 2, 60, 64, 65, 66, 1_000):
        asked = copy.deepcopy(REQUEST)
        if all_properties:
            for root in ("subject", "action", "resource"):
                asked[root]["properties"] = {"b": 1}
        holder: Any = asked
        for step in PLACES[place][:-1]:
            holder = holder.setdefault(step, {})
        holder[PLACES[place][-1]] = make(levels - len(PLACES[place]))
        is_read = type(asked["action"].get("properties", {})) is dict  # or it is no arguments
        assert engine.decide(asked).decision is (levels <= 64 and is_read), levels


@pytest.mark.parametrize("place", PLACES)
def test_what_holds_itself_is_not_permitted(place: str) -> None:
    engine = Evaluator(VOCABULARY, [allow("p.a")])
    for circle in ([], {}):
        asked = copy.deepcopy(REQUEST)
        holder: Any = asked
        for step in PLACES[place][:-1]:
            holder = holder.setdefault(step, {})
        holder[PLACES[place][-1]] = circle
        if isinstance(circle, list):
            circle.append(circle)
        else:
            circle["a"] = circle
        assert not engine.decide(asked).decision


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
