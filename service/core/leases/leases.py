"""Leases: they are issued, renewed and looked at again in turns, and end by every way in which their policy ends them."""

from __future__ import annotations

import json
from typing import Any

from ....monitor.values import is_plain
from ....runtime.call import fields_of
from ....runtime.decision import Decision
from ....runtime.time_text import format_time
from ....runtime.values import NANOSECONDS, is_text
from ...audit.events import keyed
from ...policies.generation import Generation
from ...store import Lease, Person, Reading, Receiver, Task
from ..approvals.acting import chain_of, user_of
from ..deciding.deciding import is_id
from ..operations.callers import Caller, Role
from ..operations.of_leases import Acknowledge, Issue, Lend, Renew, Review, Revoke
from ..operations.problem import Problem, forbidden, malformed, not_found
from ..people.people import is_known
from ..turns import proofs
from ..turns.step import Step
from ..turns.trail import digest
from .ending import ACTIVE, active_of, end, lapse, proof_of
from .leasing import LeaseTerms, is_declared, terms
from .standing import is_good, shown, state_of

MOST_CAPABILITIES = 32
MOST_OF_TASK = 256
"""Leases of one task that are active at once: all of them are looked at in one turn when something is reported of it."""
MOST_CONTEXT = 16 * 1024  # bytes
MOST_REQUEST = 64 * 1024  # bytes
"""Of all that a lease is decided by: it is written down for each lease of a task whenever they are looked at."""
AT_ONCE = 256  # leases that are looked at again in one turn
MOST_TIMED = 32
"""Capabilities whose time has to be worked out, in one turn: each is decided for every minute of its lease."""
LONGEST_WHY = 2_000  # characters


# --- Issue ----------------------------------------------------------------------------------------


def issue(step: Step[Issue]) -> dict[str, Any]:
    """Issue a lease if the policy permits what it is to stand for, whatever is called."""
    operation, turn, active = step.operation, step.turn, step.active
    capabilities = _capabilities(step)
    task = turn.get(Task, operation.task) if is_id(operation.task) else None
    if task is None or not operation.caller.speaks_for(task.agent):
        raise not_found("task")
    if task.state != "active":
        raise Problem(409, "has_ended", f"the task is {task.state}")
    at = turn.tick()
    if _number_of(step, task.id) >= MOST_OF_TASK:
        raise Problem(409, "too_many", f"the task has {MOST_OF_TASK} leases already")
    proofs.check_unused(step)
    asked_for = {
        "properties": operation.properties,
        "context": {**(operation.context or {}), **json.loads(task.context)},
    }
    found = terms(active, turn, task, capabilities, asked_for, at, step.settings.lease)
    if isinstance(found, Decision):
        return _denied(step, at, found, task.id)
    if len(json.dumps(found.request)) > MOST_REQUEST:
        raise malformed(f"a lease is decided by {MOST_REQUEST} bytes at most, its task included")
    proofs.use(step)
    seq = step.trail.next
    lease = Lease(
        id=f"l-{seq}",
        seq=seq,
        task=task.id,
        agent=task.agent,
        caller=operation.caller.name,
        capabilities=json.dumps(capabilities),
        asked_for=json.dumps(asked_for),
        policy=active.generation.digest,
        state=ACTIVE,
        issued=at,
        decided=at,
        expires=found.until,
        renewed=0,
        renew=found.renew,
        agreed=found.agreed,
        chained=bool(fields_of(asked_for["context"]).get("delegation")),
        proved=operation.proved,
        ended=None,
        cause=None,
        person=user_of(task),
        acts_for=_acts_for(found.request),
    )
    told: dict[str, Any] = {"agent": task.agent, "capabilities": capabilities}
    if operation.proved is not None:
        told["proved"] = operation.proved
    _told(step, "issue", at, lease, found, **told)
    turn.add(lease)
    return step.answered({"decision": True, **shown(lease, at)}, seq)


def _capabilities(step: Step[Issue]) -> list[str]:
    operation = step.operation
    given = operation.capabilities
    if not 1 <= len(given) <= MOST_CAPABILITIES or len(set(given)) != len(given):
        raise malformed(f"a lease is for 1 to {MOST_CAPABILITIES} capabilities, each named once")
    if not all(is_text(each) and is_declared(step.active, each) for each in given):
        raise malformed("a capability is one that the policy declares, `PACKAGE.RESOURCE.ACTION`")
    for each in (operation.context, operation.properties):
        if each is None:
            continue
        if type(each) is not dict or not is_plain(each) or len(json.dumps(each)) > MOST_CONTEXT:
            raise malformed(f"what a lease is decided by is JSON of {MOST_CONTEXT} bytes at most")
    is_enforcing = "decide" in operation.caller.roles and not operation.caller.itself
    if not is_enforcing and (operation.context or operation.properties):
        raise malformed("only an enforcement point says more of an agent than the service knows")
    return sorted(given)


def _acts_for(request: dict[str, Any]) -> str | None:
    """Give for which agents one acts by a chain, as JSON."""
    agents = [agent for agent, _ in chain_of(request)]
    return json.dumps(agents) if agents else None


