"""A step-up that no session of the person bears out is found, whoever wrote the trail."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from agpc.audit.known.index import Index
from agpc.audit.people.sessions import Sessions
from agpc.audit.reading.events import Event
from agpc.runtime.time_text import format_time

HOUR = 3600 * 10**9
NOW = 1_800_000_000 * 10**9
JOE = "user:joe"


class Book:
    """Sessions, and what was found of them."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.found: list[str] = []
        self.sessions = Sessions(
            index,
            lambda event, what: self.found.append(what),
            lambda event, what: self.found.append(f"missing: {what}"),
        )

    def session(self, seq: int = 5, time: int = NOW, **told: Any) -> None:
        body: dict[str, Any] = {
            "what": "begun", "session": f"s-{seq}", "person": JOE, "methods": ["mfa"],
            "at": format_time(time), "ends": format_time(time + HOUR), **told,
        }  # fmt: skip
        body = {name: each for name, each in body.items() if each is not None}
        self.sessions.session(Event(seq, time, "session", None, body), body)

    def step_up(self, time: int = NOW + 60 * 10**9, user: str = JOE, **told: Any) -> None:
        one = {"id": "s-5", "method": "mfa", "at": format_time(NOW), **told}
        request = {"context": {"user": {"id": user}, "step_up": [one]}}
        self.sessions.step_up(Event(9, time, "call", None, {}), request)


@pytest.fixture
def book() -> Iterator[Book]:
    with closing(Index()) as index:
        index.put_person(JOE, [], None)
        yield Book(index)


def test_a_step_up_of_a_session_that_goes_on(book: Book) -> None:
    book.session()
    book.step_up()
    assert book.found == []


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"id": "s-6"}, "missing: a session"),
        ({"id": None}, "missing: a session"),
        ({"id": ["s-5"]}, "missing: a session"),
        ({"method": "otp"}, "not what its session says"),
        ({"method": ["mfa"]}, "not what its session says"),
        ({"at": format_time(NOW + 1)}, "not what its session says"),
        ({"user": "user:ann"}, "not what its session says"),
        ({"time": NOW + HOUR + 1}, "had ended"),
    ],
    ids=str,
)  # fmt: skip
def test_a_step_up_that_is_none(book: Book, told: dict[str, Any], why: str) -> None:
    book.session()
    book.step_up(**told)
    assert len(book.found) == 1 and why in book.found[0]


def test_after_the_end_there_is_none(book: Book) -> None:
    book.session()
    body = {"what": "ended", "session": "s-5"}
    book.sessions.session(Event(6, NOW + 10, "session", None, body), body)
    book.step_up()
    assert book.found == ["a step-up is of a session that had ended"]


def test_of_who_has_left_there_is_none(book: Book) -> None:
    book.session()
    book.index.put_person(JOE, [], 0)
    book.step_up()
    assert book.found == ["missing: a person who has not left"]


@pytest.mark.parametrize(
    "told",
    [
        *({"session": "s-4"}, {"session": None}, {"what": "paused"}, {"methods": "mfa"}, {"methods": [1]}),
        *({"ends": None}, {"ends": "soon"}, {"at": "now"}, {"at": format_time(NOW + 1)}, {"person": "user:ann"}),
        *({"person": None}, {"what": "ended", "session": "s-4"}),
    ],
    ids=str,
)  # fmt: skip
def test_sessions_that_are_none(book: Book, told: dict[str, Any]) -> None:
    book.session(**told)
    assert len(book.found) == 1
