"""A limit that an agent escapes by choosing its key

## What it means
A meter is kept by an argument of the call, and the agent chooses it: of an optional argument it leaves it out, of another
one it takes a value that nothing was counted under yet, and the limit begins anew. What is kept `per args.order` holds only
where the argument is what a condition says it is.

## Example
```agp
tool shop { write action pay(order: string, amount: number) }
meter spent = sum args.amount of shop.pay per args.order within 30d

grant buy {
    to bot
    for pay
    allow shop.pay when spent <= 100        # AGP2207
}
```

## What to do
Bind the argument, or keep the meter by what the agent cannot choose:

```agp
language 2
package finance
owner "payments" contact "payments@acme.example"
agent bot = "spiffe://acme.example/bot"
intent pay "Pay" { order: string }
tool shop { write action pay(order: string, amount: number) }
meter spent = sum args.amount of shop.pay per args.order within 30d

grant buy {
    to bot
    for pay
    allow shop.pay when spent <= 100 and args.order == task.order
}
```

A key of few values, such as an enum, a level or a `bool`, is not reported.

## How to silence it
`# agpc: allow AGP2207 -- REASON` on the line of the comparison or above it; of an optional argument on that of the meter.
"""

from __future__ import annotations

from collections.abc import Iterator

from ....ir import nodes as ir
from ....ir.walk import Leaf, attributes
from ....report.diagnostics import Diagnostic, Label
from ....text.field_names import dotted
from ...demands import demands, meter_read
from ...inquiry import Inquiry


def find(inquiry: Inquiry) -> Iterator[Diagnostic]:
    """Report the keys that may be left out, and those that an allow leaves to the agent."""
    policy = inquiry.policy
    for meter in policy.meters:
        for key in _arguments(meter):
            if _may_be_left_out(policy, meter, key.recorded):
                name = dotted("args", key.recorded.path)
                yield Diagnostic(
                    "AGP2207",
                    f"`{meter.name}` is kept per `{name}`, which a call may leave out so that it does not count",
                    (Label(meter.span, f"`{name}` is optional"),),
                    "keep it by something that every call has",
                )
    if policy.meters:
        for allow in policy.allows:
            yield from _chosen(policy, allow)


def _arguments(meter: ir.Meter) -> Iterator[ir.MeterKey]:
    return (each for each in meter.keys if each.recorded.root == "args")


def _may_be_left_out(policy: ir.Policy, meter: ir.Meter, read: ir.Attribute) -> bool:
    fields = [
        field
        for name in meter.capabilities
        for field in policy.declared_actions[name].parameters
        if field.name == read.path[0]
    ]
    return any(each.optional for each in fields)


def _chosen(policy: ir.Policy, allow: ir.Allow) -> Iterator[Diagnostic]:
    """What is found of one allow: keys of the meters that it reads and nothing else of it binds."""
    asked = list(dict.fromkeys(demands(allow)))
    bound = {read for leaf, wanted in asked for read in _binds(leaf, wanted)}
    for leaf, _ in asked:
        for attribute, _leaf in attributes(leaf):
            read = meter_read(policy, attribute)
            for key in () if read is None else read[0].keys:
                name = dotted(key.called.root, key.called.path)
                if key.called.root == "args" and name not in bound and _has_many(key.called.type):
                    yield Diagnostic(
                        "AGP2207",
                        f"`{allow.id}` limits what is kept per `{name}`, and leaves `{name}` to the agent",
                        (Label(leaf.span or allow.span, f"begins anew with another `{name}`"),),
                        f"say what `{name}` has to be, or keep the meter by what the agent cannot choose",
                    )


def _binds(leaf: Leaf, wanted: bool) -> Iterator[str]:
    """The arguments that a test leaves few values of, or that have to come from somewhere."""
    match leaf:
        case ir.Compare("==", left, right) if wanted:
            for each in (left, right):
                if isinstance(each, ir.Attribute):
                    yield dotted(each.root, each.path)
        case ir.In(ir.NameOf(of, False) | (ir.Attribute() as of)) if wanted:
            yield dotted(of.root, of.path)
        case _:
            return


def _has_many(type_: ir.Type) -> bool:
    return type_ != ir.BOOL and not isinstance(type_, ir.EnumType | ir.LevelType)