def _denied(step: Step[Any], at: int, decision: Decision, task: str) -> dict[str, Any]:
    """Record that no lease was issued, and say what stands in the way.

    It is not final for its key: nothing was given out, and what stands in the way may go.
    """
    why = decision.reasons[0] if decision.reasons else f"a lease for this is a {decision.effect}"
    what = keyed(digest(step.operation.told()), step.settings.secret)
    told = {"why": why, "digest": what}
    step.trail.append("refused", at, step.operation.caller.name, told, task=task)
    return decision.to_authzen()


# --- Renew and revoke -----------------------------------------------------------------------------


def renew(step: Step[Renew]) -> dict[str, Any]:
    """Decide a lease anew, and let it live on; one that would not be issued any more ends."""
    turn = step.turn
    lease = _lease(step, step.operation.lease)
    if not step.operation.caller.speaks_for(lease.agent):
        raise not_found("lease")
    at = turn.tick()
    task = _held(step, lease, at)
    _check_proved(step, lease)
    proofs.check_unused(step)
    found = _terms(step, lease, task, at)
    if not isinstance(found, Decision) and lease.renewed >= found.renew:
        raise Problem(409, "not_renewable", f"the lease may be renewed {found.renew} times")
    proofs.use(step)
    if isinstance(found, Decision):
        seq = step.trail.next
        end(step, lease, at, "renewal", _why(found))
        return step.answered(found.to_authzen(), seq)
    lease.renewed += 1
    lease.decided = at
    _until(step, lease, found.until)
    seq = _kept(step, "renew", lease, found, at)
    return step.answered({"decision": True, **shown(lease, at)}, seq)


def _check_proved(step: Step[Renew] | Step[Lend], lease: Lease) -> None:
    if lease.proved is not None and step.operation.proved != lease.proved:
        raise forbidden("the lease is bound to a key, which was not proved")


def lend(step: Step[Lend]) -> dict[str, Any]:
    """Record what a broker is about to ask for a lease that holds, and for no longer than the lease."""
    operation = step.operation
    lease = _lease(step, operation.lease)
    if not operation.caller.speaks_for(lease.agent):
        raise not_found("lease")
    at = step.turn.tick()
    task = _held(step, lease, at)
    _check_proved(step, lease)
    proofs.check_unused(step)
    policy = step.active.generation.digest
    if not is_good(lease, task, policy, at) or operation.policy != policy:
        raise Problem(409, "changed", "the lease has to be looked at again first: come back")
    if not at < operation.until <= lease.expires:
        raise Problem(409, "changed", "the lease ends at another time by now: come back")
    proofs.use(step)
    told = {
        "lease": lease.id,
        "task": lease.task,
        "broker": operation.broker,
        "until": format_time(operation.until),
        "asked": operation.asked,
        **proof_of(step),
    }
    seq = step.append("credential", at, told, task=lease.task)
    return step.answered({"event": seq, "once": operation.once}, seq)


def revoke(step: Step[Revoke]) -> dict[str, Any]:
    """End a lease because somebody says so."""
    operation, turn = step.operation, step.turn
    if operation.why is not None and (
        not is_text(operation.why) or len(operation.why) > LONGEST_WHY
    ):
        raise malformed(f"why a lease ends is text of at most {LONGEST_WHY} characters")
    lease = _lease(step, operation.lease)
    if not may_revoke(turn, operation.caller, lease, step.settings.revokers, turn.time):
        raise not_found("lease")
    if state_of(lease, turn.time) != ACTIVE:  # what is asked for is so already
        return {**shown(lease, turn.time), "had_ended": True}
    at = turn.tick()
    seq = step.trail.next
    end(step, lease, at, "asked", operation.why)
    return step.answered(shown(lease, at), seq)


REVOKE: tuple[Role, ...] = ("decide", "lease", "start", "admin")
"""The roles of programs that may end leases: an administrator all of them, the others those of their agents and tasks."""


def may_revoke(
    reading: Reading, caller: Caller, lease: Lease, revokers: frozenset[str], now: int
) -> bool:
    """Whether a caller may end a lease: a person with one of the roles that the settings name, or a program whose it is."""
    if caller.person is not None:
        person = reading.get(Person, caller.person)
        return is_known(person, now) and not revokers.isdisjoint(json.loads(person.roles))
    if not any(each in caller.roles for each in REVOKE):
        return False
    if "admin" in caller.roles or caller.speaks_for(lease.agent):
        return True
    task = reading.get(Task, lease.task)
    first = None if task is None else reading.get(Task, task.run)
    return first is not None and first.caller == caller.name


# --- What else ends them --------------------------------------------------------------------------


def reported(step: Step[Any], task: Task, before: dict[str, Any]) -> None:
    """Look at the leases of a task by what was reported of it now, in the place of what was reported `before`.

    What nobody has reported yet stays as it was when the lease was issued.
    """
    now = json.loads(task.context)
    for lease in active_of(step, task.id):
        asked_for = json.loads(lease.asked_for)
        kept = {name: value for name, value in asked_for["context"].items() if name not in before}
        lease.asked_for = json.dumps({**asked_for, "context": {**kept, **now}})
        _look(step, lease, task, step.turn.tick(), "context")


