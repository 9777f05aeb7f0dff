"""Whether two allows permit the same call of a capability."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import prod
from typing import TypeVar

from ....ir import nodes as ir
from ....ir.identities import grant_of
from ....report.diagnostics import Diagnostic, Label
from ....structs import Struct, field
from ...handed_on import HandedOn
from ...inquiry import Inquiry
from ...procedure.asked_of_rules.pairs import Pair, find_pair, side_of
from ...procedure.calls.scope import Scope, bits
from ...procedure.cubes.costs import cost_of
from ...procedure.cubes.cube import Cube, conjunction
from ...procedure.proofs.shared import loosened, surely_shared
from ...procedure.verdict import Undetermined

SHARED = ("resource", "args")
MOST_CUBES = 64  # of an allow, to be tried with all those of another

T = TypeVar("T")


class Meeting(Struct):
    """Two allows that permit the same call of a capability: to whom and for what, as bits."""

    capability: int
    one: ir.Allow
    other: ir.Allow
    left: Scope
    right: Scope


class Sharing(Struct, frozen=False):
    """Whether two allows share a call; quick proofs first."""

    inquiry: Inquiry
    asked: int = 0
    searched: int = 0
    open: list[tuple[Meeting, str]] = field(default_factory=list)
    """Pairs of which it could not be told whether they share a call, and why."""
    _loose: dict[str, list[Cube]] = field(default_factory=dict)
    _grants: dict[str, str] = field(default_factory=dict)
    handed_on: HandedOn = field(init=False)

    def __post_init__(self) -> None:
        """Follow the delegations."""
        self.handed_on = HandedOn(self.inquiry.world)

    def grant(self, allow: ir.Allow) -> str:
        """The grant that an allow stands in."""
        if allow.id not in self._grants:
            self._grants[allow.id] = grant_of(self.inquiry.policy, allow)
        return self._grants[allow.id]

    def later(self, capability: int, number: int) -> Iterator[int]:
        """The places of the allows after the first `number` that may share a call with the last of them.

        Most pairs are seen to be apart by what they ask of the resource and the arguments.
        """
        world = self.inquiry.world
        one = world.near.allows_at(capability)[number - 1]
        return (number + at for at in bits(world.near.may_share(capability, one, SHARED) >> number))

    def share(self, meeting: Meeting) -> bool:
        """Whether there is such a pair; False, and noted, if it is undetermined."""
        self.asked += 1
        unseen = self.inquiry.world.universe.unseen
        if unseen and meeting.left.agents == meeting.right.agents == unseen:
            self.open.append((meeting, "agents of several families match in many ways"))
            return False
        return bool(self._ask("whether they share", meeting, self._share))

    def shown(self, meeting: Meeting) -> Pair | None:
        """Two requests to show; None, and noted, if it is undetermined whether there are any."""
        return self._ask("a pair", meeting, self.pair)

    def _ask(self, wanted: str, meeting: Meeting, answer: Callable[[Meeting], T]) -> T | None:
        key = (wanted, id(meeting.other), meeting.left, meeting.right)

        def attempt() -> T | Undetermined:
            try:
                return answer(meeting)
            except Undetermined as undetermined:
                return undetermined

        found = self.inquiry.keep(key, (meeting.one, meeting.other), attempt)
        if not isinstance(found, Undetermined):
            return found
        self.open.append((meeting, str(found)))
        return None

    def doubt(self, resource: ir.Resource) -> None:
        """Note once of a resource that pairs of allows are open, if some are."""
        if not self.open:
            return
        (meeting, reason), *rest = self.open
        self.open = []
        more = (f"and {len(rest)} more pairs of allows",) if rest else ()
        self.inquiry.doubts.append(
            Diagnostic(
                "AGP2999",
                f"could not tell whether `{meeting.one.id}` and `{meeting.other.id}` share a call",
                (Label(meeting.one.span), Label(meeting.other.span), Label(resource.span)),
                notes=(f"the procedure hit a limit: {reason}", *more),
            )
        )

    def _share(self, meeting: Meeting) -> bool:
        effort = self.inquiry.world.effort
        effort.begin()
        left, right = self.loose(meeting.one), self.loose(meeting.other)
        effort.spend(1 + len(left) * len(right) + sum(map(cost_of, (*left, *right))))
        if surely_shared(left, right, SHARED):
            return True
        self.searched += 1
        return self.pair(meeting) is not None

    def loose(self, allow: ir.Allow) -> list[Cube]:
        """The cubes of what an allow permits and no forbid denies, for quick proofs; none if many."""
        if allow.id not in self._loose:
            world = self.inquiry.world
            parts = [
                world.rules.permits(allow),
                *map(world.rules.spares, world.near.forbids(allow)),
            ]
            is_quick = prod(map(len, parts)) <= MOST_CUBES
            self._loose[allow.id] = loosened(conjunction(parts), SHARED) if is_quick else []
        return self._loose[allow.id]

    def pair(self, meeting: Meeting) -> Pair | None:
        """Two requests that are both permitted and make the same call. Raises `Undetermined`."""
        world = self.inquiry.world
        return find_pair(
            world,
            side_of(world, meeting.one, meeting.left),
            side_of(world, meeting.other, meeting.right),
            SHARED,
        )
