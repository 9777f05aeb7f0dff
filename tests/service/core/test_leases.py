"""A lease is issued where no call has to be seen, decided again whenever what it rests on changes, and ends for good."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from agpc.service.core import (
    SYSTEM,
    Adopt,
    Caller,
    Decide,
    Issue,
    Judge,
    Know,
    Move,
    Problem,
    Renew,
    Report,
    Review,
    Revoke,
    as_person,
)
from agpc.service.core.leases.leases import AT_ONCE, MOST_OF_TASK, MOST_TIMED
from agpc.service.policies.generation import Generation

from .clocks import TEN, Clock
from .desk import DESK, HELPER, Desk, policy
from .lending import POLICY
from .proved import proved

MINUTE = 60 * 10**9
AGENT = Caller("helper", ("lease",), (HELPER,))
STRANGER = Caller("stranger", ("decide", "lease"), ("spiffe://elsewhere.example/bot",))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def generation() -> Generation:
    return policy(POLICY)


@pytest.fixture
def desk(store_url: str, generation: Generation, clock: Clock) -> Iterator[Desk]:
    with proved(store_url, generation, clock) as found:
        yield found


def issue(desk: Desk, task: str, *names: str, **more: Any) -> dict[str, Any]:
    more.setdefault("context", {"confidence": 0.9})
    more.setdefault("caller", DESK)
    capabilities = tuple(f"desk.{each}" for each in names or ("shop.browse",))
    more.setdefault("key", desk.key())
    return desk.do(Issue(task=task, capabilities=capabilities, **more))


def report(desk: Desk, task: str, **context: Any) -> None:
    desk.do(Report(caller=DESK, key=desk.key(), task=task, context=context))


def state(desk: Desk, lease: dict[str, Any]) -> str:
    with desk.core.view() as view:
        found = view.lease(lease["lease"])
        assert found is not None
        return "good" if view.is_good(found) else view.lease_shown(found)["state"]


def bodies(desk: Desk, kind: str) -> list[dict[str, Any]]:
    with desk.core.view() as view:
        found = view.events(0, view.head.seq)
        return [json.loads(bytes(each.body or b"{}")) for each in found if each.kind == kind]


def reasons(answer: dict[str, Any]) -> str:
    assert answer["decision"] is False
    return "; ".join(answer["context"]["reasons"])


def refusal(do: Callable[[], object]) -> tuple[int, str]:
    with pytest.raises(Problem) as refused:
        do()
    return refused.value.status, refused.value.code


def review(desk: Desk) -> list[dict[str, Any]]:
    found = []
    while not found or found[-1]["more"]:
        found.append(desk.do(Review(caller=SYSTEM, key=desk.key())))
    return found


def test_a_lease_is_what_the_policy_says(desk: Desk) -> None:
    task = desk.start()["task"]["id"]
    lease = issue(desk, task, "shop.browse", "shop.peek")
    assert lease["decision"] is True
    assert lease["capabilities"] == ["desk.shop.browse", "desk.shop.peek"]
    assert lease["expires_at"].startswith("2026-11-24T10:05:00")  # the shorter of the two
    assert (lease["renewals_left"], lease["agent"]) == (0, HELPER)
    (told,) = bodies(desk, "lease")
    assert (told["what"], told["lease"], told["task"]) == ("issue", lease["lease"], task)
    assert told["request"]["context"]["confidence"] == 0.9
    assert told["request"]["context"]["task"]["id"] == task
    assert state(desk, lease) == "good"


@pytest.mark.parametrize(
    "name, why",
    [
        ("shop.lookup", "`desk.browsing.shop.lookup` reads `args`, which is of one call"),
        ("shop.refund", "asks people about each call"),
        ("shop.counted", "the meter `desk.counts` counts its calls"),
        ("depot.look", "reads the meter `desk.counts`"),
        ("shop.owed", "obliges to `notify` with each call"),
        ("shop.walled", "`desk.wall` reads `args`"),
        ("shop.bare", "no rule gives a credential"),
    ],
)
def test_no_lease_stands_for_what_is_known_of_a_call_alone(desk: Desk, name: str, why: str) -> None:
    task = desk.start()["task"]["id"]
    for names in ([name], ["shop.browse", name]):
        assert why in reasons(issue(desk, task, *names))
    assert bodies(desk, "lease") == [] and len(bodies(desk, "refused")) == 2


def test_what_is_asked_for_has_its_form(desk: Desk) -> None:
    task = desk.start()["task"]["id"]
    for names in (["shop.none"], ["shop.browse", "shop.browse"], ["shop.*"], ["shop.browse"] * 40):
        assert refusal(lambda names=names: issue(desk, task, *names)) == (400, "malformed")
    assert refusal(lambda: issue(desk, task, context={"a": "x" * 20_000}))[0] == 400
    assert refusal(lambda: issue(desk, "t-none")) == (404, "not_found")
    assert refusal(lambda: issue(desk, task, caller=STRANGER)) == (404, "not_found")
    assert refusal(lambda: issue(desk, task, caller=AGENT))[0] == 400  # it says how sure it is


def test_what_is_written_down_for_each_lease_is_bounded(desk: Desk) -> None:
    task = desk.start()["task"]["id"]
    lease, before = issue(desk, task), len(bodies(desk, "context"))
    assert refusal(lambda: report(desk, task, confidence=0.9, site="x" * 20_000))[0] == 400
    assert state(desk, lease) == "good" and len(bodies(desk, "context")) == before
    large = desk.start(order="x" * 70_000)["task"]["id"]
    assert refusal(lambda: issue(desk, large)) == (400, "malformed")
    assert len(bodies(desk, "lease")) == 1


def test_an_agent_itself_gets_one_by_what_others_reported(desk: Desk) -> None:
    task = desk.start()["task"]["id"]
    assert issue(desk, task, caller=AGENT, context=None)["decision"] is False
    report(desk, task, confidence=0.95)
    assert issue(desk, task, caller=AGENT, context=None)["decision"] is True


def test_what_was_reported_goes_before_what_is_said(desk: Desk) -> None:
    task = desk.start()["task"]["id"]
    report(desk, task, confidence=0.1)
    assert issue(desk, task, context={"confidence": 0.99})["decision"] is False


def test_a_report_ends_it(desk: Desk) -> None:
    task = desk.start()["task"]["id"]
    lease, other = issue(desk, task), issue(desk, task, "shop.peek")
    report(desk, task, site="x")  # nobody has reported the confidence yet
    assert state(desk, lease) == "good"
    report(desk, task, confidence=0.85)
    assert state(desk, lease) == "good"
    report(desk, task, confidence=0.6)
    assert (state(desk, lease), state(desk, other)) == ("revoked", "good")
    (told,) = bodies(desk, "revoked")
    assert (told["lease"], told["cause"]) == (lease["lease"], "context")
    report(desk, task, confidence=0.99)
    assert state(desk, lease) == "revoked"


def test_what_was_reported_and_is_missing_ends_it(desk: Desk) -> None:
    task = desk.start()["task"]["id"]
    lease = issue(desk, task)
    report(desk, task, confidence=0.9)
    report(desk, task, site="x")
    assert state(desk, lease) == "revoked"


@pytest.mark.parametrize("how", ["ended", "drifted"])
def test_it_ends_with_its_task_in_the_same_turn(desk: Desk, how: Any) -> None:
    task, other = desk.start()["task"]["id"], desk.start()["task"]["id"]
    lease, kept = issue(desk, task), issue(desk, other)
    desk.do(Move(caller=DESK, key="end", task=task, state=how))
    assert (state(desk, lease), state(desk, kept)) == ("revoked", "good")
    with desk.core.view() as view:
        kinds = [each.kind for each in view.events(0, view.head.seq)]
    assert kinds[-2:] == ["state", "revoked"]
    assert refusal(lambda: issue(desk, task)) == (409, "has_ended")


def test_it_ends_by_its_ttl(desk: Desk, clock: Clock) -> None:
    lease = issue(desk, desk.start()["task"]["id"])
    clock.now = TEN + 15 * MINUTE - 10**9
    assert state(desk, lease) == "good"
    clock.now = TEN + 15 * MINUTE + 10**9
    assert state(desk, lease) == "expired"
    renew = Renew(caller=DESK, key=desk.key(), lease=lease["lease"])
    assert refusal(lambda: desk.do(renew)) == (409, "has_ended")
    ended = desk.do(Revoke(caller=DESK, key=desk.key(), lease=lease["lease"]))
    assert (ended["state"], ended["had_ended"]) == ("expired", True)
    review(desk)
    assert state(desk, lease) == "expired" and bodies(desk, "revoked") == []


def test_it_lasts_no_longer_than_its_validity_and_its_window(desk: Desk, clock: Clock) -> None:
    task = desk.start()["task"]["id"]
    lease = issue(desk, task, "shop.until")
    assert lease["expires_at"].startswith("2026-11-24T10:10:30")
    assert issue(desk, task, "shop.night")["decision"] is False
    clock.now = TEN + 13 * 60 * MINUTE  # 23:00
    night = issue(desk, task, "shop.night")
    assert night["expires_at"].startswith("2026-11-25T06:00:00")


def test_it_does_not_last_over_a_gap_within_a_minute(desk: Desk, clock: Clock) -> None:
    task = desk.start()["task"]["id"]
    assert issue(desk, task, "shop.gap")["expires_at"] == "2026-11-24T10:10:20Z"
    clock.now = TEN + 10 * MINUTE + 30 * 10**9
    assert issue(desk, task, "shop.gap")["decision"] is False


def test_those_whose_time_is_worked_out_do_not_hold_a_turn_for_long(
    desk: Desk, clock: Clock
) -> None:
    clock.now = TEN + 13 * 60 * MINUTE  # 23:00
    task = desk.start()["task"]["id"]
    leases = [issue(desk, task, "shop.night", "shop.peek") for _ in range(MOST_TIMED + 5)]
    wider = policy(POLICY.replace("renew 2", "renew 3"))
    desk.do(Adopt(caller=SYSTEM, key="new", generation=wider))
    found = review(desk)
    assert [each["looked"] for each in found] == [MOST_TIMED, 5]
    assert [each["more"] for each in found] == [True, False]
    assert {state(desk, each) for each in leases} == {"good"}


def test_renewal_decides_anew_and_as_often_as_it_may(desk: Desk, clock: Clock) -> None:
    task = desk.start()["task"]["id"]
    lease = issue(desk, task)

    def renew(key: str | None = None) -> dict[str, Any]:
        return desk.do(Renew(caller=DESK, key=key or desk.key(), lease=lease["lease"]))

    clock.now += 10 * MINUTE
    first = renew("r-1")
    assert first["expires_at"].startswith("2026-11-24T10:25:00") and first["renewals_left"] == 1
    assert renew("r-1") == first  # which is no second one
    clock.now += 10 * MINUTE
    assert renew()["renewals_left"] == 0
    assert refusal(renew) == (409, "not_renewable")
    assert state(desk, lease) == "good"
    clock.now += 16 * MINUTE
    assert refusal(renew) == (409, "has_ended")


def test_renewal_under_a_policy_that_would_not_issue_it_ends_it(desk: Desk) -> None:
    task = desk.start()["task"]["id"]
    lease = issue(desk, task)
    stricter = policy(POLICY.replace("confidence < 0.8", "confidence < 0.95"))
    desk.do(Adopt(caller=SYSTEM, key="new", generation=stricter))
    answer = desk.do(Renew(caller=DESK, key="r", lease=lease["lease"]))
    assert answer["decision"] is False and state(desk, lease) == "revoked"
    assert bodies(desk, "revoked")[0]["cause"] == "renewal"


def test_a_policy_ends_what_it_would_not_issue_and_keeps_the_rest(desk: Desk) -> None:
    task = desk.start()["task"]["id"]
    lease, other = issue(desk, task), issue(desk, task, "shop.peek")
    stricter = policy(
        POLICY.replace("confidence < 0.8", "confidence < 0.95").replace("ttl 5m", "ttl 2m"),
    )
    desk.do(Adopt(caller=SYSTEM, key="new", generation=stricter))
    assert (state(desk, lease), state(desk, other)) == ("active", "active")  # and none is good
    (looked,) = review(desk)
    assert looked == {"looked": 2, "revoked": 1, "more": False}
    assert (state(desk, lease), state(desk, other)) == ("revoked", "good")
    assert bodies(desk, "lease")[-1]["what"] == "keep"
    assert bodies(desk, "lease")[-1]["expires"].startswith("2026-11-24T10:02:00")
    assert review(desk) == [{"looked": 0, "revoked": 0, "more": False}]


def test_many_are_looked_at_in_bounded_turns(desk: Desk) -> None:
    tasks = [desk.start()["task"]["id"] for _ in range(2)]
    leases = [issue(desk, tasks[i % 2], "shop.peek") for i in range(AT_ONCE + 10)]
    wider = policy(POLICY.replace("renew 2", "renew 3"))
    desk.do(Adopt(caller=SYSTEM, key="new", generation=wider))
    first, second = review(desk)
    assert (first["looked"], second["looked"]) == (AT_ONCE, 10)
    assert {state(desk, each) for each in leases} == {"good"}


def test_a_task_has_a_bounded_number(desk: Desk) -> None:
    task = desk.start()["task"]["id"]
    for _ in range(MOST_OF_TASK):
        issue(desk, task, "shop.peek")
    assert refusal(lambda: issue(desk, task, "shop.peek")) == (409, "too_many")


def test_who_may_revoke_it(desk: Desk) -> None:
    task = desk.start()["task"]["id"]
    starter = Caller("desk", ("start",))  # who started the task, and speaks for nobody
    for caller in (DESK, AGENT, starter, SYSTEM):
        lease = issue(desk, task)
        ask = Revoke(caller=STRANGER, key=desk.key(), lease=lease["lease"])
        assert refusal(lambda ask=ask: desk.do(ask)) == (404, "not_found")
        desk.do(Revoke(caller=caller, key=desk.key(), lease=lease["lease"], why="Enough."))
        assert state(desk, lease) == "revoked"
        assert bodies(desk, "revoked")[-1]["why"] == "Enough."
        again = Revoke(caller=SYSTEM, key=desk.key(), lease=lease["lease"])
        events, said = len(bodies(desk, "revoked")), desk.do(again)
        assert (said["state"], said["cause"], said["had_ended"]) == ("revoked", "asked", True)
        assert len(bodies(desk, "revoked")) == events  # which changes nothing


def test_it_rests_on_what_people_gave_as_long_as_they_may_give_it(desk: Desk) -> None:
    def know(*roles: str) -> None:
        desk.do(Know(caller=SYSTEM, key=desk.key(), person="user:ann", roles=roles))

    know("role:lead")
    report_to = desk.start()["task"]["id"]
    report(desk, report_to, confidence=0.9)
    assert issue(desk, report_to, "shop.close", context=None)["context"]["effect"] == "challenge"
    asked = desk.call(report_to, "shop", "close")  # without the confidence, which a call has to say
    assert asked["context"]["effect"] == "deny"
    request = {
        "subject": {"type": "agent", "id": HELPER},
        "action": {"name": "close"},
        "resource": {"type": "desk.shop", "id": "shop"},
        "context": {"task": {"id": report_to}, "confidence": 0.9},
    }
    asked = desk.do(Decide(caller=DESK, key=desk.key(), request=request))
    desk.do(
        Judge(
            caller=as_person("user:ann"),
            key=desk.key(),
            request=asked["request"]["id"],
            verdict="approve",
            policy=desk.core.generation.digest,
        )
    )
    lease = issue(desk, report_to, "shop.close")
    assert state(desk, lease) == "good"
    other = issue(desk, report_to)
    know("role:lead", "role:clerk")
    assert (state(desk, lease), state(desk, other)) == ("active", "good")
    review(desk)
    assert state(desk, lease) == "good"
    know("role:clerk")
    review(desk)
    assert (state(desk, lease), state(desk, other)) == ("revoked", "good")
    assert bodies(desk, "revoked")[-1]["cause"] == "person"


def test_the_same_key_issues_it_once(desk: Desk) -> None:
    task = desk.start()["task"]["id"]
    first = issue(desk, task, key="one")
    assert issue(desk, task, key="one") == first
    assert refusal(lambda: issue(desk, task, "shop.peek", key="one")) == (409, "key_reused")
    assert len(bodies(desk, "lease")) == 1


def test_what_it_was_decided_by_goes_with_it(desk: Desk, clock: Clock) -> None:
    task = desk.start()["task"]["id"]
    ended, over = issue(desk, task), issue(desk, task)
    desk.do(Revoke(caller=DESK, key=desk.key(), lease=ended["lease"]))
    clock.now += 16 * MINUTE
    review(desk)
    with desk.core.view() as view:
        rows = [view.lease(each["lease"]) for each in (ended, over)]
    assert [each and each.asked_for for each in rows] == ["{}", "{}"]
