"""A service that lies about people and leases, with the key of its own log: what no policy permits is not proved."""

from __future__ import annotations

from typing import Any

import pytest

from ..core.desk import opened, policy
from ..core.lending import POLICY
from .lending import JOE, everything
from .rewriting import Change, Recorded, Told, of_kind, recorded_by, swap, written
from .stored import SIGNER, second
from .stored import everything as everything_of_tasks

ANN, BOB, EVE = "user:ann", "user:bob", "user:eve"
OTHER_DIGEST = "hmac-sha256:" + "0" * 64


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    folder = tmp_path_factory.mktemp("people")
    with opened(f"sqlite:///{folder}/agpc.db", policy(POLICY), signer=SIGNER) as desk:
        everything(desk)
        return recorded_by(desk)


@pytest.fixture(scope="module")
def of_tasks(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    folder = tmp_path_factory.mktemp("tasks")
    with opened(f"sqlite:///{folder}/agpc.db", policy(), signer=SIGNER) as desk:
        everything_of_tasks(desk, second())
        return recorded_by(desk)


def set_in(
    kind: str, number: int = 0, /, *, of: dict[str, Any] | None = None, **values: Any
) -> Change:
    return lambda told: of_kind(told, kind, number, **(of or {})).update(values)


def left_out(event: dict[str, Any]) -> None:
    """Have something else stand in the place of an event, so that no other one has another number."""
    kept = {name: event[name] for name in ("v", "salt", "time", "caller")}
    event.clear()
    event.update(kept, kind="admin", what="note")


def without(kind: str, number: int = 0, **of: Any) -> Change:
    return lambda told: left_out(of_kind(told, kind, number, **of))


def lease_of(told: Told, capability: str) -> dict[str, Any]:
    found = [each for each in told if each["kind"] == "lease" and each["what"] == "issue"]
    return next(each for each in found if each["capabilities"] == [f"desk.shop.{capability}"])


def by_who_is_not_asked(told: Told) -> None:
    of_kind(told, "admin", person=ANN)["roles"] = []
    of_kind(told, "verdict", by=ANN)["roles"] = []


def by_the_user_themselves(told: Told) -> None:
    of_kind(told, "admin", person=JOE)["roles"] = ["role:lead"]
    of_kind(told, "verdict", by=ANN).update(by=JOE, caller=f"person:{JOE}")


def confirmed_by_another(told: Told) -> None:
    of_kind(told, "verdict", by=JOE).update(by=BOB, caller=f"person:{BOB}")


def used_again(told: Told) -> None:
    of_kind(told, "use", 1)["verdict"] = of_kind(told, "use")["verdict"]


def permitted_for_another_question(told: Told) -> None:
    use = of_kind(told, "use")
    of_kind(told, "call", id=use["call"])["question"] = OTHER_DIGEST


def waiting_for_another(told: Told) -> None:
    asked = [each for each in told if each["kind"] == "call" and each["effect"] == "challenge"]
    joined = next(
        each for each in asked if each["answer"]["request"]["id"] != f"q-{each['id'][2:]}"
    )
    joined["answer"]["request"]["id"] = asked[0]["answer"]["request"]["id"]


def open_for_ever(told: Told) -> None:
    asked = next(each for each in told if each["kind"] == "call" and each["effect"] == "challenge")
    asked["answer"]["request"]["expires_at"] = "2100-01-01T00:00:00Z"


def a_workload(told: Told) -> None:
    of_kind(told, "admin", person=ANN)["roles"] = ["spiffe://acme.example/ns/desk/sa/helper"]


def renewed_once_more(told: Told) -> None:
    kept = of_kind(told, "lease", what="keep", lease=lease_of(told, "browse")["lease"])
    kept.update(what="renew")


def renewed_after_its_task(told: Told) -> None:
    ended, renewed = of_kind(told, "state"), of_kind(told, "lease", what="renew")
    ended["task"] = renewed["task"]
    swap(told, ended, renewed)


def answered_after_its_task(told: Told) -> None:
    ended, refused = of_kind(told, "state"), of_kind(told, "verdict", verdict="refuse")
    ended["task"] = refused["task"]
    swap(told, ended, refused)


def otherwise_reported(told: Told) -> None:
    of_kind(told, "context", 1)["context"]["confidence"] = 0.97


def not_reported_any_more(told: Told) -> None:
    kept = [each for each in told if each["kind"] == "lease" and each["what"] == "keep"]
    kept[2]["request"]["context"]["site"] = "south"


def lent_without_a_look(told: Told) -> None:
    lent, last = of_kind(told, "credential"), of_kind(told, "session", what="ended")
    swap(told, lent, last)
    agreed = lease_of(told, "close")
    lent.update(lease=agreed["lease"], task=agreed["task"])


def proved_by_the_same(told: Told) -> None:
    renewed = of_kind(told, "lease", what="renew")
    renewed["proof"] = lease_of(told, "browse")["proof"]


def rests_on_nobody(told: Told) -> None:
    lease_of(told, "close")["agreed"] = False


def of_another_agent(told: Told) -> None:
    lease_of(told, "browse")["agent"] = "spiffe://acme.example/ns/desk/sa/other"


def signed_in_as(person: str, *, who_left: bool = False) -> Change:
    def change(told: Told) -> None:
        if who_left:
            of_kind(told, "admin", -1, person=person).update(active=False, source="x")
        vouched = of_kind(told, "admin", person=EVE)
        told[told.index(vouched) + 1]["person"] = person
        vouched["person"] = person

    return change


def vouched_by_another(told: Told) -> None:
    of_kind(told, "admin", person=EVE)["source"] = "settings"


FORGED: dict[str, tuple[Change, str]] = {
    each.__name__: (each, why)
    for each, why in (
        (by_who_is_not_asked, "by somebody of whom nothing is asked"),
        (by_the_user_themselves, "by somebody of whom nothing is asked"),
        (confirmed_by_another, "by somebody of whom nothing is asked"),
        (used_again, "the approval was used before"),
        (permitted_for_another_question, "not of what is asked about it"),
        (waiting_for_another, "waits for an answer to another question"),
        (a_workload, "a workload is said to be a person"),
        (renewed_once_more, "was renewed more often than its policy says"),
        (renewed_after_its_task, "in a task that had ended"),
        (answered_after_its_task, "the request was over with its task, which had ended"),
        (otherwise_reported, "by something else than was reported"),
        (not_reported_any_more, "by what is not reported of its task any more"),
        (lent_without_a_look, "was not looked at since what it rests on has changed"),
        (proved_by_the_same, "the proof of possession was used before"),
        (rests_on_nobody, "otherwise than it says"),
        (of_another_agent, "of another agent than it names"),
        (vouched_by_another, "a session of another person, or by another"),
    )
} | {
    "not used up": (without("use"), "an approval that it rests on was not used up"),
    "no source": (set_in("admin", of={"person": ANN}, source=None), "nobody is said to say"),
    "not looked at": (without("lease", what="keep"), "was not decided by what was reported"),
    "a long session": (set_in("session", ends="2100-01-01T00:00:00Z"), "more than a day later"),
    "in the settings": (signed_in_as(JOE), "got roles by signing in"),
    "who has left": (signed_in_as(BOB, who_left=True), "got roles by signing in"),
}  # fmt: skip


def test_as_it_was_it_is_proved(recorded: Recorded, of_tasks: Recorded) -> None:
    for each in (recorded, of_tasks):
        found = written(each, lambda told: None)
        assert (found.verdict, found.wrong) == ("proved", [])


@pytest.mark.parametrize("what", FORGED)
def test_what_is_forged_is_wrong(recorded: Recorded, what: str) -> None:
    change, why = FORGED[what]
    found = written(recorded, change)
    assert found.verdict == "wrong"
    assert any(why in each.what for each in found.wrong), found.wrong


def goes_on_inside(told: Told) -> None:
    inside = of_kind(told, "task", 1)["task"]["id"]
    left_out(of_kind(told, "state", task=inside))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (goes_on_inside, "did not end with"),
        (open_for_ever, "is not open for as long as its policy says"),
    ],
    ids=["inside", "for ever"],
)
def test_what_is_forged_of_tasks_is_wrong(of_tasks: Recorded, change: Change, why: str) -> None:
    assert any(why in each.what for each in written(of_tasks, change).wrong)
