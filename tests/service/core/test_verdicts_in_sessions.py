"""A verdict says in which session it was given, which was the person's and went on; the verifier holds it against that."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from agpc.service.core import SYSTEM, Problem, SignOut

from .asking import LEAD, bodies, in_session, judge, know, refund
from .checking import checked, of_kind, wrong
from .desk import Desk, opened, policy

EVE = "user:eve"


@pytest.fixture
def desk(store_url: str) -> Iterator[Desk]:
    with opened(store_url, policy()) as desk:
        know(desk, LEAD, "role:lead")
        yield desk


def test_it_is_one_of_the_person_that_goes_on(desk: Desk) -> None:
    asked = refund(desk, desk.start()["task"]["id"])
    over, theirs, own = in_session(desk, LEAD), in_session(desk, EVE), in_session(desk, LEAD)
    desk.do(SignOut(caller=SYSTEM, key="out", session=over))
    for session in (over, theirs, "s-999", "s-x", "", 5):
        with pytest.raises(Problem) as found:
            judge(desk, asked, session=session)
        assert found.value.code == "forbidden"
    judge(desk, asked, session=own)
    (told,) = bodies(desk, "verdict")
    assert told["session"] == own
    assert wrong(checked(desk)) == []


def test_who_answers_with_a_key_names_none(desk: Desk) -> None:
    judge(desk, refund(desk, desk.start()["task"]["id"]))
    (told,) = bodies(desk, "verdict")
    assert "session" not in told and wrong(checked(desk)) == []


@pytest.mark.parametrize(
    ("number", "why"),
    [
        (0, ["the verdict was given in a session that had ended"]),
        (1, ["the verdict was given in a session of somebody else"]),
        (None, ["the session of a verdict that it is about is not in the trail before it"]),
    ],
)
def test_the_verifier_finds_another_one(desk: Desk, number: int | None, why: list[str]) -> None:
    asked = refund(desk, desk.start()["task"]["id"])
    sessions = [in_session(desk, LEAD), in_session(desk, EVE), in_session(desk, LEAD)]
    desk.do(SignOut(caller=SYSTEM, key="out", session=sessions[0]))
    judge(desk, asked, session=sessions[2])
    other = "s-999" if number is None else sessions[number]

    def change(event: Any) -> Any:
        return of_kind("verdict", session=other)(event)

    assert wrong(checked(desk, change)) == why
