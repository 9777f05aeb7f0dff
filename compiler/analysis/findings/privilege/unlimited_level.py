"""Access that no sensitivity limits

## What it means
The resource has an attribute whose type is a level, such as its sensitivity, and the allow permits calls
whatever that is: no condition of its own reads it, and no forbid that meets the allow does. What is most
sensitive is then as open as the rest.

It is said once of a resource, however many allows there are.

## Example
```agp
language 2
package finance
level sensitivity = public < internal < restricted
agent bot = "spiffe://acme.example/bot"
intent pay "Pay"
tool ledger {                               # AGP3205
    sensitivity: sensitivity
    action read
}

grant reading {
    to bot
    for pay
    allow ledger.read
}
```

## What to do
Say up to which level:

```agp
language 2
package finance
level sensitivity = public < internal < restricted
agent bot = "spiffe://acme.example/bot"
intent pay "Pay"
tool ledger {
    sensitivity: sensitivity
    action read
}

grant reading {
    to bot
    for pay
    allow ledger.read
        when resource.sensitivity <= internal
}
```

## How to silence it
`# agpc: allow AGP3205 -- REASON` on the line of the resource or above it.
"""

from __future__ import annotations

from collections.abc import Iterator

from ....ir import nodes as ir
from ....ir.walk import attributes, conditions_of_rule
from ....report.diagnostics import Diagnostic, Label
from ...inquiry import Inquiry
from ...procedure.calls.scope import bits

MOST = 6  # places that are pointed at


def find(inquiry: Inquiry) -> Iterator[Diagnostic]:
    """Report each resource with a level that allows of it do not look at."""
    world = inquiry.world
    for resource in inquiry.policy.resources:
        for field in resource.attributes:
            if not isinstance(field.type, ir.LevelType):
                continue
            here = world.names.capabilities_of(inquiry.policy.actions_by_resource[resource.name])
            near = {each.id: each for at in bits(here) for each in world.near.allows_at(at)}
            blind = [each for each in near.values() if not _looks_once(inquiry, each, field.name)]
            if blind:
                yield _describe(resource, field, sorted(blind, key=lambda each: each.span))


def _looks_once(inquiry: Inquiry, allow: ir.Allow, name: str) -> bool:
    return inquiry.keep(("AGP3205", name), (allow,), lambda: _looks(inquiry, allow, name))


def _looks(inquiry: Inquiry, allow: ir.Allow, name: str) -> bool:
    """Whether an allow, or a forbid that meets it, reads an attribute of the resource."""
    rules: tuple[ir.Rule, ...] = (allow, *inquiry.world.near.forbids(allow))
    return any(
        attribute.root == "resource" and attribute.path == (name,)
        for rule in rules
        for condition in conditions_of_rule(rule)
        for attribute, _ in attributes(condition)
    )


def _describe(resource: ir.Resource, field: ir.Field, blind: list[ir.Allow]) -> Diagnostic:
    one = len(blind) == 1
    left = len(blind) - MOST
    return Diagnostic(
        "AGP3205",
        f"{len(blind)} allow{'' if one else 's'} of `{resource.name}` {'does' if one else 'do'} "
        f"not look at its `{field.name}`",
        (
            Label(resource.span),
            *(Label(each.span, f"whatever `resource.{field.name}` is") for each in blind[:MOST]),
        ),
        f"say up to which level, as in `when resource.{field.name} <= …`",
        (f"and {left} more",) if left > 0 else (),
    )
