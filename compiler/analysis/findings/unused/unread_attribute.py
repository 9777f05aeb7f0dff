"""Attributes that no condition reads

## What it means
Attributes of an agent, a resource or an intent, or fields of `context` or `user`, are declared, and
neither a rule nor an assertion reads them, nor a meter or a source. Whoever asks the policy goes to the trouble of sending them,
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

It is reported once for each declaration; an attribute counts as read if a condition, a meter or a source reads
one of its name at that root, of whatever agent or resource. A source that names `task` reads every field of a task.

## How to silence it
`# agpc: allow AGP4502 -- REASON` on the line of the declaration or above it. The fields of `context` and
`user`, which packages declare together, have no place: `ignore = ["AGP4502"]` in `agpc.toml`.
"""

from __future__ import annotations

from collections.abc import Iterator

from ....ir import nodes as ir
from ....ir.walk import attributes, conditions_of
from ....report.diagnostics import Diagnostic, Label
from ....report.source import Span
from ...inquiry import Inquiry


def find(inquiry: Inquiry) -> Iterator[Diagnostic]:
    """Report the declared fields that no condition of a rule or an assertion reads."""
    policy = inquiry.policy
    read = {(each.root, each.path[0]) for each in read_by(policy) if each.path}
    if any(origin.kind == "task" for each in policy.sources for origin in each.origins):
        read |= {("task", field.name) for each in policy.intents for field in each.fields}
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


def read_by(policy: ir.Policy) -> Iterator[ir.Attribute]:
    """What conditions read, and what meters and sources do."""
    for condition in conditions(policy):
        yield from (attribute for attribute, _ in attributes(condition))
    for meter in policy.meters:
        if meter.attribute is not None:
            yield meter.attribute
        for key in meter.keys:
            yield from (key.recorded, key.called)
    for source in policy.sources:
        yield from (each.attribute for each in source.origins if each.attribute is not None)


def conditions(policy: ir.Policy) -> Iterator[ir.Condition]:
    """All conditions of rules and assertions, and those of meters and sources."""
    for meter in policy.meters:
        if meter.condition is not None:
            yield meter.condition
    for source in policy.sources:
        yield from (each.condition for each in source.origins if each.condition is not None)
    yield from conditions_of(policy)


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
