"""Whether reading what is sensitive closes sending: a forbid by the highest level that was read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from ....ir import nodes as ir
from ....ir.walk import approvals_of
from ....structs import Struct
from ...inquiry import Inquiry
from ...procedure.calls.scope import Scope


class Ingredient(Struct):
    """One half of what should not be together: some capabilities, where a condition holds."""

    kind: Literal["reads", "sends"]
    capabilities: int
    condition: ir.Condition | None


class Half(Struct):
    """What an allow gives of a part."""

    allow: ir.Allow
    part: Ingredient


def is_cured(inquiry: Inquiry, half: Half, sending: Scope) -> bool:
    """Whether a forbid denies some calls, or has somebody look at them, once a half was read."""
    rules = inquiry.world.rules
    read = half.part.capabilities & rules.scope(half.allow).capabilities
    return any(
        rules.scope(forbid) & sending == sending
        and forbid.unless is None
        and forbid.window is None
        and any(_sees(inquiry, test, half.part.condition, read) for test in _each_closes(forbid))
        and (not forbid.unless_evidence or approvals_of(forbid.unless_evidence))
        for forbid in inquiry.policy.forbids
    )


def _each_closes(forbid: ir.Forbid) -> Iterator[ir.Condition]:
    """The tests of which each by itself is enough for a forbid."""
    if isinstance(forbid.condition, ir.Or):
        yield from forbid.condition.parts
    elif forbid.condition is not None:
        yield forbid.condition


def _sees(inquiry: Inquiry, test: ir.Condition, wanted: ir.Condition | None, read: int) -> bool:
    """Whether a test holds after each call of some capabilities that has a level, or a higher one."""
    if not (isinstance(test, ir.Compare) and isinstance(wanted, ir.Compare) and test.op == ">="):
        return False
    high, low, policy = wanted.right, test.right, inquiry.policy
    if not (isinstance(high, ir.Constant) and isinstance(low, ir.Constant)):
        return False
    if not isinstance(high.type, ir.LevelType) or low.type != high.type:
        return False
    members = policy.members_of[high.type.name]
    return members.index(str(low.value)) <= members.index(str(high.value)) and any(
        test.left in (meter.read("before"), meter.read("with"))
        and meter.aggregate == "max"
        and meter.attribute == wanted.left
        and meter.counted == "permitted"
        and meter.condition is None
        and meter.scopes in ((), ("task",), ("agent",))
        and not meter.keys
        and meter.within is None
        and not read & ~inquiry.world.names.capabilities_of(meter.capabilities)
        for meter in policy.meters
    )
