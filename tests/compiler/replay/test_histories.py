"""A log that is a record of what happened: calls are asked with the facts of the lines before them."""

from __future__ import annotations

import io
import json
from typing import Any

from generators.facts import HEAD as VOCABULARY
from generators.records import record_of
from hypothesis import given
from hypothesis import strategies as st

from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.ir import nodes as ir
from agpc.compiler.meaning.facts import facts
from agpc.compiler.meaning.interpreter import decide
from agpc.compiler.replay.replay import Replay, tallies
from agpc.compiler.replay.streams import Log
from agpc.compiler.replay.tally import Tally
from agpc.compiler.report.source import Source
from agpc.targets.python import evaluator

BOT = "spiffe://t.example/bot"
TEXT = """\
package p
agent bot = "spiffe://t.example/bot"
intent work "work"
tool t { read action look -> { name: string } write action pay(to: string) }
meter pays = count of t.pay per task
source known = said, t.look.name
"""


def policy(condition: str, more: str = "") -> ir.Policy:
    rules = f"grant g {{ to bot for work allow t.look allow t.pay when {condition} }}"
    found = compile_sources([Source("p.agp", TEXT + more + rules)])
    assert found.policy is not None, found.diagnostics
    return found.policy


def call(number: int, action: str, effect: str = "permit", **args: Any) -> dict[str, Any]:
    time = f"2026-11-24T10:00:{number:02}Z"
    request = {
        "subject": {"type": "agent", "id": BOT, "properties": {}},
        "action": {"name": action, "properties": args},
        "resource": {"type": "p.t", "id": "r", "properties": {}},
        "context": {"time": time, "task": {"id": "t1", "intent": "p.work", "state": "active"}},
    }
    return {"time": time, "event": "call", "id": f"c{number}", "effect": effect, "request": request}


START: dict[str, Any] = {
    "time": "2026-11-24T09:00:00Z",
    "event": "task",
    "agent": BOT,
    "task": {"id": "t1", "intent": "p.work", "state": "active"},
}


def replayed(head: ir.Policy, base: ir.Policy | None, *lines: Any) -> Tally:
    data = b"".join(
        (each if isinstance(each, bytes) else json.dumps(each).encode()) + b"\n" for each in lines
    )
    found = Tally()
    for each in tallies(Replay(head, base, evaluator), Log(io.BytesIO(data))):
        found.take(each)
    return found


def test_what_a_meter_counts_follows_from_the_lines_before() -> None:
    pays = [call(number, "pay", to="a") for number in (1, 2, 3)]
    assert replayed(policy("pays <= 3"), None, START, *pays).same == 3
    tighter = replayed(policy("pays <= 2"), None, START, *pays)
    assert (tighter.same, tighter.changed) == (2, 1)
    (group,) = tighter.changes.values()
    assert group.line == 4
    assert replayed(policy("pays <= 2"), policy("pays <= 3"), START, *pays).changed == 1


def test_a_meter_that_only_the_new_policy_has_is_counted_from_the_record() -> None:
    looks = "meter looks = count of t.look per task\n"
    lines = (
        START,
        call(1, "look"),
        call(2, "pay", to="a"),
        call(3, "look"),
        call(4, "pay", to="a"),
    )
    found = replayed(policy("looks.before <= 1", looks), policy("pays <= 9"), *lines)
    assert (found.same, found.changed, found.not_replayable) == (3, 1, {})


def test_where_a_value_came_from_follows_from_what_was_said_and_given() -> None:
    said = {"time": "2026-11-24T09:30:00Z", "event": "said", "task": "t1", "text": "Pay alice"}
    given = {"time": "2026-11-24T10:00:02Z", "event": "outcome", "call": "c1", "outcome": "done", "result": {"name": "bobby"}}  # fmt: skip
    lines = (START, said, call(1, "look"), given, *(call(n, "pay", to=to) for n, to in ((3, "alice"), (4, "bobby"), (5, "carol"))))  # fmt: skip
    found = replayed(policy("args.to from known"), None, *lines)
    assert (found.same, found.changed) == (3, 1)
    assert [group.line for group in found.changes.values()] == [7]


def test_facts_that_a_request_brings_are_not_believed() -> None:
    (first,) = [call(1, "pay", to="a")]
    meter = policy("pays <= 3").meters[0]
    first["request"]["context"]["meters"] = {meter.key: {"before": 0, "with": 1}}
    pays = [call(number, "pay", "deny", to="a") for number in (2, 3, 4)]
    lying = json.loads(json.dumps(call(5, "pay", "deny", to="a")))
    lying["request"]["context"]["meters"] = {meter.key: {"before": 99, "with": 100}}
    found = replayed(policy("pays <= 3"), None, START, first, *pays, lying)
    assert found.changed == 4  # the denied ones did not count, so that all of them would pass


def test_a_broken_line_is_named_and_makes_facts_unknown() -> None:
    pays = [call(number, "pay", to="a") for number in (1, 2)]
    found = replayed(policy("pays <= 3"), None, START, pays[0], b"nonsense", pays[1])
    assert found.malformed.count == 1
    again = {**pays[0], "time": "2026-11-24T10:00:02Z"}
    found = replayed(policy("pays <= 3"), None, START, pays[0], again, pays[1])
    assert found.malformed.count == 1
    assert found.unknown + found.changed == 1


def test_a_log_without_events_is_replayed_as_before() -> None:
    plain = [{"request": call(n, "look")["request"], "effect": "permit"} for n in (1, 2)]
    assert replayed(policy("pays <= 3"), None, *plain).same == 2


@given(st.data())
def test_each_call_gets_the_facts_of_the_record_before_it(data: st.DataObject) -> None:
    rules = "grant g { to bot for work allow t.* when calls <= 2 and args.to from found }"
    found = compile_sources([Source("p.agp", VOCABULARY + rules)])
    assert found.policy is not None
    lines, _ = record_of(data.draw)
    wanted = [
        decide(found.policy, facts(found.policy, lines[:at], line["request"])).effect
        == line["effect"]
        for at, line in enumerate(lines)
        if line["event"] == "call"
    ]
    tally = replayed(found.policy, found.policy, *lines)
    assert (tally.records, tally.changed) == (len(wanted), 0)
    alone = replayed(found.policy, None, *lines)
    assert alone.records == len(wanted)
    assert alone.changed <= wanted.count(False)
