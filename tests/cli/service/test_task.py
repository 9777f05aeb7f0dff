"""`agpc task`: what it sends, what it prints, and how it ends."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from service.scripted import Says, problem, scripted

from ..conftest import Run

TASK = {
    "id": "t-1",
    "intent": "finance.reconcile",
    "state": "active",
    "agent": "spiffe://acme.example/bot",
    "fields": {"period": "2026-10"},
    "started_at": "2026-11-24T10:00:00.000000007Z",
    "starter": "front-office",
    "user": {"id": "user:joe"},
}
STARTED = {
    "decision": True,
    "context": {"effect": "permit", "rules": ["finance.reconcile.start"], "reasons": []},
    "call": "c-1",
    "task": TASK,
}
DENIED = {
    "decision": False,
    "context": {
        "effect": "deny",
        "rules": ["platform.outside_network"],
        "reasons": ["Agents act from the cluster network only."],
        "owner": {"name": "platform-security", "contact": "security@acme.example"},
    },
    "call": "c-1",
}
START = ("task", "start", "--agent", "spiffe://acme.example/bot", "--intent", "finance.reconcile")
EVENT = {
    "seq": 4,
    "body": {
        "answer": {"context": {"effect": "permit", "rules": ["finance.small_post"], "reasons": []}},
        "request": {
            "action": {"name": "post", "properties": {"amount": 500}},
            "context": {"meters": {"finance.paid#91c0": {"before": 0, "with": 500}}},
        },
    },
}
CALL = {
    "id": "c-4", "task": "t-1", "agent": TASK["agent"], "capability": "finance.ledger.post", "effect": "permit",
    "at": "2026-11-24T10:01:00Z", "outcome": None, "caller": "guard",
}  # fmt: skip
WHOLE = {
    "task": TASK,
    "said": [{"at": "2026-11-24T10:00:00Z", "text": "Please pay\nOctober"}],
    "calls": [CALL],
}


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agpc.service.client.client.PAUSES", (0.0, 0.0))


def test_a_start_sends_what_the_wire_has_and_prints_the_task(run: Run) -> None:
    with scripted(Says(STARTED)) as (address, asked):
        result = run(
            *START, "--field", "period=2026-10", "--field", "amount=5", "--field", 'to=["a"]', "--field-text",
            "account=4711", "--property", "tenant=t1", "--context", "source_ip=10.1.2.3", "--user", "user:joe",
            "--said", "Please", "--key", "k", "--service", address,
        )  # fmt: skip
    assert (result.status, result.err) == (0, "")
    assert asked[0].path == "/v1/tasks"
    assert asked[0].json == {
        "key": "k",
        "subject": {
            "type": "agent",
            "id": "spiffe://acme.example/bot",
            "properties": {"tenant": "t1"},
        },
        "action": {
            "name": "start",
            "properties": {"period": "2026-10", "amount": 5, "to": ["a"], "account": "4711"},
        },
        "resource": {"type": "finance.reconcile", "id": "new"},
        "context": {"source_ip": "10.1.2.3", "user": {"id": "user:joe"}},
        "said": "Please",
    }
    assert result.out == (
        "started t-1\n"
        "  agent    spiffe://acme.example/bot for user:joe\n"
        "  intent   finance.reconcile\n"
        '  fields   period="2026-10"\n'
        "  by finance.reconcile.start\n"
    )


def test_a_denied_start_is_told_and_is_status_1(run: Run) -> None:
    with scripted(Says(DENIED)) as (address, _):
        result = run(*START, "--service", address)
        as_json = run(*START, "--service", address, "--format", "json")
    assert result.status == as_json.status == 1
    assert result.out == (
        "denied\n"
        "  by platform.outside_network\n"
        "  because Agents act from the cluster network only.\n"
        "  ask platform-security (security@acme.example)\n"
    )
    assert json.loads(as_json.out) == DENIED


@pytest.mark.parametrize("answer", [{}, {"decision": "true", "task": TASK}, {"decision": 1}])
def test_only_a_decision_that_is_true_is_a_start(run: Run, answer: dict[str, Any]) -> None:
    with scripted(Says(answer)) as (address, _):
        assert run(*START, "--service", address).status == 1


def test_each_key_is_a_new_one_unless_it_is_given(run: Run) -> None:
    with scripted(Says({"task": "t-1", "event": 1})) as (address, asked):
        for _ in range(2):
            run("task", "say", "t-1", "x", "--service", address)
        run("task", "say", "t-1", "x", "--key", "mine", "--service", address)
    keys = [each.json["key"] for each in asked]
    assert keys[2] == "mine" and len(set(keys)) == 3


def test_what_is_told_of_a_task_is_sent(run: Run) -> None:
    with scripted(Says({"task": "t-1", "event": 1})) as (address, asked):
        said = run("task", "say", "t-1", "-", "--service", address, stdin="Grüße\n".encode())
        reported = run("task", "context", "t-1", "--field", "confidence=0.6", "--service", address)
        ended = run("task", "end", "t-1", "--why", "done", "--service", address)
        drifted = run("task", "drift", "t-1", "--service", address)
    assert [each.path for each in asked] == [
        f"/v1/tasks/t-1/{each}" for each in ("said", "context", "state", "state")
    ]
    bodies = [{name: value for name, value in each.json.items() if name != "key"} for each in asked]
    assert bodies == [
        {"text": "Grüße\n"},
        {"context": {"confidence": 0.6}},
        {"state": "ended", "why": "done"},
        {"state": "drifted"},
    ]
    assert said.out == "t-1 was told what the person said\n"
    assert reported.out == "t-1 reported confidence\n"
    assert (ended.out, drifted.out) == ("t-1 ended\n", "t-1 has drifted\n")


def test_tasks_are_listed(run: Run) -> None:
    with scripted(Says({"tasks": [TASK], "next": "7"}), Says({"tasks": [], "next": None})) as (
        address,
        asked,
    ):
        result = run("task", "list", "--state", "active", "--before", "9", "--service", address)
        empty = run("task", "list", "--service", address)
    assert asked[0].path == "/v1/tasks?state=active&limit=50&before=9"
    assert result.out == (
        "t-1  active  2026-11-24T10:00:00Z  finance.reconcile  spiffe://acme.example/bot for user:joe\n"
    )
    assert result.err == "note: there may be more: --before 7\n"
    assert (empty.out, empty.err) == ("", "note: there are no tasks\n")


def test_a_task_is_shown_with_its_words_its_calls_and_meters(run: Run) -> None:
    with scripted(Says(WHOLE), Says({"call": CALL, "event": EVENT})) as (address, asked):
        result = run("task", "show", "t-1", "--service", address)
    assert [each.path for each in asked] == ["/v1/tasks/t-1", "/v1/calls/c-4"]
    assert result.out == (
        "t-1 active\n"
        "  agent    spiffe://acme.example/bot for user:joe\n"
        "  intent   finance.reconcile\n"
        '  fields   period="2026-10"\n'
        "  started  2026-11-24T10:00:00.000000007Z by front-office\n"
        "said 2026-11-24T10:00:00Z\n"
        "  | Please pay\n"
        "  | October\n"
        "meters, as its latest calls saw them\n"
        "  finance.paid 500\n"
        "calls: 1\n"
        "  c-4 2026-11-24T10:01:00Z finance.ledger.post: permit, no outcome yet\n"
        "      with amount=500\n"
        "      by finance.small_post\n"
    )


def test_more_calls_than_are_asked_for_are_said_to_be_there(run: Run) -> None:
    with scripted(Says({**WHOLE, "calls": [CALL] * 3}), Says({"call": CALL, "event": EVENT})) as (
        address,
        asked,
    ):
        result = run("task", "show", "t-1", "--calls", "2", "--service", address)
    assert len(asked) == 3
    assert "calls: 2\n" in result.out
    assert result.out.endswith("earlier calls are on the page of the task, and at GET /v1/calls\n")


def test_words_that_are_left_out_are_said_to_be(run: Run) -> None:
    said = [
        {"at": "2026-11-24T11:00:00Z", "text": "the last"},
        {"at": "2026-11-24T10:00:00Z", "text": "the first"},
    ]
    answer = {"task": TASK, "said": said, "said_left_out": 1_200, "calls": []}
    with scripted(Says(answer)) as (address, _):
        text = run("task", "show", "t-1", "--service", address).out
    order = ("the first", "1,200 times more something was said here", "the last")
    places = [text.index(each) for each in order]
    assert places == sorted(places)


def test_nothing_that_is_printed_acts_on_the_terminal(run: Run) -> None:
    evil = "\x1b[2J\u202e\u200b\r\n\x07t"
    task = json.loads(json.dumps(TASK).replace("finance.reconcile", "X").replace("t-1", "Y"))
    task = {name: evil if isinstance(value, str) else value for name, value in task.items()}
    task |= {
        "fields": {evil: evil},
        "user": {"id": evil},
        "context": {evil: [evil]},
        "parent": evil,
    }
    call = {name: evil for name in CALL} | {"id": "c-4"}
    event = {"body": {"answer": {"rules": [evil], "reasons": [evil], "owner": {"name": evil, "contact": evil}},
                      "request": {"action": {"properties": {evil: evil}}}}}  # fmt: skip
    whole = {"task": task, "said": [{"at": evil, "text": evil}], "calls": [call]}
    with scripted(Says(whole), Says({"call": call, "event": event})) as (address, _):
        shown = run("task", "show", "t-1", "--service", address)
    with scripted(Says({"tasks": [task], "next": evil})) as (address, _):
        listed = run("task", "list", "--service", address)
    with scripted(Says({"decision": True, "task": task, "context": event["body"]["answer"]})) as (
        address,
        _,
    ):
        started = run(*START, "--service", address)
    with scripted(problem(409, evil, evil)) as (address, _):
        refused = run("task", "end", evil.replace("\r\n", ""), "--service", address)
    for each in (shown, listed, started, refused):
        assert re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202e\u200b]", each.out + each.err) is None
        assert "<U+202E>" in each.out + each.err


@pytest.mark.parametrize(
    "answer", [{}, {"task": [], "said": {}, "calls": {}}, {"task": {}, "said": [1], "calls": [1]}]
)
def test_an_answer_of_another_shape_is_no_traceback(run: Run, answer: dict[str, Any]) -> None:
    with scripted(Says(answer)) as (address, _):
        for command in (("task", "show", "t-1"), ("task", "list"), START):
            result = run(*command, "--service", address)
            assert "internal error" not in result.err


def test_a_long_value_is_cut_and_it_is_said(run: Run) -> None:
    with scripted(Says({**STARTED, "task": {**TASK, "fields": {"a": "x" * 5000}}})) as (address, _):
        result = run(*START, "--service", address)
    assert "… (5002 characters)" in result.out and len(result.out) < 1000


# --- who calls, and where ---


def test_the_key_is_taken_from_the_environment_or_a_file_and_never_printed(
    run: Run, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (work / "key").write_text("agpk_from-a-file\n")
    with scripted(problem(401, "unknown_key", "the key is none")) as (address, asked):
        monkeypatch.setenv("AGPC_SERVICE", address)
        bare = run("task", "list")
        monkeypatch.setenv("AGPC_API_KEY", "agpk_from-the-environment")
        result = run("task", "list")
        run("task", "list", "--key-file", "key")
    assert [each.headers.get("authorization") for each in asked] == [
        None,
        "Bearer agpk_from-the-environment",
        "Bearer agpk_from-a-file",
    ]
    assert bare.status == result.status == 2
    assert "AGPC_API_KEY" in result.err and "--key-file" in result.err
    assert "agpk_" not in result.out + result.err


@pytest.mark.parametrize("key", ["a b", "é", "a\nb", "x" * 10_000, "\x1b"])
def test_what_is_no_key_is_refused_and_not_printed(run: Run, work: Path, key: str) -> None:
    (work / "key").write_text(key)
    result = run("task", "list", "--key-file", "key", "--service", "http://127.0.0.1:1")
    assert result.status == 2 and "holds no API key" in result.err and "internal" not in result.err
    assert len(result.err) < 300
    (work / "key").write_text(" \n")
    assert run("task", "list", "--key-file", "key").status == 2
    assert "cannot read `none`" in run("task", "list", "--key-file", "none").err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--field", "period"), "NAME=VALUE"),
        (("--field", "=1"), "NAME=VALUE"),
        (("--field", "a=1", "--field-text", "a=1"), "twice"),
        (("--field", "a=[1"), "not JSON"),
        (("--field", 'a={"b": 1, "b": 2}'), "twice"),
        (("--field", "a=1e999"), "larger than any number"),
        (("--field", "a=\udcff"), "not UTF-8"),
        (("--user", "\udcff"), "not UTF-8"),
        (("--service", "acme.example"), "no address"),
        (("--service", "http://joe:secret@acme.example"), "no address"),
        (("--timeout", "0"), "timeout"),
        (("--timeout", "nan"), "timeout"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_sent(
    run: Run, arguments: tuple[str, ...], said: str
) -> None:
    result = run(*START, *arguments)
    assert result.status == 2 and said in result.err
    assert "internal error" not in result.err and "nothing listens" not in result.err


def test_a_key_is_not_sent_in_clear(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGPC_API_KEY", "agpk_secret")
    result = run("task", "list", "--service", "http://acme.example")
    assert result.status == 2 and "https" in result.err and "agpk_secret" not in result.err


def test_where_no_answer_came_it_is_said_how_to_ask_again(run: Run) -> None:
    lost = Says(does=lambda connection: connection.close())
    with scripted(lost) as (address, asked):
        result = run("task", "end", "t-1", "--service", address)
    assert result.status == 2
    found = re.search(r"--key (\S+) asks again safely", result.err)
    assert found is not None and {each.json["key"] for each in asked} == {found[1]}
    assert len(asked) == 3


def test_standard_input_that_is_no_text_is_refused(run: Run) -> None:
    result = run("task", "say", "t-1", "-", stdin=b"a\xff")
    assert result.status == 2 and "not UTF-8 at byte 1" in result.err
