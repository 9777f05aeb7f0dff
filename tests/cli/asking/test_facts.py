"""`agpc facts`, and `--record` of `agpc decide` and `agpc explain`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import agpc

from ..conftest import Run

BOT = "spiffe://t.example/bot"
POLICY = f"""\
package p
agent bot = "{BOT}"
intent work "work"
tool t {{ read action find(name: string) -> {{ email: string }} send action mail(to: string) }}
meter mails = count of t.mail per task
source known = said
source seen = known, t.find.email
grant g {{
    to  bot
    for work
    allow t.mail when mails <= 1 and args.to from known
    allow t.find when args.name from seen
}}
"""
TASK = {"id": "t1", "intent": "p.work", "state": "active"}


def request(action: str, time: str = "2026-11-24T10:00:00Z", **arguments: Any) -> dict[str, Any]:
    return {
        "subject": {"type": "agent", "id": BOT},
        "action": {"name": action, "properties": arguments},
        "resource": {"type": "p.t", "id": "1"},
        "context": {"time": time, "task": TASK, "meters": {"x": 1}},
    }


START = {"time": "2026-11-24T09:00:00Z", "event": "task", "agent": BOT, "task": TASK}
SAID = {"time": "2026-11-24T09:00:01Z", "event": "said", "task": "t1", "text": "to joe@x.example"}
FOUND = {
    "time": "2026-11-24T09:00:02Z", "event": "call", "id": "c", "effect": "permit",
    "request": request("find", "2026-11-24T09:00:02Z", name="eve"),
}  # fmt: skip
GAVE = {
    "time": "2026-11-24T09:00:03Z", "event": "outcome", "call": "c", "outcome": "done",
    "result": {"email": "eve@y.example"},
}  # fmt: skip
MAILED = {
    "time": "2026-11-24T09:00:04Z", "event": "call", "id": "m", "effect": "permit",
    "request": request("mail", "2026-11-24T09:00:04Z", to="joe@x.example"),
}  # fmt: skip


def written(work: Path, asked: dict[str, Any], *lines: Any) -> tuple[str, ...]:
    (work / "p.agp").write_text(POLICY)
    (work / "r.json").write_text(json.dumps(asked))
    text = [each if isinstance(each, str) else json.dumps(each) for each in lines]
    (work / "record.jsonl").write_text("\n".join(text) + "\n")
    return ("p.agp", "--record", "record.jsonl", "--request", "r.json")


def test_a_request_is_given_its_facts(work: Path, run: Run) -> None:
    asked = request("mail", to="joe@x.example")
    found = run("facts", *written(work, asked, START, SAID))
    assert found.status == 0, found.err
    context = json.loads(found.out)["context"]
    assert {key.partition("#")[0]: value for key, value in context["meters"].items()} == {
        "p.mails": {"before": 0, "with": 1}
    }
    assert {key.partition("#")[0]: value for key, value in context["sources"].items()} == {
        "p.known": ["to", "to#links"],
        "p.seen": ["to", "to#links"],
    }
    policy = agpc.compile(str(work / "p.agp"))
    assert agpc.facts(policy, [START, SAID], asked) == json.loads(found.out)


def test_it_is_decided_with_them(work: Path, run: Run) -> None:
    asked = request("mail", to="joe@x.example")
    for engine in ("interpreter", "python"):
        options = ("--engine", engine)
        found = run("decide", *written(work, asked, START, SAID), *options)
        assert json.loads(found.out)["context"]["effect"] == "permit"
        found = run("decide", *written(work, asked, START, SAID, MAILED), *options)
        assert json.loads(found.out)["context"]["effect"] == "deny"
        found = run("decide", "p.agp", "--request", "r.json", *options)
        assert json.loads(found.out)["context"]["effect"] == "deny"


def test_explain_names_the_lines_that_count_and_where_a_value_was_seen(
    work: Path, run: Run
) -> None:
    asked = request("mail", to="eve@y.example")
    found = run("explain", *written(work, asked, START, SAID, FOUND, GAVE, MAILED))
    assert "fact: p.mails: before 1, with 2: counts line 5 of the record" in found.out
    assert (
        "fact: p.known: 'eve@y.example' of `args.to` is not from it: "
        "seen in what `p.t.find` gave back (line 3)" in found.out
    )
    as_json = run("explain", *written(work, asked, START, SAID), "--format", "json")
    assert any("nowhere in this run" in each for each in json.loads(as_json.out)["facts"])


def test_a_broken_line_is_named(work: Path, run: Run) -> None:
    asked = request("mail", to="joe@x.example")
    found = run("facts", *written(work, asked, START, SAID, "{", '{"event": "x"}'))
    assert found.status == 0
    assert "line 3 of the record: not JSON" in found.err
    assert "line 4 of the record: its `time` is not a time" in found.err
    assert "meters" not in json.loads(found.out)["context"]
    explained = run("explain", *written(work, asked, START, SAID, "{"))
    assert "p.mails: unknown: line 3 of the record is broken" in explained.out


def test_standard_input_is_one_thing(work: Path, run: Run) -> None:
    written(work, request("mail", to="x"), START)
    assert run("facts", "p.agp", "--record", "-", "--request", "-").status == 2
    assert run("facts", "p.agp", "--record", "none.jsonl", "--request", "r.json").status == 2


def test_explain_says_of_a_source_what_rules_ask_of_it_and_nothing_else(
    work: Path, run: Run
) -> None:
    command = written(work, request("mail", to="eve@y.example", body="hello there"), START, SAID)
    text = POLICY.replace("mail(to: string)", "mail(to: string, body: string)")
    (work / "p.agp").write_text(text)
    said = run("explain", *command).out
    assert "p.known: 'eve@y.example' of `args.to` is not from it" in said
    assert "args.body" not in said
