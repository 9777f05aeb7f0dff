"""The rows of leases, as they follow from events, and what may be otherwise in them than the latest event said."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ...runtime.call import fields_of
from ...runtime.values import json_equal, read_time
from ..reading.events import Event
from ..reading.requests import links_of, named_by, objects_of, user_of
from .book import Book, Expected

_OF_STORE = ("time", "task", "user", "approvals", "step_up", "meters", "sources", "starter")
"""What the context of a request holds that no row of a lease says."""
_CHAIN = "delegation"
NOTHING: dict[str, Any] = {}
"""What is kept of what a lease was decided by, once it has ended."""


def lease(book: Book, event: Event, body: dict[str, Any]) -> None:
    """A lease is issued, renewed, or looked at again."""
    decided: Expected = {
        "policy": event.policy,
        "expires": read_time(body.get("expires")),
        "left": body.get("renewals_left"),
        "agreed": body.get("agreed"),
        "request": body.get("request"),
        "redacted": event.is_redacted,
        "looked": event.seq,
    }
    id, what = body.get("lease"), body.get("what")
    if what == "issue":
        told = {name: body.get(name) for name in ("task", "agent", "capabilities", "proved")}
        request = fields_of(body.get("request"))
        told["person"] = user_of(request)
        told["acts_for"] = [each.get("agent") for each in links_of(request)] or None
        begun = {"seq": event.seq, "caller": body["caller"], "issued": event.time}
        open = {"state": "active", "ended": None, "cause": None, "end_seq": None}
        book.put(
            "lease",
            id,
            {**told, **begun, **open, **decided, "decided": event.time, "renewed": 0},
        )
        return
    found = book.get("lease", id)
    if found is not None and what == "renew":
        decided |= {"decided": event.time, "renewed": found["renewed"] + 1}
    book.change("lease", id, **decided)


def revoked(book: Book, event: Event, body: dict[str, Any]) -> None:
    """A lease ends."""
    ended: Expected = {"ended": event.time, "cause": body.get("cause"), "end_seq": event.seq}
    book.change("lease", body.get("lease"), state="revoked", **ended)


def differs(
    book: Book, row: Any, told: Expected, given: Any, directory: Callable[[str], Iterable[str]]
) -> str | None:
    """The column in which a lease is not what its latest event makes of it, of those that are not simply told.

    `given` is what it is decided by, as the row has it; `directory` gives the attributes of subjects that a policy's own
    directory may say.
    """
    if bool(row.agreed) is not told["agreed"]:
        return "agreed"
    if max(0, row.renew - row.renewed) != told["left"]:
        return "renew"
    is_told = row.policy == told["policy"]
    if row.state == "active":
        again = told["agreed"] is True and told["looked"] < _changed(book, told["person"])
        if again and not book.gap:  # it rests on people of whom something else was said since
            is_told = row.policy == ""
        elif again:
            is_told = is_told or row.policy == ""
    elif not is_told and row.policy != "":
        return "policy"
    if not is_told and row.state == "active":
        return "policy"
    if row.state != "active":
        return None if given == NOTHING else "asked_for"
    if type(given) is not dict or type(given.get("context")) is not dict:
        return "asked_for"
    request, context = fields_of(told["request"]), given["context"]
    if bool(row.chained) is not bool(context.get(_CHAIN)):
        return "chained"
    same = (
        json_equal(_callers(context), _callers(fields_of(request.get("context"))))
        and _same_chain(book, row, told, context.get(_CHAIN))
        and _same_properties(told, given.get("properties"), directory)
    )
    return None if same else "asked_for"


def _changed(book: Book, person: Any) -> int:
    """The latest event by which a lease that rests on people has to be looked at again."""
    out = (book.get("out", person) or {}).get("at") or [[-1, 0]]
    return max(book.people, int(out[-1][0]))


def _callers(context: dict[str, Any]) -> dict[str, Any]:
    """What of a context is what an enforcement point has said, or reported."""
    return {
        name: each for name, each in context.items() if name != _CHAIN and name not in _OF_STORE
    }


def _same_properties(told: Expected, given: Any, directory: Callable[[str], Iterable[str]]) -> bool:
    decided = fields_of(fields_of(told["request"]).get("subject")).get("properties")
    if told["redacted"] or (given is None and decided is None):
        return True
    if json_equal(given, decided):
        return True
    one, other = fields_of(given), fields_of(decided)
    changed = {
        name
        for name in {*one, *other}
        if name not in one or name not in other or not json_equal(one[name], other[name])
    }
    return changed <= set(directory(told["policy"]))


def _same_chain(book: Book, row: Any, told: Expected, given: Any) -> bool:
    """Whether a lease still names those for whom its agent acts: where the store knows them, no more than their properties."""
    decided = fields_of(fields_of(told["request"]).get("context")).get(_CHAIN)
    if type(decided) is not list:
        return json_equal(given, decided)
    known = _is_known(book, row.task, row.agent)
    links = objects_of(given)
    if not known and len(links) < len(decided):
        return False
    for number, one in enumerate(map(fields_of, decided)):
        said = links[number] if number < len(links) else {}
        if not known and named_by(said) != named_by(one):
            return False
        counts = said.get("agent") == one.get("agent") and "state" in fields_of(one.get("task"))
        if not told["redacted"] and not json_equal(
            said.get("properties") if counts else None, one.get("properties")
        ):
            return False
    return known or len(links) == len(decided)


def _is_known(book: Book, task: Any, agent: Any) -> bool:
    """Whether a task was started inside of that of another agent."""
    found = book.get("task", task)
    while found is not None:
        if found["agent"] != agent:
            return True
        found = None if found["parent"] is None else book.get("task", found["parent"])
    return False
