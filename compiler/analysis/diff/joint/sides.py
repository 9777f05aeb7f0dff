"""Two policies in one vocabulary, cut into the parts that both have and those that one has alone.

What both say is asked about no more. A rule whose words are the same, and which reaches another action, agent or
intent than before, falls into what it reached before and what it reaches now.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal, TypeAlias, TypeVar

from ....ir import nodes as ir
from ...procedure.search.evidence import asks_people
from .arguments_taken import Steps, taken_alone
from .facts import unlike
from .naming import Renaming, renaming
from .reach import about, common_names, in_both, outside, partner_of, scope_of, words
from .several_types import AttributePath, Grown, grown, of_several_types

Side: TypeAlias = Literal["base", "head"]
SIDES: tuple[Side, Side] = ("base", "head")
OTHER: dict[Side, Side] = {"base": "head", "head": "base"}


@dataclass(frozen=True, eq=False)
class RulePart:
    """A rule, or some of the calls that it names: which policies have it, and the rule in each of them."""

    rule: ir.Rule
    """With an identity of its own, for the calls that this part is about."""
    of: dict[Side, ir.Rule]

    @property
    def is_shared(self) -> bool:
        """Whether both policies have it."""
        return len(self.of) == 2

    def written(self, side: Side) -> ir.Rule:
        """The rule of a policy; of the other one where this one has none."""
        return self.of.get(side) or next(iter(self.of.values()))


N = TypeVar("N", ir.Package, ir.Agent, ir.Family, ir.Intent, ir.Enumeration, ir.ConstantSet)


@dataclass(frozen=True)
class Joined:
    """Two policies as one vocabulary, and their rules as parts."""

    base: ir.Policy
    head: ir.Policy
    called: dict[Side, ir.Policy] = field(init=False)
    """Each policy with the names that both share."""
    parts: dict[str, RulePart] = field(init=False)
    policy: ir.Policy = field(init=False)
    """One policy with the vocabulary of both, whose rules are the parts."""

    def __post_init__(self) -> None:
        """Put the two together."""
        object.__setattr__(
            self, "called", {"base": _renamed(self.base, self.names), "head": self.head}
        )
        object.__setattr__(self, "parts", {each.rule.id: each for each in self._parts()})
        object.__setattr__(self, "policy", self._policy())

    @cached_property
    def names(self) -> Renaming:
        """What the first policy's things are called in the second one."""
        return renaming(self.base, self.head)

    @cached_property
    def renamed(self) -> int:
        """How many things have another name, and nothing else."""
        rules = sum(
            each.is_shared and each.of["base"].id != each.of["head"].id
            for each in self.parts.values()
        )
        return self.names.renamed + rules

    @cached_property
    def facts_unlike(self) -> frozenset[str]:
        """The keys of facts that one policy alone defines, so that a record has to decide what reads them."""
        return unlike(self)

    # --- the vocabulary ---

    @cached_property
    def calls(self) -> dict[str, dict[Side, str | None]]:
        """Everything that a request may call, and the capability that each policy takes it for.

        What a server calls a tool is a call of its own where the two policies take it for something else.
        """
        found: dict[str, dict[Side, str | None]] = {}
        before, after = self.base.actions_called, self.head.actions_called
        for resource in sorted({*before, *after}):
            old, new = before.get(resource, {}), after.get(resource, {})
            for name in sorted({*old, *new}):
                was, is_ = old.get(name), new.get(name)
                if was != is_ or was == name:
                    found[f"{resource}.{name}"] = {
                        "base": None if was is None else f"{resource}.{was}",
                        "head": None if is_ is None else f"{resource}.{is_}",
                    }
        return found

    @cached_property
    def taken(self) -> dict[str, dict[Side, tuple[Steps, ...]]]:
        """Of each call the arguments that one policy alone takes, where there are any."""
        found: dict[str, dict[Side, tuple[Steps, ...]]] = {}
        for call, of in self.calls.items():
            if of["base"] is None or of["head"] is None:
                continue
            base = self.base.declared_actions[of["base"]]
            head = self.head.declared_actions[of["head"]]
            alone: dict[Side, tuple[Steps, ...]] = {
                "base": taken_alone(base, head),
                "head": taken_alone(head, base),
            }
            if any(alone.values()):
                found[call] = alone
        return found

    def _policy(self) -> ir.Policy:
        base, head = self.called["base"], self.called["head"]
        rules = [each.rule for each in self.parts.values()]
        enums = (*head.enums, *_missing(base.enums, head.enums))
        return replace(
            head,
            packages=(*head.packages, *_missing(base.packages, head.packages)),
            agents=(*head.agents, *_missing(base.agents, head.agents)),
            families=(*head.families, *_missing(base.families, head.families)),
            intents=(*head.intents, *_missing(base.intents, head.intents)),
            resources=self._resources(),
            levels=(*head.levels, *_missing(base.levels, head.levels)),
            enums=(*enums, *(each.both for each in self.grown.values())),
            user=None if self.evidence_differs else head.user,
            meters=tuple({**base.meters_by_key, **head.meters_by_key}.values()),
            sources=tuple({**base.sources_by_key, **head.sources_by_key}.values()),
            allows=tuple(each for each in rules if isinstance(each, ir.Allow)),
            forbids=tuple(each for each in rules if isinstance(each, ir.Forbid)),
            delegations=tuple(dict.fromkeys((*head.delegations, *base.delegations))),
            separations=(),
            isolations=(),
            containments=(),
            assertions=(),
            tests=(),
            bindings=(),
        )

    def _resources(self) -> tuple[ir.Resource, ...]:
        declared = {each.name: each for each in (*self.base.resources, *self.head.resources)}
        actions: dict[str, list[ir.Action]] = defaultdict(list)
        for call in self.calls:
            resource, _, name = call.rpartition(".")
            actions[resource].append(ir.Action(name, (), declared[resource].span, is_open=True))
        return tuple(
            replace(declared[name], actions=tuple(actions[name])) for name in sorted(declared)
        )

    @cached_property
    def of_several_types(self) -> frozenset[AttributePath]:
        """What is declared by more than one type, of one call or of different ones."""
        return of_several_types(self.base, self.head, self.names.types)

    @cached_property
    def grown(self) -> dict[AttributePath, Grown]:
        """What rules read by several levels and enums, so that one value may be a member for one alone."""
        members = {**self.called["base"].members_of, **self.called["head"].members_of}
        rules = (each.rule for each in self.parts.values())
        return grown(rules, self.of_several_types, members)

    def type_of(self, attribute: ir.Attribute) -> ir.Type:
        """The type of an attribute, with the members of all that it is read by."""
        grown = self.grown.get((attribute.root, attribute.path))
        return attribute.type if grown is None else grown.joint(attribute.type)

    # --- the rules ---

    def _parts(self) -> Iterator[RulePart]:
        sides = {side: self._scoped(side) for side in SIDES}
        rest: dict[Side, list[tuple[ir.Rule, ir.Rule]]] = {side: [] for side in SIDES}
        old = {rule.id: (rule, scoped) for rule, scoped in sides["base"]}
        for rule, scoped in sides["head"]:
            same = old.get(rule.id)
            if (
                same is not None
                and self._says_the_same(same[1], scoped)
                and scope_of(same[1]) == scope_of(scoped)
            ):
                del old[rule.id]
                yield RulePart(replace(scoped, id=f"={rule.id}"), {"base": same[0], "head": rule})
            else:
                rest["head"].append((rule, scoped))
        rest["base"] = list(old.values())
        yield from self._paired(rest)

    def _scoped(self, side: Side) -> list[tuple[ir.Rule, ir.Rule]]:
        """The rules of a policy, each with the same rule in words that mean the same in both."""
        policy = self.called[side]
        return [(rule, self._in_both(side, policy, rule)) for rule in policy.rules]

    def _in_both(self, side: Side, policy: ir.Policy, rule: ir.Rule) -> ir.Rule:
        agents, intents = rule.agents, rule.intents
        if isinstance(rule, ir.Allow):
            if agents is ir.DECLARED and self._agents_differ:
                agents = tuple(sorted(policy.identities))
            if intents is ir.DECLARED and self._intents_differ:
                intents = tuple(each.name for each in policy.intents)
        capabilities = self._capabilities(side, rule.capabilities, asks_people(rule))
        if agents is rule.agents and intents is rule.intents and capabilities is rule.capabilities:
            return rule
        return about(rule, rule.id, (agents, intents, capabilities))

    @cached_property
    def _agents_differ(self) -> bool:
        return self.called["base"].identities != self.called["head"].identities

    @cached_property
    def _intents_differ(self) -> bool:
        return {each.name for each in self.base.intents} != {
            each.name for each in self.head.intents
        }

    @cached_property
    def moved(self) -> frozenset[str]:
        """What a server calls a tool that is another action now, so that approvals of it name another one."""
        return frozenset(
            call
            for call, of in self.calls.items()
            if None not in of.values() and of["base"] != of["head"]
        )

    def _capabilities(
        self, side: Side, written: tuple[str, ...], asks_people: bool
    ) -> tuple[str, ...]:
        is_moved = asks_people and bool(self.moved)
        if not is_moved and all(self._reaches_the_same(each) for each in written):
            return written
        policy = self.called[side]
        return tuple(sorted({call for each in written for call in self._reach(side, policy, each)}))

    @cached_property
    def _known_reach(self) -> dict[tuple[Side, str], frozenset[str]]:
        return {}

    def _reach(self, side: Side, policy: ir.Policy, written: str) -> frozenset[str]:
        """The calls that a policy takes for what a rule names."""
        known = self._known_reach.get((side, written))
        if known is None:
            try:
                meant = set(policy.expand((written,)))
            except KeyError:  # the other policy does not declare the resource
                meant = set()
            known = frozenset(call for call, of in self.calls.items() if of[side] in meant)
            self._known_reach[side, written] = known
        return known

    @cached_property
    def _known_same(self) -> dict[str, bool]:
        return {}

    def _reaches_the_same(self, written: str) -> bool:
        """Whether it means the same in both policies, and in the one that is made of both."""
        if written not in self._known_same:
            base, head = (self._reach(side, self.called[side], written) for side in SIDES)
            one_call = not (written == "any" or written.endswith(".*"))
            self._known_same[written] = base == head and (not one_call or base == {written})
        return self._known_same[written]

    def _says_the_same(self, one: ir.Rule, other: ir.Rule) -> bool:
        if words(one) != words(other):
            return False
        if not asks_people(one):
            return True
        return not self.evidence_differs and self.moved.isdisjoint(one.capabilities)

    @cached_property
    def evidence_differs(self) -> bool:
        """Whether approvals count under other conditions, since only one policy knows of a user."""
        return (self.base.user is None) != (self.head.user is None)

    def _paired(self, rest: dict[Side, list[tuple[ir.Rule, ir.Rule]]]) -> Iterator[RulePart]:
        """What is left of both, cut where the words are the same."""
        alike: dict[object, list[tuple[ir.Rule, ir.Rule]]] = defaultdict(list)
        for rule, scoped in rest["base"]:
            alike[words(scoped)].append((rule, scoped))
        ends: dict[Side, list[tuple[ir.Rule, ir.Rule]]] = {"base": [], "head": []}
        for rule, scoped in rest["head"]:
            like = [] if self.evidence_differs and asks_people(scoped) else alike[words(scoped)]
            partner = partner_of(rule, scoped, like)
            if partner is None:
                ends["head"].append((rule, scoped))
                continue
            like.remove(partner)
            yield from self._cut(partner, (rule, scoped))
        ends["base"] = [each for like in alike.values() for each in like]
        for side, rules in ends.items():
            for rule, scoped in rules:
                yield _alone(side, rule, scoped, 0)

    def _cut(
        self, before: tuple[ir.Rule, ir.Rule], after: tuple[ir.Rule, ir.Rule]
    ) -> Iterator[RulePart]:
        (old, was), (new, is_) = before, after
        one, other = scope_of(was), scope_of(is_)
        both = (
            (
                common_names(one[0], other[0]),
                common_names(one[1], other[1]),
                in_both(one[2], other[2]),
            )
            if one != other
            else one
        )
        if self.moved and asks_people(new):
            both = (*both[:2], tuple(each for each in both[2] if each not in self.moved))
        if () not in both:
            yield RulePart(about(is_, f"={new.id}", both), {"base": old, "head": new})
        sides: tuple[tuple[Side, ir.Rule, ir.Rule], ...] = (("base", old, was), ("head", new, is_))
        for side, rule, scoped in sides:
            for number, scope in enumerate(outside(scope_of(scoped), both)):
                yield _alone(side, rule, about(scoped, scoped.id, scope), number)


