"""Somebody writes to the database who has no key of the store: what is answered without a record is what was recorded."""

from __future__ import annotations

import pytest

from agpc.service.core import Problem
from agpc.service.policies.generation import Generation

from ..store.filled import run_in
from .desk import opened, policy


@pytest.fixture
def generation() -> Generation:
    return policy()


PERMITTED = (
    "(SELECT {} FROM seen WHERE answer LIKE '%lookup%permit%' OR answer LIKE '%permit%lookup%')"
)


@pytest.mark.parametrize(
    "change",
    [
        f"answer = {PERMITTED.format('answer')}",
        f"answer = {PERMITTED.format('answer')}, mac = {PERMITTED.format('mac')}",
        "answer = replace(answer, 'false', 'true')",
        "answer = NULL",
        "body = 'sha256:0'",
        "seq = seq + 1",
    ],
)
def test_a_kept_answer_that_was_changed_is_not_given(
    store_url: str, generation: Generation, change: str
) -> None:
    with opened(store_url, generation) as desk:
        task = desk.start()["task"]["id"]
        assert desk.call(task, "shop", "lookup", key="good", order="o-7")["decision"] is True
        assert desk.call(task, "shop", "lookup", key="bad", order="o-8")["decision"] is False
        assert desk.call(task, "shop", "lookup", key="bad", order="o-8")["decision"] is False
        run_in(store_url, f"UPDATE seen SET {change} WHERE answer LIKE '%deny%'")
        with desk.core.view() as view:
            before = view.head.seq
        with pytest.raises(Problem) as caught:
            desk.call(task, "shop", "lookup", key="bad", order="o-8")
        assert (caught.value.status, caught.value.code) == (503, "store_changed")
        assert desk.call(task, "shop", "lookup", key="good", order="o-7")["decision"] is True
        with desk.core.view() as view:
            assert view.head.seq == before
