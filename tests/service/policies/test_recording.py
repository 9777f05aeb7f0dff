"""How much of a call is kept, and which calls somebody would miss who looks at later ones."""

from __future__ import annotations

import json
from itertools import combinations
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.ir.nodes import Policy
from agpc.compiler.meaning.facts import facts
from agpc.compiler.report.source import Source
from agpc.service.policies.generation import Generation, generation_of
from agpc.service.policies.recording import audit_level, counts, rests_on_single_use

POLICIES: dict[str, Policy] = {}
BOT = "spiffe://t.example/bot"


def of(text: str) -> Generation:
    compiled = compile_sources([Source("p.agp", text)])
    assert compiled.policy is not None, compiled.diagnostics
    made = generation_of(compiled.policy)
    POLICIES[made.digest] = compiled.policy
    return made


def request(action: str, resource: str = "p.safe", **more: Any) -> dict[str, Any]:
    return {
        "subject": {"type": "agent", "id": BOT},
        "action": {"name": action, "properties": more.pop("args", {})},
        "resource": {"type": resource, "id": "r"},
        "context": {
            "time": "2026-11-24T10:00:00Z",
            "task": {"id": "t", "intent": "p.work", "state": "active"},
            **more,
        },
    }


AUDITED = of("""\
language 2
package p
agent bot = "spiffe://t.example/bot"
intent work "work"
context { confidence?: number }
tool safe { action both, full, silent, secret, asked, denied }
grant all {
    to bot for work
    audit full
    allow safe.both, safe.full
}
grant open { to bot for work  allow safe.silent }
grant secrets {
    to bot for work
    audit metadata
    allow safe.both as two when context.confidence > 0.5
    allow safe.secret, safe.denied
    allow safe.asked require approval by "role:lead"
}
forbid f { deny safe.denied }
""")


@pytest.mark.parametrize(
    ("action", "confidence", "effect", "level"),
    [
        ("both", 0.1, "permit", "full"),
        ("both", 0.9, "permit", "metadata"),
        ("both", None, "permit", "metadata"),  # a duty that is not known not to bind sticks
        ("full", None, "permit", "full"),
        ("silent", None, "permit", "full"),
        ("secret", None, "permit", "metadata"),
        ("asked", None, "challenge", "metadata"),
        ("denied", None, "deny", "metadata"),
        ("sceret", None, "deny", "metadata"),  # misspelt, with what should be kept secret in it
    ],
)
def test_what_is_kept_of_a_call(action: str, confidence: Any, effect: str, level: str) -> None:
    asked = request(action, confidence=confidence)
    decision = AUDITED.engine.decide(asked)
    assert decision.effect == effect
    assert audit_level(AUDITED, decision, AUDITED.engine.capability("p.safe", action)) == level


def test_a_denied_call_keeps_all_where_no_allow_says_otherwise() -> None:
    denied = AUDITED.engine.decide({**request("full"), "context": {}})
    assert audit_level(AUDITED, denied, "p.safe.full") == "full"
    open_ = of(
        'language 2\npackage p\nagent bot = "spiffe://t.example/bot"\nintent work "work"\n'
        "tool safe { action full }\ngrant a { to bot for work\n allow safe.full }\n"
    )
    assert audit_level(open_, open_.engine.decide(request("other")), None) == "full"


def test_an_allow_of_any_is_about_every_capability() -> None:
    every = of(
        'language 2\npackage p\nagent bot = "spiffe://t.example/bot"\nintent work "work"\n'
        "tool safe { action one, two }\ngrant a { to bot for work\n audit metadata\n allow any }\n"
    )
    assert every.redacting == {"p.safe.one", "p.safe.two"}


# --- What would be missed -------------------------------------------------------------------------

TOOLS = """\
language 2
package p
agent bot = "spiffe://t.example/bot"
intent work "work"   { order: string }
intent part "a part" { order: string }
tool a { read action get(x: string) -> { v: string }
    write action put(x: string)
    action flag(x: string) }
tool b { read action see(x: string) -> { w: string } }
tool free { read action peek(x: string) }
"""
PARTS = {
    "meter sent = count of a.put per task": "sent <= 3",
    "meter refused = count of denied a.flag per task": "refused.before <= 1",
    "meter done_ = count of done b.see per task": "done_.before <= 1",
    "meter writes = count of any write per agent within 1h": "writes <= 2",
    "source gave = a.get.v": "args.x from gave",
    "source told = quoted b.see": "args.x from told",
    "source vouched = said, task": "args.x from vouched",
    "": "after done a.flag",
}
WAYS = [chosen for size in (0, 1, 2, len(PARTS)) for chosen in combinations(sorted(PARTS), size)]
CALLS = (*(("p.a", each) for each in ("get", "put", "flag")), ("p.b", "see"), ("p.free", "peek"), ("p.part", "start"))  # fmt: skip


def text_of(chosen: tuple[str, ...]) -> str:
    conditions = " and ".join(PARTS[each] for each in chosen)
    when = f"when {conditions}" if conditions else ""
    return (
        TOOLS
        + "\n".join(chosen)
        + f"\ngrant g {{ to bot for work\n allow free.peek {when}\n"
        + " allow part.start require confirmation\n}\n"
        + f"grant h {{ to bot for part\n allow free.peek {when}\n}}\n"
    )


