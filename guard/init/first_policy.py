"""The first policy for a server's tools: what it says of them is a claim, so that nothing runs on its word alone.

INVARIANT: no call is permitted by this policy. A tool of which the server says that it changes nothing is shown to a
person each time; every other one is denied, also to a grant that somebody adds without taking the tool out of the forbid.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from ...compiler.importers.tool_source import Action, Server
from ...compiler.ir.printing.conditions import string_text

AGENT = "spiffe://example.org/assistant"
INTENT = "work"
HOLDS_FOR = timedelta(days=90)
"""How long a first policy holds: somebody looks at it again by then, or nothing is permitted any more."""

_HEAD = """
# A first policy for the tools in `tools.agp`. Nothing is allowed that no grant allows. Work through what is marked
# TODO; `agpc check` reads the files, `agpc test` runs tests of yours.

language 2
package {package}

# TODO: who answers for this policy; a denial names the contact.
owner "TODO: your team" contact "TODO: who@example.org"

# TODO: the SPIFFE ID of the agent, as it is started with `agpc guard --agent`.
agent assistant = {agent}

# TODO: what the agent works for. A second purpose is a second intent, with grants of its own.
intent {intent} "TODO: what this agent is for"

# An agent that keeps trying what is denied is stopped, in this task.
meter refusals = count of denied any per task within 10m

terms first_weeks {{
    credential ttl 15m
    revoke when refusals.before >= 20
    # TODO: how long this holds before somebody looks at it again.
    valid until {until}
    audit full
}}
"""
_KNOWN = """
# TODO: what you have looked at yourself, and the agent may do without anybody being asked: take it out of where it
# stands below, and allow it here.
#
# grant known {{
#     to assistant
#     for {intent}
#     terms first_weeks
#     allow {example}
# }}
"""
_CLAIMED = """
# The server says of these tools that they change nothing. Nobody has checked that, and what an agent reads may still
# be secret, or leave: so the person for whom it works confirms each call, who is named with `agpc guard --user`.
grant claimed {{
    to assistant
    for {intent}
    terms first_weeks
    allow {capabilities} as reading
        require confirmation within 1h
}}
"""
_CHANGES = """
# These may change things: the server says so, or says nothing of it. A forbid wins over every allow.
forbid changes {{
    deny {capabilities}
    because "It may change things, and nobody has allowed that yet."
}}
"""


def first_policy(
    servers: Iterable[Server], package: str, agent: str = AGENT, today: date | None = None
) -> str:
    """Write the policy; the text is not formatted yet."""
    claimed: list[str] = []
    changes: list[str] = []
    for server in servers:
        for action in server.actions:
            (claimed if _says_it_only_reads(action) else changes).append(
                f"{server.name}.{action.name}"
            )
    until = (today or date.today()) + HOLDS_FOR
    parts = [
        _HEAD.format(
            package=package, intent=INTENT, agent=string_text(agent), until=until.isoformat()
        )
    ]
    if claimed or changes:
        parts.append(_KNOWN.format(intent=INTENT, example=(claimed or changes)[0]))
    if claimed:
        parts.append(_CLAIMED.format(intent=INTENT, capabilities=",\n        ".join(claimed)))
    if changes:
        parts.append(_CHANGES.format(capabilities=",\n        ".join(changes)))
    return "".join(parts).lstrip()


def _says_it_only_reads(action: Action) -> bool:
    hints = action.tool.hints
    return hints.get("readOnlyHint") is True and hints.get("destructiveHint") is not True
