"""A policy that asks people, under settings by which nobody could answer: said when it becomes active."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ..config.models import Settings

_WAYS = {
    "approval": "`[[people]]` or `[oidc]`",
    "confirmation": "`[[people]]`, `[oidc]`, or a caller with the role `confirm`",
    "step_up": "`oidc.step_up` or `passkeys.step_up`",
}
_NO_WAY = "way to give that to a service of this version"


def unanswered(ir: bytes, settings: Settings) -> list[str]:
    """Say what a policy asks of people that nobody could give, each in a sentence with a way out.

    >>> ir = b'{"allows": [{"id": "p.g", "requirements": [{"kind": "approval", "by": ["role:lead"]}]}]}'
    >>> unanswered(ir, Settings())
    ['`p.g` asks for approval, which nobody here could give: there is no `[[people]]` or `[oidc]`']
    """
    has_people = bool(settings.people) or settings.oidc is not None
    roles = (*(c.roles for c in settings.callers), *(w.roles for w in settings.workloads))
    confirms = has_people or any("confirm" in each for each in roles)
    shown = set(settings.oidc.step_up) if settings.oidc is not None else set()
    shown |= set(settings.passkeys.step_up) if settings.passkeys is not None else set()
    found = []
    for rule, kind, method in _asked(ir):
        can = {"approval": has_people, "confirmation": confirms, "step_up": method in shown}
        if can.get(kind, False):
            continue
        named = f'step_up "{method}"' if kind == "step_up" else kind
        found.append(
            f"`{rule}` asks for {named}, which nobody here could give: there is no {_WAYS.get(kind, _NO_WAY)}"
        )
    return list(dict.fromkeys(found))


def _asked(ir: bytes) -> Iterator[tuple[str, str, str]]:
    """The requirements of the rules: whose, of which kind, and by which method."""
    allows: list[dict[str, Any]] = json.loads(ir).get("allows", [])
    for rule in allows:
        for each in rule.get("requirements", ()):
            yield str(rule.get("id")), str(each.get("kind")), str(each.get("method", ""))