def _renamed(policy: ir.Policy, names: Renaming) -> ir.Policy:
    """A policy with other names for what no request carries the name of."""

    def named(declared: Iterable[N], new: Mapping[str, str]) -> tuple[N, ...]:
        return tuple(replace(each, name=new.get(each.name, each.name)) for each in declared)

    agents, types, sets = names.agents, names.types, names.sets
    if not (agents or types or sets or names.facts):
        return policy
    return replace(
        policy,
        agents=named(policy.agents, agents),
        families=named(policy.families, agents),
        levels=named(policy.levels, types),
        enums=named(policy.enums, types),
        sets=named(policy.sets, sets),
        meters=tuple(map(names.fact, policy.meters)),
        sources=tuple(map(names.fact, policy.sources)),
        allows=tuple(names.rule(each) for each in policy.allows),
        forbids=tuple(names.rule(each) for each in policy.forbids),
        delegations=tuple(map(names.delegation, policy.delegations)),
    )


def _missing(declared: Iterable[N], among: Iterable[N]) -> Iterator[N]:
    """What is declared under a name that nothing among others has."""
    names = {each.name for each in among}
    return (each for each in declared if each.name not in names)


def _alone(side: Side, rule: ir.Rule, scoped: ir.Rule, number: int) -> RulePart:
    sign = "-" if side == "base" else "+"
    return RulePart(replace(scoped, id=f"{sign}{rule.id}#{number}"), {side: rule})
