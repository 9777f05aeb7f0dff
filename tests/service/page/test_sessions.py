"""Sessions: they end by themselves, nobody can guess or make one, and workers share them."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from agpc.service.page import sessions
from agpc.service.page.sessions import Sessions, SignedIn, shared


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def caller(kept: Sessions, name: str) -> str | None:
    found = kept.whose(name)
    return None if found is None else found.caller


def files(kept: Sessions) -> list[Path]:
    return [each for each in kept._directory.iterdir() if each.name != "secret"]


def test_a_session_ends_when_nobody_uses_it() -> None:
    clock = Clock()
    kept = Sessions(clock)
    name = kept.begin(SignedIn(caller="joe"))
    for _ in range(3):
        clock.now += sessions.IDLE - 1
        assert caller(kept, name) == "joe"
    clock.now += sessions.IDLE
    assert caller(kept, name) is None
    assert files(kept) == []


def test_and_after_some_hours_also_when_somebody_does() -> None:
    clock = Clock()
    kept = Sessions(clock)
    name = kept.begin(SignedIn(caller="joe"))
    ends = clock.now + sessions.LASTS
    while clock.now + sessions.IDLE / 2 < ends:
        clock.now += sessions.IDLE / 2
        assert caller(kept, name) == "joe"
    clock.now = ends
    assert caller(kept, name) is None


def test_there_are_only_so_many_and_the_oldest_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "MOST", 5)
    clock = Clock()
    kept = Sessions(clock)
    names = []
    for each in range(6):
        clock.now += 1
        names.append(kept.begin(SignedIn(caller=str(each))))
    assert len(set(names)) == len(names)
    assert caller(kept, names[0]) is None
    assert [caller(kept, each) for each in names[1:]] == ["1", "2", "3", "4", "5"]
    assert len(files(kept)) == 5


def test_nobody_puts_others_out_by_signing_in_again_and_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sessions, "MOST", 6)
    monkeypatch.setattr(sessions, "MOST_OF_ONE", 3)
    clock = Clock()
    kept = Sessions(clock)
    ann = kept.begin(SignedIn(person="user:ann"))
    key = kept.begin(SignedIn(caller="joe", key="k"))
    mallory = []
    for number in range(20):
        clock.now += 1
        mallory.append(kept.begin(SignedIn(person="user:mallory", session=f"s-{number}")))
    assert kept.whose(ann) is not None and caller(kept, key) == "joe"
    assert [kept.whose(each) is not None for each in mallory] == [False] * 17 + [True] * 3
    assert all("mallory" not in each for each in mallory)
    clock.now += 1
    kept.begin(SignedIn(person="user:ann"))
    assert kept.whose(mallory[-3]) is not None  # there is room


def test_those_that_nobody_uses_go_with_the_next_sign_in() -> None:
    clock = Clock()
    kept = Sessions(clock)
    kept.begin(SignedIn(caller="joe"))
    clock.now += sessions.IDLE
    kept.begin(SignedIn(caller="ann"))
    assert len(files(kept)) == 1


def test_what_is_kept_is_no_name_of_a_session_and_for_nobody_else() -> None:
    kept = Sessions(Clock())
    name = kept.begin(SignedIn(caller="joe"))
    (path,) = files(kept)
    assert name not in path.name + path.read_text()
    assert caller(kept, path.name) is None
    for other in ("../secret", "secret", "\udc80", "", "a\0b", "x" * 5000):
        assert caller(kept, other) is None
    assert stat.S_IMODE(kept._directory.stat().st_mode) == 0o700
    assert stat.S_IMODE((kept._directory / "secret").stat().st_mode) == 0o600


def test_the_token_of_a_form_is_that_of_one_session() -> None:
    kept, other = Sessions(Clock()), Sessions(Clock())
    one, two = kept.begin(SignedIn(caller="joe")), kept.begin(SignedIn(caller="ann"))
    assert kept.is_form_of(one, kept.form_token(one))
    assert not kept.is_form_of(two, kept.form_token(one))
    assert not other.is_form_of(one, kept.form_token(one))
    assert not kept.is_form_of(None, kept.form_token(one))
    assert not kept.is_form_of(one, None)


def test_workers_share_them_and_they_go_with_the_service() -> None:
    with shared():
        one, two = Sessions(Clock()), Sessions(Clock())
        name = one.begin(SignedIn(caller="joe"))
        assert caller(two, name) == "joe"
        assert two.is_form_of(name, one.form_token(name))
        two.end(name)
        assert caller(one, name) is None
        place = one._directory
    assert not place.exists()
    assert sessions.SHARED not in os.environ
    alone = Sessions(Clock())
    place = alone._directory
    assert place.exists()
    del alone
    assert not place.exists()
