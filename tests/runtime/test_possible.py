"""What may ever be permitted, under a policy in which each thing that rules something out does so once."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any, TypeAlias

import pytest

import agpc
from agpc.compiler.meaning.interpreter import decide
from agpc.compiler.meaning.possible import possible
from agpc.runtime import possible as module
from agpc.runtime.evaluator import Evaluator
from agpc.targets.python import evaluator
from agpc.targets.python.rules import rule_of, vocabulary_of

POLICY = """
language 2
package p

agent  bot    = "spiffe://t.example/bot"   { tier: string }
agent  clerk  = "spiffe://t.example/clerk"
agent  reader = "spiffe://t.example/reader"
intent work "Work" { area: string, ticket?: string, due?: time }
intent look "Look something up" { area?: string }
user { team: string }

tool t {
    owner: string
    write action of_area, of_ticket, of_other_area, of_user, of_agent
    write action of_argument(area: string), of_either_area(area: string)
    write action of_resource, of_time, late, counted, asked
    write action revoked, never_revoked
    write action closed, closed_here, closed_there, closed_at_night, closed_by_argument, closed_to_question
    write action closed_unless_here, closed_unless_said, closed_unless_counted
    read action shared, of_clerk, of_reader, golden
    write action of_nobody
}
context { confidence?: number }
meter calls = count of t.counted per task

grant working {
    to  bot
    for work
    allow t.of_area when task.area == "a"
    allow t.of_ticket when has task.ticket
    allow t.of_other_area when task.area != "a"
    allow t.of_either_area when task.area == "b" or args.area == "b" or not task.area == "a"
    allow t.of_user when user.team == "red"
    allow t.of_agent when agent.tier == "gold"
    allow t.of_argument when args.area == "b" and task.area == "a"
    allow t.of_resource when resource.owner == "me"
    allow t.counted when calls <= 1
    allow t.asked require approval by "role:lead" within 1h
    allow t.closed, t.closed_here, t.closed_there, t.closed_at_night, t.closed_by_argument, t.closed_to_question
    allow t.closed_unless_here, t.closed_unless_said, t.closed_unless_counted
}
grant then {
    to  bot
    for work
    allow t.of_time
    valid from 2020-01-01 until 2020-01-02
    during mon..fri 07:00..08:00 "Europe/Berlin"
}
grant due {
    to  bot
    for work
    allow t.late when now < task.due
}
grant some_revoked {
    to  bot
    for work
    allow t.revoked
    revoke when task.area == "a" or context.confidence < 0.5
}
grant not_revoked {
    to  bot
    for work
    allow t.never_revoked
    revoke when task.area == "b" and context.confidence < 0.5
}
grant clerks  { to clerk  for work allow t.shared, t.of_clerk }
grant readers { to reader for look allow t.shared, t.of_reader, t.golden }
grant golden  { to bot for work allow t.golden when agent.tier == "gold" }
delegate bot for work to reader for look
delegate clerk for work to reader for look

