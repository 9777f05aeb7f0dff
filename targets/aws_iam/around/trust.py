"""Role trust policies: who may become which agent, for which intents, with which session tags.

A role is for one agent. Whoever asks for a session of it shows the agent's SPIFFE ID, as the subject
of a token (OIDC) or in a certificate (Roles Anywhere), and every session that may do anything
carries the intent, the agent and the task as tags with the values that are allowed here. The tags
are transitive: whatever role such a session assumes next, it keeps them, and cannot ask for others.
"""

from __future__ import annotations

import hashlib

from ....compiler.ir import nodes as ir
from ..binding.facts import PlatformFacts
from ..language.patterns import SOMETHING, literal
from ..language.products import KeyTest
from ..language.statement import Statement
from ..limits import PRINCIPAL_TAG, REQUEST_TAG, TRANSITIVE_KEYS
from ..settings import Chosen

ROLES_ANYWHERE = "rolesanywhere.amazonaws.com"
CERTIFICATE_URI = PRINCIPAL_TAG + "x509SAN/URI"
STEP = ("sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession")
"""What a session from a certificate does on its own role to get its tags."""


def source_identity(agent: ir.Agent) -> str:
    """The `SourceIdentity` of an agent: a hash, since a SPIFFE ID has characters that it may not.

    >>> from agpc.compiler.report.source import Span
    >>> source_identity(ir.Agent("a.bot", "spiffe://acme.example/bot", (), Span("a", 1, 1, 1, 2)))
    'agp-b40c9ef127ad014c826e933c7849f44e'
    """
    return "agp-" + hashlib.sha256(agent.id.encode("utf-8")).hexdigest()[:32]


def trust_statements(
    agent: ir.Agent, role: str, intents: tuple[str, ...], facts: PlatformFacts, chosen: Chosen
) -> tuple[Statement, ...]:
    """The statements of a role's trust policy for an agent that some intents are served for."""
    pins = _pins(agent, intents, facts)
    found: list[Statement] = []
    if chosen.provider:
        found.append(
            _allow(
                agent,
                "WebIdentity",
                ("Federated", chosen.provider),
                ("sts:AssumeRoleWithWebIdentity", *STEP[1:]),
                *pins,
                _equals(f"{chosen.host}:aud", chosen.audience),
                _equals(f"{chosen.host}:sub", agent.id),
                _equals("sts:SourceIdentity", source_identity(agent)),
            )
        )
    if chosen.anchor:
        certificate = _equals(CERTIFICATE_URI, agent.id)
        found.append(
            _allow(
                agent,
                "Certificate",
                ("Service", ROLES_ANYWHERE),
                STEP,
                certificate,
                KeyTest("ArnEquals", "aws:SourceArn", (chosen.anchor,)),
                KeyTest("Null", _requested(facts, "intent"), ("true",)),
            )
        )
        found.append(_allow(agent, "TaggedSession", ("AWS", role), STEP, *pins, certificate))
    return tuple(found)


def step_statement(agent: ir.Agent, role: str) -> Statement:
    """What a boundary has to leave open, so that a certificate's session can get its tags."""
    return Statement(
        "Allow", STEP, (literal(role),), (), about=agent, title=f"{agent.name}.tagged-session"
    )


def _allow(
    agent: ir.Agent,
    title: str,
    principal: tuple[str, str],
    actions: tuple[str, ...],
    *tests: KeyTest,
) -> Statement:
    """One statement; no two of its tests are of one operator and key."""
    ordered = tuple(sorted(tests, key=lambda each: (each.operator, each.key)))
    return Statement(
        "Allow", actions, (), ordered, about=agent, title=title, principal=(principal,)
    )


def _pins(agent: ir.Agent, intents: tuple[str, ...], facts: PlatformFacts) -> tuple[KeyTest, ...]:
    """The tags that a session has to ask for, no others, and that they go on to later sessions."""
    pins = [_equals(_requested(facts, "intent"), *intents)]
    if "agent" in facts.tags:
        pins.append(_equals(_requested(facts, "agent"), agent.id))
    if "task" in facts.tags:
        pins.append(KeyTest("StringLike", _requested(facts, "task"), (SOMETHING,)))
    names = tuple(literal(each.removeprefix(PRINCIPAL_TAG)) for each in facts.tags.values())
    pins.append(KeyTest("ForAllValues:StringEquals", "aws:TagKeys", names))
    pins.extend(
        KeyTest(f"ForAnyValue:{operator}", TRANSITIVE_KEYS, (name,))
        for operator, name in zip(_ALIKE, names, strict=False)
    )
    return tuple(pins)


_ALIKE = ("StringEquals", "StringLike", "StringEqualsIgnoreCase")
"""Operators that are alike for the name of a tag, which has no wildcards, and whose case is nothing
to AWS. A statement has an operator once for each key, and each tag has to be among the keys: listed
under one operator, any of them would do. A statement that has none of the keys fails all three.
"""


def _requested(facts: PlatformFacts, what: str) -> str:
    """The condition key of a tag in the request for a session."""
    return REQUEST_TAG + facts.tags[what].removeprefix(PRINCIPAL_TAG)


def _equals(key: str, *values: str) -> KeyTest:
    """One of some texts."""
    return KeyTest("StringEquals", key, tuple(map(literal, values)))
