"""The world of two policies: each request is judged by the policy that a part is of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from operator import and_, or_
from typing import Any, TypeAlias

from ....ir import nodes as ir
from ....ir.walk import conditions_of_rule
from ....meaning import interpreter
from ....meaning.conditions import truth
from ....meaning.request import Call
from ...procedure.calls.scope import Scope
from ...procedure.cubes.costs import judging
from ...procedure.cubes.cube import Cube
from ...procedure.cubes.disjointness import Points, points_of
from ...procedure.cubes.facts_read import facts_of
from ...procedure.rules.recordable import Counting
from ...procedure.search.avoid import Avoid, permits
from ...procedure.verdict import Undetermined
from ...procedure.world import World
from .joint_rules import Ending, JointRules
from .retyped import NOTHING, Retyped, retyped
from .sides import SIDES, Joined, RulePart, Side

Judge: TypeAlias = Callable[[Any, Call], bool]


class JointWorld(World):
    """A world whose rules are the parts of two policies."""

    def __init__(self, joined: Joined) -> None:
        """Take two policies."""
        self.joined = joined
        self.parts = JointRules(joined)
        super().__init__(joined.policy, rules=self.parts)
        self._read: tuple[object, dict[Side, Call]] | None = None
        self._avoided: dict[tuple[str, str], Avoid] = {}
        self._points: dict[tuple[str, str], Points] = {}
        self._retyped: dict[tuple[str, ...], Retyped] = {}

    def search(
        self,
        here: Scope,
        cubes: Iterable[Cube],
        holds: Iterable[Callable[[Call], bool]],
        avoid: Sequence[Avoid],
    ) -> dict[str, Any] | None:
        """A small request in cubes for which all holds and nothing happens that is to be avoided."""
        asked = list(holds)
        return self.find(
            here, cubes, lambda call: all(each(call) for each in asked), avoid, shown=True
        )

    def approved_as(self, capability: str) -> tuple[str, ...]:
        """What each policy takes a call for, which its approvals name."""
        of = self.joined.calls.get(capability, {})
        return tuple(dict.fromkeys(each for each in of.values() if each is not None))

    @property
    def told_by(self) -> tuple[ir.Policy, ...]:
        """Both policies, each by the names that both share."""
        return tuple(self.joined.called.values())

    @property
    def every_intent(self) -> tuple[ir.Intent, ...]:
        """The intents of both, with the fields that each declares."""
        return tuple(each for side in SIDES for each in self.joined.called[side].intents)

    def counting(self, meter: ir.Meter) -> Counting:
        """As each policy has it that defines the meter: surely by all of them, or by some."""
        masks = []
        for side, policy in self.joined.called.items():
            of = policy.meters_by_key.get(meter.key)
            if of is not None:
                bits = self.universe.capability_bits
                calls = self.joined.calls.items()
                masks.append(sum(bits[call] for call, at in calls if at[side] in of.capabilities))
        both, some = reduce(and_, masks), reduce(or_, masks)
        keeps_its_keys = all(each.recorded == each.called for each in meter.keys)
        return (both, some & ~both) if keeps_its_keys else (0, some)

    def retyped(self, parts: tuple[RulePart, ...]) -> Retyped:
        """What the parts of a cell read by several types, and what one value may be to both."""
        if not self.joined.of_several_types:
            return NOTHING
        key = tuple(part.rule.id for part in parts)
        if key not in self._retyped:
            self._retyped[key] = retyped(parts, self.joined)
        return self._retyped[key]

    # --- judging ---

    def calls_of(self, call: Call) -> dict[Side, Call]:
        """A request as each policy reads it."""
        if self._read is None or self._read[0] is not call.request:
            calls = {side: Call(self.joined.called[side], call.request) for side in SIDES}
            self._read = (call.request, calls)
        return self._read[1]

    def judged(self, part: RulePart, judge: Judge) -> Callable[[Call], bool]:
        """Ask something of a part's rule, in the policy that it is of."""
        side = next(iter(part.of))
        rule = part.of[side]
        return lambda call: judge(rule, self.calls_of(call)[side])

    # --- what to avoid ---

    def no_forbid(self, forbid: ir.Forbid) -> Avoid:
        """Keep a witness out of a forbid."""
        rules = self.parts
        return self._avoid(
            forbid, "forbids", interpreter.forbid_applies, rules.spares, rules.forbids
        )

    def no_permit(self, allow: ir.Allow) -> Avoid:
        """Keep a witness from being permitted by an allow."""
        rules = self.parts
        return self._avoid(allow, "permits", permits, rules.does_not_permit, rules.permits)

    def no_apply(self, allow: ir.Allow) -> Avoid:
        """Keep an allow from applying."""
        rules = self.parts
        return self._avoid(
            allow, "applies", interpreter.allow_applies, rules.does_not_apply, rules.applies
        )

    def no_bind(self, allow: ir.Allow) -> Avoid:
        """Keep an allow from asking anything of a permit."""
        rules = self.parts
        return self._avoid(
            allow, "binds", interpreter.allow_binds, rules.does_not_bind, rules.binds
        )

    def no_end(self, allow: ir.Allow) -> Avoid:
        """Keep a lease under an allow alive."""
        rules = self.parts

        def ending(rule: ir.Allow) -> list[Cube]:
            return [*rules.ends(rule, "revoke"), *rules.ends(rule, "validity")]

        return self._avoid(allow, "ends", has_ended, rules.lives, ending)

    def _avoid(
        self,
        rule: Any,
        what: str,
        judge: Judge,
        escapes: Callable[[Any], list[Cube]],
        happens: Callable[[Any], list[Cube]],
    ) -> Avoid:
        key = (what, rule.id)

        def points() -> Points:
            if key not in self._points:
                try:
                    self._points[key] = points_of(happens(rule))
                except Undetermined:  # too many to say
                    self._points[key] = {}
            return self._points[key]

        if key not in self._avoided:
            self._avoided[key] = Avoid(
                self.rules.scope(rule),
                self.judged(self.joined.parts[rule.id], judge),
                lambda: escapes(rule),
                points,
                judging(conditions_of_rule(rule)),
                facts_of(conditions_of_rule(rule)),
            )
        return self._avoided[key]


def has_ended(allow: ir.Allow, call: Call, ending: Ending | None = None) -> bool:
    """Whether a lease under an allow has ended: by its `revoke when`, by its validity, or by either."""
    if ending != "validity" and any(truth(each, call) is not False for each in allow.revoke):
        return True
    return ending != "revoke" and not (
        interpreter.is_valid(allow.validity, call.now) is True
        and interpreter.in_window(allow.window, call.now) is True
    )
