"""What the verifier says of the events of a desk, also after somebody has changed them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from typing import Any

from agpc.audit.checking.checks import Checks
from agpc.audit.known.index import Index
from agpc.audit.known.policies import Policies
from agpc.audit.reading.events import Event, read_event
from agpc.audit.reading.findings import Findings
from agpc.audit.reading.trail import StoredTrail

from .desk import Desk


def checked(desk: Desk, change: Callable[[Event], Event | None] = lambda each: each) -> Findings:
    """What the verifier says of the events, after somebody has changed them (and the hashes, too)."""
    findings = Findings()
    with desk.core.view() as view, closing(Index()) as index:
        trail = StoredTrail(view)
        checks = Checks(index, Policies(trail, findings), findings)
        for leaf in trail.leaves(view.head.seq, None):
            event = change(read_event(leaf))
            if event is not None:
                checks.take(event)
        checks.close()
    return findings


def wrong(found: Findings) -> list[str]:
    return [each.what for each in found.wrong]


def of_kind(kind: str, **changes: Any) -> Callable[[Event], Event]:
    """Change what stands in the bodies of a kind, inside of `passkey` where a name says so."""

    def change(event: Event) -> Event:
        if event.kind != kind or event.body is None:
            return event
        body = dict(event.body)
        for name, value in changes.items():
            if name.startswith("passkey_") and type(body.get("passkey")) is dict:
                body["passkey"] = {**body["passkey"], name.removeprefix("passkey_"): value}
            else:
                body[name] = value
        return replace(event, body=body)

    return change
