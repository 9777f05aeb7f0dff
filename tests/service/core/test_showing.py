"""What may ever be permitted in a task, as an enforcement point asks it before it lists tools."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agpc.service.core import (
    SYSTEM,
    Adopt,
    Caller,
    Core,
    CoreSettings,
    Decide,
    Move,
    Problem,
    Start,
)
from agpc.service.policies.generation import Generation, load_generation
from agpc.service.store import Store, StoreError

from . import chains
from .desk import DESK, HELPER, OTHER, POLICY, SECRET, Desk, call, opened, policy, start

IN_ANSWER = [
    "desk.look.start",
    "desk.mail.send",
    "desk.shop.lookup",
    "desk.shop.refund",
    "desk.vault.look",
    "desk.vault.put",
]


@pytest.fixture
def generation() -> Generation:
    return policy()


@pytest.fixture
def desk(store_url: str, generation: Generation) -> Iterator[Desk]:
    with opened(store_url, generation) as desk:
        yield desk


def listed(desk: Desk, task: str, caller: Caller = DESK) -> list[str]:
    found = asyncio.run(desk.core.possible(caller, task))
    assert found["task"] == task and found["policy"] == desk.core.generation.digest
    capabilities: list[str] = found["capabilities"]
    return capabilities


def size(desk: Desk) -> int:
    with desk.core.view() as view:
        return view.head.seq


def test_it_is_what_some_call_may_get_and_tells_nothing_of_what_was_counted(desk: Desk) -> None:
    task = desk.start(said="to joe@mail.example")["task"]["id"]
    assert listed(desk, task) == IN_ANSWER
    for _ in range(4):
        last = desk.call(task, "mail", "send", to=["joe@mail.example"], body="x")
    assert last["decision"] is False
    before = size(desk)
    assert listed(desk, task) == IN_ANSWER
    assert size(desk) == before


def test_in_another_task_it_is_another_and_in_none_that_ended(desk: Desk) -> None:
    task = desk.start()["task"]["id"]
    request = start(intent="look", task=task)
    inside = desk.do(Start(caller=DESK, key="in", request=request))["task"]["id"]
    assert listed(desk, inside) == ["desk.shop.lookup"]
    desk.do(Move(caller=DESK, key="m", task=task, state="ended"))
    assert listed(desk, inside) == listed(desk, task) == []


@pytest.mark.parametrize(
    ("caller", "status"),
    [
        (Caller("reader", ("read", "admin", "start", "lease"), (HELPER,)), 403),
        (Caller("stranger", ("decide",), (OTHER,)), 404),
        (Caller("agent", ("decide",), (HELPER,), identity=HELPER), 404),
    ],
)
def test_it_is_for_who_decides_for_the_agent(desk: Desk, caller: Caller, status: int) -> None:
    with pytest.raises(Problem) as refused:
        listed(desk, desk.start()["task"]["id"], caller)
    assert refused.value.status == status


@pytest.mark.parametrize("id", ["t-nobody", "", "x" * 600, "\0", "\ud800"])
def test_of_no_task_there_is_none(desk: Desk, id: str) -> None:
    with pytest.raises(Problem) as refused:
        listed(desk, id)
    assert refused.value.status == 404


def test_it_follows_a_policy_that_another_process_made_active(
    store_url: str, generation: Generation
) -> None:
    with opened(store_url, generation) as one, opened(store_url, generation) as two:
        task = one.start()["task"]["id"]
        assert "desk.shop.refund" in listed(two, task)
        stricter = policy(POLICY + '\nforbid refunds { deny shop.refund because "No refunds." }\n')
        one.do(Adopt(caller=SYSTEM, key="new", generation=stricter))
        assert listed(two, task) == [each for each in IN_ANSWER if each != "desk.shop.refund"]


def test_where_the_store_fails_there_is_no_answer(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = desk.start()["task"]["id"]

    def broken(self: Any) -> Any:
        raise StoreError("gone")

    monkeypatch.setattr(type(desk.core.store), "reading", broken)
    with pytest.raises(Problem) as refused:
        listed(desk, task)
    assert refused.value.status == 503


def test_without_a_policy_there_is_no_answer(store_url: str, generation: Generation) -> None:
    core = Core(Store(store_url), generation, CoreSettings(secret=SECRET))
    try:
        with pytest.raises(Problem) as refused:
            listed(Desk(core), "t-1")
        assert refused.value.status == 503
    finally:
        core.stop()


def test_who_acts_for_another_is_shown_what_both_may(store_url: str) -> None:
    text = chains.POLICY.replace("read action peek()", "read action peek(), poke(), prod()")
    text = text.replace(
        "for answer\n    allow shop.peek", "for answer\n    allow shop.peek, shop.poke"
    )
    text = text.replace(
        "for look\n    allow shop.peek",
        "for look\n    allow shop.peek, shop.prod\n    allow answer.start",
    )
    with opened(store_url, policy(text)) as desk:
        alone = chains.task_of(desk, HELPER, "answer")
        above = chains.task_of(desk, OTHER, "look")
        assert listed(desk, alone, chains.GATEWAY) == ["desk.shop.peek", "desk.shop.poke"]
        request = start(task=above)
        request["subject"]["id"] = OTHER
        operation = Start(caller=chains.GATEWAY, key="in", request=request, agent=HELPER)
        inside = desk.do(operation)["task"]["id"]
        assert listed(desk, inside, chains.GATEWAY) == ["desk.shop.peek"]
        for name, effect in (("peek", "permit"), ("poke", "deny"), ("prod", "deny")):
            asked = call(inside, "shop", name)
            answer = desk.do(Decide(caller=chains.GATEWAY, key=name, request=asked))
            assert answer["context"]["effect"] == effect


TIERED = POLICY.replace(
    'agent helper = "spiffe://acme.example/ns/desk/sa/helper"',
    'agent helper = "spiffe://acme.example/ns/desk/sa/helper" { tier: string }',
).replace("allow vault.put, vault.look", 'allow vault.put when agent.tier == "gold"')


@pytest.mark.parametrize(
    ("who", "tier", "is_listed"),
    [
        ("directory", "gold", True),
        ("directory", "tin", False),
        ("directory", None, False),
        ("either", "tin", True),  # a caller may say another one
        (None, None, True),
    ],
)
def test_what_the_directory_alone_says_of_an_agent_is_known(
    store_url: str, tmp_path: Path, who: str | None, tier: str | None, is_listed: bool
) -> None:
    file = tmp_path / "desk.agp"
    file.write_text(TIERED, encoding="utf-8")
    directory = tmp_path / "directory.json"
    properties = {} if tier is None else {"tier": tier}
    directory.write_text(
        json.dumps(
            {
                "attributes": {"subjects": {} if who is None else {"agent": {"tier": who}}},
                "subjects": [{"type": "agent", "id": HELPER, "properties": properties}],
            }
        )
    )
    with opened(store_url, load_generation([file], directory=directory)) as desk:
        task = desk.start()["task"]["id"]
        assert ("desk.vault.put" in listed(desk, task)) is is_listed
