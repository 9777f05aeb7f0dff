"""A service that lies about leases, sessions and signals, with the key of its own log: what it could not have done is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agpc.service.core import SYSTEM, Adopt, Core, CoreSettings, Decide, Issue, Lend
from agpc.service.core.operations.of_people import SignOut
from agpc.service.store import Store

from ..core.chains import GATEWAY, INSIDE, inside, lent, task_of
from ..core.clocks import Clock
from ..core.desk import DESK, HELPER, OTHER, SECRET, Desk, call, opened, policy
from ..core.lending import POLICY
from .lending import DAN, JOE, everything, signed_in
from .rewriting import Change, Recorded, Told, of_kind, recorded_by, swap, written
from .stored import SIGNER

STEP_UP = POLICY.replace('approval per task by "role:lead"', 'step_up "mfa" within 15m')
IN_THE_MORNING = POLICY.replace("22:00..06:00", "08:00..11:00").replace("ttl 8h", "ttl 30h")
DAY = 24 * 3600 * 10**9


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    folder = tmp_path_factory.mktemp("all")
    with opened(f"sqlite:///{folder}/agpc.db", policy(POLICY), signer=SIGNER) as desk:
        everything(desk)
        return recorded_by(desk)


def issued(desk: Desk, capability: str) -> str:
    found = desk.do(
        Issue(
            caller=DESK, key=desk.key(), task=desk.start()["task"]["id"],
            capabilities=(f"desk.shop.{capability}",), context={"confidence": 0.9},
        )
    )  # fmt: skip
    lease: str = found["lease"]
    return lease


def note_instead(event: dict[str, Any]) -> None:
    kept = {name: event[name] for name in ("v", "salt", "time", "caller", "key")}
    event.clear()
    event.update(kept, kind="admin", what="note")


def unproved(kind: str, **which: Any) -> Change:
    return lambda told: of_kind(told, kind, **which).pop("proof")


def nobody_leaves(told: Told) -> None:
    note_instead(of_kind(told, "admin", person=DAN, active=False))


def heard_again(told: Told) -> None:
    told.append({**of_kind(told, "signal"), "key": "another", "time": "2100-01-01T00:00:00Z"})


def unseen(kind: str, **which: Any) -> Change:
    """Have values be left out that the policy keeps, so that nobody decides again what was permitted by others."""

    def change(told: Told) -> None:
        event = of_kind(told, kind, **which)
        event["redacted"] = True
        event["request"]["context"]["confidence"] = 0.1

    return change


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (unproved("lease", what="issue", proved="thumb"), "bound to a key that was not proved"),
        (unproved("lease", what="renew"), "bound to a key that was not proved"),
        (unproved("credential"), "bound to a key that was not proved"),
        (nobody_leaves, "did not leave by the signal"),
        (heard_again, "the signal was taken in before"),
        (unseen("lease", what="issue"), "its policy keeps them"),
        (unseen("call", effect="permit"), "its policy keeps them"),
    ],
    ids=["issue", "renew", "credential", "leave", "again", "lease", "call"],
)
def test_what_is_forged_is_wrong(recorded: Recorded, change: Change, why: str) -> None:
    found = written(recorded, change)
    assert found.verdict == "wrong"
    assert any(why in each.what for each in found.wrong), found.wrong


@pytest.fixture(scope="module")
def stepped_up(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    """What is recorded of a lease that rests on a session, and of the end of that."""
    folder = tmp_path_factory.mktemp("sessions")
    with opened(f"sqlite:///{folder}/agpc.db", policy(STEP_UP), signer=SIGNER) as desk:
        session = signed_in(desk, JOE, methods=("mfa",))
        lease = issued(desk, "close")
        with desk.core.view() as view:
            row = view.lease(lease)
            assert row is not None
        until, policy_then = row.expires, row.policy
        desk.do(
            Lend(
                caller=DESK, key="lend", lease=lease, broker="aws", asked={}, once="1",
                policy=policy_then, until=until,
            )
        )  # fmt: skip
        desk.do(SignOut(caller=SYSTEM, key="out", session=session))
        return recorded_by(desk)


def lent_after_the_session(told: Told) -> None:
    swap(told, of_kind(told, "credential"), of_kind(told, "session", what="ended"))


def vouched_for_less_long(told: Told) -> None:
    person, lease = of_kind(told, "admin", person=JOE), of_kind(told, "lease")
    person["until"] = lease["time"][:-1] + "9Z"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lent_after_the_session, "rests on a session that has ended"),
        (vouched_for_less_long, "nobody vouches for whom it rests on"),
    ],
    ids=["ended", "aged"],
)
def test_what_is_forged_of_sessions_is_wrong(
    stepped_up: Recorded, change: Change, why: str
) -> None:
    assert written(stepped_up, lambda told: None).verdict == "proved"
    assert any(why in each.what for each in written(stepped_up, change).wrong)


@pytest.mark.parametrize(
    ("capability", "until"),
    [("night", "2026-11-25T10:00:00Z"), ("gap", "2026-11-24T10:50:00Z")],
)
def test_a_lease_is_permitted_all_along_and_not_at_its_ends_alone(
    tmp_path: Path, capability: str, until: str
) -> None:
    """The window has closed meanwhile, and opened again: so has that of two rules with a gap between them."""
    generation = policy(IN_THE_MORNING)
    settings = CoreSettings(secret=SECRET, signer=SIGNER, lease=2 * DAY)
    core = Core(Store(f"sqlite:///{tmp_path}/agpc.db", clock=Clock()), generation, settings)
    try:
        desk = Desk(core)
        desk.do(Adopt(caller=SYSTEM, key="begin", generation=generation))
        issued(desk, capability)
        recorded = recorded_by(desk)
    finally:
        core.stop()
    assert written(recorded, lambda told: None).verdict == "proved"
    found = written(recorded, lambda told: of_kind(told, "lease").update(expires=until))
    assert any("lives on when its policy permits it no more" in each.what for each in found.wrong)


@pytest.fixture(scope="module")
def chained(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    """What is recorded of a task that was started inside that of another agent, and of a lease and a call in it."""
    folder = tmp_path_factory.mktemp("inside")
    with opened(f"sqlite:///{folder}/agpc.db", policy(INSIDE), signer=SIGNER) as desk:
        task = inside(desk, task_of(desk, OTHER, "look"))
        assert lent(desk, task)["decision"] is True
        desk.do(Decide(caller=GATEWAY, key=desk.key(), request=call(task, "shop", "peek")))
        return recorded_by(desk)


def in_context(kind: str, /, **values: Any) -> Change:
    return lambda told: of_kind(told, kind, -1)["request"]["context"].update(values)


def without_a_chain(kind: str) -> Change:
    return lambda told: of_kind(told, kind, -1)["request"]["context"].pop("delegation")


@pytest.mark.parametrize("kind", ["lease", "call"])
def test_what_is_forged_of_a_chain_is_wrong(chained: Recorded, kind: str) -> None:
    """A service leaves out whom an agent acts for, who may not do it, or makes up for whom it is done."""
    assert written(chained, lambda told: None).verdict == "proved"
    stranger = {"agent": HELPER, "task": {"id": "t-none"}}
    acts, whose = "those for whom the agent acts", "the person in the request is not the one"
    for change, why in (
        (without_a_chain(kind), acts),
        (in_context(kind, delegation=[]), acts),
        (in_context(kind, delegation=[stranger]), acts),
        (in_context(kind, user={"id": "user:eve"}), whose),
    ):
        assert any(why in each.what for each in written(chained, change).wrong)
