"""What is checked of each kind of event: one function a kind, in a table, and what holds for all of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from ...runtime.call import fields_of
from ...runtime.values import read_time
from ..known.index import Index
from ..known.policies import Loaded, Policies
from ..people.passkeys import Passkeys
from ..people.people import People
from ..people.sessions import Sessions
from ..reading.events import Event, is_digest, is_keyed
from ..reading.findings import Findings
from ..reading.hashing import of_digest
from ..reading.requests import capability_of
from ..reading.strict import canonical
from .deciding import decided_again, single_use_evidence
from .keys import Keys
from .leases import LeaseChecks
from .proving import counted_of
from .signals import Signals
from .tasks import Tasks

Body: TypeAlias = dict[str, Any]
_STATES = ("ended", "drifted")
_OUTCOMES = ("done", "failed", "withdrawn")
_EFFECTS = ("permit", "challenge", "deny")
STORES_OWN = (
    *("time", "task", "user", "approvals", "step_up", "meters", "sources"),
    *("delegation", "starter"),
)
"""What of the context of a request is the store's, whatever is reported."""
_NEVER = 2**63 - 1
"""A time before which nothing is pruned."""


class Checks:
    """Looks at events one after the other, in their order."""

    def __init__(self, index: Index, policies: Policies, findings: Findings) -> None:
        """Begin before the first event."""
        self._index = index
        self._policies = policies
        self._findings = findings
        self._time: int | None = None
        self._active: str | None = None
        self._active_is_known = True
        self._gap = False
        """Whether a body is missing, so that what is not known may have been told there."""
        self._before: Event | None = None
        self._leases = LeaseChecks(index, policies, findings)
        self._passkeys = Passkeys(index, findings, self._missing)
        self._people = People(index, policies, self._wrong, self._missing, self._passkeys)
        self._sessions = Sessions(index, self._wrong, self._missing, self._people)
        self._signals = Signals(index, self._wrong, self._missing)
        self._keys = Keys(index, findings)
        self._tasks = Tasks(index, findings)

    def take(self, event: Event) -> None:
        """Look at an event."""
        if self._time is not None and event.time <= self._time:
            self._check_clock(event, self._time)
        self._time = event.time
        self._leases.between(event)
        self._signals.between(event)
        self._people.before(event)
        check = CHECKS.get(event.kind)
        if check is None:
            self._findings.is_undetermined("kinds")
            self._findings.unknown_kinds[event.kind[:60]] += 1
            self._gap = True
        elif event.body is None:
            self._findings.is_undetermined("pruned")
            self._gap = True
            if event.kind == "generation":
                self._active_is_known = False
            if event.kind == "admin":  # it may have said that whatever was before it was pruned
                self._index.was_pruned(0, event.seq, event.time)
            never = event.kind in ("generation", "passkey")  # of which the body stays for good
            self._index.put_missing(event.seq, _NEVER if never else event.time)
        else:
            before = self._findings.wrong_count, self._findings.undetermined["unfollowed"]
            self._check_policy(event, event.body)
            self._keys.take(event, event.body, followed=not self._gap)
            check(self, event, event.body)
            if before == (self._findings.wrong_count, self._findings.undetermined["unfollowed"]):
                for name in counted_of(event.kind, event.body):
                    self._findings.is_proved(name)
        if event.kind != "use":  # which stands between a permit and what it starts
            self._before = event

    def close(self) -> None:
        """See, after the last event, that nothing is left open which should not be."""
        self._people.close()
        self._leases.between(None)
        self._signals.between(None)

    def _check_clock(self, event: Event, before: int) -> None:
        """Time goes back by an operator's word alone, which says from when to when."""
        if event.kind == "clock" and event.body is None:
            self._unfollowed()
            return
        body = fields_of(event.body)
        told = (read_time(body.get("from")), read_time(body.get("to")))
        if event.kind != "clock" or told != (before, event.time):
            self._wrong(event, "its time is not later than that of the event before it")

    def not_pruned(self) -> tuple[int, int | None]:
        """How many bodies are not there of which no event says that they were pruned, and the first event of these."""
        return self._index.missing()

    # --- What holds for all -----------------------------------------------------------------------

    def _check_policy(self, event: Event, body: Body) -> None:
        """An event names the policy that was active; one that makes a policy active may name that."""
        if event.kind == "generation" and event.policy == body.get("policy"):
            return
        if not self._active_is_known:
            self._active, self._active_is_known = event.policy, True
        elif event.policy != self._active:
            self._wrong(event, "it names a policy that was not the active one")

    def _wrong(self, event: Event, what: str) -> None:
        self._findings.is_wrong(event.seq, what)

    def _unfollowed(self) -> None:
        self._findings.is_undetermined("unfollowed")

    # --- Kinds ------------------------------------------------------------------------------------

    def generation(self, event: Event, body: Body) -> None:
        """A policy becomes active: it is there, and names the one before it."""
        digest = body.get("policy")
        if not is_digest(digest):
            self._wrong(event, "the policy that becomes active has no digest")
            return
        if self._active_is_known and body.get("previous") != self._active:
            self._wrong(event, "the policy that it replaces was not the active one")
        self._active, self._active_is_known = digest, True
        self._policies.find(str(digest), event.seq)

    def call(self, event: Event, body: Body) -> None:
        """A decision: it is the one that its policy makes of its request, in a task as that was."""
        id, effect = body.get("id"), body.get("effect")
        if type(id) is not str or effect not in _EFFECTS or type(body.get("request")) is not dict:
            self._wrong(event, "a call has no id, no effect or no request")
            return
        if body.get("policy") != event.policy:
            self._wrong(event, "the call was decided by another policy than the event names")
        if self._index.call(id) is not None:
            self._wrong(event, f"the call `{id}` was recorded before")
        else:
            self._index.put_call(id, event.seq, effect, body.get("digest"))
        request = body["request"]
        if read_time(fields_of(request.get("context")).get("time")) != event.time:
            self._wrong(event, "the time of the request is not that of the event")
        self._tasks.asked(event, str(effect), request, followed=not self._gap)
        self._people.asked(event, body, request)
        self._people.approvals(event, body, request)
        self._sessions.step_up(event, request)
        self._check_decision(event, body, request)

    def _check_decision(self, event: Event, body: Body, request: Body) -> None:
        """Decide again, and see that nothing which is for one call was used before."""
        loaded = None if event.policy is None else self._policies.find(event.policy, event.seq)
        if event.is_redacted:
            self._findings.is_undetermined("redacted")
            if loaded is not None and not _may_be_redacted(loaded, request):
                self._wrong(event, "its values were left out, and its policy keeps them")
            return
        if body.get("digest") != digest_of_call(request):
            self._wrong(event, "the digest of the call is not that of its request")
        if loaded is None:
            self._findings.is_undetermined("policies")
            return
        problem = decided_again(loaded.engine, body)
        if problem is not None:
            self._wrong(event, problem)
            return
        self._findings.is_proved("decisions")
        for each in single_use_evidence(body):
            used = self._index.use(each, event.seq)
            if used is not None:
                self._wrong(event, f"evidence for one call was used before, at event {used}")
            else:
                self._findings.is_proved("evidence")

    def task(self, event: Event, body: Body) -> None:
        """A task is started by a permit to start it, right before."""
        self._tasks.started(event, body, self._before)

    def said(self, event: Event, body: Body) -> None:
        """Words, in a task that runs."""
        if type(body.get("text")) is not str:
            self._wrong(event, "what was said is no text")
        self._running(event, body)

    def context(self, event: Event, body: Body) -> None:
        """A report about a task that runs."""
        context = body.get("context")
        if type(context) is not dict:
            self._wrong(event, "what was reported is no object")
            context = {}
        self._running(event, body)
        found = self._index.task(body.get("task"))
        if found is not None and not self._gap:
            self._leases.reported(event, found.id, {*found.reported} - {*context, *STORES_OWN})
            found.reported = context
            self._index.put_task(found)

    def state(self, event: Event, body: Body) -> None:
        """A task ends or drifts, and does not come back."""
        state = body.get("state")
        if state not in _STATES:
            self._wrong(event, "the state of the task is none")
            return
        found = self._index.task(body.get("task"))
        if found is None:
            self._missing(event, "the task")
            return
        if found.state in ("ended", state):
            self._wrong(event, f"the task was {found.state} before")
        found.state = str(state)
        self._index.put_task(found)
        if not self._gap:  # else what ended them may be what is missing
            self._leases.task_ended(found.id)

    def outcome(self, event: Event, body: Body) -> None:
        """What became of a call that was permitted, once."""
        id, outcome = body.get("call"), body.get("outcome")
        if outcome not in _OUTCOMES:
            self._wrong(event, "the outcome is none")
        found = self._index.call(id)
        if found is None:
            self._missing(event, "the call")
            return
        _, effect, told = found
        if effect != "permit":
            self._wrong(event, f"the call `{id}` was not permitted, so that nothing became of it")
        if told is not None:
            self._wrong(event, f"what became of the call `{id}` was told before, at event {told}")
        if outcome == "withdrawn" and ("result" in body or "result_digest" in body):
            self._wrong(event, "a call that was never sent gave something back")
        self._index.put_outcome(str(id), event.seq)

    def verdict(self, event: Event, body: Body) -> None:
        """What a person said to what was asked."""
        self._people.verdict(event, body)
        self._sessions.verdict(event, body)

    def use(self, event: Event, body: Body) -> None:
        """An approval permits a call, right before, and is used up."""
        self._people.use(event, body, self._before)

    def lease(self, event: Event, body: Body) -> None:
        """A lease is issued, renewed or kept: in a task as that was, by what its policy decides."""
        request = body.get("request")
        if type(request) is not dict or type(request.get("context")) is not dict:
            self._wrong(event, "a lease has no request")
            return
        if body.get("policy") != event.policy:
            self._wrong(event, "the lease was decided by another policy than the event names")
        if read_time(request["context"].get("time")) != event.time:
            self._wrong(event, "the time of the request is not that of the event")
        if fields_of(request["context"].get("task")).get("id") != body.get("task"):
            self._wrong(event, "the lease is in another task than its request")
        self._tasks.asked(event, "permit", request, followed=not self._gap)
        self._check_reported(event, request)
        self._people.approvals(event, body, request)
        self._sessions.step_up(event, request)
        if body.get("what") in ("renew", "keep") and self._leases.known(body.get("lease")) is None:
            self._missing(event, "the lease")
            return
        self._leases.lease(event, body)

    def _check_reported(self, event: Event, request: Body) -> None:
        """A lease is decided by what was reported of its task last."""
        context = request["context"]
        task = self._index.task(fields_of(context.get("task")).get("id"))
        if task is None or self._gap:
            return
        for name, value in task.reported.items():
            if name not in STORES_OWN and not (
                name in context and canonical(context[name]) == canonical(value)
            ):
                self._wrong(
                    event, "a lease was decided by something else than was reported of its task"
                )
                return

    def revoked(self, event: Event, body: Body) -> None:
        """A lease ends, once."""
        found = self._leases.known(body.get("lease"))
        if found is None:
            self._missing(event, "the lease")
            return
        self._signals.revoked(event, body)
        self._leases.revoked(event, body, found)

    def signal(self, event: Event, body: Body) -> None:
        """Another system has told something of agents or people."""
        self._signals.signal(event, body, followed=not self._gap)

    def session(self, event: Event, body: Body) -> None:
        """A person signs in, or out."""
        self._sessions.session(event, body)
        if body.get("what") == "begun":
            self._passkeys.session(event, body)

    def passkey(self, event: Event, body: Body) -> None:
        """A passkey is enrolled, or taken away."""
        self._passkeys.passkey(event, body)

    def credential(self, event: Event, body: Body) -> None:
        """A broker asks for a credential: for a lease that holds, and no longer."""
        found = self._leases.known(body.get("lease"))
        if found is None:
            self._missing(event, "the lease")
            return
        self._leases.credential(event, body, found, self._people.changed)

    def cancelled(self, event: Event, body: Body) -> None:
        """What people were asked is taken back, once and before it was answered."""
        self._people.cancelled(event, body)

    def refused(self, event: Event, body: Body) -> None:
        """What was refused before any rule was asked: why, and which."""
        digest = body.get("digest")
        if type(body.get("why")) is not str or not (is_digest(digest) or is_keyed(digest)):
            self._wrong(event, "what was refused has no reason, or no digest")

    def admin(self, event: Event, body: Body) -> None:
        """What an operator did."""
        if type(body.get("what")) is not str:
            self._wrong(event, "what an operator did is no text")
        elif body["what"] == "person":
            self._people.known(event, body)
            self._signals.left(body)
        before, within = read_time(body.get("before")), (body.get("first"), body.get("last"))
        if body.get("what") == "prune" and before is not None:
            first, last = within
            if type(first) is int and type(last) is int and 0 <= first <= last < event.seq:
                self._index.was_pruned(first, last, before)

    def _running(self, event: Event, body: Body) -> None:
        found = self._index.task(body.get("task"))
        if found is None:
            self._missing(event, "the task")
        elif found.state != "active":
            self._wrong(event, f"the task had {found.state} by then")

    def _missing(self, event: Event, what: str) -> None:
        if self._gap:
            self._unfollowed()
        else:
            self._wrong(event, f"{what} that it is about is not in the trail before it")


