"""What is checked of leases: each was permitted by its policy, lived as long as that says, and ended with its task."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ..monitor.starts import rests_on_people
from ..runtime.call import fields_of
from ..runtime.time_text import format_time
from ..runtime.values import NANOSECONDS, read_time
from .events import Event
from .findings import Findings
from .index import Index
from .policies import Loaded, Policies

if TYPE_CHECKING:
    from ..runtime.decision import Decision

_WHATS = ("issue", "renew", "keep")
_CAUSES = ("task", "context", "policy", "person", "renewal", "asked", "signal")
ANY = "*"
"""The id of the resource that a lease is decided with."""


@dataclass(frozen=True, slots=True)
class Lease:
    """A lease as it is known from its events: `ended` is the one that ended it."""

    id: str
    task: str
    agent: str
    capabilities: list[str]
    decided: int
    expires: int
    renewed: int
    ended: int | None
    policy: str | None
    agreed: bool
    """Whether it rests on what people gave."""
    looked: int
    """The event by which it was decided last."""


class LeaseChecks:
    """Looks at what is said of leases."""

    def __init__(self, index: Index, policies: Policies, findings: Findings) -> None:
        """Begin before the first event."""
        self._index, self._policies, self._findings = index, policies, findings
        self._without: tuple[str, dict[str, str]] = ("", {})
        self._ended: list[str] = []
        """Tasks that have ended in the operation at hand, whose leases end with them."""
        self._reported: tuple[str, int] | None = None
        """The task of which something was reported in the operation at hand, by which its leases are decided, and when."""
        self._dropped: set[str] = set()
        """What was reported of it before, and not any more."""

    def between(self, event: Event | None) -> None:
        """See, once the operation by which tasks ended is over, that none of their leases lives on."""
        kind = None if event is None else event.kind
        seq = None if event is None else event.seq
        if self._ended and kind not in ("state", "revoked"):
            for task in self._ended:
                inside = self._index.goes_on_inside(task)
                if inside is not None:
                    self._findings.is_wrong(seq, f"the task `{inside}` did not end with `{task}`")
                for lease in self._going_on(task, event):
                    self._findings.is_wrong(
                        seq, f"the lease `{lease.id}` did not end with its task"
                    )
            self._ended = []
        if self._reported is not None and kind not in ("lease", "revoked"):
            task, at = self._reported
            for lease in self._going_on(task, event):
                if lease.task == task and lease.looked < at:
                    self._findings.is_wrong(
                        seq,
                        f"the lease `{lease.id}` was not decided by what was reported of its task",
                    )
            self._reported = None

    def _going_on(self, task: str, event: Event | None) -> list[Lease]:
        leases = [Lease(**each) for each in self._index.leases_of(task)]
        return [
            each
            for each in leases
            if each.ended is None and (event is None or each.expires > event.time)
        ]

    def reported(self, event: Event, task: str, dropped: set[str]) -> None:
        """Take in that something was reported of a task, and what is not reported any more."""
        self._reported, self._dropped = (task, event.seq), dropped

    def task_ended(self, task: str) -> None:
        """Take in that a task has ended or drifted."""
        self._ended.append(task)

    def known(self, id: object) -> Lease | None:
        """Give a lease."""
        found = self._index.lease(id)
        return None if found is None else Lease(**found)

    def lease(self, event: Event, body: dict[str, Any]) -> None:
        """Look at a decision on a lease whose task and people were looked at."""
        id, what, expires = body.get("lease"), body.get("what"), read_time(body.get("expires"))
        if type(id) is not str or what not in _WHATS or expires is None:
            self._wrong(event, "what is said of a lease is not which, what or until when")
            return
        before, agent = self.known(id), fields_of(body["request"].get("subject")).get("id")
        if what == "issue":
            given = body.get("capabilities")
            if type(given) is not list or not given or any(type(each) is not str for each in given):
                self._wrong(event, "a lease is for no capabilities")
                return
            if before is not None or id != f"l-{event.seq}":
                self._wrong(
                    event, f"the lease `{id}` was issued before, or is named after another event"
                )
                return
            if body.get("agent") != agent or type(body.get("task")) is not str:
                self._wrong(event, "a lease is in no task, or of another agent than it names")
            lease = Lease(
                *(id, str(body.get("task")), str(agent), given, event.time, expires, 0, None),
                *(event.policy, bool(body.get("agreed")), event.seq),
            )
        else:
            assert before is not None  # whoever calls has looked
            lease = replace(
                before,
                expires=expires,
                policy=event.policy,
                agreed=bool(body.get("agreed")),
                looked=event.seq,
            )
            if what == "renew":
                lease = replace(lease, decided=event.time, renewed=before.renewed + 1)
            self._check_goes_on(event, body, before, lease)
            if self._reported is not None and self._dropped & set(body["request"]["context"]):
                self._wrong(
                    event, "a lease was decided by what is not reported of its task any more"
                )
        self._index.put_lease(lease.id, lease.task, _told(lease))
        for task in _acted_for(body["request"]):
            self._index.chain_lease(lease.id, task)
        if expires <= event.time:
            self._wrong(event, "a lease was over when it was decided")
        self._check_decision(event, body, lease)

    def _check_goes_on(
        self, event: Event, body: dict[str, Any], before: Lease, lease: Lease
    ) -> None:
        subject = fields_of(body["request"].get("subject")).get("id")
        if (body.get("task"), subject) != (before.task, before.agent):
            self._wrong(event, "a lease went to another task, or another agent")
        if before.ended is not None:
            self._wrong(event, f"the lease `{lease.id}` had ended, at event {before.ended}")
        elif before.expires <= event.time:
            self._wrong(event, f"the lease `{lease.id}` was over by then")
        if body["what"] == "keep" and lease.expires > before.expires:
            self._wrong(event, "a lease lives longer than it was renewed for")

    def _check_decision(self, event: Event, body: dict[str, Any], lease: Lease) -> None:
        if event.is_redacted:
            self._findings.is_undetermined("redacted")
            return
        loaded = None if event.policy is None else self._policies.find(event.policy, event.seq)
        if loaded is None:
            self._findings.is_undetermined("policies")
            return
        without = self._without_leases(loaded)
        ttl, renew, agreed = [], [], False
        last = self._at(body["request"], lease.expires - 1)
        for name in lease.capabilities:
            if name not in loaded.policy.declared_actions or name in without:
                self._wrong(event, f"no lease may stand for `{name}`")
                return
            decision = _decided(loaded, name, body["request"])
            if decision.effect != "permit" or decision.credential is None:
                self._wrong(event, f"its policy gives no lease for `{name}`")
                return
            if lease.expires > event.time and _decided(loaded, name, last).effect != "permit":
                self._wrong(
                    event, f"a lease for `{name}` lives on when its policy permits it no more"
                )
                return
            ttl.append(decision.credential["ttl_seconds"])
            renew.append(decision.credential["renew"])
            agreed = agreed or _rests_on_people(decision)
        if body.get("agreed") is not agreed:
            self._wrong(event, "a lease rests on people, or does not, otherwise than it says")
        elif lease.expires > lease.decided + min(ttl) * NANOSECONDS:
            self._wrong(event, "a lease lives longer than its policy says")
        elif body["what"] == "renew" and lease.renewed > min(renew):
            self._wrong(event, "a lease was renewed more often than its policy says")
        elif body.get("renewals_left") != max(0, min(renew) - lease.renewed):
            self._wrong(event, "a lease may be renewed another number of times than it says")
        else:
            self._findings.is_proved("leases")

    def _at(self, request: dict[str, Any], time: int) -> dict[str, Any]:
        """Give what a lease is decided by at another time: sessions that have ended by then show nothing."""
        context = {**request["context"], "time": format_time(time)}
        if "step_up" in context:
            context["step_up"] = [
                each
                for each in map(fields_of, _list(context["step_up"]))
                if (found := self._index.session(each.get("id"))) and found["ended"] > time
            ]
        return {**request, "context": context}

    def _without_leases(self, loaded: Loaded) -> dict[str, str]:
        from ..compiler.ir.leases import without_leases

        if self._without[0] != loaded.digest:
            self._without = (loaded.digest, without_leases(loaded.policy))
        return self._without[1]

    def revoked(self, event: Event, body: dict[str, Any], lease: Lease) -> None:
        """Look at the end of a lease."""
        if body.get("cause") not in _CAUSES:
            self._wrong(event, "nothing that ends a lease is said to have ended this one")
        if body.get("task") != lease.task:
            self._wrong(event, "the lease is of another task")
        if lease.ended is not None:
            self._wrong(event, f"the lease had ended before, at event {lease.ended}")
        ended = replace(lease, ended=event.seq)
        self._index.put_lease(lease.id, lease.task, _told(ended))

    def credential(
        self, event: Event, body: dict[str, Any], lease: Lease, people_changed: int
    ) -> None:
        """Look at what a broker asked for a lease: `people_changed` is when something else was said of a person last."""
        if lease.policy != event.policy or (lease.agreed and lease.looked < people_changed):
            self._wrong(event, "the lease was not looked at since what it rests on has changed")
        until = read_time(body.get("until"))
        if type(body.get("broker")) is not str or type(body.get("asked")) is not dict:
            self._wrong(event, "a credential is not said to be asked of a broker, or for what")
        if body.get("task") != lease.task:
            self._wrong(event, "the lease is of another task")
        if lease.ended is not None:
            self._wrong(event, f"the lease `{lease.id}` had ended, at event {lease.ended}")
        elif lease.expires <= event.time:
            self._wrong(event, f"the lease `{lease.id}` was over by then")
        if until is None or not event.time < until <= lease.expires:
            self._wrong(event, "a credential lives longer than its lease")

    def _wrong(self, event: Event, what: str) -> None:
        self._findings.is_wrong(event.seq, what)


def _acted_for(request: dict[str, Any]) -> list[str]:
    """The tasks of those for whom the agent of a request acts."""
    given = request["context"].get("delegation")
    tasks = (fields_of(fields_of(each).get("task")).get("id") for each in _list(given))
    return [each for each in tasks if type(each) is str]


def _rests_on_people(decision: Decision) -> bool:
    """Whether a lease rests on what people gave, or on what the person has shown."""
    return rests_on_people(decision) or any(each["kind"] == "step_up" for each in decision.evidence)


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _decided(loaded: Loaded, capability: str, request: dict[str, Any]) -> Decision:
    kind, _, action = capability.rpartition(".")
    return loaded.engine.decide(
        {
            "subject": request.get("subject"),
            "action": {"name": action},
            "resource": {"type": kind, "id": ANY},
            "context": request.get("context"),
        }
    )


def _told(lease: Lease) -> dict[str, Any]:
    return {name: getattr(lease, name) for name in Lease.__slots__}
