"""Sessions: they end by themselves, and nobody can guess or make one."""

from __future__ import annotations

from agpc.service.page import sessions
from agpc.service.page.sessions import Sessions


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_session_ends_when_nobody_uses_it() -> None:
    clock = Clock()
    kept = Sessions(clock)
    name = kept.begin("joe")
    for _ in range(3):
        clock.now += sessions.IDLE - 1
        assert kept.caller(name) == "joe"
    clock.now += sessions.IDLE
    assert kept.caller(name) is None


def test_and_after_some_hours_also_when_somebody_does() -> None:
    clock = Clock()
    kept = Sessions(clock)
    name = kept.begin("joe")
    ends = clock.now + sessions.LASTS
    while clock.now + sessions.IDLE / 2 < ends:
        clock.now += sessions.IDLE / 2
        assert kept.caller(name) == "joe"
    clock.now = ends
    assert kept.caller(name) is None


def test_there_are_only_so_many_and_the_oldest_makes_room() -> None:
    kept = Sessions(Clock())
    names = [kept.begin(str(each)) for each in range(sessions.MOST + 1)]
    assert len(set(names)) == len(names)
    assert kept.caller(names[0]) is None
    assert kept.caller(names[1]) == "1"
    assert len(kept._sessions) == sessions.MOST


def test_what_is_kept_is_no_name_of_a_session() -> None:
    kept = Sessions(Clock())
    name = kept.begin("joe")
    assert name not in repr(kept._sessions)
    assert kept.caller(repr(next(iter(kept._sessions)))) is None
    assert kept.caller("\udc80") is None


def test_the_token_of_a_form_is_that_of_one_session() -> None:
    kept, other = Sessions(Clock()), Sessions(Clock())
    one, two = kept.begin("joe"), kept.begin("ann")
    assert kept.is_form_of(one, kept.form_token(one))
    assert not kept.is_form_of(two, kept.form_token(one))
    assert not other.is_form_of(one, kept.form_token(one))
    assert not kept.is_form_of(None, kept.form_token(one))
    assert not kept.is_form_of(one, None)
