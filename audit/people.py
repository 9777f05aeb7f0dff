"""What people are said to have said: that they were who might say it, of which call, and that it permitted one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias, TypeGuard
from unicodedata import is_normalized, normalize

from ..runtime.call import fields_of
from ..runtime.values import NANOSECONDS, is_text, read_time
from .events import Event
from .index import Index
from .passkeys import Passkeys

Body: TypeAlias = dict[str, Any]
VERDICTS = ("approve", "refuse")
_PERSON = "person:"
SETTINGS = "settings"
LONGEST_KNOWN = 8 * 3600 * NANOSECONDS
"""How long what a provider says of a person may count."""
_TEXTS = ("call", "by", "task", "capability", "digest", "request")
_OF_APPROVALS = ("by", "task", "capability", "at")


class People:
    """Follows people, their verdicts, and what was permitted by them."""

    def __init__(
        self,
        index: Index,
        wrong: Callable[[Event, str], None],
        missing: Callable[[Event, str], None],
        passkeys: Passkeys,
    ) -> None:
        """Begin before the first event.

        `missing` is told of what does not follow from the events before: it is wrong, unless one of them cannot be read.
        """
        self._index, self._wrong, self._missing = index, wrong, missing
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
        if type(person) is not str or not _are_texts(roles) or type(active) is not bool:
            self._wrong(event, "a person has no id, or no roles")
            return
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
        self._index.put_person(person, roles, until, active=active)

    def asked(self, event: Event, body: Body, request: Body) -> None:
        """A call asks people something: of its task and its capability, and for a while."""
        told = fields_of(fields_of(body.get("answer")).get("request"))
        if body.get("effect") != "challenge" or told.get("id") != f"q-{event.seq}":
            return
        tool, action = fields_of(request.get("resource")), fields_of(request.get("action"))
        kept = {
            "task": fields_of(fields_of(request.get("context")).get("task")).get("id"),
            "capability": f"{tool.get('type')}.{action.get('name')}",
            "expires": read_time(told.get("expires_at")),
            "confirms": _confirms(body, request),
        }
        self._index.put_asked(f"q-{event.seq}", kept)

    def _check_open(self, event: Event, request: str, what: str) -> None:
        """What people are asked is answered, and the answer used, before the time for it is over."""
        asked = self._index.asked(request)
        if asked is not None and (asked["expires"] is None or asked["expires"] <= event.time):
            self._wrong(event, f"{what} had expired")

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
        if body["caller"].startswith(_PERSON) or body["roles"]:
            self._wrong(event, "somebody else gave the verdict than the person whose it is")
            return
        asked = self._index.asked(body["request"])
        if self._index.has_left(body["by"]):
            self._wrong(event, "somebody who has left confirms nothing")
        if asked is not None and asked["confirms"] != body["by"]:
            self._wrong(event, "a caller says that somebody confirmed who was not asked to")

    def approvals(self, event: Event, body: Body, request: Body) -> None:
        """What people are said to have approved they have: this call where it says so, and then for no other one."""
        given = fields_of(request.get("context")).get("approvals")
        exact = set()
        for each in map(fields_of, given if type(given) is list else ()):
            found = self._index.verdict(each.get("id"))
            if found is None:
                self._missing(event, "a verdict")
                continue
            told, _ = found
            if told["verdict"] != "approve" or any(
                each.get(name) != told[name] for name in _OF_APPROVALS
            ):
                self._wrong(event, "an approval is not the verdict that its id names")
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


def _is_own(verdict: Body) -> bool:
    """Whether it was the person who said it, and no caller for them."""
    return bool(verdict["caller"] == f"{_PERSON}{verdict['by']}")


def _confirms(body: Body, request: Body) -> Any:
    """Give the user who is asked to confirm a call; None if nobody is."""
    answer = fields_of(fields_of(body.get("answer")).get("context"))
    asked = answer.get("requirements")
    kinds = [fields_of(each).get("type") for each in (asked if type(asked) is list else ())]
    user = fields_of(request.get("context")).get("user")
    return fields_of(user).get("id") if "confirmation" in kinds else None


def _are_texts(value: Any) -> TypeGuard[list[str]]:
    return type(value) is list and all(map(is_text, value))


def _evidence(body: Body) -> list[str]:
    """The ids of what a permit rests on."""
    answer = fields_of(fields_of(body.get("answer")).get("context"))
    given = answer.get("evidence")
    ids = (fields_of(each).get("id") for each in (given if type(given) is list else ()))
    return [each for each in ids if type(each) is str]


def _may_be_same(one: Any, other: Any) -> bool:
    """Whether two digests may be of one call: a keyed one is compared with keyed ones alone."""
    if type(one) is not str or type(other) is not str:
        return False
    return one == other or one.partition(":")[0] != other.partition(":")[0]


def folded(name: str) -> str:
    """What a name has in common with others that are taken for it."""
    text = normalize("NFKC", normalize("NFKC", normalize("NFD", name)).casefold())
    return normalize("NFKC", text.casefold())
