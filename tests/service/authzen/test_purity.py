"""Evaluations open nothing that the policy denies, and leave nothing behind."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agpc.compiler.check.compiling.ir_json import loads
from agpc.compiler.check.compiling.load import load_policy
from agpc.compiler.meaning.interpreter import decide
from agpc.service.authzen.answers import COUNTS
from agpc.service.authzen.mapped import mapped
from agpc.service.authzen.point import Asker, DecisionPoint
from agpc.service.core import SYSTEM, Adopt, Caller, Core, CoreSettings, Move
from agpc.service.policies.directory import Directory
from agpc.service.policies.generation import generation_of
from agpc.service.policies.mapping import RESERVED, RequestMapping
from agpc.service.store import Store

from .point import STARTER, started

BOT, CRAB, IMP = (f"spiffe://example.org/{name}" for name in ("bot", "crab", "imp"))
POLICY = """\
language 2
package p
agent  bot  = "spiffe://example.org/bot"  { team?: string }
agent  crab = "spiffe://example.org/crab" { team?: string }
agent  imp  = "spiffe://example.org/imp"
intent work "work" { order: string }
intent rest "rest"
context { safe?: bool }
user { }
tool box {
    grade?: string
    read  action look(order?: string)
    write action put(order: string)
    send  action send(to: string)
    read  action ask(order?: string)
}
meter sent = count of box.send per task
grant g {
    to  bot, crab
    for work
    allow box.look when args.order == task.order
    allow box.look as safely when context.safe
    allow box.put when agent.team == "a" and resource.grade == "low"
    allow box.send when sent <= 100
    allow box.ask require approval by "role:lead"
}
grant i { to imp for work  allow box.look when args.order == task.order }
grant h { to crab for rest  allow box.look when user.id == "user:joe" or args.order == "o" }
forbid f {
    deny box.look
    when resource.grade == "high"
}
delegate crab for rest to imp for work
"""
MAPPING = RequestMapping.model_validate_json(
    json.dumps(
        {
            "subjects": {
                "user": {"as": "agent", "id": "spiffe://example.org/{id}"},
                "person": {"as": "user", "id": CRAB},
            },
            "resources": {"thing": {"as": "p.box", "actions": {"see": "look"}}},
            "context": {"ok": "safe"},
            "task": {"context": "job"},
        }
    )
)
DIRECTORY = Directory.model_validate_json(
    json.dumps(
        {
            "attributes": {
                "subjects": {"user": {"team": "directory"}},
                "resources": {"thing": {"grade": "either"}},
            },
            "subjects": [{"type": "user", "id": "bot", "properties": {"team": "a"}}],
            "resources": [
                {"type": "thing", "id": "r", "properties": {"grade": "low"}},
                {"type": "thing", "id": "s", "properties": {"grade": "high"}},
            ],
        }
    )
)
GATEWAY = Caller("gateway", ("decide",), (BOT, CRAB, IMP))


class Running:
    """A decision point on a store, and the tasks that it has, as requests have them."""

    def __init__(self, folder: Path) -> None:
        file = folder / "p.agp"
        file.write_text(POLICY, encoding="utf-8")
        self.generation = generation_of(load_policy([file]), mapping=MAPPING, directory=DIRECTORY)
        self.policy = loads(self.generation.ir)
        self.core = Core(
            Store(f"sqlite:///{folder}/agpc.db"), self.generation, CoreSettings(secret=b"s" * 32)
        )
        self.core.do_now(Adopt(caller=SYSTEM, key="first", generation=self.generation))
        self.tasks: dict[str, dict[str, Any]] = {}
        self.names: list[str] = []
        for agent, intent, user, ends in (
            (BOT, "p.work", None, False),
            (CRAB, "p.work", "user:joe", False),
            (CRAB, "p.rest", "user:joe", False),
            (CRAB, "p.rest", "user:ann", False),
            (CRAB, "p.work", "user:eve", True),
            (IMP, "p.work", None, False),
        ):
            fields = {"order": "o"} if intent == "p.work" else {}
            id = started(self.core, agent, intent, user=user, fields=fields)
            if ends:
                self.core.do_now(Move(caller=STARTER, key=f"end {id}", task=id, state="ended"))
            context: dict[str, Any] = {
                "task": {
                    **fields,
                    "id": id,
                    "intent": intent,
                    "state": "ended" if ends else "active",
                }
            }
            if user is not None:
                context["user"] = {"id": user}
            self.tasks[id] = {"agent": agent, "context": context}
            self.names.append(id)
        self.point = DecisionPoint(self.core, key=b"k" * 32, most=100)

    def evaluated(self, request: Any) -> dict[str, Any]:
        content = asyncio.run(self.point.evaluation(Asker(GATEWAY, "evaluation"), request))
        found: dict[str, Any] = json.loads(content)
        return found


@contextmanager
def running() -> Iterator[Running]:
    with tempfile.TemporaryDirectory() as folder:
        found = Running(Path(folder))
        try:
            yield found
        finally:
            found.core.stop()


@pytest.fixture(scope="module")
def here() -> Iterator[Running]:
    with running() as found:
        yield found


TEXTS = st.sampled_from(["o", "x", "a", "low", "high", "user:joe", "r", "s"])
VALUES = TEXTS | st.booleans() | st.none() | st.integers(0, 2) | st.lists(TEXTS, max_size=2)
TIMES = st.sampled_from(["2026-11-24T10:00:00Z", "2025-06-27T18:03-07:00", 1])
YES = {"by": "user:ann", "roles": ["role:lead"], "at": "2026-01-01T00:00:00Z", "capability": "p.box.ask", "resource": "r", "args": {}}  # fmt: skip


GOOD: list[tuple[str, str, str, dict[str, Any], str]] = [
    ("agent", BOT, "look", {"order": "o"}, "r"),
    ("agent", BOT, "put", {"order": "o"}, "r"),
    ("agent", BOT, "send", {"to": "x"}, "x"),
    ("agent", CRAB, "look", {"order": "o"}, "r"),
    ("agent", IMP, "look", {"order": "o"}, "r"),
    ("agent", CRAB, "ask", {}, "r"),
    ("user", "bot", "see", {"order": "o"}, "r"),
    ("user", "bot", "put", {"order": "x"}, "r"),
    ("user", "crab", "look", {"order": "o"}, "r"),
    ("person", "user:joe", "look", {}, "r"),
]
CHAIN = [{"agent": CRAB, "task": {"id": "TASK-2", "intent": "p.rest"}}]
TASK_OF = {IMP: 5, BOT: 0, CRAB: 1, "bot": 0, "crab": 1, "user:joe": 2}


def often(value: Any, others: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Mostly this; a test that only ever sees nonsense sees nothing permitted."""
    return st.integers(0, 7).flatmap(lambda number: others if number == 0 else st.just(value))