forbid all      { deny t.closed }
forbid here     { deny t.closed_here when task.area == "a" }
forbid there    { deny t.closed_there when task.area == "b" }
forbid at_night { deny t.closed_at_night during mon..sun 22:00..06:00 "Europe/Berlin" }
forbid broad    { deny t.closed_by_argument when resource.owner == "me" }
forbid asking   { deny t.closed_to_question unless approval by "role:lead" within 1h }
forbid not_here { deny t.closed_unless_here unless task.area == "a" }
forbid unsaid   { deny t.closed_unless_said unless task.area == "b" }
forbid uncounted { deny t.closed_unless_counted unless calls.before >= 5 and task.area == "b" }
"""
BOT, CLERK, READER = (f"spiffe://t.example/{name}" for name in ("bot", "clerk", "reader"))
NO_USER, NO_TIER = {"p.t.of_user"}, {"p.t.of_agent", "p.t.golden"}
OF_BOT = frozenset(
    f"p.t.{name}"
    for name in (
        *("of_area", "of_argument", "of_resource", "of_either_area", "of_time", "counted", "asked"),
        *("of_user", "of_agent", "golden", "late", "never_revoked"),
        *("closed_there", "closed_at_night", "closed_by_argument", "closed_to_question"),
        "closed_unless_here",
    )
)

Answers: TypeAlias = Callable[[Any], frozenset[str]]


@cache
def policy() -> agpc.Policy:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        file = Path(folder) / "p.agp"
        file.write_text(POLICY, encoding="utf-8")
        return agpc.compile(file)


@pytest.fixture(params=["the meaning", "the engine"])
def found(request: pytest.FixtureRequest) -> Answers:
    if request.param == "the meaning":
        return partial(possible, policy())
    return evaluator(policy()).possible


def task(intent: str = "work", **fields: Any) -> dict[str, Any]:
    return {"id": "t-1", "intent": f"p.{intent}", "state": "active", "area": "a", **fields}


def stub(agent: str = BOT, properties: Any = ..., **context: Any) -> dict[str, Any]:
    subject = {"type": "agent", "id": agent}
    if properties is not ...:
        subject["properties"] = properties
    return {"subject": subject, "context": {"task": task(), **context}}


def test_what_is_known_rules_out_and_what_is_not_does_not(found: Answers) -> None:
    assert found(stub()) == OF_BOT


def test_fields_of_the_task_are_whole(found: Answers) -> None:
    there = found(stub(task=task(area="b", ticket="x")))
    assert {"p.t.of_ticket", "p.t.of_other_area", "p.t.closed_here"} <= there
    assert {"p.t.closed_unless_said", "p.t.closed_unless_counted", "p.t.revoked"} <= there
    assert not {"p.t.of_area", "p.t.of_argument", "p.t.closed_there", "p.t.closed"} & there
    nowhere = found(stub(task=task(area=None)))
    assert "p.t.of_either_area" in nowhere  # by its argument
    assert not {"p.t.of_area", "p.t.of_other_area"} & nowhere
    assert not {"p.t.closed_here", "p.t.closed_there", "p.t.closed_unless_here"} & nowhere
    assert found(stub(task=task(area=["a"]))) == nowhere


@pytest.mark.parametrize(
    ("context", "gone"),
    [
        ({"user": {"id": "ann", "team": "red"}}, set()),
        ({"user": {"id": "ann", "team": "blue"}}, NO_USER),
        ({"user": {"id": "ann"}}, NO_USER),
        ({"user": None}, NO_USER),
        ({"user": "ann"}, NO_USER),
        ({"properties": {"tier": "gold"}}, set()),
        ({"properties": {"tier": "tin"}}, NO_TIER),
        ({"properties": {}}, NO_TIER),
        ({"properties": None}, NO_TIER),
        ({"properties": []}, NO_TIER),
    ],
)
def test_what_is_said_of_the_user_and_the_agent_is_whole(
    found: Answers, context: dict[str, Any], gone: set[str]
) -> None:
    assert found(stub(**context)) == OF_BOT - gone


@pytest.mark.parametrize("state", ["ended", "drifted", None, True, "Active", []])
def test_in_a_task_that_is_not_active_nothing_is(found: Answers, state: Any) -> None:
    assert found(stub(task=task(state=state))) == set()


@pytest.mark.parametrize(
    "request_",
    [
        None, [], {}, {"subject": None}, {"subject": {"type": "agent"}}, {"subject": {"type": "agent", "id": 1}},
        {**stub(), "subject": {"type": "user", "id": BOT}}, {**stub(), "subject": {"type": ["agent"], "id": BOT}},
        {"subject": {"id": BOT}, "context": {"task": task()}}, stub("spiffe://t.example/nobody"), stub(""),
        stub("\ud800"), stub(task=[]), stub(task="t-1"), stub(task=task("unknown")), stub(task=task("look")),
        stub(task={"id": "t-1"}), {**stub(), "context": []}, stub(task=task(intent=["p.work"])),
        stub(user={"a": [[[[[[[[[[{}]]]]]]]]]] } | {"b": None}, task=None),
    ],
)  # fmt: skip
def test_nobody_is_permitted_anything_in_no_task(found: Answers, request_: Any) -> None:
    assert found(request_) - {"p.work.start"} == set()


def test_a_request_that_is_too_deep_is_none(found: Answers) -> None:
    deep: Any = 1
    for _ in range(100):
        deep = [deep]
    assert found(stub(properties={"tier": "gold"})) != set()
    assert found(stub(properties={"tier": deep})) == set()


def test_a_request_of_what_is_no_json_raises_nothing(found: Answers) -> None:
    class Odd(str):
        __slots__ = ()

        def __eq__(self, other: object) -> bool:
            raise ValueError("odd")

        __hash__ = str.__hash__

    assert found({Odd("subject"): 1}) == set()
    assert found(stub(task={**task(), "intent": Odd("p.work")})) == set()


def test_outside_of_a_task_there_are_first_starts(found: Answers) -> None:
    assert found({"subject": {"type": "agent", "id": BOT}}) == {"p.work.start"}
    assert found(stub(READER, task=None)) == {"p.look.start"}
    assert "p.work.start" not in found(stub())  # which takes an allow of its own


def test_a_chain_that_may_come_rules_nothing_out_and_one_that_is_there_does(found: Answers) -> None:
    mine = task("look", id="t-2")
    above = {"agent": CLERK, "task": task()}
    assert found(stub(READER, task=mine)) == {"p.t.shared", "p.t.of_reader", "p.t.golden"}
    assert found(stub(READER, task=mine, delegation=[above])) == {"p.t.shared"}
    assert found(stub(READER, task=mine, delegation=[])) == {
        "p.t.shared",
        "p.t.of_reader",
        "p.t.golden",
    }
    assert found(stub(READER, task=mine, delegation=None)) == set()  # it does not say for whom
    assert found(stub(CLERK, delegation=None)) == {"p.t.shared", "p.t.of_clerk"}
    assert (
        found(stub(READER, task=mine, delegation=[{**above, "task": task(state="ended")}])) == set()
    )
    for chain in (
        True,
        {},
        [None],
        [above] * 9,
        [{"agent": READER, "task": task()}],
        [{"agent": CLERK}],
    ):
        assert found(stub(READER, task=mine, delegation=chain)) == set()


def test_of_a_link_without_properties_they_are_open(found: Answers) -> None:
    mine = task("look", id="t-2")
    above = {"agent": BOT, "task": task()}
    for more, listed in (
        ({}, True),
        ({"properties": None}, False),
        ({"properties": {"tier": "gold"}}, True),
    ):
        there = found(stub(READER, task=mine, delegation=[{**above, **more}]))
        assert ("p.t.golden" in there) is listed


def test_what_is_not_known_before_a_call_is_not_read(found: Answers) -> None:
    more = {"time": "2019-01-01T00:00:00Z", "confidence": 0, "meters": {"x": 9}, "approvals": []}
    said = {
        **stub(**more),
        "action": {"name": "closed", "properties": {"area": "z"}},
        "resource": 1,
    }
    assert found(said) == OF_BOT


def test_what_is_possible_may_be_denied_and_what_is_not_is() -> None:
    call = {
        **stub(
            properties={"tier": "gold"},
            user={"id": "ann", "team": "red"},
            time="2026-11-24T10:00:00Z",
        ),
        "resource": {"type": "p.t", "id": "x", "properties": {"owner": "me"}},
    }
    effects = {
        name: decide(policy(), {**call, "action": {"name": name}}).effect
        for each in policy().resources
        if each.name == "p.t"
        for name in (action.name for action in each.actions)
    }
    listed = evaluator(policy()).possible(stub())
    assert {f"p.t.{name}" for name, effect in effects.items() if effect != "deny"} < listed
    assert effects["closed_by_argument"] == "deny"


def test_without_the_tests_of_rules_what_they_are_about_still_counts() -> None:
    rules = [rule_of(rule) for rule in (*policy().rules, *policy().starts.values())]
    for rule in rules:
        rule.applies = lambda call: True  # as in a package, where each rule has a test and no other
    listed = Evaluator(vocabulary_of(policy()), rules).possible(stub())
    assert listed >= OF_BOT
    assert "p.t.of_ticket" in listed and "p.t.closed_here" in listed
    assert not any(each.startswith("p.t.of_clerk") for each in listed)
    assert Evaluator(vocabulary_of(policy()), rules).possible(stub(CLERK)) >= {"p.t.shared"}


def test_a_full_memory_is_emptied_and_finds_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "REMEMBERED", 3)
    engine = evaluator(policy())
    for _ in range(3):
        assert engine.possible(stub()) == OF_BOT
        assert engine.possible(stub(CLERK)) == {"p.t.shared", "p.t.of_clerk"}
