"""A trail for people, a line for each event; and what a verification found."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ....compiler.text.counted import counted
from ....compiler.text.visible import visible
from ....runtime.call import fields_of

if TYPE_CHECKING:
    from ....audit.reading.events import Event
    from ....audit.reading.findings import Findings

_LONGEST = 60  # characters of one thing in a line


def render_event(event: Event) -> str:
    """Say what happened, in a line."""
    time = event.body["time"] if event.body is not None else _time(event)
    who = _short(fields_of(event.body).get("caller"))
    said = " ".join(filter(None, _said(event))) if event.body is not None else "(pruned)"
    return visible(f"{event.seq:>7}  {time:<30}  {event.kind:<10}  {said}  [{who or '-'}]")


def _time(event: Event) -> str:
    from ....runtime.time_text import format_time

    return format_time(event.time)


def _said(event: Event) -> Iterator[str]:
    body = fields_of(event.body)
    if event.kind == "call":
        yield from _call(body)
    elif event.kind == "task":
        task = fields_of(body.get("task"))
        yield f"{_short(task.get('id'))} {_short(task.get('intent'))} for {_short(body.get('agent'))}"
        user = fields_of(body.get("user")).get("id")
        yield f"of {_short(user)}" if user else ""
    elif event.kind == "generation":
        yield _short(body.get("policy"))
        yield _short(body.get("note"))
    elif event.kind == "outcome":
        yield f"{_short(body.get('call'))} {_short(body.get('outcome'))}"
        yield f"({_short(body['settled_by'])})" if "settled_by" in body else ""
    elif event.kind in _OF_PEOPLE:
        yield from _OF_PEOPLE[event.kind](body)
    elif event.kind == "admin" and body.get("what") == "person":
        yield from _person(body)
    else:
        named = ("task", "state", "text", "what", "why", "context")
        yield from (_short(body[name]) for name in named if name in body)


def _call(body: dict[str, Any]) -> Iterator[str]:
    request = fields_of(body.get("request"))
    action, resource = fields_of(request.get("action")), fields_of(request.get("resource"))
    context = fields_of(fields_of(body.get("answer")).get("context"))
    task = fields_of(fields_of(request.get("context")).get("task")).get("id")
    rules = context.get("rules") or ()
    yield f"{_short(body.get('id'))} {_short(body.get('effect'))}"
    yield f"{_short(resource.get('type'))}.{_short(action.get('name'))}({_short(resource.get('id'))})"
    yield f"by {_short(fields_of(request.get('subject')).get('id'))}"
    yield f"in {_short(task)}" if task else ""
    yield f"under {', '.join(map(_short, rules))}" if rules else ""
    reasons = context.get("reasons") or ()
    yield f"because {_short('; '.join(map(str, reasons)))}" if reasons else ""


def _verdict(body: dict[str, Any]) -> Iterator[str]:
    yield f"{_short(body.get('request'))} {_short(body.get('verdict'))}"
    yield f"{_short(body.get('capability'))} by {_short(body.get('by'))}"
    yield f"as {_listed(body.get('roles'))}" if body.get("roles") else ""
    yield f"in {_short(body.get('task'))}"
    yield f"because {_short(body['message'])}" if "message" in body else ""


def _use(body: dict[str, Any]) -> Iterator[str]:
    yield f"{_short(body.get('verdict'))} of {_short(body.get('by'))} for {_short(body.get('call'))}"


def _lease(body: dict[str, Any]) -> Iterator[str]:
    subject = fields_of(fields_of(body.get("request")).get("subject"))
    yield f"{_short(body.get('lease'))} {_short(body.get('what'))}"
    yield _listed(body["capabilities"]) if "capabilities" in body else ""
    yield f"for {_short(subject.get('id'))} in {_short(body.get('task'))}"
    yield f"until {_short(body.get('expires'))}, {_short(body.get('renewals_left'))} renewals left"
    yield "resting on people" if body.get("agreed") is True else ""
    yield f"bound to {_short(body['proved'])}" if "proved" in body else ""


def _revoked(body: dict[str, Any]) -> Iterator[str]:
    yield f"{_short(body.get('lease'))} by {_short(body.get('cause'))} in {_short(body.get('task'))}"
    yield f"because {_short(body['why'])}" if "why" in body else ""


def _credential(body: dict[str, Any]) -> Iterator[str]:
    yield f"{_short(body.get('lease'))} of {_short(body.get('broker'))} in {_short(body.get('task'))}"
    yield f"until {_short(body.get('until'))}"


def _session(body: dict[str, Any]) -> Iterator[str]:
    yield f"{_short(body.get('session'))} {_short(body.get('what'))}"
    if body.get("what") == "begun":
        yield f"by {_short(body.get('person'))} until {_short(body.get('ends'))}"
        yield f"with {_listed(body.get('methods'))}" if body.get("methods") else ""
        yield f"says {_short(body.get('source'))}"


def _person(body: dict[str, Any]) -> Iterator[str]:
    yield f"person {_short(body.get('person'))}"
    yield f"has {_listed(body.get('roles'))}" if body.get("active") is True else "has left"
    yield f"says {_short(body.get('source'))}"


def _cancelled(body: dict[str, Any]) -> Iterator[str]:
    yield f"{_short(body.get('request'))} of {_short(body.get('call'))}"
    yield f"because {_short(body['why'])}" if "why" in body else ""


def _passkey(body: dict[str, Any]) -> Iterator[str]:
    yield f"{_short(body.get('passkey'))} {_short(body.get('what'))} of {_short(body.get('person'))}"
    yield f"because {_short(body['why'])}" if "why" in body else ""


def _signal(body: dict[str, Any]) -> Iterator[str]:
    events = body.get("events")
    for each in map(fields_of, events if type(events) is list else ()):
        yield _short(each.get("event")).rpartition("/")[2]
        given = (each.get(name) for name in _WHO)
        who = [id for some in given if isinstance(some, list) for id in some]
        yield f"of {_listed(who)}, ends {_listed(each.get('effects') or [])}"


_WHO = ("agents", "people", "leases", "tasks")
_OF_PEOPLE = {
    "cancelled": _cancelled,
    "passkey": _passkey,
    "signal": _signal,
    "verdict": _verdict,
    "use": _use,
    "lease": _lease,
    "revoked": _revoked,
    "credential": _credential,
    "session": _session,
}


def _listed(value: Any) -> str:
    given = value if isinstance(value, list) else [value]
    return ", ".join(map(_short, given)) or "nothing"


def _short(value: Any) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def render_whole(event: Event) -> str:
    """Give all of one event, indented, with nothing in it that acts on a terminal."""
    told = {"seq": event.seq, "event": event.kind, "policy": event.policy, "body": event.body}
    text = json.dumps(told, indent=2, ensure_ascii=False)
    return "\n".join(map(visible, text.split("\n")))


def event_as_json(event: Event) -> str:
    """Give all of an event as a line of JSON."""
    told = {"seq": event.seq, "event": event.kind, "policy": event.policy, "body": event.body}
    return json.dumps({**told, "time": _time(event)}, sort_keys=True)


def request_of(event: Event) -> str | None:
    """Give what a call asked, with its facts, as a line of JSON; None where its values are not kept."""
    if event.body is None or event.is_redacted:
        return None
    return json.dumps(event.body.get("request"), sort_keys=True)


# --- Verification ---------------------------------------------------------------------------------


def findings_as_json(found: Findings) -> str:
    """Render what was found as JSON."""
    return json.dumps(found.to_json(), indent=2) + "\n"


def findings_as_text(found: Findings) -> str:
    """Render what was found, the verdict first."""
    return "".join(f"{visible(line)}\n" for line in _lines(found))


def _lines(found: Findings) -> Iterator[str]:
    from ....audit.reading.findings import UNDETERMINED

    size, proved = found.checkpoint.get("size", 0), found.proved
    head = f"{found.verdict}: {found.checkpoint.get('origin', 'a trail')}, {counted(size, 'event')}"
    until = found.checkpoint.get("time")
    yield f"{head} up to {until}" if until else head
    for each in found.wrong:
        place = "wrong" if each.seq is None else f"wrong: event {each.seq}"
        yield f"  {place}: {each.what}"
    if found.wrong_count > len(found.wrong):
        yield f"  and {found.wrong_count - len(found.wrong)} more that are wrong"
    for name, count in sorted(found.undetermined.items()):
        yield f"  undetermined: {count} {UNDETERMINED[name]}"
    for kind, count in sorted(found.unknown_kinds.items()):
        yield f"    `{kind}`: {count}"
    yield (
        f"  proved: {counted(proved['signatures'], 'signature')}, {proved['entries']} entries, "
        f"{proved['bodies']} bodies, {counted(proved['tiles'], 'tile')}, "
        f"{counted(proved['policies'], 'policy', 'policies')}"
    )
    yield (
        f"  decided again: {counted(proved['decisions'], 'call')}, of {proved['facts']} the facts "
        f"derived again, {counted(proved['evidence'], 'piece of evidence', 'pieces of evidence')} used once"
    )
    if proved["verdicts"] or proved["uses"] or proved["sessions"]:
        yield (
            f"  people: {counted(proved['verdicts'], 'verdict')}, {proved['verdicts_signed']} of them signed with a "
            f"passkey; {counted(proved['uses'], 'approval')} used; {counted(proved['sessions'], 'session')}"
        )
    if proved["leases_issued"] or proved["leases_ended"]:
        yield (
            f"  leases: {proved['leases_issued']} issued, {proved['leases_ended']} ended before their time, "
            f"decided {counted(proved['leases'], 'time')} in all"
        )
    if proved["rows"]:
        yield f"  rows: {proved['rows']} of the store follow from the events"
    for earlier in found.since:
        if earlier["consistent"]:
            size = counted(earlier["size"], "event")
            yield f"  nothing was left out since the checkpoint of {size}"
    yield from (f"  note: {note}" for note in found.notes)


RENDERERS = {"text": findings_as_text, "json": findings_as_json}