@st.composite
def requests(draw: st.DrawFn) -> dict[str, Any]:
    """Requests of which many are permitted, and many more would be if a caller's word counted."""
    kind, id, name, args, resource = draw(st.sampled_from(GOOD))
    ids = st.integers(0, 5).map(lambda number: f"TASK-{number}") | TEXTS
    task = draw(often(f"TASK-{TASK_OF[id]}", ids))
    claimed = {"id": task, "intent": "p.work", "state": "active", "order": "x"}
    context: dict[str, Any] = {"job": task}
    if kind == "agent":
        context["task"] = draw(
            often({"id": task}, st.sampled_from([claimed, {**claimed, "id": None}, task, None]))
        )
    more = {
        "safe": VALUES,
        "ok": VALUES,
        "user": st.just({"id": "user:joe"}),
        "time": TIMES,
        "approvals": st.just([{**YES, "task": task}]),
        "starter": st.just("front-office"),
        "meters": st.just({}),
        "delegation": st.sampled_from([[], None, CHAIN, "x", {}]),
    }  # fmt: skip
    context |= draw(st.fixed_dictionaries({}, optional=more))
    if id == IMP:  # who acts for somebody
        context["delegation"] = draw(often(CHAIN, st.sampled_from([[], None, "x"])))
    properties = st.dictionaries(st.sampled_from(["team", "grade", "order", "to", "x"]), VALUES)
    types = st.sampled_from(["p.box", "thing", "p.work", "x"])
    own = "p.box" if kind == "agent" and name != "see" else "thing"
    request: dict[str, Any] = {
        "subject": {"type": draw(often(kind, st.just("x"))), "id": draw(often(id, st.sampled_from([BOT, CRAB, "bot", "a/b"])))},
        "action": {"name": draw(often(name, st.sampled_from(["look", "see", "start", "x"]))), "properties": draw(often(args, properties | VALUES))},
        "resource": {"type": draw(often(own, types)), "id": draw(often(resource, TEXTS))},
        "context": context,
    }  # fmt: skip
    if name == "put" and kind == "agent":
        request["subject"]["properties"] = {"team": "a"}
        request["resource"]["properties"] = {"grade": "low"}
    for member in ("subject", "resource"):
        if draw(st.integers(0, 5)) == 0:
            request[member]["properties"] = draw(properties | VALUES)
    return request