CHECKS: dict[str, Callable[[Checks, Event, Body], None]] = {
    "generation": Checks.generation,
    "call": Checks.call,
    "task": Checks.task,
    "said": Checks.said,
    "context": Checks.context,
    "state": Checks.state,
    "outcome": Checks.outcome,
    "clock": Checks.admin,
    "admin": Checks.admin,
    "refused": Checks.refused,
    "verdict": Checks.verdict,
    "use": Checks.use,
    "lease": Checks.lease,
    "revoked": Checks.revoked,
    "signal": Checks.signal,
    "session": Checks.session,
    "credential": Checks.credential,
    "passkey": Checks.passkey,
    "cancelled": Checks.cancelled,
}
"""For each kind of event what is checked."""


def _may_be_redacted(loaded: Loaded, request: Body) -> bool:
    """Whether a policy may keep no values of a call: of what it does not declare, where it keeps none of anything."""
    name = capability_of(request)
    is_declared = name in loaded.policy.declared_actions
    return name in loaded.redacting if is_declared else bool(loaded.redacting)


def digest_of_call(request: Body) -> str:
    """Give the digest of the exact call: who, in which task, does what with which arguments."""
    told = {name: request.get(name) for name in ("subject", "action", "resource")}
    task = fields_of(fields_of(request.get("context")).get("task"))
    return of_digest(canonical({**told, "task": task.get("id")}))
