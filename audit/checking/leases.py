"""What is checked of leases: each was permitted by its policy, lived as long as that says, and ended with its task."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ...runtime.call import fields_of
from ...runtime.time_text import format_time
from ...runtime.values import NANOSECONDS, read_time
from ..known.changing_times import moments_between, times_in
from ..known.index import Index
from ..known.policies import Loaded, Policies
from ..reading.events import Event
from ..reading.findings import Findings
from ..reading.requests import links_of, named_by, objects_of

if TYPE_CHECKING:
    from ...runtime.decision import Decision

_WHATS = ("issue", "renew", "keep")
_CAUSES = ("task", "context", "policy", "person", "renewal", "asked", "signal")
_EVER = 2**63
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
    proved: str | None
    """The thumbprint of the key that it is bound to."""
    sessions: list[str]
    """The sessions of its person that it was decided by last."""


class LeaseChecks:
    """Looks at what is said of leases."""

    def __init__(self, index: Index, policies: Policies, findings: Findings) -> None:
        """Begin before the first event."""
        self._index, self._policies, self._findings = index, policies, findings
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
                *(event.policy, bool(body.get("agreed")), event.seq, body.get("proved")),
                _sessions_in(body["request"]),
            )
        else:
            assert before is not None  # whoever calls has looked
            lease = replace(
                before,
                expires=expires,
                policy=event.policy,
                agreed=bool(body.get("agreed")),
                looked=event.seq,
                sessions=_sessions_in(body["request"]),
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
        if what != "keep":
            self._check_proved(event, body, lease)
        self._check_decision(event, body, lease)

    def _check_proved(self, event: Event, body: dict[str, Any], lease: Lease) -> None:
        """Whoever gets something for a lease that is bound to a key has proved that it has the key."""
        if lease.proved is not None and type(body.get("proof")) is not str:
            self._wrong(event, f"the lease `{lease.id}` is bound to a key that was not proved")

    def _check_goes_on(
        self, event: Event, body: dict[str, Any], before: Lease, lease: Lease
    ) -> None:
        subject = fields_of(body["request"].get("subject")).get("id")
        if (body.get("task"), subject) != (before.task, before.agent):
            self._wrong(event, "a lease went to another task, or another agent")
        self._check_holds(event, before)
        if body["what"] == "keep" and lease.expires > before.expires:
            self._wrong(event, "a lease lives longer than it was renewed for")

    def _check_holds(self, event: Event, lease: Lease) -> None:
        if lease.ended is not None:
            self._wrong(event, f"the lease `{lease.id}` had ended, at event {lease.ended}")
        elif lease.expires <= event.time:
            self._wrong(event, f"the lease `{lease.id}` was over by then")

    def _check_decision(self, event: Event, body: dict[str, Any], lease: Lease) -> None:
        loaded = None if event.policy is None else self._policies.find(event.policy, event.seq)
        if event.is_redacted:
            self._findings.is_undetermined("redacted")
            if loaded is not None and loaded.redacting.isdisjoint(lease.capabilities):
                self._wrong(event, "its values were left out, and its policy keeps them")
            return
        if loaded is None:
            self._findings.is_undetermined("policies")
            return
        ttl, renew, agreed = [], [], False
        known = lease.expires
        for name in lease.capabilities:
            if name not in loaded.policy.declared_actions or name in loaded.without_leases:
                self._wrong(event, f"no lease may stand for `{name}`")
                return
            decision = _decided(loaded, name, body["request"])
            if decision.effect != "permit" or decision.credential is None:
                self._wrong(event, f"its policy gives no lease for `{name}`")
                return
            known = min(known, self._known_until(decision))
            ttl.append(decision.credential["ttl_seconds"])
            renew.append(decision.credential["renew"])
            agreed = agreed or bool(decision.evidence)
        if body.get("agreed") is not agreed:
            self._wrong(event, "a lease rests on people, or does not, otherwise than it says")
        elif lease.expires > lease.decided + min(ttl) * NANOSECONDS:
            self._wrong(event, "a lease lives longer than its policy says")
        elif lease.expires > known:
            self._wrong(event, "a lease lives on when nobody vouches for whom it rests on")
        elif over := self._over_for(event, body["request"], lease, loaded):
            self._wrong(event, f"a lease for `{over}` lives on when its policy permits it no more")
        elif body["what"] == "renew" and lease.renewed > min(renew):
            self._wrong(event, "a lease was renewed more often than its policy says")
        elif body.get("renewals_left") != max(0, min(renew) - lease.renewed):
            self._wrong(event, "a lease may be renewed another number of times than it says")
        else:
            self._findings.is_proved("leases")

    def _known_until(self, decision: Decision) -> int:
        """Give until when those are known on whom a decision rests."""
        names = {each.get("by") for each in decision.evidence}
        sessions = (self._index.session(each.get("id")) for each in decision.evidence)
        names |= {each["person"] for each in sessions if each is not None}
        told = (self._index.known_until(each) for each in names if type(each) is str)
        return min((each for each in told if each is not None), default=_EVER)

    def _over_for(
        self, event: Event, request: dict[str, Any], lease: Lease, loaded: Loaded
    ) -> str | None:
        """Give a capability that is not permitted all along, from now until the lease is over."""
        if lease.expires <= event.time:
            return None
        given = loaded.instants | times_in(json.dumps(request))
        for name in lease.capabilities:
            found = {lease.expires - 1}
            if name in loaded.timed:
                own, ages = loaded.windows.get(name, ()), name in loaded.aging
                found.update(moments_between(own, given, event.time, lease.expires, aging=ages))
            for moment in sorted(found):
                if _decided(loaded, name, self._at(request, moment)).effect != "permit":
                    return name
        return None

    def _at(self, request: dict[str, Any], time: int) -> dict[str, Any]:
        """Give what a lease is decided by at another time: sessions that have ended by then show nothing, nor does anybody
        count for whom nobody vouches by then."""
        context = {**request["context"], "time": format_time(time)}
        if "step_up" in context:
            context["step_up"] = [
                each
                for each in objects_of(context["step_up"])
                if (found := self._index.session(each.get("id")))
                and found["ended"] > time
                and self._is_known(found["person"], time)
            ]
        if "approvals" in context:
            context["approvals"] = [
                each
                for each in objects_of(context["approvals"])
                if self._is_known(each.get("by"), time)
            ]
        return {**request, "context": context}

    def _is_known(self, person: object, time: int) -> bool:
        """Whether somebody is there at a time, as far as anybody has said when that ends."""
        until = self._index.known_until(person) if type(person) is str else None
        return until is None or time < until

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
        elif lease.agreed and any(self._is_out(each, lease.looked) for each in lease.sessions):
            self._wrong(event, "the lease rests on a session that has ended since it was looked at")
        self._check_proved(event, body, lease)
        until = read_time(body.get("until"))
        if type(body.get("broker")) is not str or type(body.get("asked")) is not dict:
            self._wrong(event, "a credential is not said to be asked of a broker, or for what")
        if body.get("task") != lease.task:
            self._wrong(event, "the lease is of another task")
        self._check_holds(event, lease)
        if until is None or not event.time < until <= lease.expires:
            self._wrong(event, "a credential lives longer than its lease")

    def _is_out(self, session: str, since: int) -> bool:
        """Whether somebody has ended a session since an event, be it by a signal."""
        found = self._index.session(session)
        if found is None:
            return False
        ended, signalled = found.get("out", -1), self._index.out(found["person"])
        return any(type(each) is int and each > since for each in (ended, signalled))

    def _wrong(self, event: Event, what: str) -> None:
        self._findings.is_wrong(event.seq, what)


def _acted_for(request: dict[str, Any]) -> list[str]:
    """The tasks of those for whom the agent of a request acts."""
    return [id for _, id in map(named_by, links_of(request)) if type(id) is str]


def _sessions_in(request: dict[str, Any]) -> list[str]:
    """The sessions of which a request has what was shown in them."""
    ids = (each.get("id") for each in objects_of(request["context"].get("step_up")))
    return sorted({each for each in ids if type(each) is str})


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