def filled(running: Running, value: Any) -> Any:
    """Put the ids of real tasks in."""
    if isinstance(value, str):
        return running.names[int(value[-1])] if value.startswith("TASK-") else value
    if isinstance(value, list):
        return [filled(running, each) for each in value]
    return {key: filled(running, each) for key, each in value.items()} if isinstance(value, dict) else value  # fmt: skip


@given(data=st.data())
def test_nothing_is_opened_that_the_policy_denies(here: Running, data: st.DataObject) -> None:
    """What is permitted the reference interpreter permits, asked with what the store knows and no word of the caller's."""
    request = filled(here, data.draw(requests()))
    found = here.evaluated(request)
    renamed = mapped(here.generation, request)
    own = renamed.request
    given_task = renamed.wanted.id if renamed.wanted else _id((own.get("context") or {}).get("task"))  # fmt: skip
    known = here.tasks.get(given_task or "")
    context = {k: v for k, v in (own.get("context") or {}).items() if k not in RESERVED}
    person = renamed.wanted.user if renamed.wanted else None
    if (
        known is not None
        and known["agent"] == own["subject"]["id"]
        and person in (None, known["context"].get("user", {}).get("id"))
    ):
        context |= known["context"]
    chain = (own.get("context") or {}).get("delegation")
    if type(chain) is list and "task" in context:
        context["delegation"] = [
            {**each, "task": here.tasks[each["task"]["id"]]["context"]["task"]} for each in chain
        ]
    elif chain is not None and "task" in context:
        context["delegation"] = chain  # which is none: denied
    own = {
        **own,
        "subject": here.generation.attributes.applied("subject", own["subject"]),
        "resource": here.generation.attributes.applied("resource", own["resource"]),
        "context": {**context, "time": "2026-11-24T10:00:00Z"},
    }
    expected = decide(here.policy, own)
    if found["decision"]:
        assert expected.effect == "permit"
    if expected.effect != "permit" or own["action"]["name"] == "send":
        assert found["decision"] is False
    else:
        assert found["decision"] is True


def _id(task: Any) -> str | None:
    found = task.get("id") if isinstance(task, dict) else None
    return found if isinstance(found, str) else None


@given(data=st.data())
def test_an_evaluation_leaves_nothing_behind(here: Running, data: st.DataObject) -> None:
    asked = [filled(here, each) for each in data.draw(st.lists(requests(), max_size=6))]
    with here.core.view() as view:
        before = (view.head.seq, view.head.time)
    first = [here.evaluated(each) for each in asked]
    order = data.draw(st.permutations(range(len(asked))))
    again = {place: here.evaluated(asked[place]) for place in order}
    assert [again[place] for place in range(len(asked))] == first
    with here.core.view() as view:
        assert (view.head.seq, view.head.time) == before