Step = tuple[str, str, dict[str, str] | None]
"""A call: its action, a value in it, and what it gave back; None if it was denied."""


def lived(steps: list[Step]) -> list[dict[str, Any]]:
    """The record of one task in which these calls were made, of which a start is that of a task inside it."""
    joe = {"id": "user:joe"}
    lines: list[dict[str, Any]] = [
        {"event": "task", "agent": BOT, "task": TASK, "user": joe},
        {"event": "said", "task": "t", "text": "one"},
    ]
    for number, (action, value, result) in enumerate(steps):
        kind = next(kind for kind, name in CALLS if name == action)
        args = {"order" if action == "start" else "x": value}
        yes = {"by": "user:joe", "roles": [], "at": "2026-11-24T09:50:00Z", "task": "t", "capability": "p.part.start", "resource": f"r{number}", "args": args}  # fmt: skip
        asked = request(action, kind, args=args, task=TASK, user=joe, approvals=[yes])
        asked["resource"]["id"] = f"r{number}"
        call = {"event": "call", "id": f"c{number}", "effect": "permit", "request": asked}
        lines.append(call)
        if result is None:
            call["effect"] = "deny"
        elif action == "start":
            part = {"id": f"r{number}", "intent": "p.part", "state": "active", **args}
            lines.append({"event": "task", "agent": BOT, "task": part, "parent": "t", "user": joe})
        elif result:
            lines.append({"event": "outcome", "call": f"c{number}", "outcome": "done", "result": result})  # fmt: skip
    for number, line in enumerate(lines):
        line["time"] = f"2026-11-24T09:50:{number:02}Z"
        if line["event"] == "call":
            line["request"]["context"]["time"] = line["time"]
    return lines


TASK = {"id": "t", "intent": "p.work", "state": "active", "order": "three"}
VALUES = st.sampled_from(["one", "two", "one two"])
RESULTS = st.fixed_dictionaries({"v": VALUES, "w": VALUES})
STEPS = st.tuples(
    st.sampled_from([name for _, name in CALLS]), VALUES, st.none() | st.just({}) | RESULTS
)
GAVE = {"v": "two", "w": "two"}
MADE: dict[str, Generation] = {}


@given(st.sampled_from(WAYS), st.lists(STEPS, max_size=8), VALUES)
@example(("source gave = a.get.v",), [("get", "one", GAVE)], "two")
@example(("source gave = a.get.v",), [("put", "one", {}), ("get", "one", GAVE)], "two")
@example(("source told = quoted b.see",), [("see", "one", GAVE)], "two")
@example(("source vouched = said, task",), [("start", "two", {})], "two")
def test_a_call_that_does_not_count_is_missed_by_no_fact(
    chosen: tuple[str, ...], steps: list[Step], value: str
) -> None:
    record = lived(steps)
    text = text_of(chosen)
    if text not in MADE:
        MADE[text] = of(text)
    generation = MADE[text]
    policy = POLICIES[generation.digest]
    named = {
        each["id"]: generation.engine.capability(
            each["request"]["resource"]["type"], each["request"]["action"]["name"]
        )
        for each in record
        if each["event"] == "call"
    }
    missed = {id for id, name in named.items() if name is not None and not counts(generation, name)}
    fewer = [
        line
        for line in record
        if line["event"] in ("task", "said") or line.get("id", line.get("call")) not in missed
    ]
    tasks = [each["task"] for each in record if each["event"] == "task"]
    for task in tasks:
        probe = request("peek", "p.free", args={"x": value}, task=task, user={"id": "user:joe"})
        assert facts(policy, map(json.dumps, record), probe) == facts(
            policy, map(json.dumps, fewer), probe
        )


def test_what_counts_is_what_some_fact_reads() -> None:
    def counted(*chosen: str) -> set[str]:
        found = of(text_of(chosen))
        return {name for kind, action in CALLS if counts(found, name := f"{kind}.{action}")}

    assert counted() == set()
    assert counted("meter sent = count of a.put per task") == {"p.a.put"}
    assert counted("") == {"p.a.flag"}
    assert counted("source vouched = said, task") == {"p.part.start"}
    # What gives values, and whatever is not known to read alone.
    assert counted("source gave = a.get.v") == {"p.a.get", "p.a.put", "p.a.flag", "p.part.start"}


def test_a_permit_that_people_gave_is_told() -> None:
    gate = of(
        'language 2\npackage p\nagent bot = "spiffe://t.example/bot"\nintent work "work"\n'
        "tool safe { action one, two }\n"
        'grant a { to bot for work\n allow safe.one require approval by "role:lead"\n'
        ' allow safe.two require step_up "mfa"\n}\n'
    )
    approval = {"by": "user:ann", "roles": ["role:lead"], "at": "2026-11-24T09:59:00Z", "task": "t", "capability": "p.safe.one", "resource": "r", "args": {}}  # fmt: skip
    shown = gate.engine.decide(request("one", approvals=[approval]))
    assert shown.effect == "permit" and rests_on_single_use(shown)
    stepped = {"method": "mfa", "at": "2026-11-24T09:59:00Z"}
    other = gate.engine.decide(request("two", step_up=[stepped]))
    assert other.effect == "permit" and not rests_on_single_use(other)
