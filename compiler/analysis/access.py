"""Who can do what: for each agent, intent and capability, the ways in which it is permitted.

The answers are exact. Each way has a request that is permitted, and names what still has to hold; what
could not be determined is named too, and is never taken for a yes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, TypeAlias, assert_never

from ..ir import nodes as ir
from ..meaning import interpreter
from ..meaning.conditions import definitely_true
from ..meaning.request import Call
from ..structs import Struct, changed, field
from .first_starts import OPEN, first_starts
from .procedure.asked_of_rules.condition_parts import conjuncts
from .procedure.calls.agents_of_conditions import reads_agent_id, rule_reads_agent_id
from .procedure.calls.scope import Scope, bits
from .procedure.cubes.cube import Cube, conjunction
from .procedure.proofs.existence import surely_possible
from .procedure.search.avoid import permits
from .procedure.search.witness import of_another
from .procedure.verdict import Undetermined
from .procedure.world import World

How: TypeAlias = Literal[
    "permit",
    "conditionally",
    "with confirmation",
    "with approval",
    "with step-up",
    "never",
    "undetermined",
]
ORDER: tuple[How, ...] = (
    "permit",
    "conditionally",
    "with confirmation",
    "with approval",
    "with step-up",
    "undetermined",
    "never",
)
"""From the most open on; what is undetermined may be as open as anything, and is not a yes."""


class Way(Struct):
    """One allow that permits something; what remains of its condition; who may stand in its way.

    Where nobody will see the witness there may be none, but a proof that there is one.
    """

    allow: ir.Allow
    remains: tuple[ir.Condition, ...]
    forbids: tuple[ir.Forbid, ...]
    witness: dict[str, Any] | None
    above: tuple[Way, ...] = ()
    """In a chain of delegation the way of each agent that another one acts for, nearest first."""

    @property
    def how(self) -> How:
        """What it takes."""
        ways = (self, *self.above)
        needed = [need for each in ways for need in each.allow.requirements]
        if needed:
            return min(map(_takes, needed), key=_HARDEST.index)
        return "conditionally" if any(each.is_narrowed for each in ways) else "permit"

    @property
    def is_narrowed(self) -> bool:
        """Whether there is a condition, a time or a forbid to it."""
        allow = self.allow
        return any((self.remains, self.forbids, allow.revoke, allow.validity, allow.window))


_HARDEST: tuple[How, ...] = ("with approval", "with step-up", "with confirmation")


def _takes(need: ir.Requirement) -> How:
    match need:
        case ir.Approval():
            return "with approval"
        case ir.StepUp():
            return "with step-up"
        case ir.Confirmation():
            return "with confirmation"
        case _:
            assert_never(need)


class Doubt(Struct):
    """An allow of which the procedure could not tell whether it permits anything."""

    allow: ir.Allow
    reason: str


class Answer(Struct):
    """All ways in which one agent may make a call for one intent: for itself, or for those of a chain."""

    agent: str
    intent: str
    capability: str
    ways: tuple[Way, ...]
    doubts: tuple[Doubt, ...]
    chain: tuple[tuple[str, str], ...] = ()
    """The agents that it acts for, nearest first, each with the intent of its task."""

    def and_also(self, other: Answer) -> Answer:
        """The same of another answer about the same agent, intent and capability."""
        return changed(self, ways=(*self.ways, *other.ways), doubts=(*self.doubts, *other.doubts))

    @property
    def how(self) -> How:
        """What it takes at least."""
        found: list[How] = [each.how for each in self.ways]
        if self.doubts:
            found.append("undetermined")
        return min(found, key=ORDER.index, default="never")


_Outline: TypeAlias = (
    "tuple[tuple[ir.Condition, ...], tuple[ir.Forbid, ...], dict[str, Any] | None] | None"
)


class Access(Struct, frozen=False):
    """Answers about one policy; `when` narrows the calls that are asked about.

    Where nobody will see the witnesses they need not be `shown`: then a quick proof of one will do.
    """

    world: World
    when: ir.Condition | None = None
    shown: bool = True
    _known: dict[tuple[object, ...], _Outline | Undetermined] = field(default_factory=dict)
    _near: dict[str, list[ir.Forbid]] = field(default_factory=dict)
    _allows: dict[int, dict[int, list[ir.Allow]]] = field(default_factory=dict)
    _of_identity: dict[str, bool] = field(default_factory=dict)

    def answers(self, scope: Scope) -> Iterator[Answer]:
        """The answer for each agent, intent and capability of a scope that some allow names."""
        world = self.world
        for number in bits(scope.capabilities):
            first = {(each.agent, each.intent): each for each in self._first_starts(scope, number)}
            allows = self._allows_at(number)
            for agent in bits(scope.agents):
                mine = allows.get(agent, [])
                intents = 0
                for allow in mine:
                    intents |= world.rules.scope(allow).intents
                for intent in bits(intents & scope.intents):
                    found = self.answer(Scope(1 << agent, 1 << intent, 1 << number), mine)
                    start = first.pop((found.agent, found.intent), None)
                    yield found if start is None else found.and_also(start)
            yield from first.values()

    def _first_starts(self, scope: Scope, number: int) -> Iterator[Answer]:
        """The answer for each agent whose tasks a starter may start, for the intent of that task."""
        universe = self.world.universe
        capability = universe.capabilities[number]
        if capability not in self.world.policy.starts:
            return
        intent = capability.rpartition(".")[0]
        if not scope.intents >> universe.intents.index(intent) & 1:
            return
        agents = tuple(universe.agents[each] for each in bits(scope.agents))

        def fits(call: Call) -> bool:
            return definitely_true(self.when, call)

        for each in first_starts(self.world.policy, (capability,), agents, fits):
            doubts: tuple[Doubt, ...] = ()
            ways: tuple[Way, ...] = ()
            if each.found == "open":
                doubts = (Doubt(each.rule, OPEN),)
            elif each.found != "never":
                remains = (each.rule.condition,) if each.rule.condition else ()
                ways = (Way(each.rule, remains, each.forbids, each.found),)
            yield Answer(each.agent, intent, capability, ways, doubts)

    def _allows_at(self, capability: int) -> dict[int, list[ir.Allow]]:
        """The allows of a capability that name each agent."""
        if capability not in self._allows:
            found = self._allows[capability] = {}
            for allow in self.world.near.allows_at(capability):
                for agent in bits(self.world.rules.scope(allow).agents):
                    found.setdefault(agent, []).append(allow)
        return self._allows[capability]

    def _forbids_near(self, allow: ir.Allow) -> list[ir.Forbid]:
        """The forbids that an allow may meet, looked up once."""
        if allow.id not in self._near:
            self._near[allow.id] = self.world.near.forbids(allow)
        return self._near[allow.id]

    def answer(self, here: Scope, allows: list[ir.Allow]) -> Answer:
        """The answer about one agent, intent and capability, by the allows that may name them."""
        world = self.world
        ways: list[Way] = []
        doubts: list[Doubt] = []
        for allow in allows:
            if not world.rules.scope(allow).meets(here):
                continue
            try:
                outline = self._outline(allow, here)
            except Undetermined as undetermined:
                doubts.append(Doubt(allow, str(undetermined)))
                continue
            if outline is not None:
                ways.append(Way(allow, *outline))
        agent, intent, capability = self.names(here)
        return Answer(agent, intent, capability, tuple(ways), tuple(doubts))

    def names(self, here: Scope) -> tuple[str, str, str]:
        """What a scope of one bit each names."""
        world = self.world
        intent = world.universe.intents[here.intents.bit_length() - 1]
        assert intent is not None  # no allow is for what is not declared
        return (
            world.universe.agents[here.agents.bit_length() - 1],
            intent,
            world.universe.capabilities[here.capabilities.bit_length() - 1],
        )

    def _outline(self, allow: ir.Allow, here: Scope) -> _Outline:
        """What there is to say of one allow, asked once of calls that cannot be told apart."""
        if here.agents == self.world.universe.unseen:
            raise Undetermined("it stands for agents of several families, which match in many ways")
        forbids = [
            each for each in self._forbids_near(allow) if self.world.rules.scope(each).meets(here)
        ]
        agent = here.agents if self._by_identity(allow, forbids) else 0
        key = (allow.id, here.capabilities, tuple(each.id for each in forbids), agent)
        if key not in self._known:
            try:
                found = self._known[key] = self._find(allow, forbids, here)
                return found  # it is of this very agent and intent
            except Undetermined as undetermined:
                self._known[key] = undetermined
        known = self._known[key]
        if isinstance(known, Undetermined):
            raise known
        if known is None:
            return None
        remains, near, witness = known
        if witness is None:
            return known  # what was proved is of any agent and intent
        mine = self._adapted(witness, here)
        if not self._is_witness(allow, forbids, mine):
            return self._find(allow, forbids, here)
        return remains, near, mine

    def _by_identity(self, allow: ir.Allow, forbids: list[ir.Forbid]) -> bool:
        """Whether it matters which agent it is, beyond which rules name it."""
        if self.when is not None and reads_agent_id(self.when):
            return True
        return self._reads_identity(allow) or any(map(self._reads_identity, forbids))

    def _reads_identity(self, rule: ir.Rule) -> bool:
        if rule.id not in self._of_identity:
            self._of_identity[rule.id] = rule_reads_agent_id(rule)
        return self._of_identity[rule.id]

    def _adapted(self, witness: dict[str, Any], here: Scope) -> dict[str, Any]:
        """A witness of one agent and intent as the request of others."""
        agent, intent, _ = self.names(here)
        return of_another(witness, agent, intent)

    def _is_witness(
        self, allow: ir.Allow, forbids: list[ir.Forbid], request: dict[str, Any]
    ) -> bool:
        call = Call.read(self.world.policy, request)
        return (
            call is not None
            and self._holds(allow, call)
            and not any(each.happens(call) for each in self.world.closing(allow, forbids))
        )

    def _find(self, allow: ir.Allow, forbids: list[ir.Forbid], here: Scope) -> _Outline:
        cubes = self._asked(allow)
        world = self.world

        def holds(call: Call) -> bool:
            return self._holds(allow, call)

        avoid = world.closing(allow, forbids)
        witness = None
        if self.shown or not surely_possible(cubes, avoid, world.effort):
            witness = world.find(here, cubes, holds, avoid, shown=self.shown)
            if witness is None:
                return None
        near = tuple(each for each in forbids if self._may_meet(allow, cubes, each, here))
        return tuple(self.remains(allow, here)), near, witness

    def _asked(self, allow: ir.Allow) -> list[Cube]:
        """The cubes of what an allow permits, of what is asked about."""
        world = self.world
        return conjunction([world.rules.permits(allow), world.cubes.of(self.when, "true")])

    def _holds(self, allow: ir.Allow, call: Call) -> bool:
        return permits(allow, call) and definitely_true(self.when, call)

    def _may_meet(self, allow: ir.Allow, cubes: list[Cube], forbid: ir.Forbid, here: Scope) -> bool:
        """Whether a forbid denies some of what the allow would permit; if in doubt, it does."""
        world = self.world
        try:
            both = conjunction([cubes, world.rules.forbids(forbid)])
            if here.agents != world.universe.unseen and surely_possible(both, effort=world.effort):
                return True
            found = world.find(
                here,
                both,
                lambda call: self._holds(allow, call) and interpreter.forbid_applies(forbid, call),
            )
        except Undetermined:
            return True
        return found is not None

    def remains(self, allow: ir.Allow, here: Scope) -> Iterator[ir.Condition]:
        """The parts of an allow's condition that what is asked about does not imply."""
        for part in conjuncts(allow.condition):
            if self.when is None or not self._implied(part, here):
                yield part

    def _implied(self, part: ir.Condition, here: Scope) -> bool:
        """Whether a condition holds in all that is asked about; if in doubt, it does not."""
        world = self.world
        try:
            cubes = conjunction(
                [world.cubes.of(self.when, "true"), world.cubes.of(part, "not true")]
            )
            found = world.find(
                here,
                cubes,
                lambda call: definitely_true(self.when, call) and not definitely_true(part, call),
            )
        except Undetermined:
            return False
        return found is None
