"""A trail in which a lease was permitted to whom it was not, or lived on, is found out; each field of it counts."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from agpc.service.core import Issue, Lend, Move, Renew, Report, Revoke
from agpc.service.policies.generation import Generation
from agpc.service.store import Event

from ..core.chains import GATEWAY, lent, task_of
from ..core.chains import POLICY as CHAINS
from ..core.desk import DESK, HELPER, OTHER, opened, policy
from ..core.lending import POLICY
from .rewriting import Told, written


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Event], list[Any]]:
    """What is recorded of leases that were issued, kept, renewed and ended."""
    folder = tmp_path_factory.mktemp("leases")
    with opened(f"sqlite:///{folder}/agpc.db", policy(POLICY)) as desk:
        task, other = desk.start()["task"]["id"], desk.start()["task"]["id"]

        def issue(task: str, name: str) -> str:
            found = desk.do(
                Issue(
                    caller=DESK,
                    key=desk.key(),
                    task=task,
                    capabilities=(f"desk.shop.{name}",),
                    context={"confidence": 0.9},
                )
            )
            lease: str = found["lease"]
            return lease

        first, second, third = issue(task, "browse"), issue(task, "peek"), issue(other, "browse")
        desk.do(Report(caller=DESK, key="c", task=other, context={"confidence": 0.85}))
        desk.do(Renew(caller=DESK, key="r", lease=third))
        with desk.core.view() as view:
            row = view.lease(first)
            assert row is not None
        desk.do(
            Lend(
                caller=DESK,
                key="l",
                lease=first,
                broker="aws",
                policy=row.policy,
                until=row.expires,
                asked={"role": "r"},
                once="1",
            )
        )
        desk.do(Revoke(caller=DESK, key="v", lease=first))
        desk.do(Move(caller=DESK, key="m", task=task, state="ended"))
        assert second
        with desk.core.view() as view:
            return list(view.events(0, view.head.seq)), view.generations()


def lease(told: Told, what: str, number: int = 0) -> dict[str, Any]:
    return [each for each in told if each["kind"] == "lease" and each["what"] == what][number]


def test_as_it_was_it_is_proved(recorded: Any) -> None:
    found = written(recorded, lambda told: None)
    assert (found.verdict, found.wrong) == ("proved", [])
    assert found.proved["leases"] == 5
    of = [each.kind for each in recorded[0]]
    issued = [
        each for each in recorded[0] if each.kind == "lease" and b'"what":"issue"' in each.body
    ]
    assert found.proved["leases_issued"] == len(issued) > 0
    assert found.proved["leases_ended"] == of.count("revoked") > 0
    assert found.proved["sessions"] == of.count("session")


def _drop(kind: str, number: int) -> Callable[[Told], None]:
    def change(told: Told) -> None:
        some = [each for each in told if each["kind"] == kind]
        told.remove(some[number])

    return change


def _set(which: str, /, **values: Any) -> Callable[[Told], None]:
    return lambda told: lease(told, which).update(values)


def _less_sure(what: str) -> Callable[[Told], None]:
    return lambda told: lease(told, what)["request"]["context"].update(confidence=0.5)


def _lent(**values: Any) -> Callable[[Told], None]:
    def change(told: Told) -> None:
        (found,) = [each for each in told if each["kind"] == "credential"]
        found.update(values)

    return change


def _lent_late(told: Told) -> None:
    """The credential was asked for after the lease had ended."""
    (lent,) = [each for each in told if each["kind"] == "credential"]
    ended = next(each for each in told if each["kind"] == "revoked")
    one, other = told.index(lent), told.index(ended)
    told[one], told[other] = ended, lent
    lent["time"], ended["time"] = ended["time"], lent["time"]


FORGED: list[tuple[Callable[[Told], None], str]] = [
    (_less_sure("issue"), "its policy gives no lease for `desk.shop.browse`"),
    (_less_sure("renew"), "its policy gives no lease for `desk.shop.browse`"),
    (_less_sure("keep"), "its policy gives no lease for `desk.shop.browse`"),
    (_set("issue", capabilities=["desk.shop.lookup"]), "no lease may stand for `desk.shop.lookup`"),
    (_set("issue", capabilities=["desk.shop.nothing"]), "no lease may stand for"),
    (_set("issue", capabilities=[]), "a lease is for no capabilities"),
    (_set("issue", expires="2100-01-01T00:00:00Z"), "lives longer than its policy says"),
    (_set("issue", expires="2000-01-01T00:00:00Z"), "was over when it was decided"),
    (_set("issue", renewals_left=9), "another number of times"),
    (_set("issue", lease="l-1"), "is named after another event"),
    (_set("issue", policy="sha256:" + "0" * 64), "another policy than the event names"),
    (_set("issue", task="t-none"), "in another task than its request"),
    (_set("issue", what="granted"), "not which, what or until when"),
    (_set("issue", request=None), "a lease has no request"),
    (_set("keep", expires="2100-01-01T00:00:00Z"), "lives longer than it was renewed for"),
    (_set("renew", lease="l-999"), "the lease that it is about is not in the trail"),
    (lambda told: lease(told, "issue")["request"]["subject"].update(id="spiffe://x/y"), "another agent"),
    (lambda told: told[-1].update(cause="boredom"), "nothing that ends a lease"),
    (lambda told: told[-1].update(lease="l-999"), "is not in the trail"),
    (lambda told: told.pop(), "did not end with its task"),
    (_lent(until="2100-01-01T00:00:00Z"), "a credential lives longer than its lease"),
    (_lent(until="2000-01-01T00:00:00Z"), "a credential lives longer than its lease"),
    (_lent(until=None), "a credential lives longer than its lease"),
    (_lent(lease="l-999"), "the lease that it is about is not in the trail"),
    (_lent(task="t-none"), "the lease is of another task"),
    (_lent(broker=None), "of a broker, or for what"),
    (_lent(asked="all"), "of a broker, or for what"),
    (_lent_late, "had ended, at event"),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(FORGED)))
def test_what_is_forged_is_wrong(recorded: Any, number: int) -> None:
    change, why = FORGED[number]
    found = written(recorded, change)
    assert found.verdict == "wrong"
    assert any(why in each.what for each in found.wrong), found.wrong


def test_a_lease_that_outlives_what_permits_it_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agpc.service.core.leases.leasing._until", lambda *given: given[-2])
    with opened(f"sqlite:///{tmp_path}/agpc.db", _until_soon()) as desk:
        task = desk.start()["task"]["id"]
        issue = Issue(
            caller=DESK,
            key=desk.key(),
            task=task,
            capabilities=("desk.shop.until",),
            context={"confidence": 0.9},
        )
        assert desk.do(issue)["decision"] is True
        with desk.core.view() as view:
            recorded = list(view.events(0, view.head.seq)), view.generations()
    found = written(recorded, lambda told: None)
    assert any("lives on when its policy permits it no more" in each.what for each in found.wrong)


@pytest.fixture(scope="module")
def chained(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Event], list[Any]]:
    """What is recorded of a lease whose agent acts for another one, whose task ends."""
    folder = tmp_path_factory.mktemp("chained")
    with opened(f"sqlite:///{folder}/agpc.db", policy(CHAINS)) as desk:
        mine, theirs = task_of(desk, HELPER, "answer"), task_of(desk, OTHER, "look")
        assert lent(desk, mine, theirs)["decision"] is True
        desk.do(Move(caller=GATEWAY, key="end", task=theirs, state="ended"))
        with desk.core.view() as view:
            return list(view.events(0, view.head.seq)), view.generations()


def _link(**changed: Any) -> Callable[[Told], None]:
    def change(told: Told) -> None:
        (link,) = lease(told, "issue")["request"]["context"]["delegation"]
        link["task"].update(changed)

    return change


@pytest.mark.parametrize(
    "change, why",
    [
        (lambda told: told.pop(), "did not end with its task"),
        (_link(order="o-8"), "not as it was started and moved"),
        (_link(id="t-none"), "not as it was started and moved"),
        (_link(state="ended"), "not as it was started and moved"),
    ],
)
def test_a_lease_that_outlives_whom_its_agent_acts_for_is_wrong(
    chained: Any, change: Callable[[Told], None], why: str
) -> None:
    assert written(chained, lambda told: None).verdict == "proved"
    assert any(why in each.what for each in written(chained, change).wrong)


def _until_soon() -> Generation:
    """A policy whose grant ends within its `ttl`, whenever this is."""
    soon = datetime.datetime.now(datetime.UTC) + datetime.timedelta(minutes=30)
    return policy(POLICY.replace("2026-11-24T10:10:30Z", f"{soon:%Y-%m-%dT%H:%M:%SZ}"))


def test_a_lease_that_ended_does_not_come_back(recorded: Any) -> None:
    def change(told: Told) -> None:
        ended = next(each for each in told if each["kind"] == "revoked")
        ended.update(lease=lease(told, "renew")["lease"], task=lease(told, "renew")["task"])
        renewed = lease(told, "renew")
        at, other = told.index(renewed), told.index(ended)
        told[at], told[other] = ended, renewed
        ended["time"], renewed["time"] = renewed["time"], ended["time"]
        renewed["request"]["context"]["time"] = renewed["time"]

    found = written(recorded, change)
    assert any("had ended, at event" in each.what for each in found.wrong)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()  # fmt: skip
    for key, each in items:
        yield from places(each, (*path, key))


@pytest.mark.parametrize("kind, what", [("lease", "issue"), ("lease", "renew"), ("revoked", None)])
def test_whatever_stands_there_is_told_and_breaks_nothing(
    recorded: Any, kind: str, what: str | None
) -> None:
    found, _ = recorded
    bodies = [json.loads(bytes(each.body or b"")) for each in found]
    seq, body = next(
        (seq, each)
        for seq, each in enumerate(bodies)
        if each["event"] == kind and each.get("what") == what
    )
    for path in places(body):
        if path[0] in ("time", "event", "v"):
            continue
        for value in (None, [], {}, "x", -1):

            def change(told: Told, path: tuple[Any, ...] = path, value: Any = value) -> None:
                place: Any = told[seq]
                for each in path[:-1]:
                    place = place[each]
                place[path[-1]] = value

            assert written(recorded, change).verdict in ("wrong", "proved", "undetermined")
