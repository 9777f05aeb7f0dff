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


def asking_allow(draft: Draft) -> None:
    """Take out what ends the questions, or count something else."""
    at = draft.some()
    allows = draft.grants[at].allows
    if draft.random.random() < 0.5:
        allows["update"] = re.sub(r" and (not )?q[0-9]\.before [<>=]+ [0-9]", "", allows["update"])
    else:
        draft.facts[f"q{at}"] = f"meter q{at} = count of denied t{at}.update per task"


def asking_forbid(draft: Draft) -> None:
    at = draft.some()
    who = draft.random.choice(('"role:controller"', '"role:controller", "user:cfo" count 2'))
    draft.forbids["extra"] = {
        "deny": f"deny t{at}.send",
        "unless": f"unless approval by {who} within 1h",
        "because": 'because "ask first"',
    }


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
    "AGP4303": asking_allow,
    "AGP4304": asking_forbid,
    "AGP4401": unserved_intent,
    "AGP4402": agent_without_grant,
    "AGP4501": unmentioned_action,
    "AGP4502": unread_attribute,
}
