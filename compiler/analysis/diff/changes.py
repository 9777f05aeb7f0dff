"""The changes of who can do what between two policies: for each agent, intent and capability, with witnesses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any, TypeAlias

from ...garbage import seldom_collected
from ...ir import nodes as ir
from ...ir.printing.rules import constraint_text
from ...ir.spiffe import families_of
from ...meaning import interpreter
from ...structs import Struct, field
from ..procedure.calls.agents_of_conditions import rule_reads_agent_id
from ..procedure.calls.scope import bits
from ..procedure.cubes.cube import Cube
from ..procedure.cubes.facts_read import FACTS, has_facts
from ..procedure.search.evidence import asks_people
from ..procedure.search.witness import of_another
from ..procedure.verdict import Undetermined
from ..wording import listed
from .areas import Area, areas
from .arguments import by_arguments
from .beside_decisions import Also, also, changed_delegations
from .cell import Cell, Open, Opening, read_by
from .difference import DIRECTION, Change, Difference, Doubt, Witness
from .joint.facts import read_of
from .joint.joint_world import JointWorld
from .joint.naming import BEFORE
from .joint.sides import SIDES, Joined, Side
from .leases import longer_leases
from .openings import openings
from .order import KINDS, Direction, Kind, more
from .people import ask_together_otherwise
from .region import region_text
from .starts import OPEN, changed_starts, strangers_now

CHAINS_CHANGED = "who may hand tasks on to it changed, and calls of chains are not compared"


class _Entry(Struct, frozen=False):
    """What was found about one agent, one intent and one capability."""

    kinds: dict[Side, dict[Kind, None]] = field(
        default_factory=lambda: {side: {} for side in SIDES}
    )
    when: dict[str, None] = field(default_factory=dict)
    rules: dict[Side, dict[str, None]] = field(default_factory=lambda: {side: {} for side in SIDES})
    witnesses: list[Witness] = field(default_factory=list)
    missing: list[tuple[str, ...]] = field(default_factory=list)
    who: set[str] = field(default_factory=set)


Within: TypeAlias = Callable[[str, str, str, Iterable[ir.Attribute]], Cube]
"""For an agent, an intent, a capability and what is read: which requests to look at."""


def compare(
    base: ir.Policy,
    head: ir.Policy,
    *,
    within: Within | None = None,
    of_starts: bool = True,
    until: float | None = None,
) -> Difference:
    """Compare two policies in every call that they can answer otherwise; or in some requests alone.

    What opens first starts are all allows for an intent, so that parts of policies do not tell of them (`of_starts`).
    What is not known when the monotonic clock says `until` is undetermined.
    """
    with seldom_collected():
        comparison = _Comparison(Joined(base, head), within, of_starts)
        comparison.world.effort.until = until
        return comparison.run()


class _Comparison:
    def __init__(self, joined: Joined, within: Within | None, of_starts: bool) -> None:
        self.joined = joined
        self.of_starts = of_starts
        self.within = within
        self.world = JointWorld(joined)
        self.entries: dict[tuple[str, str, str], _Entry] = {}
        self.doubts: dict[Doubt, None] = {}
        self._known: dict[tuple[str, ...], tuple[list[Opening], list[Open]]] = {}
        self._policies: dict[tuple[str, ...], dict[Side, ir.Policy]] = {}
        self._names: dict[str, frozenset[str]] = {}
        both = (*joined.base.forbids, *joined.head.forbids)
        self._forbids = frozenset(each.id for each in both)

    def run(self) -> Difference:
        if self.joined.taken or any(not each.is_shared for each in self.joined.parts.values()):
            self._all()
        for each, _ in changed_delegations(self.joined):
            about = (each.delegate.removesuffix(BEFORE), each.delegate_intent, "any")
            self.doubts[Doubt(*about, None, (), CHAINS_CHANGED)] = None
        if self.of_starts:
            self._first_starts()
        return Difference(
            tuple(self._change(key, self.entries[key]) for key in sorted(self.entries)),
            tuple(self.doubts),
            self.joined.renamed,
            (*also(self.joined), *self._chains()),
        )

    def _first_starts(self) -> None:
        """First starts, of which requests are tried under both policies."""
        policies: dict[Side, ir.Policy] = {"base": self.joined.base, "head": self.joined.head}
        gone = strangers_now(self.joined)
        if gone is not None:
            self.doubts[Doubt("any", "any", "any", None, (), gone)] = None
        for each in changed_starts(self.joined, self.world.universe.agents):
            key = (
                self._agent_name(each.agent),
                each.capability.rpartition(".")[0],
                each.capability,
            )
            rules = {
                side: (each.capability,) * (each.capability in policies[side].starts)
                for side in SIDES
            }
            for side, request in each.requests.items():
                base, head = (interpreter.decide(policies[one], request) for one in SIDES)
                one, other = (base, head) if side == "head" else (head, base)
                found = more(one, other, self._forbids)
                if found:
                    entry = self.entries.setdefault(key, _Entry())
                    entry.missing.append(())
                    entry.when.setdefault("")
                    entry.who |= self._called(each.agent)
                    for kind in sorted(found):
                        entry.kinds[side].setdefault(kind)
                    for of, named in rules.items():
                        entry.rules[of].update(dict.fromkeys(named))
                    entry.witnesses.append(Witness(DIRECTION[side], request, base, head))
            if each.is_open:
                self.doubts[Doubt(*key, None, (each.capability,), OPEN)] = None

    def _chains(self) -> Iterator[Also]:
        """What is told of a side of a `delegate` is told of its chains, too."""
        names, told = self.world.names, {key[:2] for key in self.entries}
        changed = {each for each, _ in changed_delegations(self.joined)}
        for each in self.joined.head.delegations:
            if each in changed:
                continue  # which is told by itself
            sides = ((each.delegator, each.intent), (each.delegate, each.delegate_intent))
            if any(
                (self._agent_name(self.world.universe.agents[at]), intent) in told
                for agent, intent in sides
                for at in bits(names.agents_of((agent,)))
            ):
                text = f"`{constraint_text(each)}`: its chains are answered otherwise as far as its sides are"
                yield Also("delegation", text, first=True)

    def _all(self) -> None:
        try:
            for area in areas(self.world):
                self._area(area)
        except Undetermined as undetermined:  # agents of too many families
            self.doubts[Doubt("any", "any", "any", None, (), str(undetermined))] = None

    def _area(self, area: Area) -> None:
        world = self.world
        by_identity = any(rule_reads_agent_id(part.rule) for part in area.parts)
        (number,) = bits(area.scope.capabilities)
        capability = world.universe.capabilities[number]
        first: Cell | None = None
        for at in bits(area.scope.agents):
            for intent in bits(area.scope.intents):
                name = self._agent_name(world.universe.agents[at])
                key = (name, str(world.universe.intents[intent]), capability)
                cell = area.cell(world, at, intent)
                if self.within is not None:
                    read = [each for part in cell.parts for each in read_by(part)]
                    cell.within = self.within(world.universe.agents[at], key[1], capability, read)
                if 1 << at == world.universe.unseen:
                    reason = "it stands for agents of several families, which match in many ways"
                    self.doubts[Doubt(*key, None, (), reason)] = None
                    continue
                asking = {side for part in area.parts if asks_people(part.rule) for side in part.of}
                if capability in self.joined.moved and len(asking) == len(SIDES):
                    named = tuple(dict.fromkeys(p.written("head").id for p in area.parts))
                    reason = "the tool is another action now, and approvals name the action"
                    self.doubts[Doubt(*key, None, named, reason)] = None
                if ask_together_otherwise(cell.parts):
                    named = tuple(dict.fromkeys(p.written("head").id for p in area.parts))
                    reason = "more than one approval is asked for, and each is by somebody else"
                    self.doubts[Doubt(*key, None, named, reason)] = None
                is_like_first = not by_identity and self.within is None
                found, open_ = self._openings(cell, first if is_like_first else None)
                first = first or cell
                for each in found:
                    self._note(key, cell, each)
                for doubt in open_:
                    rules = tuple(part.written(doubt.side).id for part in doubt.parts)
                    self.doubts[Doubt(*key, doubt.kind, rules, doubt.reason)] = None

    def _openings(self, cell: Cell, alike: Cell | None) -> tuple[list[Opening], list[Open]]:
        """What is open in a cell; what is in one with the same parts is there too, as its own requests show."""
        known = tuple(part.rule.id for part in cell.parts)
        if alike is not None and known in self._known:
            found, open_ = self._known[known]
            adapted = [self._adapted(each, cell) for each in found]
            if all(adapted):
                return [each for each in adapted if each is not None], open_
        found = [
            replace(each, when=region_text(cell, each))
            for side in SIDES
            for each in (
                *openings(cell, side),
                *longer_leases(cell, side),
                *by_arguments(cell, side),
            )
        ]
        self._known[known] = found, cell.open
        return found, cell.open

    def _adapted(self, opening: Opening, cell: Cell) -> Opening | None:
        """An opening of one agent and intent as that of others; None if it is none there."""
        agent = self.world.universe.agents[cell.here.agents.bit_length() - 1]
        intent = self.world.universe.intents[cell.here.intents.bit_length() - 1]
        request, later = opening.request, opening.later
        found = replace(
            opening,
            request=of_another(request, agent, intent),
            later=None if later is None else of_another(later, agent, intent),
        )
        if found.later is None and opening.kind not in self._shown(cell, found)[0]:
            return None
        return found

    def _shown(self, cell: Cell, opening: Opening) -> tuple[frozenset[Kind], Witness]:
        """What a request shows, decided by both policies as they are."""
        policies = self._about(cell)
        request = self._by_old_names(opening.request)
        later = None if opening.later is None else self._by_old_names(opening.later)
        base = interpreter.decide(policies["base"], request)
        head = interpreter.decide(policies["head"], request)
        one, other = (base, head) if opening.side == "head" else (head, base)
        return more(one, other, self._forbids), Witness(
            DIRECTION[opening.side], request, base, head, later
        )

    def _by_old_names(self, request: dict[str, Any]) -> dict[str, Any]:
        """A request that has the facts under what the first policy calls them, too."""
        if not self.joined.names.facts or not has_facts(request):
            return request
        context = dict(request["context"])
        for kind in FACTS:
            held = context.get(kind)
            if isinstance(held, dict):
                old = {
                    was: held[now] for was, now in self.joined.names.facts.items() if now in held
                }
                context[kind] = {**held, **old}
        return {**request, "context": context}

    def _about(self, cell: Cell) -> dict[Side, ir.Policy]:
        """Each policy as it is, with those of its rules alone that a cell is about: no other one matches."""
        key = tuple(part.rule.id for part in cell.parts)
        if key not in self._policies:
            found: dict[Side, ir.Policy] = {}
            for side in SIDES:
                policy = self.joined.base if side == "base" else self.joined.head
                ids = {part.of[side].id for part in cell.parts if side in part.of}
                found[side] = replace(
                    policy,
                    allows=tuple(each for each in policy.allows if each.id in ids),
                    forbids=tuple(each for each in policy.forbids if each.id in ids),
                )
            self._policies[key] = found
        return self._policies[key]

    def _note(self, key: tuple[str, str, str], cell: Cell, opening: Opening) -> None:
        shown, witness = self._shown(cell, opening)
        if opening.later is None and opening.kind not in shown:
            reason = "the request that was found does not show it"
            rules = tuple(part.written(opening.side).id for part in opening.parts)
            self.doubts[Doubt(*key, opening.kind, rules, reason)] = None
            return
        unlike = read_of((part.rule for part in opening.parts), self.joined.facts_unlike)
        witness = replace(witness, record=self._record(opening.request))
        if unlike and witness.record is None:
            reason = (
                f"{listed([f'`{each}`' for each in unlike])} is defined otherwise by one of the two, "
                "and no short record decides it"
            )
            written = tuple(part.written(opening.side).id for part in opening.parts)
            self.doubts[Doubt(*key, opening.kind, written, reason)] = None
            return
        entry = self.entries.setdefault(key, _Entry())
        entry.missing.append(opening.missing)
        entry.who |= self._called(opening.request["subject"]["id"])
        entry.when.setdefault(opening.when)
        alone = [part for part in opening.parts if opening.argument or not part.is_shared]
        named = {rule.id for part in alone for rule in part.of.values()}
        # What a rule was before it said what it says now makes the difference, too.
        alone += [
            p for p in cell.parts if not p.is_shared and named & {r.id for r in p.of.values()}
        ]
        for part in alone:
            for side, rule in part.of.items():
                entry.rules[side].setdefault(rule.id)
        kinds = entry.kinds[opening.side]
        is_new = opening.kind not in kinds
        kinds.setdefault(opening.kind)
        if is_new and not self._is_shown(entry, opening):
            entry.witnesses.append(witness)

    def _record(self, request: dict[str, Any]) -> tuple[dict[str, Any], ...] | None:
        """A short record that gives a request its facts, as both policies define them."""
        if not has_facts(request):
            return None
        from ..procedure.search.short_record import (
            short_record,  # which needs the reference function
        )

        found = short_record(self.world.told_by, request)
        return None if found is None else tuple(found)

    def _is_shown(self, entry: _Entry, opening: Opening) -> bool:
        """Whether a witness that is there shows it as well."""
        if opening.later is not None:
            return False
        for each in entry.witnesses:
            if each.direction == DIRECTION[opening.side] and each.later is None:
                one, other = (
                    (each.base, each.head) if opening.side == "head" else (each.head, each.base)
                )
                if opening.kind in more(one, other, self._forbids):
                    return True
        return False

    def _change(self, key: tuple[str, str, str], entry: _Entry) -> Change:
        sides = [side for side in SIDES if entry.kinds[side]]
        found = {**entry.kinds["head"], **entry.kinds["base"]}
        change: Direction = "incomparable" if len(sides) == len(SIDES) else DIRECTION[sides[0]]
        return Change(
            *key,
            change,
            tuple(each for each in KINDS if each in found),
            () if "" in entry.when else tuple(entry.when),
            {side: tuple(sorted(entry.rules[side])) for side in SIDES},
            tuple(sorted(entry.witnesses, key=lambda each: each.direction == "less")),
            tuple(dict.fromkeys(name for each in entry.missing for name in each))
            if all(entry.missing)
            else (),
            frozenset(entry.who),
        )

    def _called(self, id: str) -> frozenset[str]:
        """Everything that a policy calls an agent."""
        if id not in self._names:
            found = {id}
            for policy in (self.joined.base, self.joined.head):
                found.update(each.name for each in policy.agents if each.id == id)
                found.update(families_of(policy, id))
            self._names[id] = frozenset(found)
        return self._names[id]

    def _agent_name(self, id: str) -> str:
        """An agent by the name that a policy has for it, the second one's first; a family for who has none."""
        for policy in (self.joined.head, self.joined.base):
            for agent in policy.agents:
                if agent.id == id:
                    return agent.name
        for policy in (self.joined.head, self.joined.base):
            if families := families_of(policy, id):
                return families[0]
        return id
