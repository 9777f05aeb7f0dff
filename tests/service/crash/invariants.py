"""What has to hold of a store whatever happened to the processes that wrote to it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import closing
from hashlib import sha256
from itertools import pairwise
from typing import Any

import agpc
from agpc.audit.reading.notes import LogKey
from agpc.audit.reading.trail import StoredTrail
from agpc.audit.verify import verify
from agpc.runtime.record_lines import FIELDS
from agpc.runtime.time_text import format_time
from agpc.runtime.values import read_time
from agpc.service.audit import checkpoints
from agpc.service.audit.notes import Signer
from agpc.service.audit.tree import Edge
from agpc.service.core import View
from agpc.service.store import Call, Event, Head, Reading, Store, Task

from . import desk

Bodies = list[dict[str, Any]]
DECISIONS = ("call", "refused")


def check(url: str, got: Mapping[str, dict[str, Any]]) -> Bodies:
    """Hold all of it against a store, and against the answers that clients have got by their keys."""
    with closing(Store(url, read_only=True)) as store, store.reading() as reading:
        events = reading.find(Event, "TRUE ORDER BY seq")
        calls = reading.find(Call, "TRUE ORDER BY seq")
        tasks = reading.find(Task, "TRUE ORDER BY seq")
        bodies = check_trail(events, reading.head)
        check_as_others_do(reading)
    check_answers(bodies, got)
    check_limits(bodies)
    check_rows(bodies, calls, tasks)
    check_facts(bodies)
    return bodies


SIGNER = Signer.from_seed("crash.example", bytes(32))


class Signed(View):
    """A view whose checkpoint is made of the head, as the service would sign it next."""

    def checkpoint(self, size: int | None = None) -> str:
        """Sign the log as it is."""
        return checkpoints.signed(SIGNER, Edge.from_bytes(self.head.edge))


def check_as_others_do(reading: Reading) -> None:
    """The offline verifier finds nothing wrong, and decides everything again."""
    view = Signed(reading)
    found = verify(StoredTrail(view, view), LogKey.read(SIGNER.vkey))
    assert found.wrong == [], found.wrong
    assert found.verdict == "proved", found.undetermined


def check_trail(events: Sequence[Event], head: Head) -> Bodies:
    """The events are numbered and timed one after the other, say what their leaves hold, and give the root."""
    assert [each.seq for each in events] == list(range(head.seq))
    times = [each.time for each in events]
    assert times == sorted(set(times)) and (not times or times[-1] <= head.time)
    bodies = []
    for each in events:
        entry = json.loads(each.entry)
        body = json.loads(each.body or b"null")
        assert entry["body"] == f"sha256:{sha256(each.body or b'').hexdigest()}"
        said = (entry["seq"], entry["event"], entry["time"])
        assert said == (each.seq, each.kind, format_time(each.time))
        assert (body["event"], body["time"]) == (each.kind, format_time(each.time))
        bodies.append(body)
    leaves = [sha256(b"\0" + each.entry).digest() for each in events]
    assert Edge.from_bytes(head.edge).root() == root(leaves)
    return bodies


def root(leaves: Sequence[bytes]) -> bytes:
    """The root of a tree, as RFC 6962 says in section 2.1."""
    if len(leaves) <= 1:
        return leaves[0] if leaves else sha256(b"").digest()
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\1" + root(leaves[:half]) + root(leaves[half:])).digest()


def check_answers(bodies: Bodies, got: Mapping[str, dict[str, Any]]) -> None:
    """Each answer tells of an event with its key, and of one alone that decides; no permit lacks its event."""
    of_key: dict[str, Bodies] = defaultdict(list)
    for each in bodies:
        of_key[each.get("key", "")].append(each)
    for key, answer in got.items():
        if "problem" in answer:
            assert key not in of_key, (key, answer)
            continue
        assert of_key[key], (key, answer)
        if "decision" in answer:
            check_decision(answer, [each for each in of_key[key] if each["event"] in DECISIONS])
    for key, found in of_key.items():
        decided = [each for each in found if each["event"] in DECISIONS]
        for one, again in pairwise(decided):  # a question, which is decided again
            assert one["effect"] == "challenge" and again["follows"] == int(one["id"][2:]), found
        others = [each["event"] for each in found if each["event"] not in DECISIONS and key]
        assert len(set(others)) == len(others) or set(others) == {"state"}, found


def check_decision(answer: dict[str, Any], decided: Bodies) -> None:
    """An answer is that of one of the events with its key, of which all but the last are questions."""

    def said(told: dict[str, Any]) -> dict[str, Any]:
        """What stays as it is for as long as a question is open."""
        return {name: each for name, each in told.items() if name not in ("task", "request")}

    assert decided
    if decided[-1]["event"] == "refused":
        assert answer["decision"] is False
    else:
        (own,) = [each for each in decided if each["id"] == answer["call"]]
        assert said(own["answer"]) == said(answer)
        assert answer["decision"] is (own["effect"] == "permit")


def check_limits(bodies: Bodies) -> None:
    """No limit of the policy is exceeded, counted by hand."""
    orders: dict[str, str] = {}
    paid: dict[str, dict[str, tuple[int, float]]] = defaultdict(dict)
    mails: dict[str, set[str]] = defaultdict(set)
    for each in bodies:
        if each["event"] == "task":
            orders[each["task"]["id"]] = each["task"]["order"]
        elif each["event"] == "call" and each["effect"] == "permit":
            request = each["request"]
            task = request["context"].get("task", {}).get("id")
            if request["resource"]["type"] == "desk.till" and request["action"]["name"] == "refund":
                now = read_time(each["time"]) or 0
                of_order = paid[orders[task]]
                of_order[each["id"]] = (now, request["action"]["properties"]["amount"])
                within = [amount for time, amount in of_order.values() if time > now - desk.WINDOW]
                assert sum(within) <= desk.MOST_REFUNDED
            elif request["resource"]["type"] == "desk.mail":
                mails[task].add(each["id"])
                assert len(mails[task]) <= desk.MOST_MAILS
        elif each["event"] == "outcome" and each["outcome"] == "withdrawn":
            for counted in (*paid.values(),):
                counted.pop(each["call"], None)
            for ids in mails.values():
                ids.discard(each["call"])


def check_rows(bodies: Bodies, calls: Sequence[Call], tasks: Sequence[Task]) -> None:
    """The tables say what the trail says."""
    decided = [(seq, each) for seq, each in enumerate(bodies) if each["event"] == "call"]
    outcomes = {each["call"]: each["outcome"] for each in bodies if each["event"] == "outcome"}
    assert len(outcomes) == sum(each["event"] == "outcome" for each in bodies)
    told = [(seq, each["id"], each["effect"], outcomes.get(each["id"])) for seq, each in decided]
    assert told == [(each.seq, f"c-{each.seq}", each.effect, each.outcome) for each in calls]
    states = {each["task"]: each["state"] for each in bodies if each["event"] == "state"}
    started = [each["task"]["id"] for each in bodies if each["event"] == "task"]
    assert [(id, states.get(id, "active")) for id in started] == [
        (each.id, each.state) for each in tasks
    ]


def check_facts(bodies: Bodies) -> None:
    """What each call was decided with is what follows from the record before it, by the reference function."""
    record: list[dict[str, Any]] = []
    engine = desk.generation().engine
    for each in bodies:
        if each["event"] == "call":
            decided = each["request"]
            given = decided["context"]
            known = agpc.facts(desk.policy(), record, decided)["context"]
            capability = engine.capability(decided["resource"]["type"], decided["action"]["name"])
            read = engine.facts.reads.get(capability or "")
            if read is not None:
                expected: dict[str, dict[str, Any]] = {
                    "meters": {key: known["meters"][key] for key in read.meters},
                    "sources": {
                        key: [name for name in known["sources"][key] if name in names]
                        for key, names in read.sources
                    },
                }
                for kind, facts in expected.items():
                    found = given.get(kind, {})
                    if given.get("task", {}).get("state") != "active":  # some may be unknown then
                        facts = {key: value for key, value in facts.items() if key in found}
                    assert found == facts, each["id"]
        line = line_of(each)
        if line is not None:
            record.append(line)


def line_of(body: dict[str, Any]) -> dict[str, Any] | None:
    """The line of the record that an event is; None if the record has no such thing."""
    fields = FIELDS.get(body["event"])
    if fields is None:
        return None
    return {name: body[name] for name in ("time", "event", *fields[0], *fields[1]) if name in body}
