"""The request mapping: it renames and finds the task, and gives a request nothing that decides by itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.report.source import Source
from agpc.service.authzen.mapped import Mapped, TaskNamed, mapped
from agpc.service.policies.directory import Directory
from agpc.service.policies.generation import Generation, generation_of
from agpc.service.policies.mapping import RESERVED, RequestMapping

from ..http.served import Served
from .point import answered, deciding, started

BOT = "spiffe://example.org/bots/mailer"
POLICY = """\
language 2
package post
agent  mailer = "spiffe://example.org/bots/mailer"
agents people = "spiffe://example.org/people/*"
intent answer "Answer a customer"
context { source_ip?: ip }
tool mail {
    status?: string
    read action read
    send action send(to: string)
    write action note(text: { title: string })
    action run(cmd: string, ...)
}
grant answering {
    to  mailer, people
    for answer
    allow mail.read when context.source_ip within "10.0.0.0/8" or not has context.source_ip
    allow mail.send when args.to == "a"
    allow mail.note
    allow mail.run
}
"""
MAPPING: dict[str, Any] = {
    "subjects": {
        "user": {"as": "agent", "id": "spiffe://example.org/people/{id}"},
        "robot": {"as": "agent", "ids": {"m": BOT}},
        "agent": {"as": "agent", "id": "spiffe://example.org/people/{id}"},
        "spiffe": {"as": "agent"},
        "identity": {
            "as": "user",
            "agent_in": "agent",
            "ids": {"http://agents.example/mailer": BOT},
            "user": "user:{id}",
        },
        "person": {"as": "user", "id": BOT},
    },
    "resources": {
        "mailbox": {"as": "post.mail", "actions": {"view": "read"}},
        "open_mailbox": {"as": "post.mail", "conformance": True},
        "tool": {"tools": {"post.mail.read": "post.mail.read", "send_mail": "post.mail.send"}},
    },
    "actions": {"GET": "read", "POST": "send"},
    "context": {"ip": "source_ip"},
    "task": {"intent": "post.answer"},
}


def policy_of(mapping: dict[str, Any], directory: dict[str, Any] | None = None) -> Generation:
    compiled = compile_sources([Source("post.agp", POLICY)])
    assert compiled.policy is not None, compiled.diagnostics
    return generation_of(
        compiled.policy,
        mapping=RequestMapping.model_validate_json(json.dumps(mapping)),
        directory=Directory.model_validate_json(json.dumps(directory or {})),
    )


GENERATION = policy_of(MAPPING)


def asked(
    subject: tuple[str, str] = ("user", "alice"),
    action: str = "read",
    resource: tuple[str, str] = ("mailbox", "box-1"),
    **more: Any,
) -> dict[str, Any]:
    return {
        "subject": {"type": subject[0], "id": subject[1]},
        "action": {"name": action},
        "resource": {"type": resource[0], "id": resource[1]},
        **more,
    }


def agent_of(subject: str, id: str, **context: Any) -> tuple[str, str]:
    found = mapped(GENERATION, asked((subject, id), context=context)).request["subject"]
    return found["type"], found["id"]


def test_subjects_become_agents() -> None:
    assert agent_of("user", "alice") == ("agent", "spiffe://example.org/people/alice")
    assert agent_of("robot", "m") == ("agent", BOT)
    assert agent_of("spiffe", BOT) == ("agent", BOT)
    assert agent_of("identity", "sub-1", agent="http://agents.example/mailer") == ("agent", BOT)
    assert agent_of("person", "sub-1") == ("agent", BOT)


@pytest.mark.parametrize("id", ["a/b", "../bots/mailer", "..", ".", "", "a b", "é", "a\0", "*", "{id}", "a?b"])  # fmt: skip
def test_an_id_never_becomes_that_of_somebody_else(id: str) -> None:
    """What is no segment of a SPIFFE ID would end somewhere else in it."""
    assert agent_of("user", id) == ("", "")
    assert agent_of("agent", id) == ("", "")  # and not the agent that it says itself
    assert GENERATION.engine.decide(mapped(GENERATION, asked(("user", id))).request).effect == "deny"  # fmt: skip


@pytest.mark.parametrize("agent", [None, 1, ["x"], "", BOT, "http://agents.example/other"])
def test_an_agent_that_the_mapping_does_not_know_is_nobody(agent: Any) -> None:
    assert agent_of("identity", "sub-1", agent=agent) == ("", "")
    assert agent_of("identity", "sub-1") == ("", "")
    assert agent_of("robot", BOT) == ("", "")


def call_of(action: str, kind: str, id: str = "box-1", properties: Any = ...) -> tuple[Any, ...]:
    request = asked(action=action, resource=(kind, id))
    if properties is not ...:
        request["action"]["properties"] = properties
    found = mapped(GENERATION, request).request
    return found["resource"]["type"], found["resource"]["id"], found["action"]


def test_calls_get_the_names_of_the_policy() -> None:
    assert call_of("view", "mailbox") == ("post.mail", "box-1", {"name": "read"})
    assert call_of("GET", "mailbox") == ("post.mail", "box-1", {"name": "read"})
    assert call_of("send", "post.mail") == ("post.mail", "box-1", {"name": "send"})
    assert call_of("tools/call", "tool", "send_mail") == ("post.mail", "send_mail", {"name": "send"})  # fmt: skip
    assert call_of("view", "open_mailbox")[2] == {"name": "view"}  # an alias of another type


@pytest.mark.parametrize(("action", "id"), [("tools/call", "post.mail.send"), ("tools/call", "x"), ("read", "send_mail"), ("tools/list", "send_mail")])  # fmt: skip
def test_a_tool_that_the_mapping_does_not_know_is_nothing(action: str, id: str) -> None:
    assert call_of(action, "tool", id)[0] == ""


def test_arguments_that_nobody_declared_are_dropped_for_conformance_alone() -> None:
    given = {"to": "a", "bcc": "b"}
    assert call_of("send", "mailbox", properties=given)[2]["properties"] == given
    assert call_of("send", "open_mailbox", properties=given)[2]["properties"] == {"to": "a"}
    assert call_of("fly", "open_mailbox", properties=given)[2]["properties"] == {}
    assert call_of("run", "open_mailbox", properties=given)[2]["properties"] == given  # it is open
    for malformed in (None, [], "x"):
        assert call_of("send", "open_mailbox", properties=malformed)[2]["properties"] == malformed
    assert GENERATION.conformance == {"open_mailbox", "post.mail"}


def test_of_the_context_only_what_is_named_passes() -> None:
    found = mapped(GENERATION, asked(context={"ip": "10.0.0.1", "source_ip": "x", "foo": 1}))
    assert found.request["context"] == {"source_ip": "10.0.0.1"}
    for malformed in (None, [], "x", 1):
        found = mapped(GENERATION, asked(context=malformed))
        assert found.request["context"] == {}
        assert (found.wanted is None) is (
            malformed is not None
        )  # or `has` would be false in the task


def test_a_request_of_the_policy_itself_stays_as_it_is() -> None:
    bare = policy_of({**MAPPING, "subjects": {}})
    for request in (
        asked(),
        asked(("agent", BOT), context={"task": {"id": "t"}, "user": {"id": "u"}}),
    ):
        found = mapped(bare, request)
        assert found == Mapped(request)
        assert found.request is request


def wanted(subject: tuple[str, str], task: Any, **context: Any) -> TaskNamed | None:
    return mapped(policy_of({**MAPPING, "task": task}), asked(subject, context=context)).wanted


def test_which_task_is_looked_up() -> None:
    alice = "spiffe://example.org/people/alice"
    assert wanted(("user", "alice"), {"id": "t-1"}) == TaskNamed(alice, "t-1", None, None)
    assert wanted(("user", "alice"), {"intent": "post.answer"}) == TaskNamed(alice, None, "post.answer", None)  # fmt: skip
    assert wanted(("user", "alice"), {"context": "job"}, job="t-2") == TaskNamed(alice, "t-2", None, None)  # fmt: skip
    for malformed in (None, 1, {"id": "t"}):
        assert wanted(("user", "alice"), {"context": "job"}, job=malformed) is None
    assert wanted(("user", "alice"), None) is None
    assert wanted(("person", "ann"), {"id": "t-1"}) == TaskNamed(BOT, "t-1", None, "ann")
    assert wanted(("identity", "ann"), {"id": "t-1"}, agent="http://agents.example/mailer") == TaskNamed(BOT, "t-1", None, "user:ann")  # fmt: skip
    assert wanted(("user", "a/b"), {"id": "t-1"}) is None


# --- Evidence -------------------------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["a", "active", BOT, "2026-11-24T10:00:00Z"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["id", "intent", "state", "by", "at", "x"]), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
NAMES = st.sampled_from([*sorted(RESERVED), "ip", "agent", "job", "foo"])
SUBJECTS = st.sampled_from([*MAPPING["subjects"], "unknown"])


@given(
    SUBJECTS,
    st.dictionaries(NAMES, JSON),
    st.dictionaries(NAMES, st.sampled_from(["source_ip", "foo", "bar"])),
    st.sampled_from([None, {"id": "t"}, {"intent": "post.answer"}, {"context": "job"}, {"context": "task"}]),
)  # fmt: skip
def test_no_mapping_gives_evidence(subject: str, context: Any, names: Any, task: Any) -> None:
    generation = policy_of({**MAPPING, "context": names, "task": task})
    found = mapped(generation, asked((subject, "alice"), context=context))
    if subject == "unknown":  # which is no agent
        assert generation.engine.decide(found.request).effect == "deny"
    else:
        assert RESERVED.isdisjoint(found.request["context"])
        assert set(found.request) == {"subject", "action", "resource", "context"}


@pytest.mark.parametrize("name", sorted(RESERVED))
def test_each_piece_of_evidence_is_dropped(name: str) -> None:
    """Also where the mapping lets a member of that name through, by another name."""
    through = policy_of({**MAPPING, "context": {name: "claimed"}})
    given = {name: {"id": "t", "intent": "post.answer", "state": "active"}}
    assert name not in mapped(GENERATION, asked(context=given)).request["context"]
    assert name not in mapped(through, asked(context=given)).request["context"]


# --- Over HTTP ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("mapped")
    with deciding(folder, policy_of(MAPPING)) as (found, core):
        for person in ("alice", "twice"):
            started(core, f"spiffe://example.org/people/{person}", "post.answer")
        started(core, "spiffe://example.org/people/twice", "post.answer", user="user:x")
        for user in ("user:ann", "user:joe"):
            started(core, BOT, "post.answer", user=user)
        yield found


def permits(served: Served, request: dict[str, Any]) -> bool:
    found = answered(served, "evaluation", request)["decision"]
    assert type(found) is bool
    return found


def test_the_task_is_that_of_the_store(served: Served) -> None:
    assert permits(served, asked())
    assert not permits(served, asked(("user", "bob")))  # who has none
    assert not permits(served, asked(("user", "twice")))  # who has two
    active = {"id": "t", "intent": "post.answer", "state": "active"}
    assert not permits(served, asked(("user", "bob"), context={"task": active}))


def test_a_person_is_the_one_of_the_task(served: Served) -> None:
    """The default mapping of COAZ: a person, the agent in the context, the name of the tool as a resource."""
    tool = {
        "subject": {"type": "identity", "id": "ann"},
        "context": {"agent": "http://agents.example/mailer"},
        "action": {"name": "tools/call"},
        "resource": {"type": "tool", "id": "post.mail.read"},
    }
    assert permits(served, tool)
    assert permits(served, {**tool, "subject": {"type": "identity", "id": "joe"}})
    assert not permits(served, {**tool, "subject": {"type": "identity", "id": "eve"}})
    assert not permits(served, {**tool, "context": {"agent": "http://agents.example/other"}})
    assert not permits(
        served, {**tool, "resource": {"type": "tool", "id": "send_mail"}}
    )  # without arguments
    assert not permits(served, {**tool, "action": {"name": "tools/list"}})


def test_what_the_mapping_lets_through_is_read(served: Served) -> None:
    assert permits(served, asked(context={"ip": "10.1.2.3"}))
    assert not permits(served, asked(context={"ip": "11.1.2.3"}))
    assert not permits(served, asked(context={"ip": ["10.1.2.3"]}))


def test_the_directory_says_what_only_it_may_say(tmp_path: Path) -> None:
    directory = {
        "attributes": {
            "resources": {
                "mailbox": {"status": "directory", "seen": "either", "said": "caller"},
            }
        },
        "resources": [
            {
                "type": "mailbox",
                "id": "box-1",
                "properties": {"status": "open", "seen": 1, "said": 2},
            }
        ],
    }
    attributes = policy_of(MAPPING, directory).attributes

    def properties(id: str, given: Any) -> Any:
        resource = {"type": "post.mail", "id": id, "properties": given}
        return attributes.applied("resource", resource)["properties"]

    assert properties("box-1", {}) == {"status": "open", "seen": 1}
    assert properties("box-1", {"status": "shut", "seen": 5, "said": 6, "more": 7}) == {"status": "open", "seen": 5, "said": 6, "more": 7}  # fmt: skip
    assert properties("box-1", {"seen": None}) == {"status": "open", "seen": 1}
    assert properties("box-2", {"status": "open", "seen": 1}) == {"seen": 1}
    assert properties("box-1", None) == {"status": "open", "seen": 1}
    for malformed in ([], "x", 7):  # or `has` would be false of what it is unknown of
        assert properties("box-1", malformed) == malformed
    other = {"type": "other", "id": "box-1", "properties": {"status": "x"}}
    assert attributes.applied("resource", other) is other
