"""What lines are taken for records, and what is refused of them."""

from __future__ import annotations

from typing import Any

import pytest

from agpc.compiler.replay.records import (
    NotARecord,
    RecordedAnswer,
    RecordedRequest,
    change,
    records,
)
from agpc.runtime.decision import Decision

ASKED: dict[str, Any] = {
    "subject": {"type": "agent", "id": "a"},
    "action": {"name": "read"},
    "resource": {"type": "r", "id": "1"},
    "context": {"time": "2026-01-01T00:00:00Z"},
}
PERMIT = Decision("permit", ("p.a",), credential={"ttl_seconds": 60, "renew": 0})


def test_a_request_alone_has_no_answer() -> None:
    assert list(records(ASKED)) == [RecordedRequest(ASKED)]
    assert list(records({**ASKED, "evaluations": []})) == [RecordedRequest(ASKED)]
    assert list(records({**ASKED, "trace": 1})) == [RecordedRequest(ASKED)]


@pytest.mark.parametrize(("asked", "answered"), [("request", "response"), ("input", "result")])
def test_a_record_holds_a_request_and_its_answer(asked: str, answered: str) -> None:
    (record,) = records({asked: ASKED, answered: PERMIT.to_authzen(), "decision_id": "7"})
    assert record.request == ASKED
    assert record.answer == RecordedAnswer(
        True, "permit", ("p.a",), Decision("permit", ("p.a",), credential=PERMIT.credential)
    )
    assert [each.answer for each in records({asked: ASKED})] == [None]


def test_an_event_says_the_effect_beside_the_request() -> None:
    (record,) = records({"event": "call", "effect": "challenge", "request": ASKED})
    assert record.answer == RecordedAnswer(False, "challenge")


def test_a_yes_or_no_is_an_answer() -> None:
    assert [
        each.answer for each in records({"request": ASKED, "response": {"decision": True}})
    ] == [RecordedAnswer(True)]
    assert [each.answer for each in records({"input": ASKED, "result": False})] == [
        RecordedAnswer(False)
    ]


def test_each_of_several_evaluations_is_a_record_with_what_all_share() -> None:
    other = {"type": "r", "id": "2"}
    request = {
        **ASKED,
        "options": {"evaluations_semantic": "deny_on_first_deny"},
        "evaluations": [{}, {"resource": other, "context": {}}, {"action": {"name": "write"}}],
    }
    answers = {"evaluations": [{"decision": True}, {"decision": False}]}
    assert list(records({"request": request, "response": answers})) == [
        RecordedRequest(ASKED, RecordedAnswer(True)),
        RecordedRequest({**ASKED, "resource": other, "context": {}}, RecordedAnswer(False)),
        RecordedRequest({**ASKED, "action": {"name": "write"}}),
    ]


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ([], "a record is a JSON object"),
        (None, "a record is a JSON object"),
        ({}, "it has none of `subject`, `request`, `input` and `evaluations`"),
        ({"request": []}, "its `request` is no JSON object"),
        ({"request": ASKED, "response": 3}, "`response` is no answer"),
        (
            {"request": ASKED, "response": {"decision": "true"}},
            "`response` has no `decision` that is true or false",
        ),
        (
            {"request": ASKED, "response": {"decision": True, "context": {"effect": "deny"}}},
            "`response` has a `decision` that is not that of its effect",
        ),
        (
            {"request": ASKED, "response": {"context": {"effect": "allow"}}},
            "`response` has an effect that is none of permit, challenge and deny",
        ),
        (
            {"request": ASKED, "response": {"context": {"effect": ["deny"]}}},
            "`response` has an effect that is none of permit, challenge and deny",
        ),
        ({**ASKED, "evaluations": 3}, "its `evaluations` are no list"),
        ({**ASKED, "evaluations": [{}, 3]}, "number 1 of its `evaluations` is no JSON object"),
        (
            {"request": {**ASKED, "evaluations": [{}]}, "response": {"decision": True}},
            "its `response` has not an answer for each of its `evaluations`",
        ),
        (
            {
                "request": {**ASKED, "evaluations": [{}]},
                "response": {"evaluations": [{"decision": True}] * 2},
            },
            "its `response` has not an answer for each of its `evaluations`",
        ),
    ],
)  # fmt: skip
def test_what_is_no_record_says_why(document: object, said: str) -> None:
    with pytest.raises(NotARecord) as error:
        list(records(document))
    assert str(error.value) == said


def test_terms_that_are_not_as_they_are_answered_say_nothing() -> None:
    answer = PERMIT.to_authzen()
    for name, value in (
        ("credential", {"ttl_seconds": "60", "renew": 0}),
        ("credential", 3),
        ("requirements", [{"rule": "x", "type": "approval"}]),
        ("requirements", {}),
        ("obligations", [{"type": "audit", "properties": None}]),
        ("obligations", [3]),
    ):
        context = {**answer["context"], name: value}
        (record,) = records({"request": ASKED, "response": {"context": context}})
        assert record.answer == RecordedAnswer(True, "permit", ("p.a",))


def test_a_change_is_told_as_far_as_the_answer_was_recorded() -> None:
    longer = Decision("permit", ("p.a",), credential={"ttl_seconds": 90, "renew": 0})
    whole = RecordedAnswer(True, "permit", ("p.a",), PERMIT)
    found = change(whole, longer)
    assert found is not None
    assert (found.direction, found.what) == ("more", ("credential",))
    assert change(RecordedAnswer(True, "permit"), longer) is None
    assert change(RecordedAnswer(False), Decision("challenge")) is None
    for before, after, direction in (
        (RecordedAnswer(False), PERMIT, "more"),
        (RecordedAnswer(True), Decision("challenge"), "less"),
        (RecordedAnswer(False, "deny"), Decision("challenge"), "more"),
        (RecordedAnswer(False, "challenge"), Decision("deny"), "less"),
    ):
        found = change(before, after)
        assert found is not None and found.direction == direction
