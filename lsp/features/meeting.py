"""Which rules meet a rule: those that some call is about which it is about, too."""

from __future__ import annotations

from time import monotonic

from ...compiler.analysis.procedure.verdict import Undetermined
from ...compiler.analysis.procedure.world import World
from ...compiler.ir import nodes as ir

WAIT = 1.0


def meeting(world: World, rules: list[ir.Rule], wait: float = WAIT) -> tuple[ir.Rule, ...] | None:
    """The other rules that may decide a call which these are about; None where it could not be told in time."""
    until = monotonic() + wait
    world.effort.renew(until)
    own = {each.id for each in rules}
    found: dict[str, ir.Rule] = {}
    try:
        for rule in rules:
            near: list[ir.Rule] = [*world.near.forbids(rule), *world.near.allows(rule)]
            for each in near:
                if each.id not in own:
                    found[each.id] = each
            if monotonic() > until:
                return None
    except Undetermined:
        return None
    return tuple(sorted(found.values(), key=lambda each: each.span))
