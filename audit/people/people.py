"""What people are said to have said: that they were who might say it, of which call, and that it permitted one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias, TypeGuard
from unicodedata import is_normalized

from ...runtime.call import fields_of
from ...runtime.values import NANOSECONDS, is_text, read_time
from ..known.index import Index
from ..known.policies import Policies
from ..reading.events import Event, is_keyed
from ..reading.requests import capability_of, links_of, named_by, objects_of, user_of
from .asked import asks, confirms, folded, is_one_of, people_above
from .passkeys import Passkeys

Body: TypeAlias = dict[str, Any]
WORKLOAD = "spiffe://"
ROLE = "role:"
_EVER = 2**63
VERDICTS = ("approve", "refuse")
PERSON = "person:"
SETTINGS = "settings"
"""Who says which roles a person has, where that stands in the settings of the service."""
OPERATOR = "operator"
_SYSTEM = "system"
LONGEST_KNOWN = 8 * 3600 * NANOSECONDS
"""How long what a provider says of a person may count."""
_TEXTS = ("call", "by", "task", "capability", "digest", "request")
_OF_APPROVALS = ("by", "task", "capability", "at")


class People:
    """Follows people, their verdicts, and what was permitted by them."""

    def __init__(
        self,
        index: Index,
        policies: Policies,
        wrong: Callable[[Event, str], None],
        missing: Callable[[Event, str], None],
        passkeys: Passkeys,
    ) -> None:
        """Begin before the first event.

        `missing` is told of what does not follow from the events before: it is wrong, unless one of them cannot be read.
        """
        self._index, self._policies = index, policies
        self._wrong, self._missing = wrong, missing
        self.changed = -1
        """The latest event that said something else of a person, since which what rests on people has to be looked at."""
        self.vouched: tuple[Event, tuple[list[str], bool, str] | None] | None = None
        """The latest event that said something of a person, and what was known of them before."""
        self._passkeys = passkeys
        self._due: dict[str, Event] = {}
        """Approvals by which the call right before was permitted, and that have to be used up now."""

    def before(self, event: Event) -> None:
        """Look at an event of any kind, before it is looked at as one of its kind."""
        if event.kind != "use":
            self.close()

    def close(self) -> None:
        """See that what a permit rests on was used up right after it."""
        if self._due:
            permit = next(iter(self._due.values()))
            self._wrong(permit, "an approval that it rests on was not used up")
            self._due = {}

    def known(self, event: Event, body: Body) -> None:
        """An operator, or whoever identifies people, says which roles a person has now."""
        person, roles, active = body.get("person"), body.get("roles"), body.get("active")
        source = body.get("source")
        if type(person) is not str or not _are_texts(roles) or type(active) is not bool:
            self._wrong(event, "a person has no id, or no roles")
            return
        if type(source) is not str or not source:
            self._wrong(event, "nobody is said to say which roles a person has")
            return
        if any(each.startswith(WORKLOAD) for each in (person, *roles)):
            self._wrong(event, "a workload is said to be a person, or to be one of their roles")
        self._check_apart(event, person, roles)
        if not is_normalized("NFC", person):
            self._wrong(event, "the id of a person is not written in the normal form of Unicode")
        elif self._index.folded(folded(person), person) != person:
            self._wrong(
                event, "two people have ids that differ in nothing but how they are written"
            )
        until = None if active and body.get("source") == SETTINGS else event.time
        if body.get("source") != SETTINGS:
            said = read_time(body.get("until"))
            if said is None or not event.time < said <= event.time + LONGEST_KNOWN:
                self._wrong(event, "what a provider says of a person counts for ever, or too long")
            elif active:
                until = said
        elif "until" in body:
            self._wrong(event, "somebody of the settings does not age")
        before = self._index.known(person)
        if before is not None and (sorted(roles), active, source) != (
            sorted(before[0]),
            before[1],
            before[2],
        ):
            self.changed = event.seq
        sent_away = before is not None and not before[1] and before[2] == OPERATOR
        if (source == OPERATOR or (sent_away and active)) and body.get("caller") == _SYSTEM:
            self._wrong(event, "no operator has said that the person left, or is back")
        if source == OPERATOR and not active:
            self._index.put_out(person, event.seq)
        self.vouched = (event, before)
        self._index.put_person(person, roles, until, active=active, source=source)

    def _check_apart(self, event: Event, person: str, roles: list[str]) -> None:
        """Policies name people and roles in one place, so that nothing is both."""
        if person.startswith(ROLE):
            self._wrong(event, "a person has the name of a role")
        if person in roles or any(self._index.known(each) is not None for each in roles):
            self._wrong(event, "a role has the name of a person")
        if self._index.known(person) is None and self._index.is_role(person):
            self._wrong(event, "a person has the name of a role that somebody has")

    def asked(self, event: Event, body: Body, request: Body) -> None:
        """A call asks people something: of its task and its capability, and for a while."""
        answer = fields_of(body.get("answer"))
        told, question = fields_of(answer.get("request")), body.get("question")
        if body.get("effect") != "challenge" or not told:
            return
        if "question" not in body and not str(told.get("id")).startswith("q-"):
            return  # of the first version, whose questions nobody could answer: a verdict on one is on none
        if not is_keyed(question):
            self._wrong(event, "what is asked of people has no keyed digest")
        if told.get("id") != f"q-{event.seq}":
            self._asked_before(event, told.get("id"), question)
            return
        context, agent = fields_of(request.get("context")), fields_of(request.get("subject"))
        requirements = objects_of(fields_of(answer.get("context")).get("requirements"))
        expires = read_time(told.get("expires_at"))
        kept = {
            "task": fields_of(context.get("task")).get("id"),
            "capability": capability_of(request),
            "confirms": confirms(body, request),
            "expires": expires,
            "question": question,
            "user": user_of(request),
            "above": self._people_above(request),
            "chain": _chain(request),
            "agents": [agent.get("id"), *(each.get("agent") for each in links_of(request))],
        }
        self._index.put_asked(f"q-{event.seq}", kept)
        spans = (each.get("within_seconds") for each in requirements)
        longest = [each * NANOSECONDS for each in spans if type(each) is int]
        if expires is None or not event.time < expires <= event.time + min(longest, default=_EVER):
            self._wrong(event, "a request is not open for as long as its policy says")

    def _asked_before(self, event: Event, request: Any, question: Any) -> None:
        """A call that asks what was asked before waits for the same people, as long as that is open."""
        asked = self._index.asked(request) if type(request) is str else None
        if asked is None:
            self._missing(event, "what was asked before")
            return
        if asked["question"] != question:
            self._wrong(event, "the call waits for an answer to another question")
        if self._index.answered(request) is not None:
            self._wrong(event, "the call waits for an answer that was given and used")
        self._check_open(event, request, "the request that the call waits for")

    def _check_open(self, event: Event, request: str, what: str) -> None:
        """What people are asked is answered, and the answer used, before the time for it is over."""
        asked = self._index.asked(request)
        if asked is not None and (asked["expires"] is None or asked["expires"] <= event.time):
            self._wrong(event, f"{what} had expired")
        task = None if asked is None else self._index.task(asked["task"])
        if task is not None and task.state != "active":
            self._wrong(event, f"{what} was over with its task, which had {task.state}")

    def verdict(self, event: Event, body: Body) -> None:
        """What a person said to a question that was open, under the policy that is active."""
        is_whole = all(type(body.get(name)) is str for name in _TEXTS)
        if body.get("verdict") not in VERDICTS or not is_whole or not _are_texts(body.get("roles")):
            self._wrong(event, "a verdict does not say by whom, on what and which")
            return
        if body.get("policy") != event.policy:
            self._wrong(event, "the verdict was given under another policy than the event names")
        by, request = body["by"], body["request"]
        roles = self._index.roles(by, event.time)
        if not _is_own(body):
            self._check_confirmed(event, body)
        elif roles is None:
            self._missing(event, "a person who may be asked")
        elif sorted(body["roles"]) != sorted(roles):
            self._missing(event, "a person with these roles")
        call = self._index.call(body["call"])
        if call is None:
            self._missing(event, "the call")
        else:
            if call[1] != "challenge":
                self._wrong(event, f"the call `{body['call']}` asked nothing of people")
            if request != f"q-{call[0]}" or body["digest"] != self._index.digest_of(body["call"]):
                self._wrong(event, "the verdict is on another call than it names")
            asked = self._index.asked(request)
            if asked is None:
                self._wrong(event, f"the call `{body['call']}` opened no request")
            elif any(asked[name] != body[name] for name in ("task", "capability")):
                self._wrong(event, "the verdict is on another task or capability than was asked")
            elif not self._is_asked_of(event, body, asked):
                self._wrong(event, "the verdict is by somebody of whom nothing is asked")
        closed = self._index.answered(request)
        if closed is not None:
            self._wrong(event, f"the request was closed before, at event {closed}")
        self._check_open(event, request, "the request")
        asked = self._index.asked(request)
        self._passkeys.verdict(event, body, None if asked is None else asked["expires"])
        kept = {name: body[name] for name in (*_TEXTS, "roles", "verdict", "caller")}
        self._index.put_verdict(f"v-{event.seq}", event.seq, {**kept, "at": body["time"]})
        if body["verdict"] == "refuse":
            self._index.answer(request, event.seq)

    def _check_confirmed(self, event: Event, body: Body) -> None:
        """What a caller says for the user that it has in front of it: that they confirm, and nothing else."""
        if body["caller"].startswith(PERSON) or body["roles"]:
            self._wrong(event, "somebody else gave the verdict than the person whose it is")
            return
        asked = self._index.asked(body["request"])
        if self._index.has_left(body["by"]):
            self._wrong(event, "somebody who has left confirms nothing")
        if asked is not None and asked["confirms"] != body["by"]:
            self._wrong(event, "a caller says that somebody confirmed who was not asked to")

    def _is_asked_of(self, event: Event, body: Body, asked: Body) -> bool:
        """Whether a person may answer at all: nobody approves for an agent that acts for them, nor an agent itself.

        Which rules ask depends on facts, which may be others by then: it is enough that one about this capability could.
        """
        if is_one_of(body["by"], asked["agents"]):
            return False
        loaded = None if event.policy is None else self._policies.find(event.policy, event.seq)
        return loaded is None or asks(loaded.policy, body["capability"], body, asked)

    def _people_above(self, request: Body) -> list[Any]:
        def known(id: str) -> tuple[Any, Any] | None:
            task = self._index.task(id)
            return None if task is None else (task.agent, task.user)

        return people_above(request, known)[0]

    def approvals(self, event: Event, body: Body, request: Body) -> None:
        """What people are said to have approved they have: this call where it says so, and then for no other one."""
        given = objects_of(fields_of(request.get("context")).get("approvals"))
        exact, above = set(), self._people_above(request) if given else []
        for each in given:
            found = self._index.verdict(each.get("id"))
            if found is None:
                self._missing(event, "a verdict")
                continue
            told, _ = found
            if told["verdict"] != "approve" or any(
                each.get(name) != told[name] for name in _OF_APPROVALS
            ):
                self._wrong(event, "an approval is not the verdict that its id names")
            if is_one_of(told["by"], above):
                self._wrong(event, "an approval is by somebody for whom an agent above acts")
            self._check_roles(event, each, told)
            if self._is_refused(told["request"]):
                self._wrong(event, "an approval is to a request that was refused")
            if "args" in each:
                exact.add(each["id"])
                self._check_exact(event, body, told)
        if body.get("effect") == "permit":
            self._due = dict.fromkeys((id for id in _evidence(body) if id in exact), event)

    def cancelled(self, event: Event, body: Body) -> None:
        """Whoever asked has taken back what waits for people."""
        request, call = body.get("request"), self._index.call(body.get("call"))
        if type(request) is not str or (call is not None and request != f"q-{call[0]}"):
            self._wrong(event, "what is taken back is no request of that call")
            return
        if call is None or self._index.asked(request) is None:
            self._missing(event, "the request")
        closed = self._index.answered(request)
        if closed is not None:
            self._wrong(event, f"the request was closed before, at event {closed}")
        self._check_open(event, request, "the request")
        self._index.answer(request, event.seq)

    def _check_roles(self, event: Event, approval: Body, told: Body) -> None:
        """The roles of an approval are those that the person had then, and still has."""
        roles, known = approval.get("roles"), self._index.roles(told["by"], event.time)
        if not _are_texts(roles) or not set(roles) <= set(told["roles"]):
            self._wrong(event, "an approval has roles that the person did not have")
        elif not _is_own(told) and not self._index.has_left(told["by"]):
            return
        elif known is None or not set(roles) <= set(known):
            self._missing(event, "a person who still has the roles of an approval")

    def _check_exact(self, event: Event, body: Body, told: Body) -> None:
        """An approval of an exact call is of this one, and its request was open."""
        if not _may_be_same(told["digest"], body.get("digest")):
            self._wrong(event, "an approval of another call is one of this call")
        asked = self._index.asked(told["request"])
        if asked is not None and asked["question"] != body.get("question"):
            self._wrong(event, "an approval is of this call, and not of what is asked about it")
        if asked is not None and asked["chain"] != _chain(fields_of(body.get("request"))):
            self._wrong(event, "an approval is of this call by an agent that acted for others")
        closed = self._index.answered(told["request"])
        if closed is not None:
            self._wrong(event, f"the request of an approval was closed before, at event {closed}")

        self._check_open(event, told["request"], "the request of an approval")

    def _is_refused(self, request: str) -> bool:
        """Whether it was a refusal that closed a request."""
        found = self._index.verdict(f"v-{self._index.answered(request)}")
        return found is not None and found[0]["verdict"] == "refuse"

    def use(self, event: Event, body: Body, permit: Event | None) -> None:
        """An approval has permitted a call, right before, and is used up."""
        id = body.get("verdict")
        found = self._index.verdict(id)
        if found is None:
            self._missing(event, "the verdict")
            return
        told, used = found
        if used is not None:
            self._wrong(event, f"the approval was used before, at event {used}")
        if told["verdict"] != "approve" or told["by"] != body.get("by"):
            self._wrong(event, "what is used is no approval by that person")
        if permit is None or permit.kind != "call":
            self._wrong(event, "no permit stands before the use of an approval")
        elif permit.body is not None:
            if permit.body.get("effect") != "permit" or permit.body.get("id") != body.get("call"):
                self._wrong(event, "an approval was used for a call that was not permitted by it")
            elif id not in _evidence(permit.body):
                self._wrong(event, "the permit does not rest on the approval that is used")
            elif not _may_be_same(told["digest"], permit.body.get("digest")):
                self._wrong(event, "an approval was used for another call")
        self._index.use_verdict(str(id), event.seq)
        self._index.answer(told["request"], event.seq)
        self._due.pop(str(id), None)


def _chain(request: Body) -> list[list[Any]]:
    """The agents that an agent acts for, each with its task."""
    return [list(named_by(each)) for each in links_of(request)]


def _is_own(verdict: Body) -> bool:
    """Whether it was the person who said it, and no caller for them."""
    return bool(verdict["caller"] == f"{PERSON}{verdict['by']}")


def _are_texts(value: Any) -> TypeGuard[list[str]]:
    return type(value) is list and all(map(is_text, value))


def _evidence(body: Body) -> list[str]:
    """The ids of what a permit rests on."""
    answer = fields_of(fields_of(body.get("answer")).get("context"))
    ids = (each.get("id") for each in objects_of(answer.get("evidence")))
    return [each for each in ids if type(each) is str]


def _may_be_same(one: Any, other: Any) -> bool:
    """Whether two digests may be of one call: a keyed one is compared with keyed ones alone."""
    if type(one) is not str or type(other) is not str:
        return False
    return one == other or one.partition(":")[0] != other.partition(":")[0]
