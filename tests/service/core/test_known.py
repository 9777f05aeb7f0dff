"""What a provider says of a person counts for a while, and no longer: for verdicts, for what rests on them, and offline."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from agpc.audit.known.index import Index
from agpc.audit.known.policies import Policies
from agpc.audit.people.passkeys import Passkeys
from agpc.audit.people.people import People
from agpc.audit.reading.events import Event
from agpc.audit.reading.findings import Findings
from agpc.runtime.time_text import format_time
from agpc.service.core import SYSTEM, Problem, SignIn
from agpc.service.core.people.people import is_known
from agpc.service.store import Store

from ..audit.stored import SIGNER, in_export, in_store, publish
from .asking import CLERK, LEAD, bodies, effect, judge, know, refund
from .desk import POLICY, Desk, opened_on, policy

SECOND = 10**9
HOUR = 3600 * SECOND
ONCE = POLICY.replace('approval by "role:lead" within 1h', 'approval per task by "role:lead"')
ISSUER = "https://id.example"


class Clocked(Desk):
    """A desk whose clock tests set."""

    clock: list[int]
    url: str
    trail: Path

    def sign_in(self, person: str = LEAD, *roles: str) -> None:
        now = self.clock[0] // SECOND
        told: dict[str, Any] = {"methods": ("pwd",), "at": now, "ends": now + 20 * 3600}
        self.do(
            SignIn(
                caller=SYSTEM,
                key=self.key(),
                person=person,
                roles=roles,
                source=ISSUER,
                **told,
            )
        )

    def later(self, span: int) -> None:
        self.clock[0] += span


@pytest.fixture
def desk(new_store_url: Callable[[], str], tmp_path: Path) -> Iterator[Clocked]:
    clock, url = [1_795_514_400 * SECOND], new_store_url()
    store = Store(url, clock=lambda: clock[0])
    settings: dict[str, Any] = {"known": 2 * HOUR, "question": 9 * HOUR, "signer": SIGNER}
    with opened_on(store, policy(ONCE), **settings) as opened:
        desk = Clocked(opened.core)
        desk.clock, desk.url, desk.trail = clock, url, tmp_path / "trail"
        yield desk


def refused(desk: Desk, asked: dict[str, Any], person: str = LEAD) -> str:
    with pytest.raises(Problem) as problem:
        judge(desk, asked, person)
    assert problem.value.status == 403
    return problem.value.message


def is_proved(desk: Clocked) -> bool:
    publish(desk)
    assert in_store(desk.url).wrong == []
    return in_export(desk.url, desk.trail).wrong == []


def test_nobody_approves_by_what_was_said_too_long_ago(desk: Clocked) -> None:
    desk.sign_in(LEAD, "role:lead")
    task = desk.start()["task"]["id"]
    asked = refund(desk, task)
    desk.later(2 * HOUR + SECOND)
    assert refused(desk, asked) == "who this is was said too long ago: sign in again"
    desk.sign_in(LEAD, "role:lead")
    judge(desk, asked)
    assert effect(refund(desk, task)) == "permit"
    assert is_proved(desk)


def test_what_they_approved_counts_no_longer_than_they_are_known(desk: Clocked) -> None:
    desk.sign_in(LEAD, "role:lead")
    task = desk.start()["task"]["id"]
    judge(desk, refund(desk, task))
    assert effect(refund(desk, task)) == effect(refund(desk, task)) == "permit"
    desk.later(2 * HOUR - SECOND)
    assert effect(refund(desk, task)) == "permit"
    desk.later(2 * SECOND)
    assert effect(refund(desk, task)) == "challenge"
    desk.sign_in(LEAD, "role:lead")
    assert effect(refund(desk, task)) == "permit"
    assert is_proved(desk)


def test_who_signs_in_again_without_the_role_has_lost_it(desk: Clocked) -> None:
    desk.sign_in(LEAD, "role:lead")
    task = desk.start()["task"]["id"]
    asked = refund(desk, task)
    judge(desk, asked)
    desk.sign_in(LEAD)
    assert effect(refund(desk, task)) == "challenge"
    with pytest.raises(Problem):
        judge(desk, asked, verdict="refuse")
    desk.sign_in(LEAD, "role:lead")
    assert effect(refund(desk, task)) == "permit"
    assert is_proved(desk)


def test_a_person_of_the_settings_does_not_age(desk: Clocked) -> None:
    know(desk, LEAD, "role:lead")
    know(desk, CLERK, "role:clerk")
    task = desk.start()["task"]["id"]
    asked = refund(desk, task)
    desk.later(8 * HOUR)
    desk.sign_in(LEAD, "role:clerk")  # the settings say who they are
    judge(desk, asked)
    desk.later(50 * HOUR)
    assert effect(refund(desk, task)) == "permit"
    assert all("until" not in each for each in bodies(desk, "admin"))
    assert is_proved(desk)


def test_each_sign_in_is_told_with_its_end(desk: Clocked) -> None:
    desk.sign_in(LEAD, "role:lead")
    desk.later(HOUR)
    desk.sign_in(LEAD, "role:lead")
    first, second = bodies(desk, "admin")
    assert first["roles"] == second["roles"] and first["until"] < second["until"]
    with desk.core.view() as view:
        found = view.person(LEAD)
        assert found is not None and found.until is not None
        assert format_time(found.until) == second["until"]
        assert is_known(found, found.until - 1) and not is_known(found, found.until)


NOW = 1_800_000_000 * SECOND


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"source": ISSUER}, "counts for ever"),
        ({"source": ISSUER, "until": format_time(NOW + 9 * HOUR)}, "too long"),
        ({"source": ISSUER, "until": format_time(NOW)}, "too long"),
        ({"source": ISSUER, "until": "soon"}, "for ever"),
        ({"source": None}, "nobody is said to say"),
        ({"source": "settings", "until": format_time(NOW + HOUR)}, "does not age"),
        ({"source": "settings"}, None),
        ({"source": ISSUER, "until": format_time(NOW + 8 * HOUR)}, None),
    ],
    ids=str,
)
def test_a_trail_in_which_somebody_is_known_for_too_long(
    told: dict[str, Any], why: str | None
) -> None:
    found: list[str] = []
    with closing(Index()) as index:
        passkeys = Passkeys(index, Findings(), lambda event, what: None)
        no_trail: Any = None  # in which nothing is looked up
        policies = Policies(no_trail, Findings())
        people = People(
            index,
            policies,
            lambda event, what: found.append(what),
            lambda event, what: None,
            passkeys,
        )
        body = {"person": LEAD, "roles": ["role:lead"], "active": True, **told}
        people.known(Event(5, NOW, "admin", None, body), body)
        assert len(found) == (why is not None) and (why is None or why in found[0])
        if why is None:
            is_of_settings = told["source"] == "settings"
            assert index.roles(LEAD, NOW + 8 * HOUR - 1) == ["role:lead"]
            late = index.roles(LEAD, NOW + 8 * HOUR)
            assert late == (["role:lead"] if is_of_settings else None)
        elif "source" in told and told["source"] != "settings":
            assert index.roles(LEAD, NOW + 1) is None  # and what rests on them is found, too
