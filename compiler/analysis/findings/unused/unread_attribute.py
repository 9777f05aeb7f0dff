"""Attributes that no condition reads

## What it means
Attributes of an agent, a resource or an intent, or fields of `context` or `user`, are declared, and
neither a rule nor an assertion reads them. Whoever asks the policy goes to the trouble of sending them,
and a reader believes that they matter. Parameters of calls are not reported: the tool has them whether
a rule reads them or not. It is looked for only where `select` of `agpc.toml` asks for it.

## Example
```agp
tool ledger { tenant: string action read }  # AGP4502

grant read_ledger {
    to bot
    for pay
    allow ledger.read
}
```

## What to do
Take it out, or write the condition that was meant to read it:

```agp
language 2
package finance
owner "payments" contact "payments@acme.example"
agent bot = "spiffe://acme.example/bot" { tenant: string }
intent pay "Pay"
tool ledger { tenant: string action read }

grant read_ledger {
    to bot
    for pay
    allow ledger.read
        when agent.tenant == resource.tenant
}
```

It is reported once for each declaration; an attribute counts as read if a condition reads one of its
name at that root, of whatever agent or resource.

## How to silence it
`# agpc: allow AGP4502 -- REASON` on the line of the declaration or above it. The fields of `context` and
`user`, which packages declare together, have no place: `ignore = ["AGP4502"]` in `agpc.toml`.
"""

from __future__ import annotations

from collections.abc import Iterator

from ....ir import nodes as ir
from ....ir.walk import attributes
from ....report.diagnostics import Diagnostic, Label
from ....report.source import Span
from ...inquiry import Inquiry


def find(inquiry: Inquiry) -> Iterator[Diagnostic]:
    """Report the declared fields that no condition of a rule or an assertion reads."""
    policy = inquiry.policy
    read = {
        (attribute.root, attribute.path[0])
        for condition in conditions(policy)
        for attribute, _ in attributes(condition)
        if attribute.path
    }
    for root, what, fields, span in declared(policy):
        unread = [each.name for each in fields if (root, each.name) not in read]
        if unread:
            names = ", ".join(f"`{root}.{name}`" for name in unread)
            yield Diagnostic(
                "AGP4502",
                f"no condition reads {names} of {what}",
                () if span is None else (Label(span),),
                "take them out, or write the condition that was meant to read them",
            )


def conditions(policy: ir.Policy) -> Iterator[ir.Condition]:
    """All conditions of rules and assertions."""
    for allow in policy.allows:
        yield from allow.revoke
    for forbid in policy.forbids:
        if forbid.unless is not None:
            yield forbid.unless
    for each in (*policy.rules, *policy.assertions):
        if each.condition is not None:
            yield each.condition


def declared(
    policy: ir.Policy,
) -> Iterator[tuple[str, str, tuple[ir.Field, ...], Span | None]]:
    """The root at which fields are read, what declares them, the fields, and where that stands."""
    for agent in policy.agents:
        yield "agent", f"agent `{agent.name}`", agent.attributes, agent.span
    for family in policy.families:
        yield "agent", f"family `{family.name}`", family.attributes, family.span
    for intent in policy.intents:
        yield "task", f"intent `{intent.name}`", intent.fields, intent.span
    for resource in policy.resources:
        yield "resource", f"{resource.kind} `{resource.name}`", resource.attributes, resource.span
    yield "context", "the `context` block", policy.context, None
    yield "user", "the `user` block", policy.user or (), None
