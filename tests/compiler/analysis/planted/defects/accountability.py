"""What nobody answers for, gives a reason for, or uses."""

from __future__ import annotations

import re
from collections.abc import Callable

from ..draft import Draft


def without_head(name: str) -> Callable[[Draft], None]:
    """Leave out what a package says of itself."""

    def plant(draft: Draft) -> None:
        del draft.head[name]

    return plant


def without_because(draft: Draft) -> None:
    del draft.forbids[f"f{draft.some()}"]["because"]


def evidence_of_any_age(draft: Draft) -> None:
    allows = draft.grants[draft.some()].allows
    allow, _, needs = allows["update"].partition(" require ")
    allows["update"] = f"{allow} require {re.sub(r' within [0-9]+[mh]', '', needs, count=1)}"


def unserved_intent(draft: Draft) -> None:
    draft.intents[f"idle{draft.random.randint(1, 99)}"] = ""


def agent_without_grant(draft: Draft) -> None:
    name = f"idle{draft.random.randint(1, 99)}"
    draft.agents[name] = f'agent {name} = "spiffe://acme.example/ns/idle/sa/{name}"'


def unmentioned_action(draft: Draft) -> None:
    draft.tools[f"t{draft.some()}"][f"purge{draft.random.randint(1, 99)}"] = "destroy action"


def unread_attribute(draft: Draft) -> None:
    draft.attributes[f"t{draft.some()}"] += f" label{draft.random.randint(1, 99)}: string"


DEFECTS = {
    "AGP4201": without_head("owner"),
    "AGP4202": without_head("control"),
    "AGP4301": without_because,
    "AGP4302": evidence_of_any_age,
    "AGP4401": unserved_intent,
    "AGP4402": agent_without_grant,
    "AGP4501": unmentioned_action,
    "AGP4502": unread_attribute,
}