def test_a_call_that_counts_is_permitted_where_it_is_recorded_alone(here: Running) -> None:
    request = {
        "subject": {"type": "agent", "id": BOT},
        "action": {"name": "send", "properties": {"to": "x"}},
        "resource": {"type": "p.box", "id": "r"},
        "context": {"task": {"id": here.names[0]}},
    }
    found = here.evaluated(request)
    assert found["decision"] is False
    if found["context"]["effect"] == "permit":
        assert found["context"]["reasons"] == [COUNTS]


def test_a_caller_who_does_not_speak_for_an_agent_learns_nothing_of_it(here: Running) -> None:
    stranger = Caller("stranger", ("decide",), ("spiffe://other.example/**",))
    request = {
        "subject": {"type": "agent", "id": CRAB},
        "action": {"name": "look", "properties": {"order": "o"}},
        "resource": {"type": "p.box", "id": "r"},
        "context": {"task": {"id": here.names[1]}},
    }
    assert here.evaluated(request)["decision"] is True
    content = asyncio.run(here.point.evaluation(Asker(stranger, "evaluation"), request))
    found = json.loads(content)
    assert (found["decision"], found["context"]["rules"]) == (False, [])


@pytest.mark.parametrize("chain", ["x", {}, 1, True, ["x"], [{}], [{"agent": CRAB}], [{"agent": CRAB, "task": {"id": "no"}}]])  # fmt: skip
def test_a_chain_that_is_malformed_permits_nothing(here: Running, chain: Any) -> None:
    request = {
        "subject": {"type": "agent", "id": BOT},
        "action": {"name": "look", "properties": {"order": "o"}},
        "resource": {"type": "p.box", "id": "r", "properties": {"grade": "low"}},
        "context": {"task": {"id": here.names[0]}},
    }
    assert here.evaluated(request)["decision"] is True
    for none in (None, []):
        request["context"]["delegation"] = none
        assert here.evaluated(request)["decision"] is True
    request["context"]["delegation"] = chain
    assert here.evaluated(request)["decision"] is False


@pytest.mark.parametrize("id", ["", "a\0b", "x" * 513], ids=["empty", "NUL", "too long"])
def test_what_calls_refuse_by_the_id_of_its_resource_is_no_permit(here: Running, id: str) -> None:
    request = {
        "subject": {"type": "agent", "id": CRAB},
        "action": {"name": "look", "properties": {"order": "o"}},
        "resource": {"type": "p.box", "id": id},
        "context": {"task": {"id": here.names[1]}},
    }
    assert here.evaluated(request)["decision"] is False


def test_what_one_policy_maps_no_other_decides(tmp_path: Path) -> None:
    """The mapping of the old policy makes `crab` an agent; under the new one, which decides, he is nobody."""
    running = Running(tmp_path)
    core = running.core
    request = {
        "subject": {"type": "user", "id": "crab"},
        "action": {"name": "look", "properties": {"order": "o"}},
        "resource": {"type": "p.box", "id": "r", "properties": {"grade": "low"}},
        "context": {"job": running.names[1]},
    }
    assert running.evaluated(request)["decision"] is True
    policy = load_policy([tmp_path / "p.agp"])
    without = generation_of(policy, mapping=RequestMapping(), directory=Directory())
    evaluate = core.evaluate

    async def later(asked: Any) -> Any:
        core.evaluate = evaluate  # type: ignore[method-assign]
        await core.do(Adopt(caller=SYSTEM, key="next", generation=without))
        return await evaluate(asked)

    core.evaluate = later  # type: ignore[method-assign]
    found = running.evaluated(request)
    core.stop()
    assert core.generation.digest == without.digest and found["decision"] is False