def review(step: Step[Review]) -> dict[str, Any]:
    """Look again at leases that were not looked at under the active policy, as many as one turn may."""
    turn, policy = step.turn, step.active.generation.digest
    past = turn.find(
        Lease, "state = 'active' AND expires <= ? ORDER BY expires LIMIT ?", (turn.time, AT_ONCE)
    )
    for lease in past:
        lapse(step, lease)
    found: list[Lease] = []
    for sign in ("<", ">"):
        where = f"state = 'active' AND policy {sign} ? ORDER BY policy LIMIT ?"
        found += turn.find(Lease, where, (policy, AT_ONCE - len(found)), kept=True)
    turn.fetch(Task, [each.task for each in found])
    ended = looked = dear = 0
    for lease in found:
        if dear >= MOST_TIMED:
            break
        looked += 1
        dear += len(step.active.generation.timed.intersection(json.loads(lease.capabilities)))
        at, task = turn.tick(), turn.get(Task, lease.task)
        cause = "policy" if lease.policy else "person"
        if lease.expires <= at:
            lapse(step, lease)
        elif task is None or not _look(step, lease, task, at, cause):
            ended += 1
    more = looked < len(found) or max(len(found), len(past)) == AT_ONCE
    return {"looked": looked, "revoked": ended, "more": more}


def _look(step: Step[Any], lease: Lease, task: Task, at: int, cause: str) -> bool:
    """Decide a lease again; say whether it goes on. It never goes on for longer than it would have."""
    found = _terms(step, lease, task, at)
    if isinstance(found, Decision):
        end(step, lease, at, cause, _why(found))
        return False
    _until(step, lease, min(lease.expires, found.until, lease.decided + found.ttl))
    if lease.expires <= at:
        end(step, lease, at, cause, "its time is over by now")
        return False
    _kept(step, "keep", lease, found, at)
    return True


def acknowledge(step: Step[Acknowledge]) -> dict[str, Any]:
    """Take in what a receiver was told. It is no event, as it says nothing of what may be done."""
    operation, turn = step.operation, step.turn
    known = turn.get(Receiver, operation.receiver)
    if known is None or known.upto < operation.upto:
        turn.put(Receiver(operation.receiver, operation.upto))
    return {"receiver": operation.receiver, "upto": operation.upto}


# --- One lease ------------------------------------------------------------------------------------


def _terms(step: Step[Any], lease: Lease, task: Task, at: int) -> LeaseTerms | Decision:
    return terms(
        step.active,
        step.turn,
        task,
        json.loads(lease.capabilities),
        json.loads(lease.asked_for),
        at,
        step.settings.lease,
    )


def _until(step: Step[Any], lease: Lease, end: int) -> None:
    """Let a lease end at a time; if that is earlier than its tokens say, whoever wants to know is told."""
    if end // NANOSECONDS < lease.expires // NANOSECONDS:
        lease.change_seq = step.trail.next
    lease.expires = end


def _kept(step: Step[Any], what: str, lease: Lease, found: LeaseTerms, at: int) -> int:
    lease.policy = step.active.generation.digest
    lease.renew, lease.agreed = found.renew, found.agreed
    seq = _told(step, what, at, lease, found)
    step.turn.put(lease)
    return seq


def _told(step: Step[Any], what: str, at: int, lease: Lease, found: LeaseTerms, **more: Any) -> int:
    """Record that a lease was decided: with all that it was decided by, so that anybody can decide it again."""
    generation = step.active.generation
    told = {
        **more,
        "what": what,
        "lease": lease.id,
        "task": lease.task,
        "request": found.request,
        "policy": generation.digest,
        "expires": format_time(lease.expires),
        "renewals_left": max(0, found.renew - lease.renewed),
        "agreed": found.agreed,
        **proof_of(step),
    }
    redacted = keeps_no_values(generation, json.loads(lease.capabilities))
    return step.append("lease", at, told, task=lease.task, redacted=redacted)


def keeps_no_values(generation: Generation, capabilities: list[str]) -> bool:
    """Whether the trail keeps no values of what a lease for these is decided by."""
    return not generation.redacting.isdisjoint(capabilities)


def _why(decision: Decision) -> str:
    asked = [str(each["type"]) for each in decision.requirements]
    return "; ".join(decision.reasons) or f"it needs {', '.join(asked)} by now"


def _lease(step: Step[Any], id: object) -> Lease:
    lease = step.turn.get(Lease, id) if is_id(id) else None
    if lease is None:
        raise not_found("lease")
    return lease


def _held(step: Step[Any], lease: Lease, at: int) -> Task:
    """Give the task of a lease that has not ended."""
    task = step.turn.get(Task, lease.task)
    if state_of(lease, at) != ACTIVE or task is None:
        raise Problem(409, "has_ended", f"the lease is {state_of(lease, at)}")
    return task


def _number_of(step: Step[Any], task: str) -> int:
    where = "task = ? AND state = 'active' AND expires > ?"
    ((found,),) = step.turn.select(
        f"SELECT count(*) FROM lease WHERE {where}", (task, step.turn.time)
    )
    return int(found)
