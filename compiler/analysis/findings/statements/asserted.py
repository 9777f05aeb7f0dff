"""An assertion that does not hold

## What it means
The policy says of itself `assert no … can …`, and there is a request that fits and is permitted; the
witness is one. The reference interpreter has been run on it.

## Example
```agp
tool ledger { action void(entry: string) }

grant clean_up {
    to bot
    for pay
    allow ledger.void
}

assert no agent can ledger.void without approval by "role:controller"    # AGP3101
```

## What to do
Change the rule that permits it, or the assertion:

```agp
tool ledger { action void(entry: string) }

grant clean_up {
    to bot
    for pay
    allow ledger.void
        require approval by "role:controller"
}

assert no agent can ledger.void without approval by "role:controller"
```

## How to silence it
An error is not silenced: take the assertion out if it is not what you mean.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ....ir import nodes as ir
from ....meaning.conditions import definitely_true
from ....meaning.evidence import is_there
from ....meaning.request import Call
from ....report.diagnostics import Diagnostic, Label
from ...first_starts import OPEN, FirstStart, first_starts
from ...inquiry import Inquiry
from ...procedure.calls.scope import Scope, bits
from ...procedure.cubes.cube import Cube, conjunction
from ...procedure.search.avoid import permits
from ...procedure.world import World
from ...records import past
from ...statements import Statement, stated
from ...wording import witness_note

MOST = 8  # places that are pointed at


def find(inquiry: Inquiry) -> Iterator[Diagnostic]:
    """Report each `assert no` that some permitted request breaks, with the allows that permit one."""
    for assertion in inquiry.policy.assertions:
        if assertion.possible:
            continue
        with stated(inquiry, assertion) as statement:
            broken = [
                (allow, witness)
                for allow in near(inquiry.world, assertion)
                if (witness := fitting_once(statement, assertion, allow)) is not None
            ]
            for start in started(inquiry.world, assertion):
                if isinstance(start.found, dict):
                    broken.append((start.rule, start.found))
                elif start.found == "open":
                    statement.leave_open(start.rule, OPEN)
        statement.doubt()
        if broken:
            labels = [Label(allow.span, "permitted here") for allow, _ in broken[:MOST]]
            more = [f"and by {len(broken) - MOST} more allows"] if len(broken) > MOST else []
            yield Diagnostic(
                "AGP3101",
                "this is asserted not to happen, and a request is permitted that fits",
                (Label(assertion.span), *labels),
                "change the rule, or the assertion",
                (*more, witness_note(broken[0][1]), *past(inquiry.policy, broken[0][1])),
            )


def fitting_once(
    statement: Statement, assertion: ir.Assertion, allow: ir.Allow
) -> dict[str, Any] | None:
    """A request that an allow permits and that fits an assertion, if it can be told."""
    return statement.ask(assertion, (allow,), fitting, statement.inquiry.world, assertion, allow)


def near(world: World, assertion: ir.Assertion) -> Iterator[ir.Allow]:
    """The allows that an assertion is about."""
    scope = scope_of(world, assertion)
    return (allow for allow in world.policy.allows if world.rules.scope(allow) & scope)


def scope_of(world: World, assertion: ir.Assertion) -> Scope:
    """What an assertion names."""
    return Scope(
        world.names.agents_of(assertion.agents),
        world.names.intents_of(assertion.intents),
        world.names.capabilities_of(assertion.capabilities),
    )


def started(world: World, assertion: ir.Assertion) -> Iterator[FirstStart]:
    """The first starts that an assertion is about, which are for no intent."""
    if not isinstance(assertion.intents, ir.Unnamed):
        return iter(())
    policy, scope = world.policy, scope_of(world, assertion)

    def fits(call: Call) -> bool:
        return definitely_true(assertion.condition, call) and not (
            assertion.without and all(is_there(each, call) for each in assertion.without)
        )

    agents = tuple(world.universe.agents[each] for each in bits(scope.agents))
    return first_starts(policy, policy.expand(assertion.capabilities), agents, fits)


def fitting(world: World, assertion: ir.Assertion, allow: ir.Allow) -> dict[str, Any] | None:
    """A request that an allow permits, no forbid denies, and that fits an assertion."""
    parts = [world.rules.permits(allow), world.cubes.of(assertion.condition, "true")]
    if assertion.without:
        parts.append([Cube({}, frozenset(((each, False),))) for each in assertion.without])

    def fits(call: Call) -> bool:
        return (
            permits(allow, call)
            and definitely_true(assertion.condition, call)
            and not (assertion.without and all(is_there(each, call) for each in assertion.without))
        )

    return world.find(
        world.rules.scope(allow) & scope_of(world, assertion),
        conjunction(parts),
        fits,
        world.denials(allow),
        shown=True,
    )
