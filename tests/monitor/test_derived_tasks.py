"""Of a task inside another, its fields are an origin where a person agreed to its start: by the monitor and by the reference.

Else they have the origins that they had before. Histories here are of little else.
"""

from __future__ import annotations

from typing import Any

from engines.watched import POLICY, SECOND, Watched, check
from generators.histories import BOTS, draw_request, draw_start
from generators.values import Draw, pick
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from agpc.compiler.meaning.facts import facts
from agpc.compiler.meaning.facts.reader import read_record

FEW = ("ab", "o-7", "joe@corp.com")


def test_histories_with_derived_tasks_give_the_facts_of_the_reference() -> None:
    seen = {"agreed": 0, "not": 0, "from it": 0}

    @settings(phases=[Phase.explicit, Phase.generate])
    @given(st.data())
    def drawn(data: st.DataObject) -> None:
        watched, tasks = Watched(), [("t0", BOTS[0])]
        fields = {"order": pick(data.draw, FEW), "more": [pick(data.draw, FEW)], "n": None}
        watched.monitor.start({"id": "t0", "intent": "p.work", **fields}, agent=BOTS[0])
        for number in range(1, data.draw(st.integers(2, 5))):
            watched.time += pick(data.draw, (0, SECOND, 25 * SECOND))
            step(data.draw, watched, tasks, f"t{number}")
        for derived in (
            each for each in read_record(POLICY, watched.lines).tasks.values() if each.parent
        ):
            seen["agreed" if derived.agreed else "not"] += 1
        again = Watched(record=watched.lines)
        again.time = watched.time = watched.time + SECOND
        for task in tasks:
            request = asking(data.draw, task)
            check(watched, request)
            check(again, request)
            found = facts(POLICY, watched.lines, watched.monitor.facts(request))["context"]
            names = [each for key, each in found["sources"].items() if key.startswith("p.people#")]
            seen["from it"] += any("to" in each for each in names)

    drawn()
    assert all(seen.values()), seen


def asking(draw: Draw, task: tuple[str, str]) -> dict[str, Any]:
    """A call of a task whose argument may be a field of it."""
    request = draw_request(draw, [task])
    request["subject"]["id"] = task[1]
    request["resource"]["type"] = "p.mail"
    request["action"] = {"name": "send", "properties": {"to": [pick(draw, FEW)]}}
    at_hand = {"id": task[0], "intent": "p.work", "state": "active", "order": "o-7"}
    request["context"] = {"task": at_hand, "user": {"id": "user:joe"}}
    return request


def step(draw: Draw, watched: Watched, tasks: list[tuple[str, str]], id: str) -> None:
    """The start of a task inside another one: asked for, or not; as it was asked for, or otherwise; later, or never."""
    parent = pick(draw, tuple(tasks))
    task = {"id": id, "intent": "p.part", "order": pick(draw, FEW), "more": [pick(draw, FEW)], "n": pick(draw, (None, 20))}  # fmt: skip
    request = draw_start(draw, parent, task, watched.now())
    odd = draw(st.integers(0, 19))
    if odd == 0:
        return
    if odd == 1:
        request["resource"]["id"] = "t"
    if odd == 2:
        request["context"]["approvals"] = pick(draw, (None, {}, "x", [None]))
    if odd == 3:
        watched.monitor.said(parent[0], pick(draw, FEW))
    answer = watched.monitor.decide(request)
    if odd == 4 and answer.decision.effect == "permit":
        watched.monitor.withdrawn(answer.call or "")
    if odd == 5:
        task[pick(draw, ("order", "n"))] = pick(draw, FEW)
    if odd == 6:
        task["n"] = 20.0
    if odd == 7:
        task["intent"] = "p.work"
    if odd == 8:
        parent = pick(draw, tuple(tasks))
    agent = pick(draw, BOTS)
    watched.monitor.start(task, agent=agent, parent=parent[0])
    tasks.append((id, agent))
