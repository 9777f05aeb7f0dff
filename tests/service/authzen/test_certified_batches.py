"""The scenario of the certification of AuthZEN, in batches."""

from __future__ import annotations

from typing import Any

import pytest

from ..http.served import Served
from .certified import (
    ADMIN,
    ALICE,
    ARCHIVED,
    BOB,
    CONTEXT,
    ONE,
    READ,
    TWO,
    WHOLE,
    WRITE,
    evaluation,
)
from .point import answered, ask

ACTIVE: dict[str, Any] = {**ONE, "properties": {"status": "active"}}


def batch(served: Served, items: Any, **more: Any) -> list[bool]:
    found = answered(served, "evaluations", {**more, "evaluations": items})
    assert set(found) == {"evaluations"}
    return [each["decision"] for each in found["evaluations"]]


def test_decisions_of_a_batch(served: Served) -> None:
    assert batch(served, [{"action": READ}, {"action": WRITE}], subject=BOB, resource=ONE) == [True, False]  # fmt: skip
    assert batch(served, [{"resource": ACTIVE}, {"resource": ARCHIVED}], subject=ALICE, action=WRITE) == [True, False]  # fmt: skip
    assert batch(served, [{"subject": ALICE}, {"subject": ADMIN}], action=WRITE, resource=ARCHIVED) == [False, True]  # fmt: skip
    whole = [evaluation(ALICE, READ, ONE), evaluation(BOB, WRITE, ONE)]
    assert batch(served, whole) == [True, False]


def test_a_default_is_inherited_and_replaced_as_a_whole(served: Served) -> None:
    default = evaluation(ALICE, WRITE, ACTIVE)
    assert batch(served, [{}, {"resource": ARCHIVED}], **default) == [True, False]
    # Nothing of the default is left in what replaces it: it has no id.
    assert batch(served, [{"resource": {"type": "record"}}, {"action": {}}], **default) == [False, False]  # fmt: skip


def test_a_context_is_inherited_and_replaced(served: Served) -> None:
    items = [
        {"resource": ONE},
        {
            "resource": TWO,
            "context": {"time": "2025-06-27T19:00-07:00", "source": "batch-override"},
        },
    ]
    assert batch(served, items, subject=ALICE, action=READ, context=CONTEXT) == [True, True]


def test_an_item_that_is_none_keeps_its_place(served: Served) -> None:
    body = {
        "subject": ALICE,
        "action": READ,
        "options": {"evaluations_semantic": "execute_all"},
        "evaluations": [{"resource": ONE}, {}, "x", {"resource": ONE, "subject": 1}, {"resource": ONE}],
    }  # fmt: skip
    found = answered(served, "evaluations", body)["evaluations"]
    assert [each["decision"] for each in found] == [True, False, False, False, True]
    assert [each["context"].get("error", {}).get("status") for each in found] == [None, 400, 400, 400, None]  # fmt: skip
    assert found[1]["context"]["error"]["message"] == "`resource` is missing"
    assert batch(served, [{"resource": ONE}], action=READ) == [False]


@pytest.mark.parametrize("items", [..., [], None])
def test_a_batch_of_nothing_is_one_evaluation(served: Served, items: Any) -> None:
    body = WHOLE if items is ... else {**WHOLE, "evaluations": items}
    found = answered(served, "evaluations", body)
    assert found["decision"] is True
    assert "evaluations" not in found
    assert found == answered(served, "evaluation", WHOLE)


@pytest.mark.parametrize(
    ("semantic", "actions", "decisions"),
    [
        (None, "rwr", [True, False, True]),
        ("execute_all", "rwr", [True, False, True]),
        ("deny_on_first_deny", "rwr", [True, False]),
        ("deny_on_first_deny", "r?r", [True, False]),
        ("deny_on_first_deny", "rr", [True, True]),
        ("permit_on_first_permit", "wrw", [False, True]),
        ("permit_on_first_permit", "?rw", [False, True]),
        ("permit_on_first_permit", "ww", [False, False]),
    ],
)
def test_the_three_semantics(served: Served, semantic: Any, actions: str, decisions: Any) -> None:
    named: dict[str, Any] = {"r": READ, "w": WRITE, "?": {}}
    items = [{"action": named[each]} for each in actions]
    options = {} if semantic is None else {"options": {"evaluations_semantic": semantic}}
    assert batch(served, items, subject=BOB, resource=ONE, **options) == decisions


@pytest.mark.parametrize(
    "more",
    [
        {"options": {"evaluations_semantic": "bogus_value"}},
        {"options": {"evaluations_semantic": 1}},
        {"options": {"evaluations_semantic": ["execute_all"]}},
        {"options": []},
        {"evaluations": {}},
        {"evaluations": "x"},
        {"subject": "alice"},
        {"evaluations": [{}] * 101},
    ],
)
def test_a_batch_that_is_none_is_400(served: Served, more: dict[str, Any]) -> None:
    body = {**WHOLE, "evaluations": [{"resource": ONE}], **more}
    assert ask(served, "evaluations", body).status == 400


def test_a_batch_of_the_most_items_is_taken(served: Served) -> None:
    items = [{"subject": BOB if each % 3 else ALICE} for each in range(100)]
    assert batch(served, items, **evaluation(ALICE, WRITE, ONE)) == [not each % 3 for each in range(100)]  # fmt: skip
